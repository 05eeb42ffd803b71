"""The disruption controller: the status of PodDisruptionBudgets (pkg/controller/disruption/disruption.go)."""

from dataclasses import replace
from math import ceil
from typing import Any

from cluster.core.objects import Change, Event, Kept, Update
from cluster.core.policies import budgets
from cluster.core.policies.budgets import DELETION_SECONDS, Budget
from cluster.core.state import State

CONTROLLER = "controllermanager"
UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the status of the "
    "PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set "
    '".spec.minAvailable" field of the PDB to an integer value.'
)


class NoController(Exception):
    """Raised when the ReplicaSet that owns a covered pod does not exist."""


def sync(state: State, uid: str, now: float) -> list[Change]:
    kept = state.kept.get(uid)
    if kept is None:
        return []
    budget = state.rules.places[kept.namespace].budgets[uid]
    events: list[Change] = [] if budget.members else [event(kept, "NoPods", "No matching pods found")]
    try:
        expected, desired = wanted(state, budget)
    except NoController as error:
        text = f"Failed to calculate the number of expected pods: {error}"
        events.append(event(kept, "CalculateExpectedPodCountFailed", text, "Warning"))
        return [*events, *written(kept, fail_safe(kept, str(error), now))]
    if None in budget.owners and is_scaled(kept):
        events.append(event(kept, "UnmanagedPods", UNMANAGED.format(selector=go_selector(kept)), "Warning"))
    return [*events, *written(kept, status_of(budget, expected, desired, now))]


def status_of(budget: Budget, expected: int, desired: int, now: float) -> budgets.Json:
    manifest = budget.kept.manifest
    before = budgets.status_of(manifest)
    disrupted = still_disrupted(budget, now)
    going = (each for each in budget.members.values() if each.name in disrupted) if disrupted else ()
    healthy = budget.ready - sum(budgets.is_healthy(each) for each in going)
    allowed = healthy - desired if expected > 0 and healthy > desired else 0
    status = {
        "observedGeneration": budgets.generation_of(manifest),
        **({"disruptedPods": disrupted} if disrupted else {}),
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "conditions": before.get("conditions") or [],
    }
    return dict(budgets.with_status(manifest, status, now)["status"])


def still_disrupted(budget: Budget, now: float) -> dict[str, str]:
    """The evicted pods that are not terminating yet and whose eviction is at most DELETION_SECONDS old (buildDisruptedPodMap)."""
    found = budgets.disrupted(budget.kept.manifest.get("status") or {})
    if not found:
        return {}
    staying = {each.name for each in budget.members.values() if each.deleted_at is None}
    return {
        name: budgets.written(at)
        for name, at in sorted(found.items())
        if name in staying and at + DELETION_SECONDS >= now
    }


def wanted(state: State, budget: Budget) -> tuple[int, int]:
    """Returns (expected pods, how many of them must be healthy). Raises NoController (getExpectedPodCount)."""
    spec = budget.kept.manifest.get("spec") or {}
    if spec.get("maxUnavailable") is not None:
        expected = scale_of(state, budget)
        return expected, max(expected - share(spec["maxUnavailable"], expected), 0)
    least: Any = spec.get("minAvailable")
    if isinstance(least, str):
        expected = scale_of(state, budget)
        return expected, share(least, expected)
    return (len(budget.members), least) if least is not None else (0, 0)


def is_scaled(kept: Kept) -> bool:
    """Whether the budget depends on the replicas of the pods' controllers: maxUnavailable, or minAvailable as a percentage."""
    spec = kept.manifest.get("spec") or {}
    return spec.get("maxUnavailable") is not None or isinstance(spec.get("minAvailable"), str)


def go_selector(kept: Kept) -> str:
    """The budget's LabelSelector as Go prints it."""
    selector = (kept.manifest.get("spec") or {}).get("selector") or {}
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{each['key']},Operator:{each['operator']},Values:[{' '.join(each.get('values') or ())}],}},"
        for each in selector.get("matchExpressions") or ()
    )
    kinds = f"MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}}"
    return f"&LabelSelector{{{kinds},}}"


def share(value: int | str, of: int) -> int:
    """A number as it is; a percentage of `of`, rounded up."""
    return ceil(int(value[:-1]) * of / 100) if isinstance(value, str) else value


def scale_of(state: State, budget: Budget) -> int:
    """The total desired replicas of the controllers of the covered pods (getExpectedScale). Raises NoController."""
    scales: dict[str, int] = {}
    for uid in budget.owners:
        if uid is None:
            continue
        replicaset = state.replicasets.get(uid)
        if replicaset is None:
            pod = next(each for each in budget.members.values() if each.owner_uid == uid)
            raise NoController(f'found no controllers for pod "{pod.name}"')
        owner = state.deployments.get(replicaset.owner_uid or "")
        scales[owner.uid if owner else uid] = owner.replicas if owner else replicaset.replicas
    return sum(scales.values())


def fail_safe(kept: Kept, message: str, now: float) -> budgets.Json:
    """A status that allows no evictions, for when the expected number of pods is unknown."""
    status = {**budgets.status_of(kept.manifest), "disruptionsAllowed": 0}
    return budgets.with_condition(status, False, "SyncFailed", message, now)


def written(kept: Kept, status: budgets.Json) -> list[Change]:
    if status == kept.manifest.get("status"):
        return []
    return [Update(object=replace(kept, manifest={**kept.manifest, "status": status}))]


def next_check(state: State, uid: str, now: float) -> float | None:
    """When the first eviction expires that has not led to a deletion, so that its pod counts as healthy again; None without
    one."""
    kept = state.kept.get(uid)
    times = budgets.disrupted(kept.manifest.get("status") or {}).values() if kept else ()
    return min((at + DELETION_SECONDS + 1.0 for at in times if at + DELETION_SECONDS + 1.0 > now), default=None)


def event(kept: Kept, reason: str, message: str, kind: Any = "Normal") -> Event:
    return Event(
        kind="PodDisruptionBudget", uid=kept.uid, name=kept.name, type=kind, reason=reason, message=message,
        source=CONTROLLER,
    )  # fmt: skip
