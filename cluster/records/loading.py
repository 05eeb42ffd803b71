"""Rows -> core values: a whole cluster, parts of it, or the changes since. `apply.py` is the opposite direction."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import F, Q

from cluster import models
from cluster.core import surroundings
from cluster.core.nodes import behaviour
from cluster.core.nodes.references import Place
from cluster.core.objects import Create, Delete, Deployment, ImageBehaviour, Node, Object, Pod, ReplicaSet
from cluster.core.recorder import Recorder
from cluster.core.state import State
from cluster.records import clock, kept
from cluster.records.prepared import Prepared, lookup
from cluster.records.rows import POD_COLUMNS, deployment_value, node_value, pod_value, replicaset_value
from cluster.records.sharing import shared

BEHAVIOUR_COLUMNS = (
    "pattern", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
    "fails_after_seconds", "affected_share",
)  # fmt: skip
FIELDS = "fieldsV1"
QUERY_CHUNK = 500
BEHAVIOURS = "ImageBehaviour"
CONFIG = {"configmaps": "configmap", "secrets": "secret"}
CONFIG_KINDS = ("ConfigMap", "Secret")
LOADED = (
    "Namespace", "Node", "Deployment", "ReplicaSet", "Pod", BEHAVIOURS,
    *kept.READ.values(), *surroundings.KINDS, *CONFIG_KINDS,
)  # fmt: skip


@dataclass(kw_only=True)
class Loaded:
    """Some or all objects of a cluster as values, with columns that values do not have: `created` maps uids to the wall times of
    creation, `owners` to non-empty managedFields, `config` (only ConfigMaps and Secrets) to places and keys; `namespaces` maps names
    to keys; `is_terminating`: one of them is being deleted. `rv`: the resource version of this content."""

    cluster: models.Cluster
    state: State
    namespaces: dict[str, int]
    rv: int
    is_terminating: bool = False
    created: dict[str, datetime] = field(default_factory=dict)
    owners: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    config: dict[str, tuple[Place, frozenset[str]]] = field(default_factory=dict)
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
    """The whole cluster; ten queries, whatever its size."""
    loaded = empty(cluster)
    here = {"namespace__cluster": cluster}
    put_behaviours(loaded)
    put_surroundings(loaded)
    put_config(loaded)
    put_nodes(loaded, models.Node.objects.filter(cluster=cluster))
    put_deployments(loaded, models.Deployment.objects.filter(**here))
    put_replicasets(loaded, models.ReplicaSet.objects.filter(**here))
    put_pods(loaded, models.Pod.objects.filter(**here))
    loaded.state.apply(Create(object=each) for each in kept.read(cluster))
    return settled(loaded)


def load_part(
    cluster: models.Cluster,
    *,
    deployments: Collection[str] = (),
    replicasets: Collection[str] = (),
    pods: Collection[str] = (),
    nodes: Collection[str] = (),
) -> Loaded:
    """The objects with these uids; pods with their ReplicaSets and nodes. `nodes`: the names of further nodes."""
    loaded = empty(cluster)
    found = [each for rows in in_chunks(models.Pod, pods) for each in rows.values_list("owner_uid", "node")]
    owners = {*replicasets, *(owner for owner, _ in found if owner)}
    names = {*nodes, *(node for _, node in found if node)}
    if names:
        put_nodes(loaded, models.Node.objects.filter(cluster=cluster, name__in=names))
    reread(loaded, "Deployment", deployments)
    reread(loaded, "ReplicaSet", owners)
    reread(loaded, "Pod", pods)
    return settled(loaded)


def catch_up(loaded: Loaded, cluster: models.Cluster) -> None:
    """Reads the objects again that have changed according to the journal; `cluster` is the locked row."""
    loaded.cluster = cluster
    if loaded.rv == cluster.head:
        return
    changed: dict[str, set[str]] = {}
    for kind, uid in CHANGED(cluster.pk, loaded.rv):
        changed.setdefault(kind, set()).add(uid)
    if "Namespace" in changed:
        put_namespaces(loaded)
    if "Namespace" in changed or BEHAVIOURS in changed:
        put_behaviours(loaded)
    if changed.keys() & {"Namespace", *surroundings.KINDS}:
        put_surroundings(loaded)
    config = {uid for kind in CONFIG_KINDS for uid in changed.get(kind, ())}
    if config or "Namespace" in changed:
        put_config(loaded, None if "Namespace" in changed else config)
    if "Node" in changed or "Pod" in changed:
        refresh_nodes(loaded, touched_nodes(changes_after(cluster.pk, loaded.rv)))
    for kind in REREAD:
        reread(loaded, kind, changed.get(kind, ()))
    refresh_kept(loaded, {uid for kind in kept.READ.values() for uid in changed.get(kind, ())})
    settled(loaded).rv = cluster.head


def changes_after(key: int, rv: int) -> Any:
    """The changes of loaded kinds; `key`: the cluster's."""
    return models.Change.objects.filter(cluster_id=key, rv__gt=rv, kind__in=LOADED)


CHANGED = Prepared(lambda key, rv: changes_after(key, rv).order_by().values_list("kind", "uid").distinct(), int, int)
NAMESPACES = Prepared(
    lambda key: models.Namespace.objects.filter(cluster_id=key).values_list("name", "pk", "deleted"), int
)


def nothing_of(cluster: models.Cluster, namespace: str, key: int) -> Loaded:
    """No object of one namespace, without a query: for writes of single objects."""
    return Loaded(cluster=cluster, state=State(), namespaces={namespace: key}, rv=cluster.head)


def empty(cluster: models.Cluster) -> Loaded:
    loaded = Loaded(cluster=cluster, state=State(), namespaces={}, rv=cluster.head)
    put_namespaces(loaded)
    return loaded


def settled(loaded: Loaded) -> Loaded:
    loaded.state.before.clear()
    return loaded


def put_namespaces(loaded: Loaded) -> None:
    found = NAMESPACES(loaded.cluster.pk)
    loaded.namespaces = {name: key for name, key, _ in found}
    loaded.is_terminating = any(deleted for _, _, deleted in found)


def put_behaviours(loaded: Loaded) -> None:
    """The shipped image behaviours are used if the cluster has none of its own; a story's rules do not count, as they are
    temporary and of one namespace."""
    names = {pk: name for name, pk in loaded.namespaces.items()}
    rows = models.ImageBehaviour.objects.filter(cluster=loaded.cluster).order_by("order", "id")
    found: dict[str, list[ImageBehaviour]] = {"": []}
    has_own = False
    for namespace, played, *values in rows.values_list("namespace_id", "played", *BEHAVIOUR_COLUMNS):
        found.setdefault(names.get(namespace, ""), []).append(behaviour_of(*values))
        has_own = has_own or not played
    if not has_own:
        found[""] = list(behaviour.DEFAULTS)
    for name in {*found, *loaded.state.behaviours}:
        loaded.state.set_behaviours(name, tuple(found.get(name, ())))


@lru_cache(maxsize=1024)
def behaviour_of(*values: Any) -> ImageBehaviour:
    """The behaviour with these values of BEHAVIOUR_COLUMNS, which all clusters share."""
    return ImageBehaviour(**dict(zip(BEHAVIOUR_COLUMNS, values, strict=True)))


def put_config(loaded: Loaded, uids: Collection[str] | None = None) -> None:
    """Loads which ConfigMaps and Secrets exist, with their keys: pods wait for them. `uids`: those that changed; None: all."""
    rows = models.KeptObject.objects.filter(cluster=loaded.cluster, resource__in=CONFIG)
    if uids is None:
        loaded.config.clear()
    else:
        rows = rows.filter(uid__in=uids)
        for uid in uids:
            loaded.config.pop(uid, None)
    for uid, resource, namespace, name, manifest in rows.values_list(
        "uid", "resource", "namespace", "name", "manifest"
    ):
        loaded.config[uid] = (CONFIG[resource], namespace, name), config_keys(manifest)
    loaded.state.config = {place for place, _ in loaded.config.values()}
    loaded.state.config_keys = dict(loaded.config.values())


def config_keys(manifest: Mapping[str, Any]) -> frozenset[str]:
    """The keys of a ConfigMap or Secret."""
    return frozenset(key for field in ("data", "binaryData") for key in manifest.get(field) or ())


def put_nodes(loaded: Loaded, rows: Any) -> None:
    loaded.state.apply(Create(object=node_value(row)) for row in rows.order_by("name"))


def touched_nodes(changes: Any) -> set[str]:
    """The names of nodes that changed or whose pods changed: the images on a node change with its pods, without a change of the
    node in the journal."""
    own = changes.filter(kind="Node").order_by().values_list("name", flat=True)
    of_pods = changes.filter(kind="Pod").order_by().values_list("state__node", flat=True)
    return {name for name in (*own.distinct(), *of_pods.distinct()) if name}


def refresh_nodes(loaded: Loaded, names: Collection[str]) -> None:
    """Reads the nodes with these names again, and removes those that are deleted."""
    known = loaded.state.nodes
    found: dict[str, Node] = {}
    for rows in in_chunks(models.Node, names, "name"):
        found.update((row.name, node_value(row)) for row in rows.filter(cluster=loaded.cluster).order_by("name"))
    gone = [known[name] for name in sorted(names) if name in known and name not in found]
    loaded.state.apply([Delete(object=each) for each in gone])
    loaded.state.apply([Create(object=each) for name, each in found.items() if known.get(name) != each])


def put_surroundings(loaded: Loaded) -> None:
    cluster = loaded.cluster
    kept = models.KeptObject.objects.filter(cluster=cluster, resource__in=surroundings.RESOURCES).order_by("pk")
    namespaces = dict(models.Namespace.objects.filter(cluster=cluster).values_list("name", "labels"))
    loaded.state.surroundings = surroundings.read(namespaces, kept.values_list("resource", "manifest"))


def refresh_kept(loaded: Loaded, uids: set[str]) -> None:
    """Reads the kept objects with these uids again, and removes those that are deleted."""
    if not uids:
        return
    there = {each.uid: each for each in kept.read(loaded.cluster, uid__in=uids)}
    gone = [each for uid, each in loaded.state.kept.items() if uid in uids and uid not in there]
    loaded.state.apply([Delete(object=each) for each in gone])
    loaded.state.apply([Create(object=each) for each in there.values() if loaded.state.kept.get(each.uid) != each])


def put_deployments(loaded: Loaded, rows: Any) -> set[str]:
    """Returns their uids. `rows`: a query set, or a sorted list of rows."""
    values = ((row, deployment_value(row, row.namespace.name)) for row in in_order(rows, "created_at", "name"))
    return {put(loaded, value, row.created, row.managed_fields) for row, value in values}


def put_replicasets(loaded: Loaded, rows: Any) -> set[str]:
    values = ((row, replicaset_value(row, row.namespace.name)) for row in in_order(rows, "created_at", "number"))
    return {put(loaded, value, row.created, row.managed_fields) for row, value in values}


def in_order(rows: Any, *columns: str) -> Any:
    """The rows with their namespaces; a list is returned as it is."""
    return rows if isinstance(rows, list) else rows.select_related("namespace").order_by(*columns)


def put_pods(loaded: Loaded, rows: Any) -> set[str]:
    names = {pk: name for name, pk in loaded.namespaces.items()}
    columns = ("namespace_id", "created", "managed_fields", *POD_COLUMNS)
    return {
        put(loaded, pod_value(values, names[namespace], loaded.state.replicasets), created, owners)
        for namespace, created, owners, *values in rows.order_by("created_at", "name").values_list(*columns)
    }


def put(loaded: Loaded, value: Deployment | ReplicaSet | Pod, created: datetime, owners: Any) -> str:
    """Returns its uid."""
    loaded.state.apply([Create(object=value)])
    loaded.created[value.uid] = created
    if owners:
        loaded.owners[value.uid] = [with_shared_fields(each) for each in owners]
    else:
        loaded.owners.pop(value.uid, None)
    return value.uid


def with_shared_fields(owner: dict[str, Any]) -> dict[str, Any]:
    """An entry of managedFields: which fields a manager owns is the same for many objects."""
    return {**owner, FIELDS: shared(owner[FIELDS])} if FIELDS in owner else owner


# Pods come after the ReplicaSets, whose templates they share.
REREAD: dict[str, tuple[Any, Callable[[Loaded, Any], set[str]]]] = {
    "Deployment": (models.Deployment, put_deployments),
    "ReplicaSet": (models.ReplicaSet, put_replicasets),
    "Pod": (models.Pod, put_pods),
}


def reread(loaded: Loaded, kind: str, uids: Collection[str]) -> None:
    """Reads the objects with these uids again, and removes those that are deleted."""
    model, put_rows = REREAD[kind]
    there: set[str] = set()
    if len(uids) == 1 and model is not models.Pod:  # as most writes have it
        there.update(put_rows(loaded, lookup(model, "namespace", pk=next(iter(uids)))))
    else:
        for rows in in_chunks(model, uids):
            there.update(put_rows(loaded, rows))
    things: Mapping[str, Object] = getattr(loaded.state, f"{kind.lower()}s")
    for uid in sorted(set(uids) - there):
        if uid in things:
            loaded.state.apply([Delete(object=things[uid])])
            forget(loaded, uid)


def in_chunks(model: Any, keys: Collection[str], column: str = "pk") -> Iterator[Any]:
    """Query sets of the rows with these keys, each with no more keys than SQLite allows in a statement."""
    listed = sorted(keys)
    for start in range(0, len(listed), QUERY_CHUNK):
        yield model.objects.filter(**{f"{column}__in": listed[start : start + QUERY_CHUNK]})


def forget(loaded: Loaded, uid: str) -> None:
    loaded.created.pop(uid, None)
    loaded.owners.pop(uid, None)


def load_behaviours(namespace: models.Namespace, *, played: bool = False) -> tuple[ImageBehaviour, ...]:
    """A namespace's own image behaviours before the cluster's, and the shipped ones if the cluster has none; `played`: only those
    set by a story."""
    wanted = Q(namespace=namespace, played=True) if played else Q(namespace=namespace) | Q(namespace=None)
    everywhere = models.ImageBehaviour.objects.filter(cluster_id=namespace.cluster_id)
    rows = everywhere.filter(wanted)
    ordered = rows.order_by(F("namespace").asc(nulls_last=True), "order", "id").values(*BEHAVIOUR_COLUMNS)
    found = tuple(ImageBehaviour(**row) for row in ordered)
    return found if played or everywhere.filter(played=False).exists() else (*found, *behaviour.DEFAULTS)
