"""The fields allowed in field selectors, and their values (pkg/apis/core/v1/conversion.go, pkg/apis/events/v1/conversion.go)."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
METADATA = ("metadata.name", "metadata.namespace")
INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
POD_FIELDS = (
    *METADATA, "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
    "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
)  # fmt: skip
# (kind, group) -> the field's name in a request -> its path in the object. Other kinds have METADATA.
FIELDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("Pod", ""): {**{each: each for each in POD_FIELDS}, "spec.host": "spec.nodeName"},
    ("Node", ""): {each: each for each in ("metadata.name", "spec.unschedulable")},
    ("Namespace", ""): {each: each for each in ("metadata.name", "status.phase")},
    ("Event", ""): {
        each: each
        for each in (*METADATA, "reason", "reportingComponent", "source", "type")
        + tuple(f"involvedObject.{part}" for part in INVOLVED)
    },
    ("Event", "events.k8s.io"): {
        **{each: each for each in (*METADATA, "reason", "source", "type")},
        "reportingController": "reportingComponent",
        **{f"regarding.{part}": f"involvedObject.{part}" for part in INVOLVED},
    },
}
PLACES = {"source": "source.component"}
FLAGS = frozenset(("spec.hostNetwork", "spec.unschedulable"))


def field_of(manifest: Json, path: str) -> str:
    value: Any = manifest
    for part in PLACES.get(path, path).split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if path in FLAGS:
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(each.get("ip", "")) for each in value)
    return "" if value is None else str(value)
