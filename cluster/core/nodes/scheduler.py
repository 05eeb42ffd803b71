"""The scheduler's decisions as changes: pods bound, nominated and preempted, with events and conditions
(pkg/scheduler/schedule_one.go; pkg/scheduler/framework/preemption)."""

from typing import Literal

from cluster.core.controllers.replicaset import terminate
from cluster.core.copying import changed
from cluster.core.nodes.binding import bound
from cluster.core.nodes.reported import SCHEDULED, without_condition
from cluster.core.objects import Change, Disruption, Event, Explanation, Pod, Update
from cluster.core.scheduling.pods import PodInfo
from cluster.core.scheduling.queueing.cycles import Decision, Failed, raise_error
from cluster.core.scheduling.schedule import (
    PREEMPTED_REASON,
    Placed,
    Unschedulable,
    disruption_message,
    preempted_message,
    scheduled_message,
)
from cluster.core.scheduling.scheduler import Scheduler
from cluster.core.state import State

SOURCE = "default-scheduler"


def schedule(state: State, now: float, most: int | None = None, failed: Failed = raise_error) -> list[Change]:
    """Decides on the pods that are due, `most` of them at most: binds those that find a node, records why the others don't, and
    preempts pods where that helps. A pod that raises is passed to `failed`, by its uid, and waits until it changes or is
    announced to the scheduler again."""
    if state.scheduler is None:
        state.scheduler = Scheduler(state)
    answers = Answers(state, now)
    for decision in state.scheduler.run(now, most, failed):
        answers.take(decision)
    return answers.changes


class Answers:
    """The changes of one call. `latest`: pods as they are after these changes."""

    def __init__(self, state: State, now: float) -> None:
        self.state, self.now = state, now
        self.changes: list[Change] = []
        self.latest: dict[str, Pod] = {}

    def take(self, decision: Decision) -> None:
        result = decision.result
        if isinstance(result, Placed):
            self.bind(decision.pod, result)
        else:
            self.refuse(decision.pod, result)

    def bind(self, info: PodInfo, result: Placed) -> None:
        pod = self.pod(info.uid)
        self.update(bound(pod, result.node, self.now, self.state.nodes))
        self.emit(pod, "Normal", "Scheduled", scheduled_message(info, result.node))

    def refuse(self, info: PodInfo, result: Unschedulable) -> None:
        pod = self.pod(info.uid)
        if (pod.message, pod.reason, pod.nominated_node) != (result.message, "", info.nominated_node):
            nodes = len(self.state.nodes)
            why = Explanation(rule="no-room", inputs={"nodes": nodes}, text=f"No node has room: {result.message}")
            told = None if pod.reported is None else without_condition(pod.reported, SCHEDULED)
            waiting = changed(pod, message=result.message, reason="", nominated_node=info.nominated_node, reported=told)
            self.update(waiting, why)
        self.emit(pod, "Warning", "FailedScheduling", result.message)
        for each in result.displaced:
            self.update(changed(self.pod(each.uid), nominated_node=""))
        for each in result.victims:
            self.preempt(self.pod(each.uid), info, result.nominated or "")

    def preempt(self, victim: Pod, preemptor: PodInfo, node: str) -> None:
        """Deletes a victim; one that is terminating already is left alone."""
        if victim.deleted_at is not None:
            return
        text = disruption_message(preemptor)
        marked = changed(victim, disruption=Disruption(reason=PREEMPTED_REASON, message=text, at=self.now))
        for each in terminate(marked, self.now):
            assert isinstance(each, Update) and isinstance(each.object, Pod)
            self.update(each.object, Explanation(rule="preempted", inputs={"by": preemptor.name}, text=text))
        self.emit(victim, "Normal", "Preempted", preempted_message(preemptor, node))

    def pod(self, uid: str) -> Pod:
        return self.latest.get(uid) or self.state.pods[uid]

    def update(self, pod: Pod, why: Explanation | None = None) -> None:
        self.latest[pod.uid] = pod
        self.changes.append(Update(object=pod, why=why))

    def emit(self, pod: Pod, kind: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        self.changes.append(
            Event(kind="Pod", uid=pod.uid, name=pod.name, type=kind, reason=reason, message=message, source=SOURCE)
        )
