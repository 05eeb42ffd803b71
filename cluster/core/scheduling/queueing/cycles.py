"""Scheduling cycles one after another, until the queue has no pod that is due (pkg/scheduler/schedule_one.go, ScheduleOne)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.pods import PodInfo
from cluster.core.scheduling.preemption import NO_BUDGETS, Violating
from cluster.core.scheduling.queueing.hints import PodEvent
from cluster.core.scheduling.queueing.queue import Queue, QueuedPod
from cluster.core.scheduling.schedule import Placed, Result, Unschedulable, schedule

MOST_CYCLES = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """`pod` as it is after the decision: on its node, or with its nominated node."""

    pod: PodInfo
    result: Result


Failed: TypeAlias = Callable[[str, Exception], object]


def raise_error(uid: str, error: Exception) -> None:  # noqa: ARG001 the shape of a Failed
    raise error


def run_due(
    cache: Cache,
    queue: Queue,
    now: float,
    violating: Violating = NO_BUDGETS,
    most: int = MOST_CYCLES,
    failed: Failed = raise_error,
) -> list[Decision]:
    """Decides on the pods that are due, `most` of them at most, and updates the cache and the queue: placed pods are added,
    nominations kept, victims marked as terminating. Binding pods, deleting victims and emitting events is left to the
    caller. A pod whose decision raises leaves the queue and is passed to `failed`, by its uid."""
    decisions: list[Decision] = []
    while len(decisions) < most and (queued := queue.pop_due(now)) is not None:
        try:
            result = schedule(cache, queued.pod, violating)
        except Exception as error:  # any error concerns this pod alone
            failed(queued.pod.uid, error)
            continue
        decisions.append(Decision(pod=settle(cache, queue, queued, result, now), result=result))
    return decisions


def settle(cache: Cache, queue: Queue, queued: QueuedPod, result: Result, now: float) -> PodInfo:
    if isinstance(result, Placed):
        return assume(cache, queue, queued.pod, result, now)
    return put_back(cache, queue, queued, result, now)


def assume(cache: Cache, queue: Queue, pod: PodInfo, result: Placed, now: float) -> PodInfo:
    bound = replace(pod, node=result.node, nominated_node="", started_at=now)
    cache.add_pod(bound)
    queue.on_event(PodEvent(new=bound), now)
    return bound


def put_back(cache: Cache, queue: Queue, queued: QueuedPod, result: Unschedulable, now: float) -> PodInfo:
    pod = queued.pod
    if result.nominated is not None:
        pod = replace(pod, nominated_node=result.nominated)
        cache.forget_nomination(pod.uid)
    for each in result.displaced:
        cache.forget_nomination(each.uid)
        queue.add(replace(each, nominated_node=""), now)
    if result.nominated:
        cache.nominate(pod, result.nominated)
    for victim in result.victims:
        cache.add_pod(replace(victim, is_terminating=True, is_preempted=True))
    queue.put_back(replace(queued, pod=pod), result.plugins, now)
    return pod
