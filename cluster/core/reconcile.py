"""All controllers of a family, one after another, until a whole round changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cluster.core import deployment, garbage, kubelet, replicaset, scheduler, status
from cluster.core.family import apply_changes
from cluster.core.objects import Change, Family, Pod

MOST_ROUNDS = 10_000
Controller: TypeAlias = Callable[[Family, float], list[Change]]


class NeverQuietError(Exception):
    """Raised when the controllers answer each other without end: a fault of the core, never of what it was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """`due`: when something happens next if nobody acts; None: nothing does."""

    family: Family
    changes: list[Change]
    due: float | None


def reconcile(family: Family, now: float) -> Reconciled:
    """Pods and ReplicaSets first, as far as they go by themselves; then the Deployment controller and what its pass led to,
    until it has nothing to say. So each of its passes sees the statuses of what is there, and a hand on a ReplicaSet is
    followed by its controller at once, while its Deployment's controller puts it right."""
    family, changes = settle(family, now)
    for _ in range(MOST_ROUNDS):
        family, decided = run(ABOVE, family, now)
        if not decided:
            return Reconciled(family=family, changes=changes, due=next_due(family, now))
        family, led_to = settle(family, now)
        changes += [*decided, *led_to]
    raise NeverQuietError(f"still changing after {MOST_ROUNDS} rounds at {now}")


def settle(family: Family, now: float) -> tuple[Family, list[Change]]:
    changes: list[Change] = []
    for _ in range(MOST_ROUNDS):
        family, decided = run(BELOW, family, now)
        if not decided:
            return family, changes
        changes += decided
    raise NeverQuietError(f"pods still changing after {MOST_ROUNDS} rounds at {now}")


def run(controllers: tuple[Controller, ...], family: Family, now: float) -> tuple[Family, list[Change]]:
    changes: list[Change] = []
    for controller in controllers:
        decided = controller(family, now)
        if decided:
            family = apply_changes(family, decided)
            changes += decided
    return family, changes


def sync_replicasets(family: Family, now: float) -> list[Change]:
    groups = replicaset.group_pods(family.pods.values())
    changes: list[Change] = []
    for each in family.replicasets.values():
        changes += replicaset.sync(family, each, groups, now)
    return changes


def next_due(family: Family, now: float) -> float | None:
    times = [kubelet.next_due(family)]
    if family.deployment:
        times.append(status.deadline_end(family.deployment))
    groups: dict[str | None, list[Pod]] = {}
    if any(each.min_ready_seconds for each in family.replicasets.values()):
        for pod in family.pods.values():
            if pod.deleted_at is None:
                groups.setdefault(pod.owner_uid, []).append(pod)
    for each in family.replicasets.values():
        times.append(replicaset.next_available(each, groups.get(each.uid, ()), now))
    return min((time for time in times if time is not None), default=None)


ABOVE: tuple[Controller, ...] = (garbage.collect, deployment.sync)
BELOW: tuple[Controller, ...] = (sync_replicasets, scheduler.schedule, kubelet.advance)
