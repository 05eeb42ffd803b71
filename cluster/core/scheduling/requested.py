"""The total requests of the pods on each node, by owner: the sums behind `kubectl describe node`'s "Allocated resources"
(kubectl pkg/describe, getPodsTotalRequestsAndLimits) and the scheduler's NodeInfo.Requested.

Adding, moving or removing a pod costs the same among ten pods and ten thousand.
"""

from collections.abc import Collection
from typing import NamedTuple

from cluster.core.objects import Manifest
from cluster.core.scheduling.resources import pod_amounts, resources


class Amount(NamedTuple):
    """`cpu` in thousandths, `memory` in bytes, `pods` as a number."""

    cpu: int = 0
    memory: int = 0
    pods: int = 0

    def plus(self, other: "Amount", sign: int = 1) -> "Amount":
        return Amount(self.cpu + sign * other.cpu, self.memory + sign * other.memory, self.pods + sign * other.pods)


class Place(NamedTuple):
    """A pod's node, its owner's uid ("" without one), and its requests."""

    node: str
    owner: str
    amount: Amount


def amount_of(spec: Manifest) -> Amount:
    """The requests of one pod, by the scheduler's rules for init containers, sidecars and overhead."""
    wanted = resources(pod_amounts(spec))
    return Amount(wanted.cpu, wanted.memory, 1)


class Requested:
    """Sums by node and, there, by the uid of the pods' owner. Sums without pods are removed."""

    def __init__(self) -> None:
        self.pods: dict[str, Place] = {}
        self.by_node: dict[str, dict[str, Amount]] = {}

    def put(self, uid: str, place: Place) -> set[str]:
        """Sets a pod's place; returns the nodes whose sums have changed."""
        old = self.pods.get(uid)
        if old == place:
            return set()
        self.pods[uid] = place
        self._count(place, 1)
        return {place.node, *self._leave(old)}

    def drop(self, uid: str) -> set[str]:
        """Removes a pod that is gone or will never run again; returns the nodes whose sums have changed."""
        return self._leave(self.pods.pop(uid, None))

    def of(self, node: str, owners: Collection[str]) -> tuple[dict[str, Amount], Amount]:
        """Returns (the requests of the pods of each of these owners, those of all others together)."""
        sums = self.by_node.get(node, {})
        others = Amount()
        for owner, amount in sums.items():
            if owner not in owners:
                others = others.plus(amount)
        return {owner: amount for owner, amount in sums.items() if owner in owners}, others

    def nodes_of(self, owners: Collection[str]) -> set[str]:
        """The nodes with pods of any of these owners."""
        return {node for node, sums in self.by_node.items() if not sums.keys().isdisjoint(owners)}

    def _leave(self, place: Place | None) -> set[str]:
        if place is None:
            return set()
        self._count(place, -1)
        return {place.node}

    def _count(self, place: Place, sign: int) -> None:
        sums = self.by_node.setdefault(place.node, {})
        now = sums.get(place.owner, Amount()).plus(place.amount, sign)
        if now.pods:
            sums[place.owner] = now
        else:
            del sums[place.owner]
        if not sums:
            del self.by_node[place.node]
