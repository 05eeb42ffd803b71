"""The pods that wait to be scheduled: active, backing off, refused, gated (pkg/scheduler/backend/queue/scheduling_queue.go,
backoff_queue.go). No clock: `now` is an argument everywhere, in seconds."""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from cluster.core.scheduling.pods import PodInfo
from cluster.core.scheduling.queueing.hints import Event, OwnEvent, concerned, may_help

INITIAL_BACK_OFF, LONGEST_BACK_OFF = 1.0, 10.0
LONGEST_REFUSED = 300.0  # exactly; upstream checks every 30 s


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuedPod:
    """`since`: when the pod was last queued. `plugins`: those that refused it then. `refused`: the number of attempts that
    found no node."""

    pod: PodInfo
    since: float
    refused: int = 0
    plugins: frozenset[str] = frozenset()

    @property
    def back_off(self) -> float:
        """Seconds: 1 after the first refusal, doubled with each, 10 at most."""
        return min(INITIAL_BACK_OFF * 2.0 ** min(self.refused - 1, 10), LONGEST_BACK_OFF) if self.refused else 0.0


Order: TypeAlias = Callable[[QueuedPod], tuple[float, ...]]


def precedence(queued: QueuedPod) -> tuple[float, ...]:
    """The higher priority first, then the longer wait (plugins/queuesort)."""
    return (-queued.pod.priority, queued.since)


def by_wait(queued: QueuedPod) -> tuple[float, ...]:
    return (queued.since,)


class PodHeap:
    """Pods in an order, equal ones in the order of arrival. Pods that are taken out stay in the heap until they come to its
    top."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.pods: dict[str, QueuedPod] = {}
        self.heap: list[tuple[tuple[float, ...], int, QueuedPod]] = []
        self.came = 0

    def __len__(self) -> int:
        return len(self.pods)

    def put(self, queued: QueuedPod) -> None:
        self.came += 1
        self.pods[queued.pod.uid] = queued
        heapq.heappush(self.heap, (self.order(queued), self.came, queued))

    def take(self, uid: str) -> QueuedPod | None:
        return self.pods.pop(uid, None)

    def first(self) -> QueuedPod | None:
        while self.heap:
            queued = self.heap[0][2]
            if self.pods.get(queued.pod.uid) is queued:
                return queued
            heapq.heappop(self.heap)
        return None

    def pop(self) -> QueuedPod | None:
        queued = self.first()
        return None if queued is None else self.pods.pop(queued.pod.uid)


class Queue:
    """Each pod is in one of its parts. `pops_back_off` (the gate SchedulerPopFromBackoffQ, on by default): while no pod is
    active, pods that back off are taken before their time, except those that no plugin refused; and back-offs that end
    within the same second end together, at the next full second, in the order of priority."""

    def __init__(self, *, pops_back_off: bool = True) -> None:
        self.pops_back_off = pops_back_off
        self.active, self.gated, self.refused = PodHeap(precedence), PodHeap(by_wait), PodHeap(by_wait)
        self.backing_off, self.failing = PodHeap(self._by_back_off), PodHeap(self._by_back_off)
        self.waiting_for: dict[str, dict[str, QueuedPod]] = {}  # refused pods by plugin
        self.parts = (self.active, self.gated, self.refused, self.backing_off, self.failing)

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def add(self, pod: PodInfo, now: float) -> None:
        """Queues a new pod, or a known one again."""
        known = self.remove(pod.uid)
        self._enqueue(QueuedPod(pod=pod, since=now) if known is None else replace(known, pod=pod), now)

    def update(self, pod: PodInfo, now: float) -> None:
        """Replaces a waiting pod that has changed. A refused pod is tried again if the change may help it, a gated one if its
        gates are gone (PriorityQueue.Update)."""
        queued = self.of(pod.uid)
        if queued is None:
            return
        new = replace(queued, pod=pod)
        is_refused = pod.uid in self.refused.pods
        self.remove(pod.uid)
        if is_refused and not may_help(pod, queued.plugins, OwnEvent(old=queued.pod, new=pod)):
            self._refuse(new)
        else:
            self._enqueue(new, now)

    def of(self, uid: str) -> QueuedPod | None:
        """The waiting pod; None if it does not wait here."""
        return next((part.pods[uid] for part in self.parts if uid in part.pods), None)

    def remove(self, uid: str) -> QueuedPod | None:
        """Removes a pod, as when it is bound or deleted; returns it, or None if it did not wait here."""
        queued = self.refused.take(uid)
        if queued is not None:
            self._forget_plugins(queued)
            return queued
        return next((known for part in self.parts if (known := part.take(uid)) is not None), None)

    def pop_due(self, now: float) -> QueuedPod | None:
        """Takes the next pod to schedule; None if none is due."""
        self._flush(now)
        return self.active.pop() or (self.backing_off.pop() if self.pops_back_off else None)

    def put_back(self, queued: QueuedPod, plugins: frozenset[str], now: float) -> None:
        """Queues a pod whose attempt found no node. Without plugins, as when there are no nodes, it backs off and is tried
        again."""
        after = replace(queued, since=now, refused=queued.refused + 1, plugins=plugins)
        self.put_refused(after)

    def put_refused(self, queued: QueuedPod) -> None:
        """Lets a pod wait for an event that may help the plugins that refused it or, without plugins, for its back-off."""
        if queued.plugins:
            self._refuse(queued)
        else:
            self.failing.put(queued)

    def on_event(self, event: Event, now: float) -> None:
        """Queues pods again that the event may help; they are tried when they have backed off."""
        for queued in self._concerned(event):
            if may_help(queued.pod, queued.plugins, event):
                self.remove(queued.pod.uid)
                self._enqueue(queued, now)

    def _concerned(self, event: Event) -> list[QueuedPod]:
        """The refused pods with plugins that the event may concern, in the order in which they were refused."""
        found: dict[str, QueuedPod] = {}
        for plugin in concerned(event) if self.waiting_for else ():
            found |= self.waiting_for.get(plugin, {})
        return sorted(found.values(), key=by_wait) if len(found) > 1 else list(found.values())

    def _refuse(self, queued: QueuedPod) -> None:
        self.refused.put(queued)
        for plugin in queued.plugins:
            self.waiting_for.setdefault(plugin, {})[queued.pod.uid] = queued

    def _forget_plugins(self, queued: QueuedPod) -> None:
        for plugin in queued.plugins:
            pods = self.waiting_for[plugin]
            del pods[queued.pod.uid]
            if not pods:
                del self.waiting_for[plugin]

    def next_due(self) -> float | None:
        """When `pop_due` next has a pod, if nothing happens; None: never. The time may be in the past."""
        firsts = [(part, part.first()) for part in self.parts if part is not self.gated]
        return min((self._due(part, queued) for part, queued in firsts if queued is not None), default=None)

    def _due(self, part: PodHeap, queued: QueuedPod) -> float:
        if part is self.refused:
            return queued.since + LONGEST_REFUSED
        is_ready = part is self.active or (part is self.backing_off and self.pops_back_off)
        return queued.since if is_ready else self._backed_off(queued)

    def _enqueue(self, queued: QueuedPod, now: float) -> None:
        if queued.pod.spec.gates:
            self.gated.put(queued)
        elif self._backed_off(queued) > now:
            (self.backing_off if queued.plugins else self.failing).put(queued)
        else:
            self.active.put(queued)

    def _flush(self, now: float) -> None:
        """Queues pods again that have waited long enough."""
        for part in (self.refused, self.backing_off, self.failing):
            while (first := part.first()) is not None and self._ends(part, first) <= now:
                self.remove(first.pod.uid)
                self._enqueue(first, now)

    def _ends(self, part: PodHeap, queued: QueuedPod) -> float:
        return queued.since + LONGEST_REFUSED if part is self.refused else self._backed_off(queued)

    def _backed_off(self, queued: QueuedPod) -> float:
        """When the pod's back-off ends (isPodBackingoff)."""
        ends = queued.since + queued.back_off
        return math.floor(ends) + 1.0 if self.pops_back_off and queued.refused else ends

    def _by_back_off(self, queued: QueuedPod) -> tuple[float, ...]:
        return (self._backed_off(queued), *precedence(queued))
