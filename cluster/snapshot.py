"""Rows -> core values, in a fixed number of queries; and a namespace as a browser first sees it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q

from cluster import clock, models, states
from cluster.core import behaviour
from cluster.core.objects import Deployment, Family, ImageBehaviour, IntOrPercent, Node, Pod, ReplicaSet
from cluster.spaces import Space

POD_COLUMNS = (
    "uid", "name", "owner_uid", "labels", "annotations", "created_at", "deleted_at", "node", "phase", "ready",
    "ready_since", "started_at", "reason", "message", "restarts", "attempts", "stage", "next_at", "spec", "finalizers",
    "grace_seconds",
)  # fmt: skip
NEWEST_EVENTS = 200


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A family as a value, with what rows know beyond it: `created` maps the uids of its objects to the wall times of
    their creation, `owners` to their managedFields, where there are any."""

    row: models.Family
    namespace: models.Namespace
    family: Family
    created: Mapping[str, datetime]
    owners: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def cluster(self) -> models.Cluster:
        return self.namespace.cluster


def load(row: models.Family) -> Loaded:
    """Seven queries, whatever the family's size."""
    namespace = row.namespace
    deployment_row = models.Deployment.objects.filter(family=row).first()
    replicaset_rows = list(models.ReplicaSet.objects.filter(family=row).order_by("created_at", "number"))
    replicasets = {each.uid: replicaset_value(each, namespace.name) for each in replicaset_rows}
    pods = models.Pod.objects.filter(family=row).order_by("created_at", "name")
    pod_rows = list(pods.values_list(*POD_COLUMNS, "managed_fields", "created"))
    family = Family(
        deployment=deployment_value(deployment_row, namespace.name) if deployment_row else None,
        replicasets=replicasets,
        pods={each[0]: pod_value(each[:-2], namespace.name, replicasets) for each in pod_rows},
        nodes=load_nodes(namespace.cluster_id),
        behaviours=load_behaviours(namespace),
        foreign_names=foreign_names(row, deployment_row.name) if deployment_row else frozenset(),
    )
    rows: list[models.Deployment | models.ReplicaSet] = [
        *([deployment_row] if deployment_row else []),
        *replicaset_rows,
    ]
    created = {each.uid: each.created for each in rows} | {each[0]: each[-1] for each in pod_rows}
    owners = {each.uid: each.managed_fields for each in rows}
    owners |= {each[0]: each[-2] for each in pod_rows if each[-2]}
    return Loaded(row=row, namespace=namespace, family=family, created=created, owners=owners)


def foreign_names(row: models.Family, deployment: str) -> frozenset[str]:
    """Names of other families' ReplicaSets that a new one of this Deployment could collide with."""
    others = models.ReplicaSet.objects.filter(namespace=row.namespace, name__startswith=f"{deployment}-")
    return frozenset(others.exclude(family=row).values_list("name", flat=True))


def deployment_value(row: models.Deployment, namespace: str) -> Deployment:
    return Deployment(
        uid=row.uid,
        name=row.name,
        namespace=namespace,
        api_version=row.api_version,
        generation=row.generation,
        labels=row.labels,
        annotations=row.annotations,
        created_at=row.created_at,
        deleted_at=row.deleted_at,
        finalizers=tuple(row.finalizers),
        replicas=row.replicas,
        selector=row.selector,
        template=row.template,
        strategy=row.strategy,  # type: ignore[arg-type]  # validated on its way in
        max_surge=int_or_percent(row.max_surge),
        max_unavailable=int_or_percent(row.max_unavailable),
        min_ready_seconds=row.min_ready_seconds,
        revision_history_limit=row.revision_history_limit,
        progress_deadline_seconds=row.progress_deadline_seconds,
        paused=row.paused,
        replicasets_created=row.replicasets_created,
        status=states.deployment_status(row.status),
    )


def replicaset_value(row: models.ReplicaSet, namespace: str) -> ReplicaSet:
    return ReplicaSet(
        uid=row.uid,
        name=row.name,
        namespace=namespace,
        number=row.number,
        owner_uid=row.owner_uid,
        generation=row.generation,
        labels=row.labels,
        annotations=row.annotations,
        created_at=row.created_at,
        deleted_at=row.deleted_at,
        finalizers=tuple(row.finalizers),
        replicas=row.replicas,
        selector=row.selector,
        template=row.template,
        min_ready_seconds=row.min_ready_seconds,
        pods_created=row.pods_created,
        status=states.replicaset_status(row.status),
    )


def pod_value(columns: tuple[Any, ...], namespace: str, replicasets: Mapping[str, ReplicaSet]) -> Pod:
    """A pod of POD_COLUMNS. What is null of labels, annotations and spec is its ReplicaSet's template's."""
    (uid, name, owner_uid, labels, annotations, created_at, deleted_at, node, phase, ready,
     ready_since, started_at, reason, message, restarts, attempts, stage, next_at, spec, finalizers,
     grace_seconds) = columns  # fmt: skip
    owner = replicasets.get(owner_uid)
    metadata = owner.template.get("metadata", {}) if owner else {}
    return Pod(
        uid=uid,
        name=name,
        namespace=namespace,
        owner_uid=owner_uid,
        labels=metadata.get("labels", {}) if labels is None else labels,
        annotations=metadata.get("annotations", {}) if annotations is None else annotations,
        created_at=created_at,
        deleted_at=deleted_at,
        node=node,
        phase=phase,
        ready=ready,
        ready_since=ready_since,
        started_at=started_at,
        reason=reason,
        message=message,
        restarts=restarts,
        attempts=attempts,
        stage=stage,
        next_at=next_at,
        spec=spec,
        finalizers=tuple(finalizers or ()),
        grace_seconds=grace_seconds,
    )


def load_nodes(cluster_id: int) -> dict[str, Node]:
    rows = models.Node.objects.filter(cluster_id=cluster_id).order_by("name")
    return {row.name: node_value(row) for row in rows}


def node_value(row: models.Node) -> Node:
    return Node(
        name=row.name,
        slots=row.slots,
        pods=row.pods,
        unschedulable=row.unschedulable,
        images=frozenset(row.images),
    )


def load_behaviours(namespace: models.Namespace, *, played: bool = False) -> tuple[ImageBehaviour, ...]:
    """A namespace's own before the cluster's; `played`: only those that a story has set."""
    columns = ("pattern", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
               "fails_after_seconds", "affected_share")  # fmt: skip
    wanted = Q(namespace=namespace, played=True) if played else Q(namespace=namespace) | Q(namespace=None)
    rows = models.ImageBehaviour.objects.filter(wanted, cluster_id=namespace.cluster_id)
    ordered = rows.order_by(F("namespace").asc(nulls_last=True), "order", "id").values(*columns)
    found = tuple(ImageBehaviour(**row) for row in ordered)
    return found if found or played else behaviour.DEFAULTS


def int_or_percent(text: str) -> IntOrPercent:
    return text if text.endswith("%") else int(text)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def namespace_snapshot(space: Space) -> dict[str, Any]:
    """The protocol's `snapshot`, without its type. The head is read first: what commits meanwhile is in both the lists
    and the changes that follow, and applying a state twice changes nothing."""
    rows = models.Namespace.objects.select_related("cluster")
    namespace = rows.get(cluster__name=space.cluster, name=space.namespace)
    cluster = namespace.cluster
    replicaset_rows = list(models.ReplicaSet.objects.filter(namespace=namespace).order_by("created_at", "number"))
    replicasets = {row.uid: replicaset_value(row, namespace.name) for row in replicaset_rows}
    wall = time.time()
    return {
        "rv": cluster.head,
        "now": clock.simulated(cluster, wall),
        "wall": wall,
        "pace": cluster.pace,
        "deployments": _deployments(namespace),
        "replicasets": [_replicaset(row, replicasets[row.uid]) for row in replicaset_rows],
        "pods": _pods(namespace, replicasets),
        "events": _events(namespace),
        "nodes": [states.node_state(node, uid=uid) for node, uid in _nodes(cluster)],
    }


def _deployments(namespace: models.Namespace) -> list[states.State]:
    rows = models.Deployment.objects.filter(namespace=namespace).order_by("name")
    return [
        {
            **states.deployment_state(deployment_value(row, namespace.name), created=iso(row.created)),
            "rv": row.resource_version,
        }
        for row in rows
    ]


def _replicaset(row: models.ReplicaSet, value: ReplicaSet) -> states.State:
    return {**states.replicaset_state(value, created=iso(row.created)), "rv": row.resource_version}


def _pods(namespace: models.Namespace, replicasets: Mapping[str, ReplicaSet]) -> list[states.State]:
    sizes = container_counts(replicasets.values())
    rows = models.Pod.objects.filter(namespace=namespace).order_by("created_at", "name")
    found = []
    for *columns, created, rv in rows.values_list(*POD_COLUMNS, "created", "resource_version"):
        pod = pod_value(tuple(columns), namespace.name, replicasets)
        state = states.pod_state(pod, container_count=sizes.get(pod.owner_uid, 1), created=iso(created))
        state["rv"] = rv
        found.append(state)
    return found


def container_counts(replicasets: Iterable[ReplicaSet]) -> dict[str | None, int]:
    return {each.uid: len(each.template.get("spec", {}).get("containers", ())) for each in replicasets}


def _events(namespace: models.Namespace) -> list[states.State]:
    """The newest, of pods and of their owners apart: many pods don't push out what the controllers said."""
    rows = models.Event.objects.filter(namespace=namespace).order_by("-resource_version")
    newest = (*rows.exclude(kind="Pod")[:NEWEST_EVENTS], *rows.filter(kind="Pod")[:NEWEST_EVENTS])
    return [event_row_state(row) for row in newest]


def event_row_state(row: models.Event) -> states.State:
    return {
        "uid": row.uid,
        "rv": row.resource_version,
        "kind": row.kind,
        "object_uid": row.object_uid,
        "object_name": row.object_name,
        "type": row.type,
        "reason": row.reason,
        "message": row.message,
        "source": row.source,
        "count": row.count,
        "first_seen": iso(row.first_seen),
        "last_seen": iso(row.last_seen),
        "at": row.at,
        "why": row.why,
    }


def _nodes(cluster: models.Cluster) -> list[tuple[Node, str]]:
    return [(node_value(row), row.uid) for row in models.Node.objects.filter(cluster=cluster).order_by("name")]
