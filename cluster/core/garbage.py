"""Deletion with its three policies, and garbage collection by owner (pkg/controller/garbagecollector; deletion itself:
apiserver pkg/registry/generic/registry/store.go and pkg/registry/rest/delete.go)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, TypeAlias

from cluster.core.objects import Change, Delete, Deployment, Explanation, Family, Pod, ReplicaSet, Update
from cluster.core.podgroups import PodGroups
from cluster.core.replicaset import terminate

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
FINALIZERS = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,), "Background": ()}
Policy: TypeAlias = Literal["Background", "Foreground", "Orphan"]
Owner: TypeAlias = Deployment | ReplicaSet


def delete(thing: Owner, policy: Policy, now: float, why: Explanation | None = None) -> Change:
    """Asks for an object's deletion: it goes at once or, with finalizers, when the last of them is taken away."""
    others = tuple(each for each in thing.finalizers if each not in (FOREGROUND, ORPHAN))
    finalizers = others + FINALIZERS[policy]
    if not finalizers:
        return Delete(object=thing, why=why)
    first = thing.deleted_at is None
    asked = now if thing.deleted_at is None else thing.deleted_at
    generation = thing.generation + first
    return Update(object=replace(thing, deleted_at=asked, finalizers=finalizers, generation=generation), why=why)


def collect(family: Family, now: float, groups: PodGroups) -> list[Change]:
    """What follows from owners that are gone, or that wait for what they own. Orphans (no owner) stay."""
    if family.deployment is None and not family.replicasets and not family.pods:
        return []
    changes: list[Change] = []
    deployment = family.deployment
    for each in family.replicasets.values():
        changes += follow(each, deployment, now, groups)
    changes += follow_pods(family, now, groups)
    if changes:
        return changes
    owners: list[Owner] = [*([deployment] if deployment else []), *family.replicasets.values()]
    return [change for each in owners if each.deleted_at is not None for change in finalize(each, family, groups)]


def follow(replicaset: ReplicaSet, deployment: Deployment | None, now: float, groups: PodGroups) -> list[Change]:
    """A ReplicaSet goes as its Deployment goes."""
    if replicaset.owner_uid is None:
        return []
    if deployment is None or deployment.uid != replicaset.owner_uid:
        gone = replicaset.deleted_at is None or not replicaset.finalizers
        return [delete(replicaset, "Background", now, owner_gone("Deployment", replicaset.name))] if gone else []
    if deployment.deleted_at is None:
        return []
    if ORPHAN in deployment.finalizers:
        return [Update(object=replace(replicaset, owner_uid=None))]
    if FOREGROUND in deployment.finalizers and replicaset.deleted_at is None:
        policy: Policy = "Foreground" if has_pods(replicaset, groups) else "Background"
        return [delete(replicaset, policy, now, owner_gone("Deployment", replicaset.name))]
    return []


def follow_pods(family: Family, now: float, groups: PodGroups) -> list[Change]:
    """Pods go as their ReplicaSet goes."""
    changes: list[Change] = []
    for uid in list(groups.by_owner):
        owner = family.replicasets.get(uid or "")
        if uid is None or (owner and owner.deleted_at is None):
            continue
        for pod in list(groups.of(uid).active.values()):
            if owner is None or FOREGROUND in owner.finalizers:
                changes += terminate(pod, now)
            elif ORPHAN in owner.finalizers:
                changes.append(Update(object=replace(with_spec(pod, owner), owner_uid=None)))
    return changes


def finalize(owner: Owner, family: Family, groups: PodGroups) -> list[Change]:
    """Takes away the finalizers whose work is done; without any the object goes."""
    waits = {FOREGROUND: has_dependents(owner, family, groups), ORPHAN: False}
    left = tuple(each for each in owner.finalizers if waits.get(each, True))
    if not left:
        return [Delete(object=owner)]
    return [Update(object=replace(owner, finalizers=left))] if left != owner.finalizers else []


def has_dependents(owner: Owner, family: Family, groups: PodGroups) -> bool:
    if isinstance(owner, ReplicaSet):
        return has_pods(owner, groups)
    return any(each.owner_uid == owner.uid for each in family.replicasets.values())


def has_pods(replicaset: ReplicaSet, groups: PodGroups) -> bool:
    return bool(pods_of(replicaset, groups))


def keep_specs(decided: Iterable[Change], groups: PodGroups) -> list[Change]:
    """Pods that outlive their ReplicaSet keep the spec that its template gave them."""
    gone = [each.object for each in decided if isinstance(each, Delete) and isinstance(each.object, ReplicaSet)]
    return [
        Update(object=with_spec(pod, owner)) for owner in gone for pod in pods_of(owner, groups) if pod.spec is None
    ]


def pods_of(owner: ReplicaSet, groups: PodGroups) -> list[Pod]:
    group = groups.of(owner.uid)
    return [*group.active.values(), *group.terminating.values()]


def with_spec(pod: Pod, owner: ReplicaSet) -> Pod:
    return replace(pod, spec=pod.spec or owner.template.get("spec"))


def owner_gone(kind: str, name: str) -> Explanation:
    return Explanation(rule="owner-gone", inputs={}, text=f"The {kind} that owned {name} is gone")
