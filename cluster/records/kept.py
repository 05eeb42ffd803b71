"""Rows of kept objects (stored whole) and their changes in the journal: the only module that writes `models.KeptObject`."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from cluster import models
from cluster.core.objects import Kept
from cluster.core.policies import rules as policies
from cluster.core.services import index as services
from cluster.records import allocations
from cluster.records.journal import Writer
from cluster.records.sharing import shared

Json = dict[str, Any]
# Resource -> kind, of the kept objects that controllers read.
READ = {**policies.RESOURCES, **services.RESOURCES}


def insert(writer: Writer, row: models.KeptObject) -> None:
    record(writer, row, "ADDED")
    count(writer, 1, size_of(row.manifest))
    row.save(force_insert=True)
    allocations.keep(row)


def update(writer: Writer, row: models.KeptObject, manifest: Json) -> None:
    """Replaces the row's manifest."""
    labels, before = labels_of(row.manifest), row.manifest
    count(writer, 0, size_of(manifest) - size_of(row.manifest))
    row.manifest = manifest
    record(writer, row, "MODIFIED", labels)
    row.save(update_fields=["manifest", "resource_version"])
    allocations.keep(row, before)


def delete(writer: Writer, row: models.KeptObject) -> None:
    record(writer, row, "DELETED")
    count(writer, -1, -size_of(row.manifest))
    allocations.free([row.uid] if row.resource == allocations.SERVICES else [])
    row.delete()


def delete_all(writer: Writer, rows: Any) -> None:
    """Deletes the rows of a query set."""
    for row in rows:
        record(writer, row, "DELETED")
        count(writer, -1, -size_of(row.manifest))
    allocations.free([row.uid for row in rows if row.resource == allocations.SERVICES])
    rows.delete()


def count(writer: Writer, objects: int, size: int) -> None:
    writer.counts["objects_count"] += objects
    writer.counts["kept_bytes"] += size


def size_of(manifest: Any) -> int:
    """The size as JSON, in bytes."""
    return len(orjson.dumps(manifest))


def record(writer: Writer, row: models.KeptObject, verb: str, labels: Json | None = None) -> None:
    """Appends a change to the journal, with the whole object, as it is stored nowhere else in the journal. `labels`: the former
    ones."""
    row.resource_version = writer.append(
        verb,
        row.recorded_as,
        {"uid": row.uid, "manifest": row.manifest},
        name=row.name,
        namespace=row.namespace,
        before={"labels": labels} if labels is not None and labels != labels_of(row.manifest) else None,
    )


def labels_of(manifest: Json) -> Json:
    return manifest["metadata"].get("labels") or {}


def value(row: models.KeptObject) -> Kept:
    manifest = {key: each if key == "metadata" else shared(each) for key, each in row.manifest.items()}
    return Kept(uid=row.uid, resource=row.resource, name=row.name, namespace=row.namespace, manifest=manifest)


def store(writer: Writer, values: Iterable[Kept]) -> None:
    """Stores new manifests of existing objects, each once. Their creationTimestamp is kept."""
    found = {each.uid: each for each in values}
    for row in models.KeptObject.objects.filter(pk__in=found) if found else ():
        manifest = dict(found[row.uid].manifest)
        created = row.manifest["metadata"].get("creationTimestamp")
        about = {**manifest["metadata"], **({"creationTimestamp": created} if created else {})}
        update(writer, row, {**manifest, "metadata": about})


def make(writer: Writer, values: Iterable[Kept]) -> None:
    """Creates objects of a controller."""
    created = datetime.fromtimestamp(writer.wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for each in values:
        manifest = {**each.manifest, "metadata": {**each.manifest["metadata"], "creationTimestamp": created}}
        place = {"namespace": each.namespace, "resource": each.resource, "name": each.name}
        insert(writer, models.KeptObject(uid=each.uid, cluster=writer.cluster, **place, manifest=manifest))


def remove(writer: Writer, uids: Collection[str]) -> None:
    """Deletes objects for a controller."""
    for row in models.KeptObject.objects.filter(pk__in=uids) if uids else ():
        delete(writer, row)


def rules(cluster: models.Cluster, **where: Any) -> list[Kept]:
    """The quotas, limit ranges and budgets of a cluster or, with `where`, a part of it."""
    return read(cluster, **{"resource__in": list(policies.RESOURCES), **where})


def read(cluster: models.Cluster, **where: Any) -> list[Kept]:
    """The kept objects of a cluster that controllers read, as values; with `where`, a part of them."""
    rows = models.KeptObject.objects.filter(cluster=cluster, **{"resource__in": list(READ), **where})
    return [value(row) for row in rows.order_by("resource", "namespace", "name")]
