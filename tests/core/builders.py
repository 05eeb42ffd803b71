"""Values with good defaults, so that a test shows only what matters."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    Family,
    ImageBehaviour,
    Node,
    Pod,
    ReplicaSet,
    ReplicaSetStatus,
    Update,
)
from cluster.core.reconcile import reconcile

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
    return Pod(name=name, **given)


def family(
    owner: Deployment | None, *, behaviour: ImageBehaviour | None = None, replicasets: Iterable[ReplicaSet] = (),
    pods: Iterable[Pod] = (), nodes: int = 3,
) -> Family:  # fmt: skip
    return Family(
        deployment=owner,
        replicasets={each.uid: each for each in replicasets},
        pods={each.uid: each for each in pods},
        nodes={f"node-{n}": Node(name=f"node-{n}") for n in range(1, nodes + 1)},
        behaviours=(behaviour or ImageBehaviour(pattern="*"),),
    )


def settle(start: Family, now: float, *, until: float | None = None) -> tuple[Family, list[Change], float]:
    """Reconciles at every due time until nothing is due any more (or `until`): (family, all changes, the last time)."""
    changes: list[Change] = []
    while True:
        result = reconcile(start, now)
        start = result.family
        changes += result.changes
        if result.due is None or (until is not None and result.due > until):
            return start, changes, now
        now = result.due


def edit(start: Family, owner: Deployment) -> Family:
    return replace(start, deployment=owner)


def messages(changes: Iterable[Change], kind: str) -> list[str]:
    return [each.message for each in changes if isinstance(each, Event) and each.kind == kind]


def objects(changes: Iterable[Change]) -> list[Create | Update | Delete]:
    return [each for each in changes if not isinstance(each, Event)]
