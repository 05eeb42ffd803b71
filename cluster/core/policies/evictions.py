"""Whether a pod may be evicted, and how that changes its budget (pkg/registry/core/pod/storage/eviction.go)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cluster.core.objects import Disruption, Kept, Pod
from cluster.core.policies import budgets

MOST_DISRUPTED = 2000
WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
STILL_PROCESSED_SECONDS = 10


class NotEvicted(Exception):
    """Raised when a pod may not be evicted. `code` is the response's status: 429 if a retry may succeed; `cause` says what the
    budget allows; `retry_seconds`: when to retry, 0: no advice."""

    def __init__(self, code: int, message: str, *, budget: str = "", cause: str = "", retry_seconds: int = 0) -> None:
        super().__init__(message)
        self.code, self.budget, self.cause, self.retry_seconds = code, budget, cause, retry_seconds


@dataclass(frozen=True, slots=True)
class Evicted:
    """`budget` has the disruption counted; None: there is no budget, or the pod does not count."""

    disruption: Disruption
    budget: Kept | None


def evict(pod: Pod, covering: Sequence[Kept], now: float) -> Evicted:
    """`covering`: the budgets whose selector matches the pod's labels. Raises NotEvicted."""
    disruption = Disruption(reason="EvictionByEvictionAPI", message="Eviction API: evicting", at=now)
    if is_free(pod) or not covering:
        return Evicted(disruption, None)
    if len(covering) > 1:
        raise NotEvicted(500, SEVERAL)
    budget = covering[0]
    if not pod.ready and may_go_unhealthy(budget):
        return Evicted(disruption, None)
    return Evicted(disruption, decremented(budget, pod, now))


def evict_all(
    pods: Iterable[Pod], covering: Callable[[Pod], Sequence[Kept]], now: float
) -> tuple[list[Pod], list[Kept], list[NotEvicted]]:
    """Evicts pods one after another, as a drain does. Returns (the pods that may be evicted, with their conditions; the budgets
    that count them; why the others may not be evicted)."""
    going: list[Pod] = []
    counted: dict[str, Kept] = {}
    refused: list[NotEvicted] = []
    for pod in pods:
        try:
            evicted = evict(pod, [counted.get(each.uid, each) for each in covering(pod)], now)
        except NotEvicted as error:
            refused.append(error)
            continue
        going.append(replace(pod, disruption=evicted.disruption))
        if evicted.budget is not None:
            counted[evicted.budget.uid] = evicted.budget
    return going, list(counted.values()), refused


def is_free(pod: Pod) -> bool:
    """Whether evicting the pod disrupts nothing: it does not run, or is terminating already (canIgnorePDB)."""
    return pod.phase != "Running" or pod.deleted_at is not None


def may_go_unhealthy(budget: Kept) -> bool:
    """Whether a pod that is not ready may be evicted: the policy is AlwaysAllow, or enough others are healthy."""
    if (budget.manifest.get("spec") or {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budgets.status_of(budget.manifest)
    desired = status.get("desiredHealthy", 0)
    return bool(status.get("currentHealthy", 0) >= desired > 0)


def decremented(budget: Kept, pod: Pod, now: float) -> Kept:
    """The budget with one allowed disruption less. Raises NotEvicted (checkAndDecrement)."""
    status: Any = budgets.status_of(budget.manifest)
    name, allowed = budget.name, status.get("disruptionsAllowed", 0)
    if status.get("observedGeneration", 0) < budgets.generation_of(budget.manifest):
        cause = f"The disruption budget {name} is still being processed by the server."
        raise NotEvicted(429, WOULD_VIOLATE, budget=name, cause=cause, retry_seconds=STILL_PROCESSED_SECONDS)
    if allowed < 0:
        raise NotEvicted(403, forbidden(name, "pdb disruptions allowed is negative"), budget=name)
    if len(status.get("disruptedPods") or {}) > MOST_DISRUPTED:
        problem = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise NotEvicted(403, forbidden(name, problem), budget=name)
    if allowed == 0:
        counts = (
            f"needs {status.get('desiredHealthy', 0)} healthy pods and has {status.get('currentHealthy', 0)} currently"
        )
        raise NotEvicted(429, WOULD_VIOLATE, budget=name, cause=f"The disruption budget {name} {counts}")
    disrupted = {**(status.get("disruptedPods") or {}), pod.name: budgets.written(now)}
    status = {**status, "disruptionsAllowed": allowed - 1, "disruptedPods": disrupted}
    manifest = {**budget.manifest, "status": status}
    return replace(budget, manifest=budgets.with_status(manifest, status, now) if allowed == 1 else manifest)


def forbidden(name: str, problem: str) -> str:
    return f'poddisruptionbudget.policy "{name}" is forbidden: {problem}'
