"""The ReplicaSet controller: as many pods as desired, and a truthful status (pkg/controller/replicaset)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cluster.core import names
from cluster.core.copying import changed
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Event,
    Explanation,
    Family,
    Pod,
    ReplicaSet,
    ReplicaSetStatus,
    Update,
)
from cluster.core.podgroups import Group, PodGroups
from cluster.core.selectors import matches
from cluster.core.victims import choose_victims

CONTROLLER = "replicaset-controller"
BURST_REPLICAS = 500  # the most pods that one sync creates or deletes


def sync(family: Family, replicaset: ReplicaSet, groups: PodGroups, now: float) -> list[Change]:
    """One pass over a ReplicaSet: at most BURST_REPLICAS pods are created or deleted, the rest by later passes
    (manageReplicas). The status is that of the pods as they were when the pass began, as upstream's is."""
    pods = groups.of(replicaset.uid)
    changes, kept = claim(replicaset, pods, groups.of(None))
    status = calculate_status(replicaset, kept, pods, now)
    missing = replicaset.replicas - len(kept)
    created = 0
    if replicaset.deleted_at is None and missing > 0:
        made, created = create_pods(family, replicaset, missing, now)
        changes += made
    elif replicaset.deleted_at is None and missing < 0:
        changes += delete_pods(family, replicaset, kept, groups, -missing, now)
    new = replace(replicaset, status=status, pods_created=replicaset.pods_created + created)
    return changes if new == replicaset else [*changes, Update(object=new)]


def claim(replicaset: ReplicaSet, pods: Group, orphans: Group) -> tuple[list[Change], Sequence[Pod]]:
    """(changes, the pods that are its own now): releases what the selector no longer matches, adopts orphans it does."""
    selector, active = replicaset.selector, pods.active.values()
    shared = pods.all_share(replicaset.template["metadata"]["labels"])
    if shared and not orphans.active:
        return [], [*active]
    kept = [*active] if shared else [pod for pod in active if matches(selector, pod.labels)]
    if len(kept) == len(active) and not orphans.active:
        return [], kept
    alive = replicaset.deleted_at is None
    released = [pod for pod in active if alive and not matches(selector, pod.labels)]
    adopted = [replace(pod, owner_uid=replicaset.uid) for pod in (orphans.active.values() if alive else ())
               if matches(selector, pod.labels)]  # fmt: skip
    spec = replicaset.template.get("spec")
    changes: list[Change] = [Update(object=replace(pod, owner_uid=None, spec=pod.spec or spec)) for pod in released]
    changes += [Update(object=pod) for pod in adopted]
    return changes, [*kept, *adopted]


def create_pods(family: Family, replicaset: ReplicaSet, count: int, now: float) -> tuple[list[Change], int]:
    """(changes, how many ordinals were used). `count` pods are missing."""
    why = _explain(replicaset, count, "create")
    taken = {pod.name for pod in family.pods.values()}
    metadata = replicaset.template["metadata"]
    changes: list[Change] = []
    ordinal = replicaset.pods_created
    for _ in range(min(count, BURST_REPLICAS)):
        name, ordinal = names.pod_name(replicaset.name, replicaset.uid, ordinal + 1, taken)
        taken.add(name)
        pod = Pod(
            uid=names.derive_uid(replicaset.uid, ordinal),
            name=name,
            namespace=replicaset.namespace,
            owner_uid=replicaset.uid,
            labels=metadata["labels"],
            annotations=metadata.get("annotations") or {},
            created_at=now,
            next_at=now,
        )
        changes += (Create(object=pod), _event(replicaset, "SuccessfulCreate", f"Created pod: {name}", why))
    return changes, ordinal - replicaset.pods_created


def delete_pods(
    family: Family,
    replicaset: ReplicaSet,
    pods: Sequence[Pod],
    groups: PodGroups,
    count: int,
    now: float,
) -> list[Change]:
    why = _explain(replicaset, count, "delete")
    changes: list[Change] = []
    for pod in choose_victims(pods, related_pods(family, replicaset, groups), min(count, BURST_REPLICAS), now):
        changes += terminate(pod, now)
        changes.append(_event(replicaset, "SuccessfulDelete", f"Deleted pod: {pod.name}", why))
    return changes


def related_pods(family: Family, replicaset: ReplicaSet, groups: PodGroups) -> list[Pod]:
    """The active pods of every ReplicaSet of the same owner, its own among them; none without an owner, so that the nodes of
    a bare ReplicaSet's pods don't count (getIndirectlyRelatedPods)."""
    owner = replicaset.owner_uid
    related = (each.uid for each in family.replicasets.values() if owner and each.owner_uid == owner)
    return [pod for uid in related for pod in groups.of(uid).active.values()]


def terminate(pod: Pod, now: float, grace_seconds: float | None = None) -> list[Change]:
    """Asks for a pod's deletion: the kubelet takes it from there; a pod without a node is gone at once. `grace_seconds`
    None: as long as its spec allows."""
    if pod.deleted_at is not None:
        return []
    if not pod.node and not pod.finalizers:
        return [Delete(object=pod)]
    stopping = changed(pod, deleted_at=now, next_at=now, stage="terminating", grace_seconds=grace_seconds)
    return [Update(object=stopping)]


def calculate_status(replicaset: ReplicaSet, kept: Sequence[Pod], pods: Group, now: float) -> ReplicaSetStatus:
    """`kept` are the pods that are its own, `pods` those that were so when the pass began: mostly the same."""
    labels, min_ready = replicaset.template["metadata"]["labels"], replicaset.min_ready_seconds
    shared = len(kept) == len(pods.active) and pods.all_share(labels)
    ready = [*pods.ready.values()] if shared else [pod for pod in kept if pod.ready]
    available = ready
    if min_ready:
        available = [pod for pod in ready if pod.ready_since is not None and pod.ready_since + min_ready <= now]
    labeled = kept if shared else [pod for pod in kept if labels.items() <= pod.labels.items()]
    return ReplicaSetStatus(
        observed_generation=replicaset.generation,
        replicas=len(kept),
        fully_labeled_replicas=len(labeled),
        ready_replicas=len(ready),
        available_replicas=len(available),
        terminating_replicas=len(pods.terminating),
        conditions=replicaset.status.conditions,
    )


def next_available(replicaset: ReplicaSet, pods: Iterable[Pod], now: float) -> float | None:
    """When the next ready pod will have been ready for minReadySeconds."""
    if not replicaset.min_ready_seconds:
        return None
    ends = (pod.ready_since + replicaset.min_ready_seconds for pod in pods if pod.ready and pod.ready_since is not None)
    return min((end for end in ends if end > now), default=None)


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
