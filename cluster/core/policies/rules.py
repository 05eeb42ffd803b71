"""The quotas, limit ranges and budgets of a cluster, with their counts, kept up to date as pods change."""

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
    """The rules of one namespace, by uid; quotas and ranges in the order of their names. `charged`: what each pod counts in the
    quotas, and whether it has ended."""

    quotas: dict[str, Quota] = field(default_factory=dict)
    ranges: dict[str, Kept] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    charged: dict[str, tuple[Charge, bool]] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not (self.quotas or self.ranges or self.budgets)


class Rules:
    """`places`: the namespaces that have rules. `touched`: the namespaces whose quotas have to be checked."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.touched: set[str] = set()
        self._charges: dict[int, tuple[Manifest, Charge]] = {}

    def put(self, state: "State", kept: Kept, *, gone: bool) -> None:
        """Adds, replaces or (`gone`) removes a rule."""
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
        """Counts a changed pod; returns the uids of the budgets that it concerns. A pod stays in its namespace."""
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
        """Notes that objects which the namespace's quotas may count have been created or deleted."""
        if namespace in self.places:
            self.touched.add(namespace)

    def settle(self, state: "State") -> list[Kept]:
        """The quotas whose status has changed."""
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
        """The budgets that cover a pod."""
        place = self.places.get(pod.namespace)
        return [each.kept for each in place.budgets.values() if pod.uid in each.members] if place is not None else []

    def gate(self, namespace: str) -> "Gate | None":
        """The check before pods are created; None if there is nothing to check."""
        place = self.places.get(namespace)
        return Gate(self, place) if place is not None and (place.quotas or place.ranges) else None

    def object_refusal(self, namespace: str, resource: str, there: int) -> str:
        """Why one more object of a resource may not be created where `there` exist; "" if it may."""
        place = self.places.get(namespace)
        name = f"count/{resource}"
        for quota in place.quotas.values() if place is not None else ():
            asked, used = {name: whole(1)}, {name: whole(there)}
            if not quota.selectors and quotas.over(quota.hard, used, asked):
                return quotas.exceeded_text(quota.kept.name, asked, used, quota.hard, [name])
        return ""

    def charge(self, spec: Manifest) -> Charge:
        """The Charge of a spec; pods of a template share it."""
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
        """The pod's Charge, which stays the same all its life; its template may be gone before the pod."""
        if old is not None:
            return old[0]
        owner = state.replicasets.get(pod.owner_uid or "")
        return self.charge(pod.spec or (owner.template.get("spec") if owner else None) or {})

    @staticmethod
    def _count(quota: Quota, charge: Charge, ended: bool, sign: int) -> None:
        if quota.matches(charge):
            quota.put(charge.ended if ended else charge.usage, sign)


class Gate:
    """Checks the pods of one sync: what is granted to one counts for the next."""

    def __init__(self, rules: Rules, place: Place) -> None:
        self.rules, self.place = rules, place
        self.granted: dict[str, Amounts] = {}
        self.completed: dict[int, tuple[Manifest, str]] = {}

    def admit(self, spec: Manifest) -> tuple[Manifest, str, str]:
        """Returns (the spec with the defaults of the limit ranges, the text of the annotation about them, why the pod may not
        be created); the last two are "" if there is nothing to say. Limit ranges come first and quotas last, as upstream's
        plug-ins."""
        full, note = self.complete(spec)
        charge = self.rules.charge(full)
        problem = ranges.refusal(self.place.ranges.values(), charge.spec)
        problem = problem or quotas.refusal(self.place.quotas.values(), charge, self.granted)
        if not problem:
            self.grant(charge)
        return full, note, problem

    def complete(self, spec: Manifest) -> tuple[Manifest, str]:
        """The spec with its defaults and their annotation, computed once for all pods of a template."""
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
    """Sorts the rules by name, and leaves out the rule with the uid `without`."""
    named = sorted(found.items(), key=lambda pair: (pair[1] if isinstance(pair[1], Kept) else pair[1].kept).name)
    return {uid: each for uid, each in named if uid != without}
