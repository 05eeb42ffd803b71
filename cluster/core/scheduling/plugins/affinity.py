"""InterPodAffinity: the filter, and the score by topology value (plugins/interpodaffinity)."""

from collections.abc import Sequence

from cluster.core.scheduling.counting import CarriedKey, Count
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodSpec
from cluster.core.scheduling.snapshot import Snapshot

NAME = "InterPodAffinity"
AFFINITY_RULES = Status(plugin=NAME, reasons=("node(s) didn't match pod affinity rules",), is_final=True)
ANTI_AFFINITY_RULES = Status(plugin=NAME, reasons=("node(s) didn't match pod anti-affinity rules",))
EXISTING_ANTI_AFFINITY_RULES = Status(
    plugin=NAME, reasons=("node(s) didn't satisfy existing pods anti-affinity rules",)
)
# The weight of a placed pod's required term for the pods that it selects (hardPodAffinityWeight).
REQUIRED_WEIGHT = 1

Column = list[str | None]


class Affinity:
    """The terms of one pod spec, with the numbers of pods that they select by topology value."""

    def __init__(self, snapshot: Snapshot, spec: PodSpec) -> None:
        self.snapshot, self.spec = snapshot, spec
        counts = snapshot.counts
        matching = counts.matching(term.pods for term in spec.affinity)
        self.affinity = [
            (snapshot.column(term.topology_key), matching.values(term.topology_key, snapshot.nodes))
            for term in spec.affinity
        ]
        self.anti_affinity = [
            (
                snapshot.column(term.topology_key),
                counts.matching((term.pods,)).values(term.topology_key, snapshot.nodes),
            )
            for term in spec.anti_affinity
        ]
        self.preferred = [
            (
                term.topology_key,
                term.weight,
                counts.matching((term.pods,)).values(term.topology_key, snapshot.nodes),
            )
            for term in spec.preferred_terms
        ]
        self.carried: list[tuple[CarriedKey, Count]] | None = None
        self.known_existing: list[tuple[Column, dict[str, int]]] = []
        about = counts.namespaces.get(spec.namespace, {})
        self.matches_itself = all(term.pods.matches(spec.namespace, spec.labels, about) for term in spec.affinity)

    def may_be_first(self) -> bool:
        """Whether the pod may be the first: it matches its own terms, and no pod matches all of them yet."""
        return self.matches_itself and not any(values for _, values in self.affinity)

    def existing_anti_affinity(self) -> list[tuple[Column, dict[str, int]]]:
        """The topology values that have pods whose anti-affinity selects this pod."""
        snapshot, carried = self.snapshot, self.snapshot.counts.carried_about(self.spec)
        if carried is not self.carried:
            self.carried = carried
            self.known_existing = [
                (snapshot.column(term.topology_key), count.values(term.topology_key, snapshot.nodes))
                for (kind, term), count in carried
                if kind == "anti"
            ]
        return self.known_existing

    def passing(self, indices: Sequence[int]) -> Sequence[int]:
        if self.affinity:
            first = self.may_be_first()
            for column, values in self.affinity:
                indices = [
                    index for index in indices if column[index] in values or (first and column[index] is not None)
                ]
        for column, values in (*self.anti_affinity, *self.existing_anti_affinity()):
            if values:
                indices = [index for index in indices if column[index] not in values]
        return indices

    def refusal(self, index: int) -> Status | None:
        if self._fails_affinity(index):
            return AFFINITY_RULES
        if any(column[index] in values for column, values in self.anti_affinity):
            return ANTI_AFFINITY_RULES
        if any(column[index] in values for column, values in self.existing_anti_affinity()):
            return EXISTING_ANTI_AFFINITY_RULES
        return None

    def _fails_affinity(self, index: int) -> bool:
        if any(column[index] is None for column, _ in self.affinity):
            return True
        return any(column[index] not in values for column, values in self.affinity) and not self.may_be_first()

    def scores(self) -> dict[str, dict[str, int]]:
        """Topology key -> value -> score, from the pod's own preferred terms and from the preferred and required terms of
        placed pods."""
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
