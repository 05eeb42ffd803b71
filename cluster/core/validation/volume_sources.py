"""Volume sources outside the cluster: disks, shares and drivers (pkg/apis/core/validation)."""

import re
from collections.abc import Callable, Mapping

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, invalid, raw, required, unsupported

LARGEST_MODE = 0o777
MODE = "must be a number between 0 and 0777 (octal), both inclusive"
CACHING_MODES, DISK_KINDS = ("None", "ReadOnly", "ReadWrite"), ("Dedicated", "Managed", "Shared")
MANAGED_DISK = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
IQN = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$"),
    "eui": re.compile(r"^eui.[A-Za-z0-9]{16}$"),
    "naa": re.compile(r"^naa.[A-Za-z0-9]{32}$"),
}
REGISTRY = "must be a host:port pair or multiple pairs separated by commas"
Check = Callable[[Manifest, str], Errors]


def file_mode(holder: Manifest, key: str, field: str) -> Errors:
    mode = holder.get(key)
    if mode is not None and not 0 <= mode <= LARGEST_MODE:
        yield invalid(f"{field}.{key}", mode, MODE)


def _needs(*keys: str) -> Check:
    def check(source: Manifest, field: str) -> Errors:
        return (required(f"{field}.{key}") for key in keys if not source.get(key))

    return check


def _secret_ref(source: Manifest, field: str) -> Errors:
    if source.get("secretRef") is not None and not source["secretRef"].get("name"):
        yield required(f"{field}.secretRef.name")


def _git_repo(source: Manifest, field: str) -> Errors:
    yield from _needs("repository")(source, field)
    directory = source.get("directory") or ""
    yield from each_invalid(f"{field}.directory", directory, formats.descending_path(directory))


def _disk(name: str) -> Check:
    def check(source: Manifest, field: str) -> Errors:
        yield from _needs(name)(source, field)
        if not 0 <= (source.get("partition") or 0) <= 255:
            yield invalid(f"{field}.partition", source["partition"], formats.between(1, 255))

    return check


def _nfs(source: Manifest, field: str) -> Errors:
    yield from _needs("server", "path")(source, field)
    path = source.get("path") or ""
    if not path.startswith("/"):
        yield invalid(f"{field}.path", path, "must be an absolute path")


def _iscsi(source: Manifest, field: str) -> Errors:
    yield from _needs("targetPortal", "iqn")(source, field)
    yield from _qualified(source.get("iqn") or None, f"{field}.iqn")
    lun = source.get("lun") or 0
    if not 0 <= lun <= 255:
        yield invalid(f"{field}.lun", lun, formats.between(0, 255))
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        yield required(f"{field}.secretRef")
    yield from _qualified(source.get("initiatorName"), f"{field}.initiatorname")


def _qualified(name: str | None, field: str) -> Errors:
    if name is None:
        return
    pattern = IQN.get(name[:3])
    if pattern is None:
        yield invalid(field, name, "must be valid format starting with iqn, eui, or naa")
    elif not pattern.search(name):
        yield invalid(field, name, "must be valid format")


def _flocker(source: Manifest, field: str) -> Errors:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    if not name and not uuid:
        yield required(field, "one of datasetName and datasetUUID is required")
    if name and uuid:
        yield invalid(field, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        yield invalid(f"{field}.datasetName", name, "must not contain '/'")


def _cinder(source: Manifest, field: str) -> Errors:
    yield from _needs("volumeID")(source, field)
    yield from _secret_ref(source, field)


def _quobyte(source: Manifest, field: str) -> Errors:
    registry = source.get("registry") or ""
    if not registry:
        yield required(f"{field}.registry", REGISTRY)
    elif len(source.get("tenant") or "") >= 65:
        yield required(f"{field}.tenant", "must be a UUID and may not exceed a length of 64 characters")
    else:
        for pair in registry.split(","):
            if not re.fullmatch(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*", pair):
                yield invalid(f"{field}.registry", registry, REGISTRY)
    yield from _needs("volume")(source, field)


def _fibre_channel(source: Manifest, field: str) -> Errors:
    names, lun = source.get("targetWWNs") or [], source.get("lun")
    if not names and not source.get("wwids"):
        yield required(f"{field}.targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if names and source.get("wwids"):
        yield invalid(f"{field}.targetWWNs", names, "targetWWNs and wwids can not be specified simultaneously")
    if names and lun is None:
        yield required(f"{field}.lun", "lun is required if targetWWNs is specified")
    elif names and lun is not None and not 0 <= lun <= 255:
        yield invalid(f"{field}.lun", lun, formats.between(0, 255))


def _flex(source: Manifest, field: str) -> Errors:
    yield from _needs("driver")(source, field)
    for key in source.get("options") or {}:
        namespace = "." + (key.split("/", 1)[0]).lower()
        if namespace.endswith((".kubernetes.io", ".k8s.io")):
            yield invalid(f"{field}.options[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved")


def _azure_disk(source: Manifest, field: str) -> Errors:
    yield from _needs("diskName", "diskURI")(source, field)
    caching, kind, uri = source.get("cachingMode"), source.get("kind"), source.get("diskURI") or ""
    if caching is not None and caching not in CACHING_MODES:
        yield unsupported(f"{field}.cachingMode", caching, CACHING_MODES)
    if kind is not None and kind not in DISK_KINDS:
        yield unsupported(f"{field}.kind", kind, DISK_KINDS)
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        yield unsupported(f"{field}.diskURI", uri, (MANAGED_DISK,))
    elif kind not in (None, "Managed") and not uri.startswith("https://"):
        yield unsupported(f"{field}.diskURI", uri, (BLOB_DISK,))


def _storage_os(source: Manifest, field: str) -> Errors:
    yield from _needs("volumeName")(source, field)
    for key in ("volumeName", "volumeNamespace"):
        if source.get(key):
            yield from each_invalid(f"{field}.{key}", source[key], formats.dns_label(source[key]))
    yield from _secret_ref(source, field)


def _csi(source: Manifest, field: str) -> Errors:
    driver = source.get("driver") or ""
    if not driver:
        yield required(f"{field}.driver")
    if len(driver) > formats.LONGEST_LABEL:
        limit = f"Too long: may not be more than {formats.LONGEST_LABEL} bytes"
        yield raw(f"{field}.driver", "FieldValueTooLong", limit)
    yield from each_invalid(f"{field}.driver", driver, formats.dns_subdomain(driver.lower()))
    secret = source.get("nodePublishSecretRef")
    if secret is not None and not secret.get("name"):
        yield required(f"{field}.nodePublishSecretRef.name")
    elif secret is not None:
        yield from each_invalid(f"{field}.name", secret["name"], formats.dns_subdomain(secret["name"]))


PERSISTENT: Mapping[str, Check] = {
    "gitRepo": _git_repo,
    "gcePersistentDisk": _disk("pdName"),
    "awsElasticBlockStore": _disk("volumeID"),
    "nfs": _nfs,
    "iscsi": _iscsi,
    "glusterfs": _needs("endpoints", "path"),
    "flocker": _flocker,
    "persistentVolumeClaim": _needs("claimName"),
    "rbd": _needs("monitors", "image"),
    "cinder": _cinder,
    "cephfs": _needs("monitors"),
    "quobyte": _quobyte,
    "fc": _fibre_channel,
    "flexVolume": _flex,
    "azureFile": _needs("secretName", "shareName"),
    "vsphereVolume": _needs("volumePath"),
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "azureDisk": _azure_disk,
    "storageos": _storage_os,
    "scaleIO": _needs("gateway", "system", "volumeName"),
    "csi": _csi,
}
