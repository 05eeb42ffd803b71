"""A snapshot with results that are computed from it (pkg/scheduler/backend/cache/cache.go)."""

from collections import OrderedDict

from cluster.core.scheduling.evaluation import Evaluation
from cluster.core.scheduling.pods import Admit, PodSpec, PodSpecs
from cluster.core.scheduling.snapshot import Snapshot

MOST_EVALUATIONS = 64


class Cache(Snapshot):
    """A snapshot with the pod specs that were read for it and the most recently used evaluations."""

    def __init__(self, admit: Admit = lambda spec: spec) -> None:
        super().__init__()
        self.specs = PodSpecs(admit=admit)
        self.evaluations: OrderedDict[PodSpec, Evaluation] = OrderedDict()

    def evaluation(self, spec: PodSpec) -> Evaluation:
        if self.counts.has_too_many():
            self.counts.forget_matches()
            self.evaluations.clear()
        found = self.evaluations.get(spec)
        if found is None:
            found = self.evaluations[spec] = Evaluation(self, spec)
        self.evaluations.move_to_end(spec)
        if len(self.evaluations) > MOST_EVALUATIONS:
            self.evaluations.popitem(last=False)
        found.refresh()
        return found
