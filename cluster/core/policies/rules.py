"""The quotas, limit ranges and budgets of a cluster, with what they count, kept up to date as pods come and go."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from cluster.core.objects import Kept, Manifest, Pod
from cluster.core.policies import budgets, quotas, ranges
from cluster.core.policies.amounts import Amounts, add, only, whole
from cluster.core.policies.budgets import Budget
from cluster.core.policies.charges import Charge, charge_of
from cluster.core.policies.quotas import Quota

if TYPE_CHECKING:
    from cluster.core.state import State

FINISHED = ("Succeeded", "Failed")
T = TypeVar("T", Kept, Quota)
MOST_REMEMBERED = 1000
RESOURCES: Mapping[str, str] = {
    quotas.RESOURCE: "ResourceQuota", ranges.RESOURCE: "LimitRange", budgets.RESOURCE: "PodDisruptionBudget",
}  # fmt: skip


@dataclass(slots=True)
class Place:
    """The rules of one namespace, by uid in the order of their names. `charged`: what each pod counts for in the quotas, and
    whether it has ended."""

    quotas: dict[str, Quota] = field(default_factory=dict)
    ranges: dict[str, Kept] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    charged: dict[str, tuple[Charge, bool]] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not (self.quotas or self.ranges or self.budgets)


class Rules:
    """`places` has the namespaces that have any. `touched`: the namespaces whose quotas are to be looked at."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.touched: set[str] = set()
        self._charges: dict[int, tuple[Manifest, Charge]] = {}

    def put(self, state: "State", kept: Kept, *, gone: bool) -> None:
        """A rule that is new, changed or gone."""
        place = self.places.setdefault(kept.namespace, Place())
        if kept.resource == quotas.RESOURCE:
            self._put_quota(state, place, kept, gone=gone)
        elif kept.resource == ranges.RESOURCE:
            place.ranges = in_order({**place.ranges, kept.uid: kept}, kept.uid if gone else None)
        else:
            self._put_budget(state, place, kept, gone=gone)
        if place.is_empty():
            del self.places[kept.namespace]

    def pod(self, state: "State", old: Pod | None, new: Pod | None) -> list[str]:
        """The uids of the budgets that a changed pod concerns. A pod stays in its namespace."""
        pod = new or old
        place = self.places.get(pod.namespace) if pod is not None else None
        if place is None or pod is None:
            return []
        if place.quotas:
            self._charge(state, place, pod, gone=new is None)
        return [uid for uid, budget in place.budgets.items() if budget.put(old, new)]

    def copy(self) -> "Rules":
        twin = Rules()
        twin.touched = set(self.touched)
        twin._charges = dict(self._charges)
        for name, place in self.places.items():
            twin.places[name] = Place(
                quotas={uid: replace(each) for uid, each in place.quotas.items()},
                ranges=dict(place.ranges),
                budgets={
                    uid: replace(each, members=dict(each.members), owners=each.owners.copy())
                    for uid, each in place.budgets.items()
                },
                charged=dict(place.charged),
            )
        return twin

    def touch(self, namespace: str) -> None:
        """Objects that its quotas may count have come or gone."""
        if namespace in self.places:
            self.touched.add(namespace)

    def settle(self, state: "State") -> list[Kept]:
        """The quotas whose status has become another."""
        found = []
        for name in sorted(self.touched & self.places.keys()):
            counts = {
                "deployments.apps": len(state.deployments_in(name)), "replicasets.apps": len(state.replicasets_in(name)),
            }  # fmt: skip
            settled = (quotas.settled(each, counts) for each in self.places[name].quotas.values())
            found += [each for each in settled if each is not None]
        self.touched.clear()
        return found

    def budgets_in(self, namespace: str) -> list[Kept]:
        place = self.places.get(namespace)
        return [each.kept for each in place.budgets.values()] if place is not None else []

    def covering(self, pod: Pod) -> list[Kept]:
        """The budgets of a pod."""
        place = self.places.get(pod.namespace)
        return [each.kept for each in place.budgets.values() if pod.uid in each.members] if place is not None else []

    def gate(self, namespace: str) -> "Gate | None":
        """The check before a pod is created; None: there is none."""
        place = self.places.get(namespace)
        return Gate(self, place) if place is not None and (place.quotas or place.ranges) else None

    def object_refusal(self, namespace: str, resource: str, there: int) -> str:
        """Why one more object of a kind may not be made where there are so many; "" if it may."""
        place = self.places.get(namespace)
        name = f"count/{resource}"
        for quota in place.quotas.values() if place is not None else ():
            asked, used = {name: whole(1)}, {name: whole(there)}
            if not quota.selectors and quotas.over(quota.hard, used, asked):
                return quotas.exceeded_text(quota.kept.name, asked, used, quota.hard, [name])
        return ""

    def charge(self, spec: Manifest) -> Charge:
        """Pods of a template share theirs."""
        known = self._charges.get(id(spec))
        if known is None:
            if len(self._charges) >= MOST_REMEMBERED:
                self._charges.clear()
            known = self._charges[id(spec)] = (spec, charge_of(spec))
        return known[1]

    def _put_quota(self, state: "State", place: Place, kept: Kept, *, gone: bool) -> None:
        if gone:
            place.quotas.pop(kept.uid, None)
            if not place.quotas:
                place.charged.clear()
            return
        self.touched.add(kept.namespace)
        held = place.quotas.get(kept.uid)
        if held is not None and held.kept.manifest.get("spec") == kept.manifest.get("spec"):
            held.kept = kept
            return
        quota = quotas.read(kept)
        if not place.quotas:
            for pod in state.pods.values():
                if pod.namespace == kept.namespace:
                    self._charge(state, place, pod, gone=False)
        for charge, ended in place.charged.values():
            self._count(quota, charge, ended, 1)
        place.quotas = in_order({**place.quotas, kept.uid: quota})

    def _put_budget(self, state: "State", place: Place, kept: Kept, *, gone: bool) -> None:
        held = place.budgets.pop(kept.uid, None)
        if gone:
            return
        if held is not None and held.kept.manifest.get("spec") == kept.manifest.get("spec"):
            held.kept = kept
            place.budgets[kept.uid] = held
            return
        budget = place.budgets[kept.uid] = Budget(kept=kept)
        for pod in state.pods.values():
            if pod.namespace == kept.namespace:
                budget.put(None, pod)

    def _charge(self, state: "State", place: Place, pod: Pod, *, gone: bool) -> None:
        old = place.charged.get(pod.uid)
        new = None if gone else (self._charge_of(state, pod, old), pod.phase in FINISHED)
        if old is not None and new is not None and old[0] is new[0] and old[1] is new[1]:
            return
        self.touched.add(pod.namespace)
        for quota in place.quotas.values():
            if old is not None:
                self._count(quota, *old, -1)
            if new is not None:
                self._count(quota, *new, 1)
        if new is None:
            place.charged.pop(pod.uid, None)
        else:
            place.charged[pod.uid] = new

    def _charge_of(self, state: "State", pod: Pod, old: tuple[Charge, bool] | None) -> Charge:
        """A pod asks for the same as long as it lives; its template may be gone before it is."""
        if old is not None:
            return old[0]
        owner = state.replicasets.get(pod.owner_uid or "")
        return self.charge(pod.spec or (owner.template.get("spec") if owner else None) or {})

    @staticmethod
    def _count(quota: Quota, charge: Charge, ended: bool, sign: int) -> None:
        if quota.matches(charge):
            quota.put(charge.ended if ended else charge.usage, sign)


class Gate:
    """Asks for pods of one sync: what is granted counts for the next."""

    def __init__(self, rules: Rules, place: Place) -> None:
        self.rules, self.place = rules, place
        self.granted: dict[str, Amounts] = {}
        self.completed: dict[int, tuple[Manifest, str]] = {}

    def admit(self, spec: Manifest) -> tuple[Manifest, str, str]:
        """(the spec with the defaults of the limit ranges, what the annotation says of them, why the pod may not be made);
        the last two "" if there is nothing to say. Limit ranges come first, the quotas last, as upstream's plug-ins."""
        full, note = self.complete(spec)
        charge = self.rules.charge(full)
        problem = ranges.refusal(self.place.ranges.values(), charge.spec)
        problem = problem or quotas.refusal(self.place.quotas.values(), charge, self.granted)
        if not problem:
            self.grant(charge)
        return full, note, problem

    def complete(self, spec: Manifest) -> tuple[Manifest, str]:
        """Once for all pods of a template."""
        if not self.place.ranges:
            return spec, ""
        known = self.completed.get(id(spec))
        if known is None:
            full, note = ranges.completed(self.place.ranges.values(), self.rules.charge(spec).spec)
            known = self.completed[id(spec)] = (full if note else spec, note)
        return known

    def grant(self, charge: Charge) -> None:
        for uid, quota in self.place.quotas.items():
            if quota.matches(charge):
                self.granted[uid] = add(self.granted.get(uid, {}), only(charge.usage, quota.hard))


def in_order(found: dict[str, T], without: str | None = None) -> dict[str, T]:
    """By the names of the objects."""
    named = sorted(found.items(), key=lambda pair: (pair[1] if isinstance(pair[1], Kept) else pair[1].kept).name)
    return {uid: each for uid, each in named if uid != without}
