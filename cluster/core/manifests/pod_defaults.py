"""Defaults of a pod template (pkg/apis/core/v1/defaults.go, zz_generated.defaults.go), as today's API server fills them in, and
the canonical quantities that it stores. A template does not get what only a pod gets (enableServiceLinks, requests from
limits)."""

import re
from collections.abc import Mapping
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest

Json = dict[str, Any]
DEFAULT_MODE = 0o644
# The defaults of volume sources that are just values.
VOLUME_SOURCES: Mapping[str, Manifest] = {
    "secret": {"defaultMode": DEFAULT_MODE},
    "configMap": {"defaultMode": DEFAULT_MODE},
    "downwardAPI": {"defaultMode": DEFAULT_MODE},
    "projected": {"defaultMode": DEFAULT_MODE},
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "azureDisk": {"cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4", "readOnly": False},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
# Sources with strings that upstream stores without a pointer: an empty one counts as absent.
POINTERLESS = frozenset({"iscsi", "rbd", "scaleIO"})
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
TOKEN_SECONDS = 3600
# distribution's reference grammar: a host, lower-case path components, a tag, a digest.
HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?"
COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
TAG, DIGEST = r"[\w][\w.-]{0,127}", r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
IMAGE = re.compile(rf"(?:{HOST}/)?{COMPONENT}(?:/{COMPONENT})*(?::({TAG}))?(?:@({DIGEST}))?", re.ASCII)


def default_template(template: Manifest) -> Json:
    """A new PodTemplateSpec with every default filled in. Its types must be right already."""
    metadata = {"creationTimestamp": None, **(template.get("metadata") or {})}
    return {**template, "metadata": metadata, "spec": default_pod_spec(template.get("spec") or {})}


def default_pod_spec(spec: Manifest) -> Json:
    full = dict(spec)
    if full.get("volumes"):
        full["volumes"] = [_volume(each) for each in full["volumes"]]
    for key in ("initContainers", "containers", "ephemeralContainers"):
        if full.get(key):
            full[key] = [_container(each) for each in full[key]]
    fill_empty(full, restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler")
    fill(full, terminationGracePeriodSeconds=30, securityContext={})
    if full.get("overhead"):
        full["overhead"] = _resource_list(full["overhead"])
    _name_service_account(full)
    return full


def only_in_pods(spec: Manifest) -> Json:
    """The spec with the defaults that a pod gets and a template does not: enableServiceLinks, requests that equal the limits,
    and host ports with hostNetwork."""
    full = {**spec}
    fill(full, enableServiceLinks=True)
    for key in ("initContainers", "containers"):
        if full.get(key):
            full[key] = [_in_pod(each, bool(full.get("hostNetwork"))) for each in full[key]]
    return full


def _in_pod(container: Manifest, on_host: bool) -> Json:
    full, resources = dict(container), container.get("resources") or {}
    if resources.get("limits"):
        full["resources"] = {**resources, "requests": {**resources["limits"], **(resources.get("requests") or {})}}
    if on_host and full.get("ports"):
        full["ports"] = [
            {**each, "hostPort": each.get("hostPort") or each.get("containerPort")} for each in full["ports"]
        ]
    return full


def _name_service_account(spec: Json) -> None:
    """The API server returns the account under both its names (pkg/apis/core/v1/conversion.go)."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _container(container: Manifest) -> Json:
    full = dict(container)
    if full.get("ports"):
        full["ports"] = [{**each, "protocol": each.get("protocol") or "TCP"} for each in full["ports"]]
    if full.get("env"):
        full["env"] = [_variable(each) for each in full["env"]]
    for probe in PROBES:
        if full.get(probe) is not None:
            full[probe] = _probe(full[probe])
    if full.get("lifecycle"):
        handlers = full["lifecycle"].items()
        full["lifecycle"] = {key: _handler(each) if isinstance(each, Mapping) else each for key, each in handlers}
    full["resources"] = _resources(full.get("resources") or {})
    fill_empty(
        full,
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy=pull_policy(full.get("image") or ""),
    )
    return full


def _variable(variable: Manifest) -> Json:
    source = variable.get("valueFrom")
    if not source:
        return dict(variable)
    full = _with_field_version(source)
    if full.get("resourceFieldRef"):
        full["resourceFieldRef"] = _with_divisor(full["resourceFieldRef"])
    return {**variable, "valueFrom": full}


def _with_field_version(source: Manifest) -> Json:
    full = dict(source)
    if full.get("fieldRef") is not None:
        full["fieldRef"] = {**full["fieldRef"], "apiVersion": full["fieldRef"].get("apiVersion") or "v1"}
    return full


def _with_divisor(selector: Manifest) -> Json:
    """A zero divisor is stored too."""
    return {**selector, "divisor": quantities.stored(str(selector.get("divisor") or 0))}


def _resources(resources: Manifest) -> Json:
    full = dict(resources)
    for key in ("limits", "requests"):
        if full.get(key):
            full[key] = _resource_list(full[key])
    return full


def _resource_list(amounts: Manifest) -> Json:
    return {name: quantities.stored(str(0 if each is None else each), resource=True) for name, each in amounts.items()}


def _probe(probe: Manifest) -> Json:
    full = _handler(probe)
    if full.get("grpc") is not None:
        full["grpc"] = dict(full["grpc"])
        fill(full["grpc"], service="")
    fill_empty(full, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    return full


def _handler(handler: Manifest) -> Json:
    full = dict(handler)
    if full.get("httpGet") is not None:
        full["httpGet"] = dict(full["httpGet"])
        fill_empty(full["httpGet"], path="/", scheme="HTTP")
    return full


def _volume(volume: Manifest) -> Json:
    full = dict(volume)
    if all(value is None for key, value in full.items() if key != "name"):
        full["emptyDir"] = {}
    for key, defaults in VOLUME_SOURCES.items():
        if full.get(key) is not None:
            full[key] = dict(full[key])
            (fill_empty if key in POINTERLESS else fill)(full[key], **defaults)
    for key, complete in VOLUME_PARTS.items():
        if full.get(key):
            full[key] = complete(full[key])
    return full


def _empty_dir(source: Manifest) -> Json:
    if source.get("sizeLimit") is None:
        return dict(source)
    return {**source, "sizeLimit": quantities.stored(str(source["sizeLimit"]))}


def _downward_api(source: Manifest) -> Json:
    if not source.get("items"):
        return dict(source)
    return {**source, "items": [_downward_file(each) for each in source["items"]]}


def _downward_file(file: Manifest) -> Json:
    full = _with_field_version(file)
    if full.get("resourceFieldRef"):
        full["resourceFieldRef"] = _with_divisor(full["resourceFieldRef"])
    return full


def _projected(source: Manifest) -> Json:
    return {**source, "sources": [_projection(each) for each in source.get("sources") or ()]}


def _projection(projection: Manifest) -> Json:
    full = dict(projection)
    if full.get("downwardAPI"):
        full["downwardAPI"] = _downward_api(full["downwardAPI"])
    if full.get("serviceAccountToken") is not None:
        full["serviceAccountToken"] = dict(full["serviceAccountToken"])
        fill(full["serviceAccountToken"], expirationSeconds=TOKEN_SECONDS)
    return full


def _ephemeral(source: Manifest) -> Json:
    claim = source.get("volumeClaimTemplate")
    if claim is None:
        return dict(source)
    spec = dict(claim.get("spec") or {})
    fill(spec, volumeMode="Filesystem")
    spec["resources"] = _resources(spec.get("resources") or {})
    metadata = {"creationTimestamp": None, **(claim.get("metadata") or {})}
    return {**source, "volumeClaimTemplate": {**claim, "metadata": metadata, "spec": spec}}


def _image(source: Manifest) -> Json:
    return {**source, "pullPolicy": source.get("pullPolicy") or pull_policy(source.get("reference") or "")}


VOLUME_PARTS = {
    "emptyDir": _empty_dir,
    "downwardAPI": _downward_api,
    "projected": _projected,
    "ephemeral": _ephemeral,
    "image": _image,
}


def pull_policy(image: str) -> str:
    """Always for :latest and for images with neither tag nor digest, else IfNotPresent; an invalid image is left to
    validation."""
    found = IMAGE.fullmatch(image)
    if found is None:
        return "IfNotPresent"
    tag, digest = found.groups()
    return "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"


def fill(holder: Json, **defaults: Any) -> None:
    """Sets fields that are missing or null."""
    for key, value in defaults.items():
        if holder.get(key) is None:
            holder[key] = value


def fill_empty(holder: Json, **defaults: Any) -> None:
    """Sets fields that are missing, null, an empty text or 0: fields that upstream stores without a pointer."""
    for key, value in defaults.items():
        if not holder.get(key):
            holder[key] = value
