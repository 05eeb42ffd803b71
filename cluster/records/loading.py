"""Rows -> core values: a whole cluster, parts of one, or what has changed since."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q

from cluster import models
from cluster.core.nodes import behaviour
from cluster.core.objects import Create, Delete, Deployment, ImageBehaviour, IntOrPercent, Node, Object, Pod, ReplicaSet
from cluster.core.policies.rules import RESOURCES
from cluster.core.recorder import Recorder
from cluster.core.state import State
from cluster.records import clock, kept, states

POD_COLUMNS = (
    "uid", "name", "owner_uid", "labels", "annotations", "created_at", "deleted_at", "node", "phase", "ready",
    "ready_since", "started_at", "reason", "message", "restarts", "attempts", "stage", "next_at", "spec", "finalizers",
    "grace_seconds",
)  # fmt: skip
BEHAVIOUR_COLUMNS = (
    "pattern", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
    "fails_after_seconds", "affected_share",
)  # fmt: skip
QUERY_CHUNK = 500
BEHAVIOURS = "ImageBehaviour"
CONFIG = {"configmaps": "configmap", "secrets": "secret"}
CONFIG_KINDS = ("ConfigMap", "Secret")
LOADED = ("Namespace", "Node", "Deployment", "ReplicaSet", "Pod", BEHAVIOURS, *CONFIG_KINDS, *RESOURCES.values())


@dataclass(kw_only=True)
class Loaded:
    """A cluster's objects, or some of them, as values, with what rows know beyond them: `created` maps uids to the wall
    times of their creation, `owners` to managedFields, where there are any; `namespaces` their names to their keys.
    `rv`: the resource version up to which all of this is true."""

    cluster: models.Cluster
    state: State
    namespaces: dict[str, int]
    rv: int
    created: dict[str, datetime] = field(default_factory=dict)
    owners: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    recorder: Recorder = field(default_factory=Recorder)

    @property
    def now(self) -> float:
        """Simulated seconds."""
        return clock.simulated(self.cluster, time.time())

    @property
    def size(self) -> int:
        """The number of objects."""
        return len(self.state.deployments) + len(self.state.replicasets) + len(self.state.pods)


def load(cluster: models.Cluster) -> Loaded:
    """Everything; nine queries, whatever the cluster's size."""
    loaded = empty(cluster)
    here = {"namespace__cluster": cluster}
    put_behaviours(loaded)
    put_config(loaded)
    put_nodes(loaded, models.Node.objects.filter(cluster=cluster))
    put_deployments(loaded, models.Deployment.objects.filter(**here))
    put_replicasets(loaded, models.ReplicaSet.objects.filter(**here))
    put_pods(loaded, models.Pod.objects.filter(**here))
    loaded.state.apply(Create(object=each) for each in kept.rules(cluster))
    return settled(loaded)


def load_part(
    cluster: models.Cluster,
    *,
    deployments: Collection[str] = (),
    replicasets: Collection[str] = (),
    pods: Collection[str] = (),
) -> Loaded:
    """The objects with these uids; pods with their ReplicaSets and nodes."""
    loaded = empty(cluster)
    found = list(models.Pod.objects.filter(pk__in=pods).values_list("owner_uid", "node"))
    owners = {*replicasets, *(owner for owner, _ in found if owner)}
    nodes = {node for _, node in found if node}
    if nodes:
        put_nodes(loaded, models.Node.objects.filter(cluster=cluster, name__in=nodes))
    if deployments:
        put_deployments(loaded, models.Deployment.objects.filter(pk__in=deployments))
    if owners:
        put_replicasets(loaded, models.ReplicaSet.objects.filter(pk__in=owners))
    put_pods_in_chunks(loaded, pods)
    return settled(loaded)


def catch_up(loaded: Loaded, cluster: models.Cluster) -> None:
    """Reads again what the journal says has changed since; `cluster` is the locked row."""
    loaded.cluster = cluster
    if loaded.rv == cluster.head:
        return
    later = models.Change.objects.filter(cluster=cluster, rv__gt=loaded.rv, kind__in=LOADED)
    changed: dict[str, set[tuple[str, str]]] = {}
    for kind, uid, name in later.order_by().values_list("kind", "uid", "name").distinct():
        changed.setdefault(kind, set()).add((uid, name))
    if "Namespace" in changed:
        loaded.namespaces = namespaces_of(cluster)
    if "Namespace" in changed or BEHAVIOURS in changed:
        put_behaviours(loaded)
    if changed.keys() & set(CONFIG_KINDS) or "Namespace" in changed:
        put_config(loaded)
    if "Node" in changed or "Pod" in changed:
        refresh_nodes(loaded)
    for kind, put, rows in (
        ("Deployment", put_deployments, models.Deployment.objects),
        ("ReplicaSet", put_replicasets, models.ReplicaSet.objects),
    ):
        uids = {uid for uid, _ in changed.get(kind, ())}
        if uids:
            put(loaded, rows.filter(pk__in=uids))
            drop(loaded, kind, uids)
    uids = {uid for uid, _ in changed.get("Pod", ())}
    put_pods_in_chunks(loaded, uids)
    drop(loaded, "Pod", uids)
    refresh_rules(loaded, {uid for kind in RESOURCES.values() for uid, _ in changed.get(kind, ())})
    settled(loaded).rv = cluster.head


def empty(cluster: models.Cluster) -> Loaded:
    return Loaded(cluster=cluster, state=State(), namespaces=namespaces_of(cluster), rv=cluster.head)


def settled(loaded: Loaded) -> Loaded:
    loaded.state.before.clear()
    return loaded


def namespaces_of(cluster: models.Cluster) -> dict[str, int]:
    return dict(models.Namespace.objects.filter(cluster=cluster).values_list("name", "pk"))


def put_behaviours(loaded: Loaded) -> None:
    names = {pk: name for name, pk in loaded.namespaces.items()}
    rows = models.ImageBehaviour.objects.filter(cluster=loaded.cluster).order_by("order", "id")
    found: dict[str, list[ImageBehaviour]] = {"": []}
    for namespace, *values in rows.values_list("namespace_id", *BEHAVIOUR_COLUMNS):
        made = ImageBehaviour(**dict(zip(BEHAVIOUR_COLUMNS, values, strict=True)))
        found.setdefault(names.get(namespace, ""), []).append(made)
    if not any(found.values()):
        found[""] = list(behaviour.DEFAULTS)
    for name in {*found, *loaded.state.behaviours}:
        loaded.state.set_behaviours(name, tuple(found.get(name, ())))


def put_config(loaded: Loaded) -> None:
    """Which ConfigMaps and Secrets there are: pods wait for them."""
    rows = models.KeptObject.objects.filter(cluster=loaded.cluster, resource__in=CONFIG)
    found = rows.values_list("resource", "namespace", "name")
    loaded.state.config = {(CONFIG[resource], namespace, name) for resource, namespace, name in found}


def put_nodes(loaded: Loaded, rows: Any) -> None:
    loaded.state.apply(Create(object=node_value(row)) for row in rows.order_by("name"))


def refresh_nodes(loaded: Loaded) -> None:
    """All of them: what is counted on a node changes with its pods, without a change of the node in the journal."""
    loaded.state.apply([Delete(object=each) for each in loaded.state.nodes.values()])
    put_nodes(loaded, models.Node.objects.filter(cluster=loaded.cluster))


def refresh_rules(loaded: Loaded, uids: set[str]) -> None:
    """Those with these uids, and without those that are no more."""
    if not uids:
        return
    there = {each.uid: each for each in kept.rules(loaded.cluster, uid__in=uids)}
    gone = [each for uid, each in loaded.state.kept.items() if uid in uids and uid not in there]
    loaded.state.apply([Delete(object=each) for each in gone])
    loaded.state.apply([Create(object=each) for each in there.values() if loaded.state.kept.get(each.uid) != each])


def put_deployments(loaded: Loaded, rows: Any) -> None:
    for row in rows.select_related("namespace").order_by("created_at", "name"):
        put(loaded, deployment_value(row, row.namespace.name), row.created, row.managed_fields)


def put_replicasets(loaded: Loaded, rows: Any) -> None:
    for row in rows.select_related("namespace").order_by("created_at", "number"):
        put(loaded, replicaset_value(row, row.namespace.name), row.created, row.managed_fields)


def put_pods(loaded: Loaded, rows: Any) -> None:
    names = {pk: name for name, pk in loaded.namespaces.items()}
    columns = ("namespace_id", "created", "managed_fields", *POD_COLUMNS)
    for namespace, created, owners, *values in rows.order_by("created_at", "name").values_list(*columns):
        put(loaded, pod_value(tuple(values), names[namespace], loaded.state.replicasets), created, owners)


def put_pods_in_chunks(loaded: Loaded, uids: Collection[str]) -> None:
    listed = sorted(uids)
    for start in range(0, len(listed), QUERY_CHUNK):
        put_pods(loaded, models.Pod.objects.filter(pk__in=listed[start : start + QUERY_CHUNK]))


def put(loaded: Loaded, value: Deployment | ReplicaSet | Pod, created: datetime, owners: Any) -> None:
    loaded.state.apply([Create(object=value)])
    loaded.created[value.uid] = created
    if owners:
        loaded.owners[value.uid] = owners
    else:
        loaded.owners.pop(value.uid, None)


def drop(loaded: Loaded, kind: str, uids: Iterable[str]) -> None:
    """Of objects that have changed those that are no more."""
    things: Mapping[str, Object] = {
        "Deployment": loaded.state.deployments,
        "ReplicaSet": loaded.state.replicasets,
        "Pod": loaded.state.pods,
    }[kind]  # type: ignore[assignment]
    model: Any = getattr(models, kind)
    listed = sorted(uids)
    for start in range(0, len(listed), QUERY_CHUNK):
        chunk = listed[start : start + QUERY_CHUNK]
        there = set(model.objects.filter(pk__in=chunk).values_list("pk", flat=True))
        for uid in chunk:
            if uid not in there and uid in things:
                loaded.state.apply([Delete(object=things[uid])])
                forget(loaded, uid)


def forget(loaded: Loaded, uid: str) -> None:
    loaded.created.pop(uid, None)
    loaded.owners.pop(uid, None)


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
    wanted = Q(namespace=namespace, played=True) if played else Q(namespace=namespace) | Q(namespace=None)
    rows = models.ImageBehaviour.objects.filter(wanted, cluster_id=namespace.cluster_id)
    ordered = rows.order_by(F("namespace").asc(nulls_last=True), "order", "id").values(*BEHAVIOUR_COLUMNS)
    found = tuple(ImageBehaviour(**row) for row in ordered)
    return found if found or played else behaviour.DEFAULTS


def int_or_percent(text: str) -> IntOrPercent:
    return text if text.endswith("%") else int(text)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
