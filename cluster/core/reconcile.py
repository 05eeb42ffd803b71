"""All controllers of a family, one after another, until a whole round changes nothing."""

import math
from dataclasses import dataclass

from cluster.core import deployment, garbage, kubelet, replicaset, scheduler, status
from cluster.core.family import absorb, own
from cluster.core.objects import Change, Family, ReplicaSet
from cluster.core.podgroups import PodGroups

MOST_ROUNDS = 10_000


class NeverQuietError(Exception):
    """Raised when the controllers answer each other without end: a fault of the core, never of what it was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """`due`: when something happens next if nobody acts; None: nothing does. `groups` are the family's, for who goes on.
    `is_quiet`: the controllers have nothing more to say now; False: the limit of changes stopped them."""

    family: Family
    changes: list[Change]
    due: float | None
    groups: PodGroups
    is_quiet: bool = True


def reconcile(
    family: Family, now: float, groups: PodGroups | None = None, *, most_changes: float = math.inf
) -> Reconciled:
    """Pods and ReplicaSets first, as far as they go by themselves; then the Deployment controller and what its pass led to,
    until it has nothing to say. So each of its passes sees the statuses of what is there, and a hand on a ReplicaSet is
    followed by its controller at once, while its Deployment's controller puts it right. The round that reaches
    `most_changes` is the last but for one turn of the Deployment controller; the rest is left to a later call."""
    cluster = Pass(family, now, groups or PodGroups(family.pods.values()), most_changes)
    cluster.settle()
    for _ in range(MOST_ROUNDS):
        if not cluster.decide() or cluster.is_full():
            return cluster.result()
        cluster.settle()
    raise NeverQuietError(f"still changing after {MOST_ROUNDS} rounds at {now}")


class Pass:
    """The family as it becomes while the controllers take turns."""

    def __init__(self, family: Family, now: float, groups: PodGroups, most_changes: float = math.inf) -> None:
        self.family, self.now, self.groups, self.most_changes = own(family), now, groups, most_changes
        self.changes: list[Change] = []
        self.seen: dict[str, tuple[ReplicaSet, int, int]] = {}

    def settle(self) -> None:
        for _ in range(MOST_ROUNDS):
            decided = [
                self.take(self.sync_replicasets()),
                self.take(scheduler.schedule(self.family, self.now, self.groups.due(self.now))),
                self.take(kubelet.advance(self.family, self.now, self.groups.due(self.now))),
            ]
            if not any(decided) or self.is_full():
                return
        raise NeverQuietError(f"pods still changing after {MOST_ROUNDS} rounds at {self.now}")

    def is_full(self) -> bool:
        return len(self.changes) >= self.most_changes

    def decide(self) -> bool:
        collected = self.take(garbage.collect(self.family, self.now, self.groups))
        return self.take(deployment.sync(self.family, self.now)) or collected

    def take(self, decided: list[Change]) -> bool:
        if decided:
            decided = [*garbage.keep_specs(decided, self.groups), *decided]
            self.family = absorb(self.family, decided)
            self.groups.update(decided)
            self.changes += decided
        return bool(decided)

    def sync_replicasets(self) -> list[Change]:
        """Those of which anything has changed since they were last looked at."""
        changes: list[Change] = []
        orphans = self.groups.of(None).version
        for each in self.family.replicasets.values():
            sight = (each, self.groups.of(each.uid).version, orphans)
            if self.seen.get(each.uid) != sight:
                self.seen[each.uid] = sight
                changes += replicaset.sync(self.family, each, self.groups, self.now)
        return changes

    def result(self) -> Reconciled:
        return Reconciled(
            family=self.family,
            changes=self.changes,
            due=self.now if self.is_full() else self.next_due(),
            groups=self.groups,
            is_quiet=not self.is_full(),
        )

    def next_due(self) -> float | None:
        times = [self.groups.next_due()]
        end = status.deadline_end(self.family.deployment) if self.family.deployment else None
        if (
            end is not None and end > self.now
        ):  # one that has run out while nothing estimated progress is not waited for
            times.append(end)
        for each in self.family.replicasets.values():
            times.append(replicaset.next_available(each, self.groups.of(each.uid).active.values(), self.now))
        return min((time for time in times if time is not None), default=None)
