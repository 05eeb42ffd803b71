"""The controllers' work: keys from the queue one after another, then the pods that are due, until nothing is left to do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from cluster.core.controllers import deployment, garbage, replicaset, status
from cluster.core.controllers.step import Conflict
from cluster.core.nodes import kubelet, scheduler
from cluster.core.objects import Change, Create, ReplicaSet, Update
from cluster.core.queue import Key
from cluster.core.state import State

MOST_SYNCS = 10_000
SYNCS: dict[str, Callable[[State, str, float], list[Change]]] = {
    "Deployment": deployment.sync,
    "ReplicaSet": replicaset.sync,
    "Garbage": garbage.collect,
}


class NeverQuietError(Exception):
    """Raised when the controllers answer each other without end: a fault of the core, never of what it was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """`due`: when something happens next if nobody acts; None: nothing does. `decisions`: how many syncs resized ReplicaSets.
    `is_held`: nothing else is left to do now than decisions that were not allowed."""

    changes: list[Change]
    due: float | None
    decisions: int = 0
    is_held: bool = False


def reconcile(
    state: State, now: float, *, most_changes: int | None = None, most_decisions: int | None = None
) -> Reconciled:
    """Works on the state until its queue is empty and no pod is due, or until about `most_changes` are made: then `due` is
    `now`, and the rest stays queued. Costs what changes, not what there is.

    `most_decisions`: how many syncs of Deployments may resize ReplicaSets. A sync that would be one too many is not made, as if
    that controller were slow: its key stays queued, and all others work on."""
    work = Work(state, now, most_changes, most_decisions)
    is_quiet = False
    while not (is_quiet or work.is_enough):
        is_quiet = not work.turn()
    is_held = work.give_back() and is_quiet
    due = state.next_due() if is_quiet and not is_held else now
    return Reconciled(changes=work.changes, due=due, decisions=work.decisions, is_held=is_held)


class Work:
    """One call's work. The controllers are quicker than nodes: pods move only when no key waits."""

    def __init__(
        self, state: State, now: float, most_changes: int | None = None, most_decisions: int | None = None
    ) -> None:
        self.state, self.now, self.most_changes, self.most_decisions = state, now, most_changes, most_decisions
        self.changes: list[Change] = []
        self.decisions = 0
        self.held: dict[Key, None] = {}
        self.syncs: Counter[Key] = Counter()
        state.wake(now)

    @property
    def is_enough(self) -> bool:
        return self.most_changes is not None and len(self.changes) >= self.most_changes

    def turn(self) -> bool:
        """One key's work, or that of all due pods; False if there is neither."""
        key = self.state.queue.take()
        if key is None:
            return self.move_pods()
        self.sync(key)
        return True

    def sync(self, key: Key) -> None:
        self.syncs[key] += 1
        if self.syncs[key] > MOST_SYNCS:
            raise NeverQuietError(f"{key} is still changing after {MOST_SYNCS} passes at {self.now}")
        try:
            decided = SYNCS[key[0]](self.state, key[1], self.now)
        except Conflict as conflict:
            decided = conflict.changes
        if resizes(self.state, decided) and key[0] == "Deployment":
            if self.decisions == self.most_decisions:
                self.held[key] = None
                self.state.queue.done()
                return
            self.decisions += 1
        self.take([*garbage.keep_specs(decided, self.state), *decided] if key[0] != "ReplicaSet" else decided)
        self.state.key_times.put(key, next_time(self.state, key, self.now))
        self.state.queue.done(late=key[0] == "Deployment" and is_long(decided))

    def give_back(self) -> bool:
        """Queues the keys that were held; False if there are none."""
        for key in self.held:
            self.state.queue.add(key)
        return bool(self.held)

    def move_pods(self) -> bool:
        """The scheduler's pods, then the kubelets', those just bound among them."""
        most = None if self.most_changes is None else self.most_changes - len(self.changes)
        due = self.state.due_pods(self.now, most)
        self.take(scheduler.schedule(self.state, self.now, due))
        self.take(kubelet.advance(self.state, self.now, [self.state.pods[pod.uid] for pod in due]))
        return bool(due)

    def take(self, decided: list[Change]) -> None:
        self.state.apply(decided)
        self.changes += decided


def resizes(state: State, decided: list[Change]) -> bool:
    """Whether a ReplicaSet gets another desired count."""
    sizes = [
        each.object for each in decided if isinstance(each, Create | Update) and isinstance(each.object, ReplicaSet)
    ]
    known = state.replicasets
    return any(each.replicas != (known[each.uid].replicas if each.uid in known else 0) for each in sizes)


def is_long(decided: list[Change]) -> bool:
    """Whether a pass resizes several ReplicaSets: it ends when the first of them are at rest."""
    sizes = (change for change in decided if isinstance(change, Update) and isinstance(change.object, ReplicaSet))
    return sum(change.why is not None for change in sizes) > 1


def next_time(state: State, key: Key, now: float) -> float | None:
    """When a key is worked on next by itself: at the end of a progress deadline, or of a pod's minReadySeconds. A deadline that
    has run out while nothing estimated progress is not waited for."""
    kind, uid = key
    if kind == "Deployment" and uid in state.deployments:
        end = status.deadline_end(state.deployments[uid])
        return end if end is not None and end > now else None
    if kind == "ReplicaSet" and uid in state.replicasets:
        seconds = state.replicasets[uid].min_ready_seconds
        return state.group(uid).next_available(seconds, now) if seconds else None
    return None
