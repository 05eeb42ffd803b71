"""The ReplicaSet controller: as many pods as desired, and a truthful status (pkg/controller/replicaset)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from cluster.core import names
from cluster.core.controllers.victims import choose_victims
from cluster.core.copying import changed
from cluster.core.nodes.binding import born
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Event,
    Explanation,
    Manifest,
    Pod,
    ReplicaSet,
    ReplicaSetStatus,
    Update,
)
from cluster.core.podgroups import Group
from cluster.core.scheduling import priority
from cluster.core.selectors import matches
from cluster.core.state import State

CONTROLLER = "replicaset-controller"
MOST_AT_ONCE = 500  # burstReplicas


def sync(state: State, uid: str, now: float) -> list[Change]:
    """One pass over a ReplicaSet. The status tells of the pods as they were when the pass began, as upstream's does."""
    replicaset = state.replicasets.get(uid)
    if replicaset is None:
        return []
    changes, pods = claim(state, replicaset)
    missing = replicaset.replicas - len(pods.active)
    created = 0
    if replicaset.deleted_at is None and missing > 0:
        made, created = create_pods(state, replicaset, min(missing, MOST_AT_ONCE), now)
        changes += made
    elif replicaset.deleted_at is None and missing < 0:
        changes += delete_pods(state, replicaset, pods, min(-missing, MOST_AT_ONCE), now)
    status = calculate_status(replicaset, pods, now)
    if (status, created) == (replicaset.status, 0):
        return changes
    new = replace(replicaset, status=status, pods_created=replicaset.pods_created + created)
    return [*changes, Update(object=new)]


def claim(state: State, replicaset: ReplicaSet) -> tuple[list[Change], Group]:
    """(changes, the pods that are its own now): releases what the selector no longer matches, adopts orphans it does."""
    own, orphans = state.group(replicaset.uid), state.orphan_pods(replicaset.namespace)
    released = chosen(own, replicaset, fitting=False)
    adopted = chosen(orphans, replicaset, fitting=True) if replicaset.deleted_at is None else []
    if not released and not adopted:
        return [], own
    pods = own.copy()
    for pod in released:
        pods.drop(pod.uid)
    if replicaset.deleted_at is not None:
        return [], pods
    spec = replicaset.template.get("spec")
    changes: list[Change] = [Update(object=replace(pod, owner_uid=None, spec=pod.spec or spec)) for pod in released]
    for pod in adopted:
        mine = replace(pod, owner_uid=replicaset.uid)
        pods.put(mine)
        changes.append(Update(object=mine))
    return changes, pods


def chosen(pods: Group, replicaset: ReplicaSet, *, fitting: bool) -> list[Pod]:
    """The active pods that the selector matches, or those that it does not; costs the different sets of labels if there are
    none."""
    selector = replicaset.selector
    if not any(matches(selector, dict(labels)) is fitting for labels in pods.labels):
        return []
    return [pod for pod in pods.active.values() if matches(selector, pod.labels) is fitting]


def create_pods(state: State, replicaset: ReplicaSet, count: int, now: float) -> tuple[list[Change], int]:
    """(changes, how many ordinals were used)."""
    why = _explain(replicaset, count, "create")
    metadata, spec = replicaset.template["metadata"], replicaset.template.get("spec") or {}
    own_spec = with_priority(state, spec)
    changes: list[Change] = []
    made: set[str] = set()
    ordinal = replicaset.pods_created
    while len(made) < count:
        ordinal += 1
        name = names.pod_name(replicaset.name, replicaset.uid, ordinal)
        if name in made or state.named("Pod", replicaset.namespace, name):
            continue
        made.add(name)
        pod = Pod(
            uid=names.derive_uid(replicaset.uid, ordinal),
            name=name,
            namespace=replicaset.namespace,
            owner_uid=replicaset.uid,
            labels=metadata["labels"],
            annotations=metadata.get("annotations") or {},
            created_at=now,
            next_at=now,
            spec=own_spec,
        )
        changes += (
            Create(object=born(pod, spec, now)),
            _event(replicaset, "SuccessfulCreate", f"Created pod: {name}", why),
        )
    return changes, ordinal - replicaset.pods_created


def with_priority(state: State, spec: Manifest) -> Manifest | None:
    """The spec with the priority that its class has now, which the pods keep; None: they have none, the template's will do."""
    classes = state.surroundings.classes or ()
    if not spec.get("priorityClassName") and not any(each.is_default for each in classes):
        return None
    return priority.admit(spec, classes)


def delete_pods(state: State, replicaset: ReplicaSet, pods: Group, count: int, now: float) -> list[Change]:
    why = _explain(replicaset, count, "delete")
    changes: list[Change] = []
    for pod in choose_victims(pods, related_nodes(state, replicaset), count, now):
        changes += terminate(pod, now)
        changes.append(_event(replicaset, "SuccessfulDelete", f"Deleted pod: {pod.name}", why))
    return changes


def related_nodes(state: State, replicaset: ReplicaSet) -> Mapping[str, int]:
    """The active pods of every ReplicaSet of the same owner, its own among them, counted by node; none without an owner, so
    that the nodes of a bare ReplicaSet's pods don't count (getIndirectlyRelatedPods)."""
    counts: Counter[str] = Counter()
    for uid in state.replicasets_of(replicaset.owner_uid) if replicaset.owner_uid else ():
        counts.update(state.group(uid).nodes)
    return counts


def terminate(pod: Pod, now: float, grace_seconds: float | None = None) -> list[Change]:
    """Asks for a pod's deletion: the kubelet takes it from there; a pod without a node is gone at once. `grace_seconds`
    None: as long as its spec allows."""
    if pod.deleted_at is not None:
        return []
    if not pod.node and not pod.finalizers:
        return [Delete(object=pod)]
    stopping = changed(pod, deleted_at=now, next_at=now, stage="terminating", grace_seconds=grace_seconds)
    return [Update(object=stopping)]


def calculate_status(replicaset: ReplicaSet, pods: Group, now: float) -> ReplicaSetStatus:
    return ReplicaSetStatus(
        observed_generation=replicaset.generation,
        replicas=len(pods.active),
        fully_labeled_replicas=pods.bearing(replicaset.template["metadata"]["labels"]),
        ready_replicas=len(pods.ready),
        available_replicas=pods.available(replicaset.min_ready_seconds, now),
        terminating_replicas=len(pods.terminating),
        conditions=replicaset.status.conditions,
    )


def _explain(replicaset: ReplicaSet, count: int, verb: str) -> Explanation:
    existing = replicaset.replicas + (count if verb == "delete" else -count)
    text = f"{replicaset.replicas} pods are desired, {existing} exist: {count} to {verb}"
    return Explanation(
        rule="desired-pods", inputs={"desired": replicaset.replicas, "existing": existing, "count": count}, text=text
    )


def _event(replicaset: ReplicaSet, reason: str, message: str, why: Explanation) -> Event:
    return Event(
        kind="ReplicaSet",
        uid=replicaset.uid,
        name=replicaset.name,
        type="Normal",
        reason=reason,
        message=message,
        source=CONTROLLER,
        why=why,
    )
