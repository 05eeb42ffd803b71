"""Deletion with its three policies, and garbage collection by owner (pkg/controller/garbagecollector; deletion itself:
apiserver pkg/registry/generic/registry/store.go and pkg/registry/rest/delete.go)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, TypeAlias

from cluster.core.controllers.replicaset import terminate
from cluster.core.objects import Change, Delete, Deployment, Explanation, Pod, ReplicaSet, Update
from cluster.core.services import endpoints
from cluster.core.state import State

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
FINALIZERS = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,), "Background": ()}
Policy: TypeAlias = Literal["Background", "Foreground", "Orphan"]
Owner: TypeAlias = Deployment | ReplicaSet


def delete(thing: Owner, policy: Policy, now: float, why: Explanation | None = None) -> Change:
    """The change that deletes an object: Delete at once or, with finalizers, an Update that marks it as being deleted; it is
    removed with its last finalizer."""
    others = tuple(each for each in thing.finalizers if each not in (FOREGROUND, ORPHAN))
    finalizers = others + FINALIZERS[policy]
    if not finalizers:
        return Delete(object=thing, why=why)
    first = thing.deleted_at is None
    asked = now if thing.deleted_at is None else thing.deleted_at
    generation = thing.generation + first
    return Update(object=replace(thing, deleted_at=asked, finalizers=finalizers, generation=generation), why=why)


def collect(state: State, uid: str, now: float) -> list[Change]:
    """The changes that follow where the owner `uid` is gone, or is being deleted and waits for its dependents."""
    if uid in state.services.owned:
        gone = [] if uid in state.services.uids else state.services.owned[uid].values()
        return [change for each in gone for change in endpoints.deletion(each, now)]
    owner = state.deployments.get(uid) or state.replicasets.get(uid)
    dependents: list[ReplicaSet | Pod] = [*state.replicasets_of(uid).values(), *state.group(uid).everyone()]
    if owner is None:
        return [change for each in dependents for change in follow(each, now)]
    if owner.deleted_at is None:
        return []
    if ORPHAN in owner.finalizers:
        return [*(Update(object=without_owner(each, owner)) for each in dependents), *finalize(owner, ORPHAN)]
    if FOREGROUND not in owner.finalizers or not dependents:
        return finalize(owner, FOREGROUND)
    return [change for each in dependents for change in go_before(state, each, now)]


def follow(dependent: ReplicaSet | Pod, now: float) -> list[Change]:
    """Deletes a dependent whose owner is gone."""
    if isinstance(dependent, Pod):
        return terminate(dependent, now)
    waits = dependent.deleted_at is not None and dependent.finalizers
    return [] if waits else [delete(dependent, "Background", now, owner_gone(dependent))]


def go_before(state: State, dependent: ReplicaSet | Pod, now: float) -> list[Change]:
    """Deletes a dependent whose owner waits for its deletion."""
    if isinstance(dependent, Pod):
        return terminate(dependent, now)
    if dependent.deleted_at is not None:
        return []
    policy: Policy = "Foreground" if len(state.group(dependent.uid)) else "Background"
    return [delete(dependent, policy, now, owner_gone(dependent))]


def without_owner(dependent: ReplicaSet | Pod, owner: Owner) -> ReplicaSet | Pod:
    if isinstance(dependent, Pod) and isinstance(owner, ReplicaSet):
        dependent = with_spec(dependent, owner)
    return replace(dependent, owner_uid=None)


def finalize(owner: Owner, done: str) -> list[Change]:
    """Removes the finalizer whose work is done; an object without any left is deleted."""
    left = tuple(each for each in owner.finalizers if each != done)
    if not left:
        return [Delete(object=owner)]
    return [Update(object=replace(owner, finalizers=left))] if left != owner.finalizers else []


def keep_specs(decided: Iterable[Change], state: State) -> list[Change]:
    """Updates that store the template's spec in the pods that outlive their ReplicaSet."""
    gone = [each.object for each in decided if isinstance(each, Delete) and isinstance(each.object, ReplicaSet)]
    if not gone:
        return []
    decided_pods = {each.object.uid for each in decided if isinstance(each, Update) and isinstance(each.object, Pod)}
    outliving = ((pod, owner) for owner in gone for pod in state.group(owner.uid).everyone())
    return [
        Update(object=with_spec(pod, owner))
        for pod, owner in outliving
        if pod.spec is None and pod.uid not in decided_pods
    ]


def with_spec(pod: Pod, owner: ReplicaSet) -> Pod:
    return replace(pod, spec=pod.spec or owner.template.get("spec"))


def owner_gone(replicaset: ReplicaSet) -> Explanation:
    inputs = {"name": replicaset.name}
    return Explanation(rule="owner-gone", inputs=inputs, text=f"The Deployment that owned {replicaset.name} is gone")
