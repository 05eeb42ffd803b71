"""Why a waiting pod finds no node, with the numbers that a FailedScheduling message leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.core.manifests.quantities import Quantity, canonical
from cluster.core.objects import Pod
from cluster.core.scheduling.nodes import NodeInfo
from cluster.core.scheduling.plugins import local
from cluster.core.scheduling.pods import PodSpec
from cluster.core.scheduling.scheduler import Scheduler

PODS, RESOURCES = "pods", "NodeResourcesFit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """One resource on one node, as quantities: what the pod requests, what is free, what the node has."""

    resource: str
    asked: str
    free: str
    allocatable: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """`nodes` nodes refuse the pod by the same filter (`plugin`) for the same reasons, in upstream's words. `closest` is the
    node with the smallest shortfalls, "" where the filter is not about resources."""

    plugin: str
    reasons: tuple[str, ...]
    nodes: int
    closest: str = ""
    shortfalls: tuple[Shortfall, ...] = ()


def refusals(scheduler: Scheduler, pod: Pod) -> list[Refused]:
    """The refusals of all nodes, the reason of most nodes first. Empty if some node is feasible now."""
    spec = scheduler.spec_of(pod)
    evaluation = scheduler.cache.evaluation(spec)
    found: dict[tuple[str, tuple[str, ...]], list[NodeInfo]] = {}
    for index, node in enumerate(scheduler.cache.order):
        status = evaluation.refusal(index)
        if status is None:
            return []
        found.setdefault((status.plugin, status.reasons), []).append(node)
    grouped = (group(*by, nodes, spec) for by, nodes in found.items())
    return sorted(grouped, key=lambda each: (-each.nodes, each.reasons))


def group(plugin: str, reasons: tuple[str, ...], nodes: list[NodeInfo], spec: PodSpec) -> Refused:
    if plugin != RESOURCES:
        return Refused(plugin=plugin, reasons=reasons, nodes=len(nodes))
    closest = min(nodes, key=lambda node: (share(spec, node), node.spec.name))
    least = shortfalls(spec, closest)
    return Refused(plugin=plugin, reasons=reasons, nodes=len(nodes), closest=closest.spec.name, shortfalls=least)


def shortfalls(spec: PodSpec, node: NodeInfo) -> tuple[Shortfall, ...]:
    slots = () if len(node.pods) < node.spec.pods else (shortfall(PODS, 1, node.spec.pods, len(node.pods)),)
    missing = [each for each in local.asked(spec.requests, node) if 0 < each[1] > each[2] - each[3]]
    return (*slots, *(shortfall(*each) for each in missing))


def shortfall(resource: str, asked: int, allocatable: int, requested: int) -> Shortfall:
    return Shortfall(
        resource=resource,
        asked=text(resource, asked),
        free=text(resource, max(allocatable - requested, 0)),
        allocatable=text(resource, allocatable),
    )


def share(spec: PodSpec, node: NodeInfo) -> float:
    """The worst of the node's shortfalls, as a share of the request."""
    return max(
        ((each[1] - each[2] + each[3]) / each[1] for each in local.asked(spec.requests, node) if each[1]), default=0.0
    )


FORMATS: Mapping[str, tuple[int, str]] = {"cpu": (-3, "DecimalSI"), "memory": (0, "BinarySI")}


def text(resource: str, amount: int) -> str:
    """An amount in the scheduler's units (`resources.Resources`) as a quantity."""
    scale, form = FORMATS.get(resource, (0, "BinarySI" if resource == "ephemeral-storage" else "DecimalSI"))
    return canonical(Quantity(value=amount, scale=scale, format=form))
