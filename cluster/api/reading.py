"""Reads objects of a kind, with a fixed number of queries for each list."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Collate, Concat

from cluster import models
from cluster.api.auth import own_roles
from cluster.api.kept import conversions
from cluster.api.printers import manifests
from cluster.api.printers.texts import Key, Texts
from cluster.api.targets import Target
from cluster.core.objects import ReplicaSet
from cluster.records import journal
from cluster.records.loading import in_chunks
from cluster.records.prepared import lookup
from cluster.records.rows import POD_COLUMNS, pod_value, replicaset_value

Json = dict[str, Any]
POD_ROW = (*POD_COLUMNS, "managed_fields", "created", "resource_version", "namespace__name")
Where = Mapping[str, Any]
# The conditions that select one object.
NAMED = (
    {"namespace__cluster__name", "namespace__name", "name"},
    {"cluster__name", "name"},
    {"cluster__name", "resource", "namespace", "name"},
    {"cluster__name", "resource", "name"},
)
pod_cache = Texts()


def read(target: Target, *, uids: list[str] | None = None, name: str | None = None) -> list[Json]:
    """The objects of a target's kind, in etcd's order, from one namespace or the whole cluster."""
    where = place_of(target)
    reader = kept if target.kind.is_kept else READERS[target.kind.name]
    if uids is not None:
        where["uid__in"] = uids
    if name is not None:
        where["name"] = name
    return sorted(reader(where), key=sort_key)


def place_of(target: Target) -> dict[str, Any]:
    """The condition on rows of the target's kind."""
    if target.kind.is_kept:
        whole = {"cluster__name": target.cluster, "resource": target.kind.resource}
        return {**whole, "namespace": target.namespace} if target.namespace else whole
    if not target.kind.namespaced:
        return {"cluster__name": target.cluster}
    in_cluster = {"namespace__cluster__name": target.cluster}
    return {**in_cluster, "namespace__name": target.namespace} if target.namespace else in_cluster


def page(target: Target, after: str, limit: int) -> tuple[list[str], int]:
    """(the uids of the first `limit` objects of a target's kind from the key `after` on, how many more there are). `after` is an
    object's key and a NUL, to start after that object (pkg/storage/continue.go)."""
    own = own_roles.manifests(target.cluster, target.kind.resource) if target.kind.is_kept else []
    if own:
        return page_beside(own, target, after, limit)
    rows = keyed(target)
    start, nul, _ = after.partition("\0")
    if after:
        rows = rows.filter(key__gt=start) if nul else rows.filter(key__gte=start)
    uids = list(rows.order_by("key").values_list("uid", flat=True)[:limit])
    return uids, rows.count() - len(uids) if len(uids) == limit else 0


def page_beside(own: list[Json], target: Target, after: str, limit: int) -> tuple[list[str], int]:
    """As `page`, for kinds of which the server has objects that are not stored."""
    named = [(each["metadata"]["name"], each["metadata"]["uid"]) for each in own]
    keys = sorted([*named, *keyed(target).values_list("key", "uid")])
    rest = [uid for key, uid in keys if key >= after]
    return rest[:limit], max(len(rest) - limit, 0)


def keyed(target: Target) -> Any:
    """The rows of a target's kind, annotated with `key`, which is sorted bytewise."""
    model = models.KeptObject if target.kind.is_kept else ROWS[target.kind.name]
    namespace = "namespace" if target.kind.is_kept else "namespace__name"
    name = Concat(namespace, Value("/"), "name") if target.kind.namespaced else F("name")
    collation = "C" if connection.vendor == "postgresql" else "BINARY"
    return model.objects.filter(**place_of(target)).annotate(key=Collate(name, collation))


def sort_key(manifest: Json) -> str:
    return key(manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])


def key(namespace: str, name: str) -> str:
    """The key by which etcd sorts objects: "a-b/x" comes before "a/x"."""
    return f"{namespace}/{name}" if namespace else name


def rows(model: Any, where: Where) -> Any:
    """The rows; a query of one object by name is prepared."""
    return lookup(model, **where) if where.keys() in NAMED else model.objects.filter(**where)


def placed(model: Any, where: Where) -> Iterator[tuple[Any, str]]:
    """The rows, with the names of their namespaces."""
    if where.keys() in NAMED:
        return ((row, where["namespace__name"]) for row in lookup(model, **where))
    return ((row, row.namespace.name) for row in model.objects.filter(**where).select_related("namespace"))


def deployments(where: Where) -> Iterator[Json]:
    for row, namespace in placed(models.Deployment, where):
        yield manifests.deployment(row, namespace)


def replicasets(where: Where) -> Iterator[Json]:
    found = list(placed(models.ReplicaSet, where))
    uids = {row.owner_uid for row, _ in found}
    owners = dict(models.Deployment.objects.filter(uid__in=uids).values_list("uid", "name"))
    for row, namespace in found:
        yield manifests.replicaset(row, namespace, owners.get(row.owner_uid or ""))


def pods(where: Where) -> Iterator[Json]:
    return (orjson.loads(text) for _, text in pod_texts(where))


def fragments(target: Target) -> list[orjson.Fragment]:
    """All pods of a target in etcd's order, as fragments for orjson."""
    return [orjson.Fragment(text) for _, text in sorted(pod_texts(place_of(target)))]


def pod_texts(where: Where) -> Iterator[tuple[str, bytes]]:
    """(sort key, manifest as JSON) of each pod, cached by uid and resource version. A write neither reads nor fills the cache: it
    may be a dry run, or fail."""
    cache = None if journal.locked() else pod_cache
    with journal.reading():
        rows = list(
            models.Pod.objects.filter(**where).values_list("uid", "resource_version", "namespace__name", "name")
        )
        known = cache.of((uid, rv) for uid, rv, *_ in rows) if cache else {}
        made: dict[Key, bytes] = {}
        for part in in_chunks(models.Pod, [uid for uid, rv, *_ in rows if (uid, rv) not in known]):
            made |= made_texts(part)
    if cache:
        cache.keep(made)
    found = {uid: text for (uid, _), text in (known | made).items()}
    return ((key(namespace, name), found[uid]) for uid, _, namespace, name in rows)


def made_texts(pods: Any) -> dict[Key, bytes]:
    """Encodes the pods of a query set."""
    rows = list(pods.values_list(*POD_ROW))
    owners = owners_of({row[2] for row in rows})
    made = {}
    for *columns, managed_fields, created, rv, namespace in rows:
        value = pod_value(columns, namespace, owners)
        owner = owners.get(value.owner_uid or "")
        shown = manifests.pod(value, owner, created=created, rv=rv, managed_fields=managed_fields)
        made[value.uid, rv] = orjson.dumps(shown)
    return made


def owners_of(uids: set[str | None]) -> dict[str, ReplicaSet]:
    rows = models.ReplicaSet.objects.filter(uid__in=uids - {None}).select_related("namespace")
    return {row.uid: replicaset_value(row, row.namespace.name) for row in rows}


def kept(where: Where) -> Iterator[Json]:
    """Kept objects, with the server's own ones, which are not stored."""
    for each in own_roles.manifests(where["cluster__name"], where["resource"]):
        about = each["metadata"]
        if about["name"] == where.get("name", about["name"]) and about["uid"] in where.get("uid__in", (about["uid"],)):
            yield each
    for row in rows(models.KeptObject, where):
        yield at_version(row.manifest, row.resource_version)


def at_version(manifest: Json, rv: int) -> Json:
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": str(rv)}}


def events(where: Where) -> Iterator[Json]:
    for row, namespace in placed(models.Event, where):
        yield manifests.event(row, namespace)


def nodes(where: Where) -> Iterator[Json]:
    return (manifests.node(row) for row in rows(models.Node, where))


def namespaces(where: Where) -> Iterator[Json]:
    return (manifests.namespace(row) for row in rows(models.Namespace, where))


ROWS: Mapping[str, Any] = {
    each.__name__: each
    for each in (models.Deployment, models.ReplicaSet, models.Pod, models.Event, models.Node, models.Namespace)
}
READERS: Mapping[str, Callable[[Where], Iterator[Json]]] = {
    "Deployment": deployments,
    "ReplicaSet": replicasets,
    "Pod": pods,
    "Event": events,
    "Node": nodes,
    "Namespace": namespaces,
}


def in_version(manifest: Json, group: str, version: str) -> Json:
    """The object in an API version."""
    if manifest["kind"] == "Event" and group == "events.k8s.io":
        return new_event(manifest)
    name = f"{group}/{version}" if group else version
    manifest = conversions.shown(manifest, name)
    return manifest if manifest["apiVersion"] == name else {**manifest, "apiVersion": name}


def new_event(event: Json) -> Json:
    """An event in events.k8s.io/v1."""
    return {
        "kind": "Event",
        "apiVersion": "events.k8s.io/v1",
        "metadata": event["metadata"],
        "eventTime": event["eventTime"],
        **{key: event[key] for key in ("action", "series") if key in event},
        "reportingController": event["reportingComponent"],
        "reportingInstance": event["reportingInstance"],
        "reason": event["reason"],
        "regarding": event["involvedObject"],
        "note": event["message"],
        "type": event["type"],
        "deprecatedSource": event["source"],
        "deprecatedFirstTimestamp": event["firstTimestamp"],
        "deprecatedLastTimestamp": event["lastTimestamp"],
        **({"deprecatedCount": event["count"]} if "count" in event else {}),
    }
