"""A family's pods by ReplicaSet and by time, kept up to date along the changes of a pass: a round costs what changes, not what
exists."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cluster.core.objects import Change, Delete, Event, Labels, Pod

FINISHED = ("Succeeded", "Failed")


@dataclass(slots=True)
class Group:
    """One ReplicaSet's pods by uid: active ones count, `ready` are those of them that are, terminating ones are told apart.
    `labels` counts the active pods by the identity of their labels: pods of one template share theirs. `version` rises with each
    change."""

    active: dict[str, Pod] = field(default_factory=dict)
    ready: dict[str, Pod] = field(default_factory=dict)
    terminating: dict[str, Pod] = field(default_factory=dict)
    labels: Counter[int] = field(default_factory=Counter)
    version: int = 0

    def put(self, pod: Pod) -> None:
        """In its old place if it has one there: a group keeps the order of creation."""
        self.version += 1
        if pod.deleted_at is not None:
            self._leave(pod.uid)
            self.terminating[pod.uid] = pod
            return
        old = self.active.get(pod.uid)
        self.active[pod.uid] = pod
        if old is None or old.labels is not pod.labels:
            self.labels[id(pod.labels)] += 1
            if old is not None:
                self._forget_labels(old)
        if pod.ready:
            self.ready[pod.uid] = pod
        else:
            self.ready.pop(pod.uid, None)

    def drop(self, uid: str) -> None:
        self.version += 1
        self._leave(uid)
        self.terminating.pop(uid, None)

    def all_share(self, labels: Labels) -> bool:
        """Whether every active pod bears these very labels: then nobody has changed any."""
        return self.labels[id(labels)] == len(self.active)

    def _leave(self, uid: str) -> None:
        old = self.active.pop(uid, None)
        if old is not None:
            self._forget_labels(old)
            self.ready.pop(uid, None)

    def _forget_labels(self, pod: Pod) -> None:
        self.labels[id(pod.labels)] -= 1
        if not self.labels[id(pod.labels)]:
            del self.labels[id(pod.labels)]


class PodGroups:
    def __init__(self, pods: Iterable[Pod]) -> None:
        self.by_owner: dict[str | None, Group] = {}
        self.owners: dict[str, str | None] = {}
        self.times: dict[str, float] = {}
        self.timed: dict[float, dict[str, Pod]] = {}
        for pod in pods:
            self._put(pod)

    def of(self, owner_uid: str | None) -> Group:
        group = self.by_owner.get(owner_uid)
        if group is None:
            group = self.by_owner[owner_uid] = Group()
        return group

    def due(self, now: float) -> list[Pod]:
        """The pods for which something happens now, oldest first."""
        found = [pod for at in self.timed if at <= now for pod in self.timed[at].values()]
        return sorted(found, key=lambda pod: (pod.created_at, pod.name))

    def next_due(self) -> float | None:
        return min(self.timed, default=None)

    def waiting(self) -> Iterator[Pod]:
        """The pods to which something will happen by itself."""
        for pods in self.timed.values():
            yield from pods.values()

    def update(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, Event) or not isinstance(change.object, Pod):
                continue
            pod = change.object
            if isinstance(change, Delete):
                self._untime(pod.uid)
            if isinstance(change, Delete) or self.owners.get(pod.uid, pod.owner_uid) != pod.owner_uid:
                self._drop(pod.uid)
            if not isinstance(change, Delete):
                self._put(pod)

    def _put(self, pod: Pod) -> None:
        self._untime(pod.uid)
        if pod.next_at is not None:
            self.times[pod.uid] = pod.next_at
            self.timed.setdefault(pod.next_at, {})[pod.uid] = pod
        if pod.phase in FINISHED:
            self._drop(pod.uid)
            return
        self.owners[pod.uid] = pod.owner_uid
        self.of(pod.owner_uid).put(pod)

    def _drop(self, uid: str) -> None:
        if uid in self.owners:
            self.of(self.owners.pop(uid)).drop(uid)

    def _untime(self, uid: str) -> None:
        at = self.times.pop(uid, None)
        if at is not None:
            del self.timed[at][uid]
            if not self.timed[at]:
                del self.timed[at]
