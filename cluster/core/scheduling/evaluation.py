"""The results of the filters and scores of all nodes for pods of one spec, kept from one decision to the next: only nodes that
have changed are evaluated again (upstream's CycleState with the results of PreFilter, Filter and Score)."""

from collections.abc import Sequence

from cluster.core.scheduling.nodes import NodeInfo
from cluster.core.scheduling.plugins import local, scores
from cluster.core.scheduling.plugins.affinity import Affinity
from cluster.core.scheduling.plugins.scores import WEIGHTS
from cluster.core.scheduling.plugins.spread import Domains
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodSpec, SpreadConstraint
from cluster.core.scheduling.snapshot import Snapshot

OTHER_NODE = Status(plugin="NodeAffinity", reasons=("node(s) didn't satisfy plugin(s) [NodeAffinity]",), is_final=True)


class Evaluation:
    """Lists have an entry for each node, in the snapshot's order: `refusals` of the filters that depend on one node alone,
    `own_scores`, the number of `intolerable` taints, the weights of `preferred` node affinity terms."""

    def __init__(self, snapshot: Snapshot, spec: PodSpec) -> None:
        self.snapshot, self.spec = snapshot, spec
        self.structure, self.generation = -1, 0
        self.refresh()

    def refresh(self) -> None:
        if self.structure != self.snapshot.structure:
            self._start()
        for node in self.snapshot.changed_since(self.generation):
            self._look_at(node)
        self.generation = self.snapshot.generation

    def _start(self) -> None:
        snapshot, spec = self.snapshot, self.spec
        self.structure, self.generation = snapshot.structure, 0
        self.names = [node.spec.name for node in snapshot.order]
        number = len(self.names)
        self.refusals: list[Status | None] = [None] * number
        self.own_scores, self.intolerable, self.preferred = [0] * number, [0] * number, [0] * number
        self.hard = self._domains(spec.spread)
        self.soft = self._domains(spec.soft_spread)
        self.affinity = Affinity(snapshot, spec)
        self.passing: Sequence[int] | None = None

    def _domains(self, constraints: Sequence[SpreadConstraint]) -> list[Domains]:
        """Nodes need all the topology keys of the pod's own constraints, but none of the default constraints' keys."""
        keys = () if self.spec.is_spread_by_default else tuple(each.topology_key for each in constraints)
        return [Domains(self.snapshot, self.spec, each, keys) for each in constraints]

    def _look_at(self, node: NodeInfo) -> None:
        index, spec, before = node.index, self.spec, self.refusals[node.index]
        refused = self.refusals[index] = self._local_refusal(node)
        if (refused is None) != (before is None):
            self.passing = None
        self.own_scores[index] = scores.own_score(spec, node, self.snapshot.images, len(self.names))
        if node.spec.taints or self.intolerable[index]:
            self.intolerable[index] = scores.intolerable_taints(spec, node)
        if spec.preferred_nodes:
            self.preferred[index] = scores.preferred_terms_weight(spec, node)
        for domains in (*self.hard, *self.soft):
            domains.look_at(node)

    def _local_refusal(self, node: NodeInfo) -> Status | None:
        if self.spec.node_names is not None and node.spec.name not in self.spec.node_names:
            return OTHER_NODE
        return local.refusal(self.spec, node)

    def feasible(self) -> Sequence[int]:
        """The indexes of the nodes that pass every filter."""
        if self.passing is None:
            self.passing = [index for index, refused in enumerate(self.refusals) if refused is None]
        found = self.passing
        for domains in self.hard:
            found = domains.passing(found)
        return self.affinity.passing(found)

    def refusal(self, index: int) -> Status | None:
        """The status of the first filter that refuses the node; None: none does."""
        refused = self.refusals[index]
        if refused is not None:
            return refused
        for domains in self.hard:
            refused = domains.refusal(index)
            if refused is not None:
                return refused
        return self.affinity.refusal(index)

    def totals(self, indices: Sequence[int]) -> list[int]:
        """The sum of the weighted scores of each of these feasible nodes."""
        own = self.own_scores
        if any(self.intolerable):
            totals = [own[index] for index in indices]
            add(totals, self._taints(indices), WEIGHTS["TaintToleration"])
        else:
            untainted = scores.MOST * WEIGHTS["TaintToleration"]
            totals = [own[index] + untainted for index in indices]
        if self.spec.preferred_nodes:
            add(totals, scores.normalise([self.preferred[index] for index in indices]), WEIGHTS["NodeAffinity"])
        if self.soft:
            spread = scores.spread_scores(self.soft, self.spec, indices, self.names)
            add(totals, spread, WEIGHTS["PodTopologySpread"])
        affinity = self._affinity(indices)
        if affinity:
            add(totals, affinity, WEIGHTS["InterPodAffinity"])
        return totals

    def _taints(self, indices: Sequence[int]) -> list[int]:
        return scores.normalise([self.intolerable[index] for index in indices], reverse=True)

    def _affinity(self, indices: Sequence[int]) -> list[int]:
        """Empty if no term, the pod's own or a placed pod's, has pods that count."""
        sums: list[int] = []
        for key, by_value in self.affinity.scores().items():
            column = self.snapshot.column(key)
            found = [by_value.get(column[index] or "", 0) for index in indices]
            sums = [one + other for one, other in zip(sums, found, strict=True)] if sums else found
        return scores.affinity_scores(sums) if sums else []


def add(totals: list[int], scores: Sequence[int], weight: int) -> None:
    for place, score in enumerate(scores):
        totals[place] += weight * score
