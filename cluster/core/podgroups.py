"""One owner's pods, counted as they change: a query costs what it returns, whatever the number of pods."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cluster.core.objects import Labels, Pod

FINISHED = ("Succeeded", "Failed")
LabelSet = frozenset[tuple[str, str]]


@dataclass(slots=True)
class Group:
    """The pods of a ReplicaSet, or the orphans of a namespace, by uid in the order of creation. `active` pods count as
    replicas; each is in `ready` or `unready` too. `terminating` and `finished` pods do not count. `labels` and `nodes` count
    the active pods by their labels and by their nodes; `ready_times` are the sorted `ready_since` of the ready ones."""

    active: dict[str, Pod] = field(default_factory=dict)
    ready: dict[str, Pod] = field(default_factory=dict)
    unready: dict[str, Pod] = field(default_factory=dict)
    terminating: dict[str, Pod] = field(default_factory=dict)
    finished: dict[str, Pod] = field(default_factory=dict)
    labels: Counter[LabelSet] = field(default_factory=Counter)
    nodes: Counter[str] = field(default_factory=Counter)
    ready_times: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.active) + len(self.terminating) + len(self.finished)

    def everyone(self) -> Iterator[Pod]:
        yield from self.active.values()
        yield from self.terminating.values()
        yield from self.finished.values()

    def available(self, min_ready_seconds: int, now: float) -> int:
        """The number of pods that have been ready for `min_ready_seconds`."""
        return self._ripe(min_ready_seconds, now) if min_ready_seconds else len(self.ready)

    def next_available(self, min_ready_seconds: int, now: float) -> float | None:
        """When the next ready pod will have been ready for `min_ready_seconds`; None without one."""
        ripe = self._ripe(min_ready_seconds, now) if min_ready_seconds else len(self.ready_times)
        return self.ready_times[ripe] + min_ready_seconds if ripe < len(self.ready_times) else None

    def bearing(self, labels: Labels) -> int:
        """The number of active pods that have these labels, among others."""
        wanted = frozenset(labels.items())
        return sum(count for borne, count in self.labels.items() if wanted <= borne)

    def put(self, pod: Pod) -> None:
        """Adds or updates a pod; an active pod that is updated keeps its place in the order of creation."""
        if pod.phase in FINISHED or pod.deleted_at is not None:
            self.drop(pod.uid)
            (self.finished if pod.phase in FINISHED else self.terminating)[pod.uid] = pod
            return
        old = self.active.get(pod.uid)
        if old is None:
            self.drop(pod.uid)
        self.active[pod.uid] = pod
        if old is None or old.labels is not pod.labels:
            self._count(self.labels, pod and frozenset(pod.labels.items()), old and frozenset(old.labels.items()))
        if old is None or old.node != pod.node:
            self._count(self.nodes, pod.node, old and old.node)
        if old is None or old.ready != pod.ready or old.ready_since != pod.ready_since:
            self._untime(old)
            self._time(pod)
        self._sort(pod)

    def drop(self, uid: str) -> None:
        self.terminating.pop(uid, None)
        self.finished.pop(uid, None)
        old = self.active.pop(uid, None)
        if old is not None:
            self.ready.pop(uid, None)
            self.unready.pop(uid, None)
            self._untime(old)
            self._count(self.labels, None, frozenset(old.labels.items()))
            self._count(self.nodes, None, old.node)

    def copy(self) -> "Group":
        return Group(
            active=self.active.copy(), ready=self.ready.copy(), unready=self.unready.copy(),
            terminating=self.terminating.copy(), finished=self.finished.copy(), labels=self.labels.copy(),
            nodes=self.nodes.copy(), ready_times=self.ready_times.copy(),
        )  # fmt: skip

    def _ripe(self, min_ready_seconds: int, now: float) -> int:
        return bisect_right(self.ready_times, now, key=lambda since: since + min_ready_seconds)

    def _sort(self, pod: Pod) -> None:
        mine, other = (self.ready, self.unready) if pod.ready else (self.unready, self.ready)
        mine[pod.uid] = pod
        other.pop(pod.uid, None)

    def _time(self, pod: Pod) -> None:
        if pod.ready and pod.ready_since is not None:
            insort(self.ready_times, pod.ready_since)

    def _untime(self, pod: Pod | None) -> None:
        if pod is not None and pod.ready and pod.ready_since is not None:
            del self.ready_times[bisect_left(self.ready_times, pod.ready_since)]

    @staticmethod
    def _count(counter: Counter[str] | Counter[LabelSet], new: object, old: object) -> None:
        if new is not None:
            counter[new] += 1  # type: ignore[index]
        if old is not None:
            counter[old] -= 1  # type: ignore[index]
            if not counter[old]:  # type: ignore[index]
                del counter[old]
