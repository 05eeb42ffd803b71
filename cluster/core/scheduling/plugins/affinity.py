"""InterPodAffinity: the filter, and the score by topology value (plugins/interpodaffinity)."""

from collections.abc import Sequence

from cluster.core.scheduling.counting import CarriedKey, Count
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodSpec
from cluster.core.scheduling.snapshot import Snapshot

NAME = "InterPodAffinity"
NO_FRIENDS = Status(plugin=NAME, reasons=("node(s) didn't match pod affinity rules",), is_final=True)
FOES = Status(plugin=NAME, reasons=("node(s) didn't match pod anti-affinity rules",))
FOES_OF_OTHERS = Status(plugin=NAME, reasons=("node(s) didn't satisfy existing pods anti-affinity rules",))
# What a required term of a pod that is placed weighs for pods that it is about (hardPodAffinityWeight).
REQUIRED_WEIGHT = 1

Column = list[str | None]


class Affinity:
    """The terms of one pod spec, with the pods they are about by topology value."""

    def __init__(self, snapshot: Snapshot, spec: PodSpec) -> None:
        self.snapshot, self.spec = snapshot, spec
        counts = snapshot.counts
        friends = counts.matching(term.who for term in spec.affinity)
        self.friends = [
            (snapshot.column(term.topology_key), friends.values(term.topology_key, snapshot.nodes))
            for term in spec.affinity
        ]
        self.foes = [
            (
                snapshot.column(term.topology_key),
                counts.matching((term.who,)).values(term.topology_key, snapshot.nodes),
            )
            for term in spec.anti_affinity
        ]
        self.preferred = [
            (
                term.topology_key,
                term.weight,
                counts.matching((term.who,)).values(term.topology_key, snapshot.nodes),
            )
            for term in spec.preferred_terms
        ]
        self.carried: list[tuple[CarriedKey, Count]] | None = None
        self.known_foes: list[tuple[Column, dict[str, int]]] = []
        about = counts.namespaces.get(spec.namespace, {})
        self.is_own_friend = all(term.who.matches(spec.namespace, spec.labels, about) for term in spec.affinity)

    def is_first(self) -> bool:
        """A pod that its own affinity is about may go anywhere while no pod matches all its terms."""
        return self.is_own_friend and not any(values for _, values in self.friends)

    def foes_of_others(self) -> list[tuple[Column, dict[str, int]]]:
        """Where pods are whose anti-affinity is about this pod."""
        snapshot, carried = self.snapshot, self.snapshot.counts.carried_about(self.spec)
        if carried is not self.carried:
            self.carried = carried
            self.known_foes = [
                (snapshot.column(term.topology_key), count.values(term.topology_key, snapshot.nodes))
                for (kind, term), count in carried
                if kind == "anti"
            ]
        return self.known_foes

    def passing(self, indices: Sequence[int]) -> Sequence[int]:
        if self.friends:
            first = self.is_first()
            for column, values in self.friends:
                indices = [
                    index for index in indices if column[index] in values or (first and column[index] is not None)
                ]
        for column, values in (*self.foes, *self.foes_of_others()):
            if values:
                indices = [index for index in indices if column[index] not in values]
        return indices

    def refusal(self, index: int) -> Status | None:
        if self._lacks_friends(index):
            return NO_FRIENDS
        if any(column[index] in values for column, values in self.foes):
            return FOES
        if any(column[index] in values for column, values in self.foes_of_others()):
            return FOES_OF_OTHERS
        return None

    def _lacks_friends(self, index: int) -> bool:
        if any(column[index] is None for column, _ in self.friends):
            return True
        return any(column[index] not in values for column, values in self.friends) and not self.is_first()

    def scores(self) -> dict[str, dict[str, int]]:
        """Topology key, value, score. Of the pod's own preferred terms, and of the terms, preferred or required, of pods
        that are placed."""
        found: dict[str, dict[str, int]] = {}
        for key, weight, values in self.preferred:
            add_weighted(found, key, weight, values)
        for (kind, term), count in self.snapshot.counts.carried_about(self.spec):
            if kind != "anti":
                weight = term.weight if kind == "preferred" else REQUIRED_WEIGHT
                add_weighted(found, term.topology_key, weight, count.values(term.topology_key, self.snapshot.nodes))
        return found


def add_weighted(found: dict[str, dict[str, int]], key: str, weight: int, values: dict[str, int]) -> None:
    if not values:
        return
    known = found.setdefault(key, {})
    for value, number in values.items():
        known[value] = known.get(value, 0) + weight * number
