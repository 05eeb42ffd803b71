"""Which pods a ReplicaSet deletes first (pkg/controller/controller_utils.go, ActivePodsWithRanks)."""

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping
from functools import cmp_to_key, lru_cache
from typing import Any

from cluster.core.objects import Pod
from cluster.core.podgroups import Group

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
PHASE_ORDER = {"Pending": 0, "Running": 2}
NANOSECONDS = 1e9


def choose_victims(pods: Group, crowds: Mapping[str, int], count: int, now: float) -> list[Pod]:
    """The `count` pods to delete: unassigned before assigned, Pending before Running, unready before ready, low before high
    deletion cost, those on crowded nodes before others, then shorter ready time, more restarts, newer. `crowds` counts
    related pods by node."""
    if count >= len(pods.active):
        return list(pods.active.values())

    def key(pod: Pod) -> tuple[bool, int, bool, int, int]:
        return (bool(pod.node), PHASE_ORDER.get(pod.phase, 1), pod.ready, deletion_cost(pod), -crowds.get(pod.node, 0))

    def compare(one: Pod, two: Pod) -> int:
        return compare_ages(one, two, now)

    alike: defaultdict[Any, list[Pod]] = defaultdict(list)
    for pod in pods.active.values():
        alike[key(pod)].append(pod)
    victims: list[Pod] = []
    for rank in sorted(alike):
        victims += heapq.nsmallest(count - len(victims), alike[rank], key=cmp_to_key(compare))
    return victims


def deletion_cost(pod: Pod) -> int:
    if not pod.annotations:
        return 0
    text = pod.annotations.get(DELETION_COST, "")
    return int(text) if text.lstrip("-").isdecimal() else 0


def compare_ages(one: Pod, two: Pod, now: float) -> int:
    """Compares ready time, restarts and age; below 0 if `one` is deleted first. Times are compared by order of magnitude, equal
    magnitudes by uid; a missing time comes first."""
    if one.ready and one.ready_since != two.ready_since:
        if one.ready_since is None or two.ready_since is None:
            return -1 if one.ready_since is None else 1
        return logarithmic(one.ready_since, two.ready_since, one, two, now)
    if one.restarts != two.restarts:
        return two.restarts - one.restarts
    if one.created_at != two.created_at:
        return logarithmic(one.created_at, two.created_at, one, two, now)
    return 0


def logarithmic(first: float, second: float, one: Pod, two: Pod, now: float) -> int:
    return magnitude(now - first) - magnitude(now - second) or (-1 if one.uid < two.uid else 1)


@lru_cache(maxsize=10_000)
def magnitude(seconds: float) -> int:
    """The binary logarithm of a duration in nanoseconds, rounded down; -1 for none."""
    return int(math.log2(seconds * NANOSECONDS)) if seconds > 0 else -1
