"""A family's pods by ReplicaSet and by time, kept up to date along the changes of a pass: a round costs what changes, not what
exists."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cluster.core.objects import Change, Delete, Event, Pod

FINISHED = ("Succeeded", "Failed")


@dataclass(slots=True)
class Group:
    """One ReplicaSet's pods by uid: active ones count, terminating ones are told apart. `version` rises with each change."""

    active: dict[str, Pod] = field(default_factory=dict)
    terminating: dict[str, Pod] = field(default_factory=dict)
    version: int = 0


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
        """In its old place if it has one there: a group keeps the order of creation."""
        self._untime(pod.uid)
        if pod.next_at is not None:
            self.times[pod.uid] = pod.next_at
            self.timed.setdefault(pod.next_at, {})[pod.uid] = pod
        if pod.phase in FINISHED:
            self._drop(pod.uid)
            return
        group = self.of(pod.owner_uid)
        group.version += 1
        self.owners[pod.uid] = pod.owner_uid
        if pod.deleted_at is None:
            group.active[pod.uid] = pod
        else:
            group.active.pop(pod.uid, None)
            group.terminating[pod.uid] = pod

    def _drop(self, uid: str) -> None:
        if uid in self.owners:
            group = self.of(self.owners.pop(uid))
            group.version += 1
            group.active.pop(uid, None)
            group.terminating.pop(uid, None)

    def _untime(self, uid: str) -> None:
        at = self.times.pop(uid, None)
        if at is not None:
            del self.timed[at][uid]
            if not self.timed[at]:
                del self.timed[at]
