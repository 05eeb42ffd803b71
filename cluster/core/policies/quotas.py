"""A ResourceQuota with its usage, and whether one more pod fits (apiserver plugin/resourcequota/controller.go, CheckRequest;
pkg/controller/resourcequota)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cluster.core.objects import Kept
from cluster.core.policies import amounts
from cluster.core.policies.amounts import NOTHING, Amounts
from cluster.core.policies.charges import Charge, is_counted, unsaid

RESOURCE = "resourcequotas"
COUNTED_OBJECTS = ("deployments.apps", "replicasets.apps")
Selector = tuple[str, str, tuple[str, ...]]


@dataclass(slots=True)
class Quota:
    """`hard` is the spec's, `selectors` are its scopes as (scope, operator, values). `used` counts the existing pods."""

    kept: Kept
    hard: Amounts
    selectors: tuple[Selector, ...]
    used: Amounts = field(default_factory=dict)

    @property
    def of_pods(self) -> list[str]:
        """The names in `hard` that count pods or their resources."""
        return [name for name in self.hard if is_counted(name)]

    def matches(self, charge: Charge) -> bool:
        return bool(self.of_pods) and all(holds(each, charge) for each in self.selectors)

    def put(self, usage: Mapping[str, amounts.Amount], sign: int) -> None:
        self.used = amounts.add(self.used, amounts.only(usage, self.hard), sign)


def read(kept: Kept) -> Quota:
    spec = kept.manifest.get("spec") or {}
    return Quota(kept=kept, hard=amounts.read(spec.get("hard")), selectors=tuple(selectors_of(spec)))


def selectors_of(spec: Mapping[str, Any]) -> Iterable[Selector]:
    for scope in spec.get("scopes") or ():
        yield scope, "Exists", ()
    for each in (spec.get("scopeSelector") or {}).get("matchExpressions") or ():
        yield each["scopeName"], each["operator"], tuple(each.get("values") or ())


def holds(selector: Selector, charge: Charge) -> bool:
    scope, operator, values = selector
    if scope != "PriorityClass" or operator == "Exists":
        return scope in charge.scopes
    name = charge.spec.get("priorityClassName")
    if operator == "In":
        return name in values
    return not name if operator == "DoesNotExist" else name not in values


def refusal(quotas: Iterable[Quota], charge: Charge, more: Mapping[str, Amounts]) -> str:
    """Why a pod may not be created, in upstream's words; "" if it may. `more`: by a quota's uid, what has been granted and is
    not counted in `used` yet."""
    interesting = [each for each in quotas if each.matches(charge)]
    for quota in interesting:
        missing = unsaid(charge.spec, quota.of_pods)
        if missing:
            return f"failed quota: {quota.kept.name}: {missing}"
    for quota in interesting:
        used = amounts.add(quota.used, more.get(quota.kept.uid, {}))
        exceeded = over(quota.hard, used, charge.usage)
        if exceeded:
            return exceeded_text(quota.kept.name, charge.usage, used, quota.hard, exceeded)
    return ""


def over(hard: Amounts, used: Amounts, wanted: Amounts) -> list[str]:
    """The names whose hard limit would be exceeded. A request of zero never exceeds a limit."""
    asked = {name: wanted[name][0] for name in hard if name in wanted}
    return [name for name, more in asked.items() if more and used.get(name, NOTHING)[0] + more > hard[name][0]]


def exceeded_text(name: str, wanted: Amounts, used: Amounts, hard: Amounts, exceeded: list[str]) -> str:
    known = {each: used.get(each, NOTHING) for each in exceeded}
    return (
        f"exceeded quota: {name}, requested: {amounts.shown(amounts.only(wanted, exceeded))}, "
        f"used: {amounts.shown(known)}, limited: {amounts.shown(amounts.only(hard, exceeded))}"
    )


def settled(quota: Quota, counts: Mapping[str, int]) -> Kept | None:
    """The quota with its present status, or None if the status is the same. `counts`: numbers of objects by resource, as far as
    they are known here; for others the status keeps its numbers (syncResourceQuota)."""
    status = quota.kept.manifest.get("status") or {}
    kept = {name: value for name, value in (status.get("used") or {}).items() if name in quota.hard}
    counted = {f"count/{resource}": amounts.whole(number) for resource, number in counts.items()}
    if quota.selectors:
        counted = {}
    known = {name: counted[name] for name in quota.hard if name in counted}
    known |= {name: quota.used.get(name, NOTHING) for name in quota.of_pods}
    new = {"hard": amounts.written(quota.hard), "used": {**kept, **amounts.written(known)}}
    new["used"] = dict(sorted(new["used"].items()))
    return None if new == status else replace(quota.kept, manifest={**quota.kept.manifest, "status": new})
