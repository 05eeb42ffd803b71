"""PodTopologySpread: the numbers of pods that match a constraint, by topology value, and the filter
(plugins/podtopologyspread/filtering.go)."""

from collections.abc import Iterable, Sequence

from cluster.core.scheduling.nodes import NodeInfo, bump
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodSpec, SpreadConstraint
from cluster.core.scheduling.snapshot import Snapshot
from cluster.core.scheduling.taints import has_untolerated

SKEWED = Status(plugin="PodTopologySpread", reasons=("node(s) didn't match pod topology spread constraints",))
NO_LABEL = Status(
    plugin="PodTopologySpread",
    reasons=("node(s) didn't match pod topology spread constraints (missing required label)",),
    is_final=True,
)


class Domains:
    """One constraint's topology values with the numbers of living pods that match it, over the nodes that it includes. `values`
    is the nodes' column of the topology key, `members` the number of included nodes by value."""

    def __init__(self, snapshot: Snapshot, spec: PodSpec, constraint: SpreadConstraint, keys: Iterable[str]) -> None:
        self.spec, self.constraint, self.keys = spec, constraint, tuple(keys)
        self.values = snapshot.column(constraint.topology_key)
        selector = constraint.pods.selector
        selectors = (
            () if selector.is_empty() else (constraint.pods,)
        )  # countPodsMatchSelector: an empty one counts none
        self.matching = snapshot.counts.matching(selectors, living=True)
        self.itself = int(selector.matches(spec.labels))
        self.counts: dict[str, int] = {}
        self.members: dict[str, int] = {}
        self.seen: list[int | None] = [None] * len(self.values)
        self.having: dict[int, int] = {}  # number of pods -> how many values have so many
        self.limit = -1
        self.known_full: set[str | None] = {None}

    def look_at(self, node: NodeInfo) -> None:
        """Updates the counts from the node's present number of pods; None in `seen`: the node is not included."""
        known = self.seen[node.index]
        number = self.matching.by_node.get(node.spec.name, 0) if self.includes(node) else None
        if number == known:
            return
        self.seen[node.index] = number
        value = node.spec.labels.get(self.constraint.topology_key, "")
        bump(self.members, value, (number is not None) - (known is not None))
        before = self.counts.pop(value, None)
        if before is not None:
            bump(self.having, before, -1)
        self.known_full.discard(value)
        if value in self.members:
            now = self.counts[value] = (before or 0) + (number or 0) - (known or 0)
            bump(self.having, now, 1)
            if now > self.limit:
                self.known_full.add(value)

    def includes(self, node: NodeInfo) -> bool:
        """Whether the node counts: it has all the topology keys, and the inclusion policies don't exclude it."""
        about = node.spec
        if any(key not in about.labels for key in self.keys):
            return False
        if self.constraint.honours_affinity and not self.spec.node_affinity.matches(about.name, about.labels):
            return False
        return not (self.constraint.honours_taints and has_untolerated(about.taints, self.spec.tolerations))

    def full(self) -> set[str | None]:
        """The values where one more pod would make the skew greater than maxSkew, and None for nodes without a value. All
        values are checked again only when the least number of pods has changed."""
        least = min(self.having) if len(self.counts) >= self.constraint.min_domains else 0
        limit = self.constraint.max_skew + least - self.itself
        if limit != self.limit:
            self.limit = limit
            self.known_full = {None, *(value for value, number in self.counts.items() if number > limit)}
        return self.known_full

    def passing(self, indices: Sequence[int]) -> Sequence[int]:
        values, full = self.values, self.full()
        return [index for index in indices if values[index] not in full]

    def refusal(self, index: int) -> Status | None:
        value = self.values[index]
        if value is None:
            return NO_LABEL
        return SKEWED if value in self.full() else None
