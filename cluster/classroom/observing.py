"""A journal's changes as a lesson uses them: converts compact states back to the core's values, with the fields that checks
read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Q

from cluster.core.lessons.scene import Seen
from cluster.core.objects import Deployment, Pod, ReplicaSet
from cluster.models import Change
from cluster.records.states import POD_TEMPLATE_HASH, REVISION, deployment_status, replicaset_status

NAMESPACE = "default"
COLUMNS = ("rv", "kind", "verb", "state", "wall", "actor")
MOST_AT_ONCE = 2000
QUIET = frozenset({"seed", "story", "lesson"})  # actors that set things up, not students
State = Mapping[str, Any]


def changes_after(cluster: int, rv: int) -> Iterator[tuple[int, Seen]]:
    """(resource version, change) of a cluster's default namespace and clock, oldest first."""
    rows = Change.objects.filter(Q(namespace=NAMESPACE) | Q(kind="Cluster"), cluster_id=cluster).order_by("rv")
    while True:
        found = list(rows.filter(rv__gt=rv).values_list(*COLUMNS)[:MOST_AT_ONCE])
        for rv, kind, verb, state, wall, actor in found:
            yield rv, seen(kind, verb, state, wall, "" if actor in QUIET else actor)
        if len(found) < MOST_AT_ONCE:
            return


def seen(kind: str, verb: Any, state: State, wall: float, actor: str) -> Seen:
    value = VALUES.get(kind)
    if value:
        return Seen(kind=kind, verb=verb, thing=value(state), wall=wall, actor=actor)
    return Seen(kind=kind, verb=verb, data=dict(state), wall=wall, actor=actor)


def in_snapshot(snapshot: Mapping[str, Iterable[State]]) -> Iterator[Seen]:
    """The objects of a snapshot, as if they had just been added."""
    for kind, key in (("Deployment", "deployments"), ("ReplicaSet", "replicasets"), ("Pod", "pods")):
        for state in snapshot[key]:
            yield seen(kind, "ADDED", state, 0.0, "")


def deployment(state: State) -> Deployment:
    return Deployment(
        uid=state["uid"],
        name=state["name"],
        generation=state["generation"],
        annotations=state["annotations"],
        created_at=state["created_at"],
        deleted_at=state["deleted_at"],
        replicas=state["replicas"],
        template=template(state),
        strategy=state["strategy"],
        max_surge=state["max_surge"],
        max_unavailable=state["max_unavailable"],
        min_ready_seconds=state["min_ready_seconds"],
        progress_deadline_seconds=state["progress_deadline_seconds"],
        revision_history_limit=state["revision_history_limit"],
        paused=state["paused"],
        status=deployment_status(state["status"]),
    )


def replicaset(state: State) -> ReplicaSet:
    return ReplicaSet(
        uid=state["uid"],
        name=state["name"],
        number=state["number"],
        generation=state["generation"],
        owner_uid=state["owner_uid"],
        labels={POD_TEMPLATE_HASH: state["hash"]},
        annotations={REVISION: state["revision"]},
        created_at=state["created_at"],
        deleted_at=state["deleted_at"],
        replicas=state["replicas"],
        template=template(state),
        min_ready_seconds=state.get("min_ready_seconds", 0),
        status=replicaset_status(state["status"]),
    )


def template(state: State) -> dict[str, Any]:
    return {"spec": {"containers": state["containers"]}}


POD_FIELDS = ("uid", "name", "owner_uid", "created_at", "deleted_at", "node", "phase", "ready", "ready_since")
POD_WORDS = ("started_at", "reason", "message", "restarts")


def pod(state: State) -> Pod:
    return Pod(**{each: state[each] for each in (*POD_FIELDS, *POD_WORDS)})


VALUES: Mapping[str, Any] = {"Deployment": deployment, "ReplicaSet": replicaset, "Pod": pod}
