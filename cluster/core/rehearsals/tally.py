"""Pods counted as they change, for the chart of a rollout. The cost of a change does not depend on the number of pods."""

from dataclasses import dataclass, field
from typing import NamedTuple

from cluster.core.controllers.rolling_limits import max_surge, max_unavailable
from cluster.core.objects import Change, Delete, Deployment, Event, Pod, ReplicaSet


class Point(NamedTuple):
    """`total` excludes terminating pods, as the controller's count does."""

    at: float
    total: int = 0
    available: int = 0
    terminating: int = 0
    ceiling: int = 0
    floor: int = 0

    @property
    def counts(self) -> tuple[int, ...]:
        return self[1:]


@dataclass(kw_only=True)
class Tally:
    """`points` has one entry for each time at which a number changed. `min_available` counts from when the floor was first
    reached; None before. The floor is broken where availability falls below it."""

    deployment: Deployment | None = None
    total: int = 0
    available: int = 0
    terminating: int = 0
    ceiling: int = 0
    floor: int = 0
    peak: int = 0
    peak_with_terminating: int = 0
    min_available: int | None = None
    floor_broken_at: float | None = None
    points: list[Point] = field(default_factory=list)
    _noted: tuple[int, ...] = ()
    _pods: dict[str, tuple[bool, bool]] = field(default_factory=dict)  # uid -> (terminating, available)
    _unripe: dict[str, float] = field(default_factory=dict)
    _min_ready: dict[str, int] = field(default_factory=dict)

    def take(self, change: Change, now: float) -> None:
        if isinstance(change, Event):
            return
        thing, gone = change.object, isinstance(change, Delete)
        if isinstance(thing, Pod):
            self._drop(thing.uid)
            if not gone:
                self._put(thing, now)
            self._note(now)
        elif isinstance(thing, ReplicaSet):
            self._min_ready[thing.uid] = thing.min_ready_seconds
        elif isinstance(thing, Deployment):
            self.look_at(None if gone else thing, now)

    def knows(self, uid: str) -> bool:
        """Whether a pod of this uid is counted."""
        return uid in self._pods

    def look_at(self, deployment: Deployment | None, now: float) -> None:
        """Takes over the Deployment's present limits."""
        self.deployment = deployment
        if deployment:
            self.ceiling = deployment.replicas + max_surge(deployment)
            self.floor = deployment.replicas - max_unavailable(deployment)
            self._note(now)

    def ripen(self, now: float) -> None:
        """Counts pods as available that have been ready for minReadySeconds."""
        for uid in [uid for uid, at in self._unripe.items() if at <= now]:
            del self._unripe[uid]
            self._pods[uid] = (False, True)
            self.available += 1
        self._note(now)

    def restart(self) -> None:
        """Peaks and lows count from here."""
        self.peak, self.peak_with_terminating = self.total, self.total + self.terminating
        self.min_available, self.floor_broken_at = None, None
        self._noted = ()
        self.points = self.points[-1:]

    def _put(self, pod: Pod, now: float) -> None:
        terminating = pod.deleted_at is not None
        available = False
        if pod.ready and not terminating and pod.ready_since is not None:
            ripe_at = pod.ready_since + self._min_ready.get(pod.owner_uid or "", 0)
            available = ripe_at <= now
            if not available:
                self._unripe[pod.uid] = ripe_at
        self._pods[pod.uid] = (terminating, available)
        self._count(terminating, available, 1)

    def _drop(self, uid: str) -> None:
        known = self._pods.pop(uid, None)
        if known:
            self._unripe.pop(uid, None)
            self._count(*known, -1)

    def _count(self, terminating: bool, available: bool, sign: int) -> None:
        if terminating:
            self.terminating += sign
        else:
            self.total += sign
        if available:
            self.available += sign

    def _note(self, now: float) -> None:
        counts = (self.total, self.available, self.terminating, self.ceiling, self.floor)
        if self.deployment is None or counts == self._noted:
            return
        self._noted = counts
        self.peak = max(self.peak, self.total)
        self.peak_with_terminating = max(self.peak_with_terminating, self.total + self.terminating)
        self._watch_floor(now)
        if self.points and self.points[-1].at == now:
            self.points.pop()
        if not self.points or self.points[-1].counts != counts:
            self.points.append(Point(now, *counts))

    def _watch_floor(self, now: float) -> None:
        if self.min_available is None:
            if self.available >= self.floor and self.available > 0:
                self.min_available = self.available
            return
        last = self.points[-1].available if self.points else 0
        self.min_available = min(self.min_available, self.available)
        if self.available < min(self.floor, last) and self.floor_broken_at is None:
            self.floor_broken_at = now
