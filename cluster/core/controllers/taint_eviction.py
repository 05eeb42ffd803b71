"""Evicts pods from a node with a NoExecute taint that they don't tolerate, or when their tolerationSeconds are over
(pkg/controller/tainteviction/taint_eviction.go). A node is checked when its taints change or a pod is bound to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cluster.core.admission import admitted
from cluster.core.controllers.replicaset import terminate
from cluster.core.copying import changed
from cluster.core.objects import Change, Disruption, Event, Pod
from cluster.core.scheduling.taints import NO_EXECUTE, Taint, Toleration, taint, tolerations
from cluster.core.state import State

SOURCE = "taint-eviction-controller"
REASON, MESSAGE = "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"


def sync(state: State, name: str, now: float) -> list[Change]:
    """Deletes the pods of the node that are due, plans the deletion of others, or cancels a planned deletion."""
    pass_ = Pass(state, now)
    node = state.nodes.get(name)
    driving = [taint(each) for each in node.taints if each.get("effect") == NO_EXECUTE] if node else []
    for pod in list(state.pods_on(name).values()):
        pass_.look_at(pod, driving)
    return pass_.changes


@dataclass
class Pass:
    state: State
    now: float
    changes: list[Change] = field(default_factory=list)

    def look_at(self, pod: Pod, driving: Sequence[Taint]) -> None:
        planned = self.state.evictions.get(pod.uid)
        seconds = remaining(driving, tolerations(admitted(self.spec_of(pod)))) if driving else None
        if pod.deleted_at is not None or seconds is None:
            self.cancel(pod)
        elif seconds <= 0.0 or (planned is not None and planned <= self.now):
            self.evict(pod)
        elif planned is None:
            self.state.evictions[pod.uid] = self.now + seconds

    def spec_of(self, pod: Pod) -> dict[str, object]:
        owner = self.state.replicasets.get(pod.owner_uid or "")
        return dict(pod.spec if pod.spec is not None else (owner.template.get("spec") or {}) if owner else {})

    def evict(self, pod: Pod) -> None:
        """Deletes a pod. A planned deletion that is not due yet is cancelled first, with an event."""
        if self.state.evictions.get(pod.uid, 0.0) > self.now:
            self.cancel(pod)
        self.state.evictions.pop(pod.uid, None)
        self.emit(pod, f"Marking for deletion Pod {pod.namespace}/{pod.name}")
        marked = changed(pod, disruption=Disruption(reason=REASON, message=MESSAGE, at=self.now))
        self.changes += terminate(marked, self.now)

    def cancel(self, pod: Pod) -> None:
        if self.state.evictions.pop(pod.uid, None) is not None:
            self.emit(pod, f"Cancelling deletion of Pod {pod.namespace}/{pod.name}")

    def emit(self, pod: Pod, message: str) -> None:
        self.changes.append(
            Event(
                kind="Pod", uid=pod.uid, name=pod.name, type="Normal", reason="TaintManagerEviction", message=message,
                source=SOURCE,
            )
        )  # fmt: skip


def remaining(driving: Sequence[Taint], borne: Sequence[Toleration]) -> float | None:
    """Seconds until these taints evict a pod with these tolerations; None: never. For each taint the first toleration that
    matches is used; the shortest of these applies (GetMatchingTolerations, getMinTolerationTime)."""
    used = [next((each for each in borne if each.tolerates(one)), None) for one in driving]
    if any(each is None for each in used):
        return 0.0
    limits = [max(float(each.seconds), 0.0) for each in used if each is not None and each.seconds is not None]
    return min(limits, default=None)


def next_time(state: State, name: str) -> float | None:
    """The time of the earliest planned deletion on the node; None without one."""
    times = [state.evictions[uid] for uid in state.pods_on(name) if uid in state.evictions]
    return min(times, default=None)
