"""Preemption: which pods of a lower priority are deleted to make room, and on which node (plugins/defaultpreemption;
pkg/scheduler/framework/preemption/preemption.go)."""

import math
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cluster.core.objects import Manifest
from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.evaluation import Evaluation
from cluster.core.scheduling.labels import Selector, label_selector
from cluster.core.scheduling.nodes import NodeInfo
from cluster.core.scheduling.plugins.status import Status
from cluster.core.scheduling.pods import PodInfo

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = Status(
    plugin="DefaultPreemption", reasons=("No preemption victims found for incoming pod",), is_final=True
)
NEVER = "not eligible due to preemptionPolicy=Never."
STILL_TERMINATING = "not eligible due to a terminating pod on the nominated node."
# How many candidates are searched for: 10 % of the nodes, but at least 100 (DefaultPreemptionArgs).
SHARE_OF_NODES, LEAST_CANDIDATES = 10, 100
LEAST_PRIORITY = 2**31

# For pods in the order of their importance: the uids of those whose eviction a disruption budget does not allow.
Violating = Callable[[Sequence[PodInfo]], frozenset[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """`allowed`: the budget's status.disruptionsAllowed. `disrupted`: names of pods that are already counted there."""

    namespace: str
    selector: Selector
    allowed: int
    disrupted: frozenset[str] = frozenset()

    def is_about(self, pod: PodInfo) -> bool:
        if self.namespace != pod.namespace or self.selector.is_empty() or pod.name in self.disrupted:
            return False
        return bool(pod.spec.labels) and self.selector.matches(pod.spec.labels)


def read_budget(manifest: Manifest) -> Budget:
    status = manifest.get("status") or {}
    return Budget(
        namespace=str(manifest["metadata"].get("namespace") or ""),
        selector=label_selector((manifest.get("spec") or {}).get("selector")),
        allowed=int(status.get("disruptionsAllowed") or 0),
        disrupted=frozenset(status.get("disruptedPods") or ()),
    )


def within(budgets: Iterable[Budget]) -> Violating:
    """The `Violating` function of these budgets (filterPodsWithPDBViolation)."""
    known = tuple(budgets)

    def violating(pods: Sequence[PodInfo]) -> frozenset[str]:
        left = [budget.allowed for budget in known]
        found = set()
        for pod in pods:
            for place, budget in enumerate(known):
                if budget.is_about(pod):
                    left[place] -= 1
                    if left[place] < 0:
                        found.add(pod.uid)
        return frozenset(found)

    return violating


NO_BUDGETS = within(())


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """`victims` are ordered by importance, the most important first."""

    node: str
    victims: tuple[PodInfo, ...]
    violations: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Preemption:
    """`candidate` None: there is none, `message` says why. `nominated` None leaves the pod's nominated node as it is."""

    candidate: Candidate | None = None
    message: str = ""
    nominated: str | None = None


def preempt(
    cache: Cache, evaluation: Evaluation, pod: PodInfo, refusals: Mapping[int, Status], violating: Violating
) -> Preemption:
    """Chooses a node where the pod can preempt others. `refusals`: the filters' statuses by node index."""
    message = ineligible(cache, pod, refusals)
    if message:
        return Preemption(message=message)
    candidates, found = dry_run(cache, evaluation, pod, refusals, violating)
    if not candidates:
        return Preemption(message=fit_error(len(cache.order), found), nominated="")
    best = pick_one(candidates)
    return Preemption(candidate=best, nominated=best.node)


def ineligible(cache: Cache, pod: PodInfo, refusals: Mapping[int, Status]) -> str:
    """Why the pod may not preempt; empty if it may (PodEligibleToPreemptOthers)."""
    if not pod.spec.preempts:
        return NEVER
    node = cache.nodes.get(pod.nominated_node)
    if node is None or refusals[node.index].is_final:
        return ""
    waiting = any(each.priority < pod.priority and each.is_preempted for each in node.pods.values())
    return STILL_TERMINATING if waiting else ""


def dry_run(
    cache: Cache, evaluation: Evaluation, pod: PodInfo, refusals: Mapping[int, Status], violating: Violating
) -> tuple[list[Candidate], list[Status]]:
    """Returns (candidates, statuses of the nodes that are none). Upstream begins at a random node; here the pod's uid decides."""
    potential = [index for index, status in refusals.items() if not status.is_final]
    start = zlib.crc32(pod.uid.encode()) % len(potential) if potential else 0
    enough = min(max(len(potential) * SHARE_OF_NODES // 100, LEAST_CANDIDATES), len(potential))
    candidates: list[Candidate] = []
    said: list[Status] = []
    for index in potential[start:] + potential[:start]:
        found = select_victims(cache, evaluation, pod, cache.order[index], violating)
        if isinstance(found, Status):
            said.append(found)
            continue
        candidates.append(found)
        if len(candidates) >= enough and any(not each.violations for each in candidates):
            break
    return sorted(candidates, key=lambda each: each.violations > 0), said


def select_victims(
    cache: Cache, evaluation: Evaluation, pod: PodInfo, node: NodeInfo, violating: Violating
) -> Candidate | Status:
    """The fewest pods to remove from the node: all of a lower priority are removed, and those that need not be are put back,
    those that a budget protects first, the most important first."""
    if not any(priority < pod.priority for priority in node.priorities):
        return NO_VICTIMS
    potential = sorted((each for each in node.pods.values() if each.priority < pod.priority), key=importance)
    for each in potential:
        cache.forget(each)
    status = refusal(cache, evaluation, pod, node)
    if status is not None:
        put_back(cache, potential)
        return status
    protected = violating(potential)
    victims = []
    for each in sorted(potential, key=lambda each: each.uid not in protected):
        cache.assume(each)
        if refusal(cache, evaluation, pod, node) is not None:
            cache.forget(each)
            victims.append(each)
    put_back(cache, victims)
    violations = sum(each.uid in protected for each in victims)
    return Candidate(node=node.spec.name, victims=tuple(sorted(victims, key=importance)), violations=violations)


def put_back(cache: Cache, pods: Iterable[PodInfo]) -> None:
    for each in pods:
        cache.assume(each)


def importance(pod: PodInfo) -> tuple[int, float, str]:
    """A sort key, the most important first: the higher priority, then the longer running (MoreImportantPod)."""
    return (-pod.priority, started(pod), pod.uid)


def started(pod: PodInfo) -> float:
    return math.inf if pod.started_at is None else pod.started_at


def pick_one(candidates: Sequence[Candidate]) -> Candidate:
    """The best candidate: the fewest violations, the lowest of the highest priorities, the lowest sum of priorities, the fewest
    victims, the latest start of the victims with the highest priority, the first (pickOneNodeForPreemption)."""
    return min(candidates, key=cost)


def cost(candidate: Candidate) -> tuple[int, int, int, int, float]:
    victims = candidate.victims
    highest = victims[0].priority
    earliest = min(started(each) for each in victims if each.priority == highest)
    total = sum(each.priority + LEAST_PRIORITY for each in victims)
    return (candidate.violations, highest, total, len(victims), -earliest)


def refusal(cache: Cache, evaluation: Evaluation, pod: PodInfo, node: NodeInfo) -> Status | None:
    """The refusal of the node by the filters, with the pods of at least the same priority that are nominated to it, and without
    them (RunFilterPluginsWithNominatedPods)."""
    waiting = nominated_pods(cache, pod, node.spec.name)
    placed = [replace(each, node=node.spec.name) for each in waiting]
    put_back(cache, placed)
    evaluation.refresh()
    status = evaluation.refusal(node.index)
    for each in placed:
        cache.forget(each)
    if placed:
        evaluation.refresh()
    return status if status is not None or not placed else evaluation.refusal(node.index)


def nominated_pods(cache: Cache, pod: PodInfo, node: str) -> list[PodInfo]:
    """The pods whose nomination to the node counts against this pod."""
    waiting = cache.nominated.get(node, {}).values()
    return [each for each in waiting if each.uid != pod.uid and each.priority >= pod.priority]


def fit_error(nodes: int, statuses: Iterable[Status], absent: str = NOT_HELPFUL) -> str:
    """How many nodes each reason was given for; nodes without a status have the reason `absent` (framework/types.go, FitError)."""
    known = list(statuses)
    if known and known[0].is_of_all_nodes:
        return f"0/{nodes} nodes are available: {known[0].reasons[0]}."
    counts = Counter(reason for status in known for reason in status.reasons)
    if len(known) < nodes:
        counts[absent] += nodes - len(known)
    reasons = ", ".join(sorted(f"{number} {reason}" for reason, number in counts.items()))
    return f"0/{nodes} nodes are available: {reasons}."
