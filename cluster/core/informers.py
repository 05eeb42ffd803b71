"""Which keys a change concerns: the event handlers of the controllers' informers
(pkg/controller/deployment/deployment_controller.go, pkg/controller/replicaset/replica_set.go).

What no controller reads (a pod's stage in the kubelet, its counters) queues nothing."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cluster.core.objects import Deployment, Labels, Manifest, Node, Pod, ReplicaSet
from cluster.core.queue import Key
from cluster.core.selectors import matches

if TYPE_CHECKING:
    from cluster.core.state import State


def of_deployment(old: Deployment | None, new: Deployment | None) -> Iterator[Key]:
    thing = new or old
    assert thing is not None
    yield "Deployment", thing.uid
    if new is None or new.deleted_at is not None:
        yield "Garbage", thing.uid


def of_replicaset(state: "State", old: ReplicaSet | None, new: ReplicaSet | None) -> Iterator[Key]:
    thing = new or old
    assert thing is not None
    yield "ReplicaSet", thing.uid
    yield from _deployments_of(state, old, new)
    if new is None or new.deleted_at is not None:
        yield "Garbage", thing.uid
    yield from _owner_garbage(state.deployments, old, new)


def of_pod(state: "State", old: Pod | None, new: Pod | None) -> Iterator[Key]:
    yield from _replicasets_of(state, old, new)
    yield from _owner_garbage(state.replicasets, old, new)
    if new is None and old is not None:
        yield from _emptied(state, old)


def of_node(old: Node | None, new: Node | None) -> Iterator[Key]:
    """The key of a node whose NoExecute taints have changed."""
    if new is not None and _driving(old) != _driving(new):
        yield "Taints", new.name


def _driving(node: Node | None) -> list[Manifest]:
    return [each for each in node.taints if each.get("effect") == "NoExecute"] if node and node.taints else []


def is_seen(old: Pod | None, new: Pod | None) -> bool:
    """Whether a ReplicaSet's controller reads what has changed in a pod."""
    if old is None or new is None:
        return old is not new
    return (
        old.ready is not new.ready
        or old.deleted_at != new.deleted_at
        or old.phase != new.phase
        or old.ready_since != new.ready_since
        or old.owner_uid != new.owner_uid
        or old.labels != new.labels
    )


def fits(selector: Manifest, labels: Labels) -> bool:
    """Whether the selector matches. One that can't be read matches nothing and has no effect on other objects (client-go
    listers/apps/v1/replicaset_expansion.go, GetPodReplicaSets)."""
    try:
        return matches(selector, labels)
    except (AttributeError, KeyError, TypeError):
        return False


def of_tainted(state: "State", new: Pod) -> Iterator[Key]:
    """The key of the node to which a pod has been bound, or on which its tolerations have changed, if the node has NoExecute
    taints."""
    if _driving(state.nodes.get(new.node)):
        yield "Taints", new.node


def has_kubelet(pod: Pod) -> bool:
    """Whether a kubelet works on the pod: it has a node, or is being deleted."""
    return bool(pod.node) or pod.stage in ("terminating", "stopping")


def is_scheduling(old: Pod | None, new: Pod | None) -> bool:
    """Whether the scheduler reads what has changed in a pod."""
    if old is None or new is None:
        return old is not new
    return (
        old.node != new.node
        or old.labels is not new.labels
        or old.spec is not new.spec
        or old.phase != new.phase
        or (old.deleted_at is None) is not (new.deleted_at is None)
        or old.owner_uid != new.owner_uid
    )


def _deployments_of(state: "State", old: ReplicaSet | None, new: ReplicaSet | None) -> Iterator[Key]:
    """The previous owner and the present one; for an orphan that is new, was just released or has other labels, all Deployments
    that could adopt it."""
    if old is not None and old.owner_uid is not None:
        yield "Deployment", old.owner_uid
    if new is None:
        return
    if new.owner_uid is not None:
        yield "Deployment", new.owner_uid
    elif old is None or (old.owner_uid, old.labels) != (None, new.labels):
        for each in state.deployments_in(new.namespace).values():
            if fits(each.selector, new.labels):
                yield "Deployment", each.uid


def _replicasets_of(state: "State", old: Pod | None, new: Pod | None) -> Iterator[Key]:
    if old is not None and old.owner_uid is not None:
        yield "ReplicaSet", old.owner_uid
    if new is None:
        return
    if new.owner_uid is not None:
        if old is None or old.owner_uid != new.owner_uid:
            yield "ReplicaSet", new.owner_uid
    elif new.deleted_at is None and new.labels:
        for each in state.replicasets_in(new.namespace).values():
            if fits(each.selector, new.labels):
                yield "ReplicaSet", each.uid


def _owner_garbage(
    owners: Mapping[str, Deployment] | Mapping[str, ReplicaSet],
    old: Pod | ReplicaSet | None,
    new: Pod | ReplicaSet | None,
) -> Iterator[Key]:
    """The previous and the present owner, where they are gone or being deleted."""
    before = old.owner_uid if old is not None else None
    after = new.owner_uid if new is not None else None
    for uid in (before, after) if before != after else (after,):
        if uid is None:
            continue
        owner = owners.get(uid)
        if owner is None or owner.deleted_at is not None:
            yield "Garbage", uid


def _emptied(state: "State", pod: Pod) -> Iterator[Key]:
    """The Recreate Deployment whose last pod is gone (deletePod)."""
    replicaset = state.replicasets.get(pod.owner_uid or "")
    owner = state.deployments.get(replicaset.owner_uid or "") if replicaset else None
    if owner is None or owner.strategy != "Recreate":
        return
    if not any(len(state.group(each)) for each in state.replicasets_of(owner.uid)):
        yield "Deployment", owner.uid
