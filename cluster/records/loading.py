"""Rows -> core values: a whole cluster, parts of one, or what has changed since. `apply.py` is the way back."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from cluster import models
from cluster.core import surroundings
from cluster.core.nodes import behaviour
from cluster.core.objects import Create, Delete, Deployment, ImageBehaviour, Object, Pod, ReplicaSet
from cluster.core.policies.rules import RESOURCES
from cluster.core.recorder import Recorder
from cluster.core.state import State
from cluster.records import clock, kept
from cluster.records.rows import POD_COLUMNS, deployment_value, node_value, pod_value, replicaset_value

BEHAVIOUR_COLUMNS = (
    "pattern", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
    "fails_after_seconds", "affected_share",
)  # fmt: skip
QUERY_CHUNK = 500
BEHAVIOURS = "ImageBehaviour"
LOADED = ("Namespace", "Node", "Deployment", "ReplicaSet", "Pod", BEHAVIOURS, *RESOURCES.values(), *surroundings.KINDS)


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
    """Everything; ten queries, whatever the cluster's size."""
    loaded = empty(cluster)
    here = {"namespace__cluster": cluster}
    put_behaviours(loaded)
    put_surroundings(loaded)
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
    found = [each for rows in in_chunks(models.Pod, pods) for each in rows.values_list("owner_uid", "node")]
    owners = {*replicasets, *(owner for owner, _ in found if owner)}
    nodes = {node for _, node in found if node}
    if nodes:
        put_nodes(loaded, models.Node.objects.filter(cluster=cluster, name__in=nodes))
    reread(loaded, "Deployment", deployments)
    reread(loaded, "ReplicaSet", owners)
    reread(loaded, "Pod", pods)
    return settled(loaded)


def catch_up(loaded: Loaded, cluster: models.Cluster) -> None:
    """Reads again what the journal says has changed since; `cluster` is the locked row."""
    loaded.cluster = cluster
    if loaded.rv == cluster.head:
        return
    later = models.Change.objects.filter(cluster=cluster, rv__gt=loaded.rv, kind__in=LOADED)
    changed: dict[str, set[str]] = {}
    for kind, uid in later.order_by().values_list("kind", "uid").distinct():
        changed.setdefault(kind, set()).add(uid)
    if "Namespace" in changed:
        loaded.namespaces = namespaces_of(cluster)
    if "Namespace" in changed or BEHAVIOURS in changed:
        put_behaviours(loaded)
    if changed.keys() & {"Namespace", *surroundings.KINDS}:
        put_surroundings(loaded)
    if "Node" in changed or "Pod" in changed:
        refresh_nodes(loaded)
    for kind in REREAD:
        reread(loaded, kind, changed.get(kind, ()))
    refresh_rules(loaded, {uid for rule in RESOURCES.values() for uid in changed.get(rule, ())})
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


def put_nodes(loaded: Loaded, rows: Any) -> None:
    loaded.state.apply(Create(object=node_value(row)) for row in rows.order_by("name"))


def refresh_nodes(loaded: Loaded) -> None:
    """All of them: the images on a node change with its pods, without a change of the node in the journal."""
    known, found = loaded.state.nodes, {}
    for row in models.Node.objects.filter(cluster=loaded.cluster).order_by("name"):
        found[row.name] = node_value(row)
    loaded.state.apply([Delete(object=each) for name, each in known.items() if name not in found])
    loaded.state.apply([Create(object=each) for name, each in found.items() if known.get(name) != each])


def put_surroundings(loaded: Loaded) -> None:
    cluster = loaded.cluster
    rows = models.KeptObject.objects.filter(cluster=cluster, resource__in=surroundings.RESOURCES).order_by("pk")
    namespaces = dict(models.Namespace.objects.filter(cluster=cluster).values_list("name", "labels"))
    loaded.state.surroundings = surroundings.read(namespaces, rows.values_list("resource", "manifest"))


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
        put(loaded, pod_value(values, names[namespace], loaded.state.replicasets), created, owners)


def put(loaded: Loaded, value: Deployment | ReplicaSet | Pod, created: datetime, owners: Any) -> None:
    loaded.state.apply([Create(object=value)])
    loaded.created[value.uid] = created
    if owners:
        loaded.owners[value.uid] = owners
    else:
        loaded.owners.pop(value.uid, None)


# Pods after the templates that they share.
REREAD: dict[str, tuple[Any, Callable[[Loaded, Any], None]]] = {
    "Deployment": (models.Deployment, put_deployments),
    "ReplicaSet": (models.ReplicaSet, put_replicasets),
    "Pod": (models.Pod, put_pods),
}


def reread(loaded: Loaded, kind: str, uids: Collection[str]) -> None:
    """The objects with these uids as they are now; what is no more goes."""
    model, put_rows = REREAD[kind]
    there: set[str] = set()
    for rows in in_chunks(model, uids):
        put_rows(loaded, rows)
        there.update(rows.values_list("pk", flat=True))
    things: Mapping[str, Object] = getattr(loaded.state, f"{kind.lower()}s")
    for uid in sorted(set(uids) - there):
        if uid in things:
            loaded.state.apply([Delete(object=things[uid])])
            forget(loaded, uid)


def in_chunks(model: Any, uids: Collection[str]) -> Iterator[Any]:
    """Querysets of the rows with these keys, each of no more than a statement of SQLite may name."""
    listed = sorted(uids)
    for start in range(0, len(listed), QUERY_CHUNK):
        yield model.objects.filter(pk__in=listed[start : start + QUERY_CHUNK])


def forget(loaded: Loaded, uid: str) -> None:
    loaded.created.pop(uid, None)
    loaded.owners.pop(uid, None)


def load_behaviours(namespace: models.Namespace, *, played: bool = False) -> tuple[ImageBehaviour, ...]:
    """A namespace's own before the cluster's; `played`: only those that a story has set."""
    wanted = Q(namespace=namespace, played=True) if played else Q(namespace=namespace) | Q(namespace=None)
    rows = models.ImageBehaviour.objects.filter(wanted, cluster_id=namespace.cluster_id)
    ordered = rows.order_by(F("namespace").asc(nulls_last=True), "order", "id").values(*BEHAVIOUR_COLUMNS)
    found = tuple(ImageBehaviour(**row) for row in ordered)
    return found if found or played else behaviour.DEFAULTS
