"""The columns of each kind's Table (pkg/printers/internalversion/printers.go): names, types and descriptions."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cluster.api.printers import columns
from cluster.machinery import schemas

Json = dict[str, Any]
# (name, type, description); a description that is a pair is that of a field: (definition, field).
Column = tuple[str, str, str | tuple[str, str]]
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
CORE, APPS = "io.k8s.api.core.v1", "io.k8s.api.apps.v1"
NAME: Column = ("Name", "string", (META, "name"))
AGE: Column = ("Age", "string", (META, "creationTimestamp"))
CONTAINERS: Sequence[Column] = (
    ("Containers", "string", "Names of each container in the template."),
    ("Images", "string", "Images referenced by each container in the template."),
)
ADDRESSES = (f"{CORE}.NodeStatus", "addresses")
NORMAL: Mapping[str, Sequence[Column]] = {
    "Pod": (
        NAME,
        ("Ready", "string", "The aggregate readiness state of this pod for accepting traffic."),
        ("Status", "string", "The aggregate status of the containers in this pod."),
        (
            "Restarts", "string",
            "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
        ),
        AGE,
    ),
    "Deployment": (
        NAME,
        ("Ready", "string", "Number of the pod with ready state"),
        ("Up-to-date", "string", (f"{APPS}.DeploymentStatus", "updatedReplicas")),
        ("Available", "string", (f"{APPS}.DeploymentStatus", "availableReplicas")),
        AGE,
    ),
    "ReplicaSet": (
        NAME,
        ("Desired", "integer", (f"{APPS}.ReplicaSetSpec", "replicas")),
        ("Current", "integer", (f"{APPS}.ReplicaSetStatus", "replicas")),
        ("Ready", "integer", (f"{APPS}.ReplicaSetStatus", "readyReplicas")),
        AGE,
    ),
    "Namespace": (NAME, ("Status", "string", "The status of the namespace"), AGE),
    "Node": (
        NAME,
        ("Status", "string", "The status of the node"),
        ("Roles", "string", "The roles of the node"),
        AGE,
        ("Version", "string", (f"{CORE}.NodeSystemInfo", "kubeletVersion")),
    ),
    "Event": (
        ("Last Seen", "string", (f"{CORE}.Event", "lastTimestamp")),
        ("Type", "string", (f"{CORE}.Event", "type")),
        ("Reason", "string", (f"{CORE}.Event", "reason")),
        ("Object", "string", (f"{CORE}.Event", "involvedObject")),
        ("Subobject", "string", (f"{CORE}.ObjectReference", "fieldPath")),
        ("Source", "string", (f"{CORE}.Event", "source")),
        ("Message", "string", (f"{CORE}.Event", "message")),
        ("First Seen", "string", (f"{CORE}.Event", "firstTimestamp")),
        ("Count", "string", (f"{CORE}.Event", "count")),
        NAME,
    ),
}  # fmt: skip
# The additional columns of `-o wide`.
WIDE: Mapping[str, Sequence[Column]] = {
    "Pod": (
        ("IP", "string", (f"{CORE}.PodStatus", "podIP")),
        ("Node", "string", (f"{CORE}.PodSpec", "nodeName")),
        ("Nominated Node", "string", (f"{CORE}.PodStatus", "nominatedNodeName")),
        ("Readiness Gates", "string", (f"{CORE}.PodSpec", "readinessGates")),
    ),
    "Deployment": (*CONTAINERS, ("Selector", "string", (f"{APPS}.DeploymentSpec", "selector"))),
    "ReplicaSet": (*CONTAINERS, ("Selector", "string", (f"{APPS}.ReplicaSetSpec", "selector"))),
    "Node": (
        ("Internal-IP", "string", ADDRESSES),
        ("External-IP", "string", ADDRESSES),
        ("OS-Image", "string", (f"{CORE}.NodeSystemInfo", "osImage")),
        ("Kernel-Version", "string", (f"{CORE}.NodeSystemInfo", "kernelVersion")),
        ("Container-Runtime", "string", (f"{CORE}.NodeSystemInfo", "containerRuntimeVersion")),
    ),
}
# An event's wide columns are among the others.
WIDE_NAMES = ("Subobject", "Source", "First Seen", "Count", "Name")


@cache
def definitions(kind: str) -> list[Json]:
    """The `columnDefinitions` of a hot kind's Table. Treat as read-only."""
    shown = [definition(*each, wide=kind == "Event" and each[0] in WIDE_NAMES) for each in NORMAL[kind]]
    return [*shown, *(definition(*each, wide=True) for each in WIDE.get(kind, ()))]


def definitions_of(found: tuple[columns.Column, ...]) -> list[Json]:
    return [definition(each.name, each.type, each.about, wide=each.wide) for each in found]


def definition(name: str, kind: str, about: str | tuple[str, str], *, wide: bool) -> Json:
    return {
        "name": name,
        "type": kind,
        "format": "name" if name == "Name" else "",
        "description": about
        if isinstance(about, str)
        else schemas.named(about[0])["properties"][about[1]]["description"],
        "priority": 1 if wide else 0,
    }
