"""One scheduling cycle (pkg/scheduler/schedule_one.go): filter, score, choose a node; or give the reasons, and preempt."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.evaluation import Evaluation
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodInfo
from cluster.core.scheduling.preemption import NO_BUDGETS, Violating, fit_error, nominated_pods, preempt, refusal

NO_NODES = "no nodes available to schedule pods"
CONFLICT = Status(plugin="NodeAffinity", reasons=("pod affinity terms conflict",), is_final=True, is_of_all_nodes=True)
# The message of DynamicResources' PostFilter for a pod without claims; it comes before that of preemption.
NO_CLAIMS = "no new claims to deallocate"
GATED_REASON, GATED = "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"
PREEMPTED_REASON = "PreemptionByScheduler"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """The pod is placed on `node`, the best of `feasible` nodes."""

    node: str
    score: int = 0
    feasible: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Unschedulable:
    """`message` is that of the FailedScheduling event and of the condition PodScheduled. `plugins` refused nodes; later events
    may matter to them (see `queueing`). `nominated` is the pod's new nominated node; "" removes it, None leaves it.
    `victims` are to be deleted. `displaced`: pods that lose their nomination to the same node."""

    message: str
    plugins: frozenset[str] = frozenset()
    nominated: str | None = None
    victims: tuple[PodInfo, ...] = ()
    displaced: tuple[PodInfo, ...] = ()


Result: TypeAlias = Placed | Unschedulable


def schedule(cache: Cache, pod: PodInfo, violating: Violating = NO_BUDGETS) -> Result:
    """Decides where the pod is placed. The cache is not changed: the caller binds the pod and adds it, or nominates it and
    deletes the victims. The pod's uid chooses among nodes with the same score; all nodes are considered."""
    if not cache.nodes:
        return Unschedulable(message=NO_NODES, nominated="")
    evaluation = cache.evaluation(pod.spec)
    rejected = prefiltered(cache, pod)
    if rejected is not None:
        return unschedulable(cache, evaluation, pod, dict.fromkeys(range(len(cache.order)), rejected), violating)
    nominated_refusals = refusals_by_nomination(cache, evaluation, pod)
    feasible = evaluation.feasible()
    if nominated_refusals:
        feasible = [index for index in feasible if index not in nominated_refusals]
    if feasible:
        return place(cache, evaluation, pod, feasible)
    refusals = nominated_refusals | {
        index: status
        for index in range(len(cache.order))
        if index not in nominated_refusals and (status := evaluation.refusal(index)) is not None
    }
    return unschedulable(cache, evaluation, pod, refusals, violating)


def prefiltered(cache: Cache, pod: PodInfo) -> Status | None:
    """The status that refuses the pod on every node (the PreFilter plugins NodeAffinity and VolumeRestrictions); None without
    one."""
    if pod.spec.node_names == frozenset():
        return CONFLICT
    claims = pod.spec.claims if cache.claims is not None else ()
    missing = next((name for name in claims if (pod.namespace, name) not in (cache.claims or ())), None)
    if missing is None:
        return None
    return Status(
        plugin="VolumeRestrictions",
        reasons=(f'persistentvolumeclaim "{missing}" not found',),
        is_final=True,
        is_of_all_nodes=True,
    )


def refusals_by_nomination(cache: Cache, evaluation: Evaluation, pod: PodInfo) -> dict[int, Status]:
    """The refusals of nodes to which other pods are nominated, by node index; those pods count as placed there."""
    nodes = [cache.nodes[name] for name in cache.nominated if name in cache.nodes and nominated_pods(cache, pod, name)]
    found = {node.index: refusal(cache, evaluation, pod, node) for node in nodes}
    return {index: status for index, status in found.items() if status is not None}


def place(cache: Cache, evaluation: Evaluation, pod: PodInfo, feasible: Sequence[int]) -> Placed:
    """The nominated node if it is feasible, else one of those with the greatest score."""
    nominated = cache.nodes.get(pod.nominated_node)
    if nominated is not None and nominated.index in feasible:
        return Placed(node=pod.nominated_node)
    if len(feasible) == 1:
        return Placed(node=evaluation.names[feasible[0]])
    totals = evaluation.totals(feasible)
    best = max(totals)
    tied = [index for index, total in zip(feasible, totals, strict=True) if total == best]
    chosen = tied[zlib.crc32(pod.uid.encode()) % len(tied)]
    return Placed(node=evaluation.names[chosen], score=best, feasible=len(feasible))


def unschedulable(
    cache: Cache, evaluation: Evaluation, pod: PodInfo, refusals: Mapping[int, Status], violating: Violating
) -> Unschedulable:
    filtered = fit_error(len(cache.order), refusals.values())
    plugins = frozenset(status.plugin for status in refusals.values())
    found = preempt(cache, evaluation, pod, refusals, violating)
    best = found.candidate
    if best is None:
        message = f"{filtered} {NO_CLAIMS}, preemption: {found.message}"
        return Unschedulable(message=message, plugins=plugins, nominated=found.nominated)
    waiting = cache.nominated.get(best.node, {}).values()
    return Unschedulable(
        message=filtered,
        plugins=plugins,
        nominated=best.node,
        victims=best.victims,
        displaced=tuple(each for each in waiting if each.priority < pod.priority),
    )


def scheduled_message(pod: PodInfo, node: str) -> str:
    """The message of the event Scheduled."""
    return f"Successfully assigned {pod.namespace}/{pod.name} to {node}"


def preempted_message(preemptor: PodInfo, node: str) -> str:
    """The message of the victim's event Preempted."""
    return f"Preempted by pod {preemptor.uid} on node {node}"


def disruption_message(preemptor: PodInfo) -> str:
    """The message of the victim's condition DisruptionTarget."""
    return f"{preemptor.spec.scheduler_name}: preempting to accommodate a higher priority pod"
