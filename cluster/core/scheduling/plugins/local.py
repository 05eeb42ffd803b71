"""The filters that depend on one node alone, in upstream's order."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from cluster.core.scheduling.nodes import NodeInfo
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodSpec
from cluster.core.scheduling.resources import Resources
from cluster.core.scheduling.taints import UNSCHEDULABLE, has_untolerated, is_tolerated

Filter: TypeAlias = Callable[[PodSpec, NodeInfo], Status | None]

CORDONED = Status(plugin="NodeUnschedulable", reasons=("node(s) were unschedulable",), is_final=True)
OTHER_NAME = Status(plugin="NodeName", reasons=("node(s) didn't match the requested node name",), is_final=True)
TAINTED = Status(plugin="TaintToleration", reasons=("node(s) had untolerated taint(s)",), is_final=True)
NO_AFFINITY = Status(
    plugin="NodeAffinity", reasons=("node(s) didn't match Pod's node affinity/selector",), is_final=True
)
PORTS_TAKEN = Status(plugin="NodePorts", reasons=("node(s) didn't have free ports for the requested pod ports",))


def node_unschedulable(spec: PodSpec, node: NodeInfo) -> Status | None:
    return CORDONED if node.spec.unschedulable and not is_tolerated(UNSCHEDULABLE, spec.tolerations) else None


def node_name(spec: PodSpec, node: NodeInfo) -> Status | None:
    return OTHER_NAME if spec.node_name not in ("", node.spec.name) else None


def taint_toleration(spec: PodSpec, node: NodeInfo) -> Status | None:
    return TAINTED if node.spec.taints and has_untolerated(node.spec.taints, spec.tolerations) else None


def node_affinity(spec: PodSpec, node: NodeInfo) -> Status | None:
    return None if spec.node_affinity.matches(node.spec.name, node.spec.labels) else NO_AFFINITY


def node_ports(spec: PodSpec, node: NodeInfo) -> Status | None:
    return PORTS_TAKEN if spec.ports and node.has_conflict(spec.ports) else None


def node_resources_fit(spec: PodSpec, node: NodeInfo) -> Status | None:
    """Gives all that is lacking as reasons. Final if the pod requests more than the node has when it is empty (fitsRequest)."""
    wanted, allocatable = spec.requests, node.spec.allocatable
    if (
        len(node.pods) < node.spec.pods
        and wanted.cpu <= max(allocatable.cpu - node.cpu, 0)
        and wanted.memory <= max(allocatable.memory - node.memory, 0)
        and not wanted.ephemeral_storage
        and not wanted.scalar
    ):
        return None
    return lacking(wanted, node)


def lacking(wanted: Resources, node: NodeInfo) -> Status | None:
    reasons, is_final = [], False
    if len(node.pods) >= node.spec.pods:
        reasons.append("Too many pods")
    for name, request, allocatable, requested in asked(wanted, node):
        if request > 0 and request > allocatable - requested:
            reasons.append(f"Insufficient {name}")
            is_final = is_final or request > allocatable
    return Status(plugin="NodeResourcesFit", reasons=tuple(reasons), is_final=is_final) if reasons else None


def asked(wanted: Resources, node: NodeInfo) -> list[tuple[str, int, int, int]]:
    """(resource, the pod's request, what the node has, what the node's pods request)."""
    has = node.spec.allocatable
    return [
        ("cpu", wanted.cpu, has.cpu, node.cpu),
        ("memory", wanted.memory, has.memory, node.memory),
        ("ephemeral-storage", wanted.ephemeral_storage, has.ephemeral_storage, node.ephemeral_storage),
        *((name, value, has.scalar.get(name, 0), node.scalar.get(name, 0)) for name, value in wanted.scalar.items()),
    ]


FILTERS: Sequence[Filter] = (
    node_unschedulable,
    node_name,
    taint_toleration,
    node_affinity,
    node_ports,
    node_resources_fit,
)


def refusal(spec: PodSpec, node: NodeInfo) -> Status | None:
    """The status of the first filter that refuses the node; None: all of them pass."""
    for each in FILTERS:
        status = each(spec, node)
        if status is not None:
            return status
    return None
