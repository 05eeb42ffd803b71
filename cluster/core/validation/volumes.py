"""A pod's volumes: names, one source each, and the sources whose data comes from the cluster (ValidateVolumes)."""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.environment import pod_field, resource_field
from cluster.core.validation.errors import (
    Errors,
    FieldError,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    required,
    unsupported,
)
from cluster.core.validation.metadata import annotations, label_selector, labels
from cluster.core.validation.volume_sources import PERSISTENT, file_mode

FILE_FIELDS = ("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid")
HOST_PATHS = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
ONE_SOURCE = "may not specify more than 1 volume type"
SHORTEST_TOKEN, LONGEST_TOKEN = 600, 2**32
# Where upstream names a different field from the source's.
MISNAMED_TWICE = {"downwardAPI": "downwarAPI", "cephfs": "cephFS"}
MISNAMED = {"gcePersistentDisk": "persistentDisk"}


def volumes(found: Any, field: str) -> tuple[dict[str, Manifest], list[FieldError]]:
    """Returns (the valid volumes by name, the errors of the others)."""
    valid: dict[str, Manifest] = {}
    errors: list[FieldError] = []
    for place, volume in enumerate(found or ()):
        name, path = volume.get("name") or "", f"{field}[{place}]"
        wrong = [*_source(volume, path)]
        wrong += each_invalid(f"{path}.name", name, formats.dns_label(name)) if name else [required(f"{path}.name")]
        if name in valid:
            wrong.append(duplicate(f"{path}.name", name))
        if not wrong:
            valid[name] = volume
        errors += wrong
    return valid, errors


def _source(volume: Manifest, field: str) -> Errors:
    given = [key for key in SOURCES if volume.get(key) is not None]
    if not given:
        yield required(field, "must specify a volume type")
        return
    yield from SOURCES[given[0]](volume[given[0]], f"{field}.{MISNAMED.get(given[0], given[0])}")
    for key in given[1:]:
        yield forbidden(f"{field}.{MISNAMED_TWICE.get(key, key)}", ONE_SOURCE)
    if (volume.get("iscsi") or {}).get("initiatorName") is not None:
        yield from _initiator_length(volume, field)


def _initiator_length(volume: Manifest, field: str) -> Errors:
    name = volume.get("name") or ""
    if len(f"{name}:{volume['iscsi'].get('targetPortal') or ''}") > 64:
        rest = "must be under 64 characters if iscsi.initiatorName is specified."
        yield invalid(f"{field}.name", name, f"Total length of <volume name>:<iscsi.targetPortal> {rest}")


def _empty_dir(source: Manifest, field: str) -> Errors:
    if source.get("sizeLimit") is not None and quantities.nanos(source["sizeLimit"]) < 0:
        yield forbidden(f"{field}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _host_path(source: Manifest, field: str) -> Errors:
    path = source.get("path") or ""
    if not path:
        yield required(f"{field}.path")
        return
    yield from each_invalid(f"{field}.path", path, formats.no_backsteps(path))
    if source.get("type") is not None and source["type"] not in HOST_PATHS:
        yield unsupported(f"{field}.type", source["type"], HOST_PATHS)


def _secret(source: Manifest, field: str) -> Errors:
    if not source.get("secretName"):
        yield required(f"{field}.secretName")
    yield from _files(source, field)


def _config_map(source: Manifest, field: str) -> Errors:
    if not source.get("name"):
        yield required(f"{field}.name")
    yield from _files(source, field)


def _files(source: Manifest, field: str) -> Errors:
    yield from file_mode(source, "defaultMode", field)
    for place, item in enumerate(source.get("items") or ()):
        yield from _key_to_path(item, f"{field}.items[{place}]")


def _key_to_path(item: Manifest, field: str) -> Errors:
    path = item.get("path") or ""
    for key in ("key", "path"):
        if not item.get(key):
            yield required(f"{field}.{key}")
    yield from each_invalid(f"{field}.path", path, formats.unreserved_path(path))
    yield from file_mode(item, "mode", field)


def _downward_api(source: Manifest, field: str) -> Errors:
    yield from file_mode(source, "defaultMode", field)
    for file in source.get("items") or ():
        yield from _downward_file(file, field)


def _downward_file(file: Manifest, field: str) -> Errors:
    path = file.get("path") or ""
    if not path:
        yield required(f"{field}.path")
    yield from each_invalid(f"{field}.path", path, formats.unreserved_path(path))
    if file.get("fieldRef") is not None:
        yield from pod_field(file["fieldRef"], FILE_FIELDS, f"{field}.fieldRef")
        if file.get("resourceFieldRef") is not None:
            yield invalid(field, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
    elif file.get("resourceFieldRef") is not None:
        yield from resource_field(file["resourceFieldRef"], f"{field}.resourceFieldRef", of_volume=True)
    else:
        yield required(field, "one of fieldRef and resourceFieldRef is required")
    yield from file_mode(file, "mode", field)


def _projected(source: Manifest, field: str) -> Errors:
    yield from file_mode(source, "defaultMode", field)
    paths: set[str] = set()
    for place, projection in enumerate(source.get("sources") or ()):
        path = f"{field}.sources[{place}]"
        for key in ("secret", "configMap"):
            if projection.get(key) is not None:
                yield from _projected_keys(projection[key], f"{path}.{key}", field, paths)
        if projection.get("downwardAPI") is not None:
            for file in projection["downwardAPI"].get("items") or ():
                yield from _downward_file(file, f"{path}.downwardAPI")
                yield from _twice(file, file.get("path") or "", field, paths)
        if projection.get("serviceAccountToken") is not None:
            yield from _token(projection["serviceAccountToken"], f"{path}.serviceAccountToken", field)
        if sum(value is not None for value in projection.values()) > 1:
            yield forbidden(path, ONE_SOURCE)


def _projected_keys(source: Manifest, path: str, field: str, paths: set[str]) -> Errors:
    name = source.get("name") or ""
    if not name:
        yield required(f"{path}.name")
    for place, item in enumerate(source.get("items") or ()):
        yield from _key_to_path(item, f"{path}.items[{place}]")
        yield from _twice(item, name, field, paths)


def _twice(item: Manifest, shown: str, field: str, paths: set[str]) -> Errors:
    path = item.get("path") or ""
    if path and path in paths:
        yield invalid(field, shown, "conflicting duplicate paths")
    paths.add(path)


def _token(token: Manifest, path: str, field: str) -> Errors:
    seconds = token.get("expirationSeconds") or 0
    if seconds < SHORTEST_TOKEN:
        yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > LONGEST_TOKEN:
        yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    if not token.get("path"):
        yield required(f"{field}.path")


def _ephemeral(source: Manifest, field: str) -> Errors:
    template = source.get("volumeClaimTemplate")
    if template is None:
        yield required(f"{field}.volumeClaimTemplate")
        return
    path, metadata = f"{field}.volumeClaimTemplate", template.get("metadata") or {}
    yield from annotations(metadata.get("annotations") or {}, f"{path}.metadata.annotations")
    yield from labels(metadata.get("labels") or {}, f"{path}.metadata.labels")
    for key, value in metadata.items():
        if key not in ("annotations", "labels") and value:
            yield forbidden(f"{path}.metadata.{key}", "cannot be set for an ephemeral volume")
    yield from _claim(template.get("spec") or {}, f"{path}.spec")


def _claim(spec: Manifest, field: str) -> Errors:
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(f"{field}.accessModes", "at least 1 access mode is required")
    yield from label_selector(spec.get("selector"), f"{field}.selector")
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield unsupported(f"{field}.accessModes", mode, ACCESS_MODES)
    yield from _storage(spec, f"{field}.resources[storage]")
    if spec.get("storageClassName"):
        wrong = formats.dns_subdomain(spec["storageClassName"])
        yield from each_invalid(f"{field}.storageClassName", spec["storageClassName"], wrong)
    if spec.get("volumeMode") is not None and spec["volumeMode"] not in VOLUME_MODES:
        yield unsupported(f"{field}.volumeMode", spec["volumeMode"], VOLUME_MODES)
    yield from _data_source(spec.get("dataSource"), f"{field}.dataSource")


def _storage(spec: Manifest, field: str) -> Errors:
    asked = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if asked is None:
        yield required(field)
    elif quantities.nanos(asked) <= 0:
        yield invalid(field, quantities.stored(str(asked)), "must be greater than zero")


def _data_source(source: Manifest | None, field: str) -> Errors:
    if source is None:
        return
    for key in ("name", "kind"):
        if not source.get(key):
            yield required(f"{field}.{key}")
    if not source.get("apiGroup") and source.get("kind") != "PersistentVolumeClaim":
        yield invalid(
            field, source.get("kind") or "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        )


def _image(source: Manifest, field: str) -> Errors:
    if source.get("pullPolicy") not in ("Always", "IfNotPresent", "Never"):
        yield unsupported(f"{field}.pullPolicy", source.get("pullPolicy") or "", ("Always", "IfNotPresent", "Never"))


Check = Callable[[Manifest, str], Errors]
_KNOWN: Mapping[str, Check] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "secret": _secret,
    "downwardAPI": _downward_api,
    "configMap": _config_map,
    "projected": _projected,
    "ephemeral": _ephemeral,
    "image": _image,
}
# Upstream's order: the first source that is set is checked, further ones are errors.
ORDER = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs",
    "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume", "configMap",
    "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO",
    "csi", "ephemeral", "image",
)  # fmt: skip
SOURCES: Mapping[str, Check] = {key: _KNOWN.get(key) or PERSISTENT[key] for key in ORDER}
