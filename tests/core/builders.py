"""Values with good defaults, so that a test shows only what matters."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    ImageBehaviour,
    Node,
    Object,
    Pod,
    ReplicaSet,
    ReplicaSetStatus,
    Update,
)
from cluster.core.reconcile import reconcile
from cluster.core.state import State

T = TypeVar("T")
NOW = 1_000_000.0
LABELS = {"app": "nginx"}
SELECTOR = {"matchLabels": LABELS}


def template(image: str = "nginx:v1", **annotations: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"labels": LABELS}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": {"containers": [{"name": "nginx", "image": image}]}}


def deployment(replicas: int = 3, **fields: Any) -> Deployment:
    given = {"uid": "d", "name": "nginx", "selector": SELECTOR, "template": template(), "created_at": NOW, **fields}
    return Deployment(replicas=replicas, **given)


def replicaset(name: str, replicas: int, *, number: int = 1, available: int = 0, **fields: Any) -> ReplicaSet:
    """A ReplicaSet of the Deployment `d`, whose status says that its pods exist and `available` of them are."""
    status = ReplicaSetStatus(
        observed_generation=1, replicas=replicas, ready_replicas=available, available_replicas=available
    )
    given = {
        "uid": name,
        "owner_uid": "d",
        "labels": LABELS,
        "selector": SELECTOR,
        "template": template(f"nginx:{name}"),
        "created_at": NOW + number,
        "status": status,
        **fields,
    }
    return ReplicaSet(name=name, number=number, replicas=replicas, **given)


def pod(name: str = "p", **fields: Any) -> Pod:
    """A running pod on a node."""
    given = {"uid": name, "owner_uid": "v1", "labels": LABELS, "node": "node-1", "phase": "Running", **fields}
    at_rest = {"stage": "ready", "next_at": None} if given["node"] else {}
    return Pod(name=name, **{**at_rest, **given})


def cluster(
    owner: Deployment | None = None, *, behaviour: ImageBehaviour | None = None, replicasets: Iterable[ReplicaSet] = (),
    pods: Iterable[Pod] = (), nodes: int = 3,
) -> State:  # fmt: skip
    there = (Node(name=f"node-{n}") for n in range(1, nodes + 1))
    objects = [*there, *([owner] if owner else []), *replicasets, *pods]
    return State(objects, {"": (behaviour or ImageBehaviour(pattern="*"),)})


def running(owner: Deployment, **fields: Any) -> State:
    """A cluster in which the Deployment has settled."""
    state = cluster(owner, **fields)
    settle(state, NOW)
    return state


def settle(state: State, now: float, *, until: float | None = None) -> tuple[list[Change], float]:
    """Reconciles at every due time until nothing is due any more (or `until`): (all changes, the last time)."""
    changes: list[Change] = []
    while True:
        result = reconcile(state, now)
        changes += result.changes
        if result.due is None or (until is not None and result.due > until):
            return changes, now
        now = result.due


def only(things: Mapping[str, T]) -> T:
    """The only one that there is."""
    (found,) = things.values()
    return found


def owner_of(state: State) -> Deployment:
    return only(state.deployments)


def edit(state: State, owner: Deployment) -> State:
    state.apply([Update(object=owner)])
    return state


def messages(changes: Iterable[Change], kind: str) -> list[str]:
    return [each.message for each in changes if isinstance(each, Event) and each.kind == kind]


def objects(changes: Iterable[Change]) -> list[Create | Update | Delete]:
    return [each for each in changes if not isinstance(each, Event)]


def change(state: State, *things: Object) -> State:
    """The objects, new or as they are now."""
    state.apply(Create(object=each) for each in things)
    return state
