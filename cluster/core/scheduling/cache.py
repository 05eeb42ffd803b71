"""A snapshot with what was worked out from it (pkg/scheduler/backend/cache/cache.go)."""

from collections import OrderedDict

from cluster.core.scheduling.evaluation import Evaluation
from cluster.core.scheduling.pods import Admit, PodSpec, PodSpecs
from cluster.core.scheduling.snapshot import Snapshot

MOST_EVALUATIONS = 64


class Cache(Snapshot):
    """A snapshot with the pod specs that were read for it and the evaluations that were made of it. The evaluations that
    were asked for last are kept."""

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
