"""Small clusters in few words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.labels import EVERYTHING, Selector
from cluster.core.scheduling.nodes import NodeSpec
from cluster.core.scheduling.pods import HOSTNAME, ZONE, PodInfo
from cluster.core.scheduling.resources import Resources
from cluster.core.scheduling.schedule import Placed, Unschedulable, schedule
from cluster.core.scheduling.taints import Taint

Json = dict[str, Any]
GIB = 2**30


def node(name: str, *, cpu: int = 4000, memory: int = 8 * GIB, zone: str = "", **fields: Any) -> NodeSpec:
    """`cpu` in thousandths."""
    labels = {HOSTNAME: name, **({ZONE: zone} if zone else {}), **fields.pop("labels", {})}
    scalar = fields.pop("scalar", {})
    storage = fields.pop("storage", 0)
    room = Resources(cpu=cpu, memory=memory, ephemeral_storage=storage, scalar=scalar)
    return NodeSpec(name=name, labels=labels, allocatable=room, **fields)


def cluster_of(*nodes: NodeSpec) -> Cache:
    cache = Cache()
    for each in nodes:
        cache.put_node(each)
    return cache


def pod(
    cache: Cache,
    name: str,
    spec: Json | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    namespace: str = "default",
    spread_with: Selector = EVERYTHING,
    **fields: Any,
) -> PodInfo:
    read = cache.specs.read(spec or container(), namespace, labels or {"app": "web"}, spread_with)
    return PodInfo(uid=name, name=name, spec=read, **fields)


def container(requests: Json | None = None, **spec: Any) -> Json:
    return {"containers": [{"name": "web", "image": "web:1", "resources": {"requests": requests or {}}}], **spec}


def placed(cache: Cache, name: str, where: str, spec: Json | None = None, **fields: Any) -> PodInfo:
    """A pod that is on the node already."""
    found = replace(pod(cache, name, spec, **fields), node=where)
    cache.add_pod(found)
    return found


def run(cache: Cache, given: PodInfo) -> str:
    """Schedules the pod and, if that finds a node, puts it there: the node's name, or the message."""
    result = schedule(cache, given)
    if isinstance(result, Unschedulable):
        return result.message
    cache.add_pod(replace(given, node=result.node))
    return result.node


def feasible(cache: Cache, given: PodInfo) -> set[str]:
    evaluation = cache.evaluation(given.spec)
    return {evaluation.names[index] for index in evaluation.feasible()}


def said_of(cache: Cache, given: PodInfo, name: str) -> tuple[str, tuple[str, ...], bool] | None:
    """(plugin, reasons, final) of the filter that refuses the node."""
    evaluation = cache.evaluation(given.spec)
    status = evaluation.refusal(cache.nodes[name].index)
    return None if status is None else (status.plugin, status.reasons, status.is_final)


def best(cache: Cache, given: PodInfo) -> set[str]:
    """The nodes with the greatest score."""
    evaluation = cache.evaluation(given.spec)
    indices = evaluation.feasible()
    totals = evaluation.totals(indices)
    return {evaluation.names[index] for index, total in zip(indices, totals, strict=True) if total == max(totals)}


def chosen(cache: Cache, given: PodInfo) -> Placed:
    result = schedule(cache, given)
    assert isinstance(result, Placed), result
    return result


def refused(cache: Cache, given: PodInfo) -> Unschedulable:
    result = schedule(cache, given)
    assert isinstance(result, Unschedulable), result
    return result


def repelling(key: str = "dedicated", effect: str = "NoSchedule", value: str = "x") -> Taint:
    return Taint(key=key, value=value, effect=effect)


def term(labels: Mapping[str, str] | None = None, key: str = HOSTNAME, **fields: Any) -> Json:
    return {"topologyKey": key, "labelSelector": {"matchLabels": labels or {"app": "web"}}, **fields}


def required(kind: str, *terms: Json) -> Json:
    return {"affinity": {kind: {"requiredDuringSchedulingIgnoredDuringExecution": list(terms)}}}


def preferred(kind: str, term: Json, weight: int = 100) -> Json:
    weighted = {"weight": weight, "podAffinityTerm": term}
    return {"affinity": {kind: {"preferredDuringSchedulingIgnoredDuringExecution": [weighted]}}}


def spread(key: str = ZONE, skew: int = 1, hard: bool = True, **fields: Any) -> Json:
    return {
        "maxSkew": skew,
        "topologyKey": key,
        "whenUnsatisfiable": "DoNotSchedule" if hard else "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "web"}},
        **fields,
    }
