"""Scheduling cycles one after another, until the queue has no pod that is due (pkg/scheduler/schedule_one.go, ScheduleOne)."""

from dataclasses import dataclass, replace

from cluster.core.scheduling.evaluation import Cluster
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


def run_due(
    cluster: Cluster, queue: Queue, now: float, violating: Violating = NO_BUDGETS, most: int = MOST_CYCLES
) -> list[Decision]:
    """Decides on the pods that are due, `most` of them at most, and brings cluster and queue up to date: pods that are
    placed are added, nominations kept, victims marked as terminating. To bind the pods, to delete the victims and to tell
    the events is the caller's."""
    decisions: list[Decision] = []
    while len(decisions) < most and (queued := queue.pop_due(now)) is not None:
        result = schedule(cluster, queued.pod, violating)
        if isinstance(result, Placed):
            pod = assume(cluster, queue, queued.pod, result, now)
        else:
            pod = put_back(cluster, queue, queued, result, now)
        decisions.append(Decision(pod=pod, result=result))
    return decisions


def assume(cluster: Cluster, queue: Queue, pod: PodInfo, result: Placed, now: float) -> PodInfo:
    bound = replace(pod, node=result.node, nominated_node="")
    cluster.add_pod(bound)
    queue.on_event(PodEvent(new=bound), now)
    return bound


def put_back(cluster: Cluster, queue: Queue, queued: QueuedPod, result: Unschedulable, now: float) -> PodInfo:
    pod = queued.pod
    if result.nominated is not None:
        pod = replace(pod, nominated_node=result.nominated)
        cluster.forget_nomination(pod.uid)
    for each in result.displaced:
        cluster.forget_nomination(each.uid)
        queue.add(replace(each, nominated_node=""), now)
    if result.nominated:
        cluster.nominate(pod, result.nominated)
    for victim in result.victims:
        cluster.add_pod(replace(victim, is_terminating=True, is_preempted=True))
    queue.put_back(replace(queued, pod=pod), result.plugins, now)
    return pod
