"""Creating, updating and deleting kept objects (stored whole), and updating the quotas of their namespace."""

from typing import Any

from cluster import models
from cluster.core.policies import quotas as core
from cluster.core.policies import ranges
from cluster.records import kept
from cluster.records.journal import Writer
from cluster.records.prepared import lookup
from cluster.writing import capacity, quotas

Json = dict[str, Any]
LIMITING = (core.RESOURCE, ranges.RESOURCE)


def insert(writer: Writer, row: models.KeptObject) -> None:
    """Raises Refused (403)."""
    capacity.check_object(writer.cluster, row.resource, row.name, kept.size_of(row.manifest), pending=writer.counts)
    space = namespace_of(row)
    if space is not None:
        quotas.admit_object(writer, space, row.resource, row.manifest)
        row.manifest = with_count(space, row.resource, row.manifest)
    kept.insert(writer, row)
    if space is not None and row.resource in LIMITING and not space.limited:
        models.Namespace.objects.filter(pk=space.pk).update(limited=True)


def update(writer: Writer, row: models.KeptObject, manifest: Json) -> None:
    """Raises Refused (403)."""
    more = kept.size_of(manifest) - kept.size_of(row.manifest)
    capacity.check_size(writer.cluster, row.resource, row.name, more, pending=writer.counts)
    space = namespace_of(row)
    if space is not None and row.resource in (quotas.SERVICES, quotas.CLAIMS):
        quotas.admit_object(writer, space, row.resource, manifest, row.manifest)
    if space is not None and manifest.get("spec") != row.manifest.get("spec"):
        manifest = with_count(space, row.resource, manifest)
    kept.update(writer, row, manifest)


def delete(writer: Writer, row: models.KeptObject) -> None:
    space = namespace_of(row)
    kept.delete(writer, row)
    if space is None:
        return
    quotas.recount(writer, space, row.resource)
    left = models.KeptObject.objects.filter(cluster=row.cluster, namespace=row.namespace, resource__in=LIMITING)
    if row.resource in LIMITING and not left.exists():
        models.Namespace.objects.filter(pk=space.pk).update(limited=False)


def namespace_of(row: models.KeptObject) -> models.Namespace | None:
    if not row.namespace:
        return None
    found: list[models.Namespace] = lookup(models.Namespace, cluster_id=row.cluster_id, name=row.namespace)
    for space in found:
        space.cluster = row.cluster
    return found[0] if found else None


def with_count(space: models.Namespace, resource: str, manifest: Json) -> Json:
    """A quota with the objects that it counts already in its status. Pods, Deployments and ReplicaSets are counted by its
    controller."""
    if resource != core.RESOURCE:
        return manifest
    used = quotas.counted(space, manifest)
    if not used:
        return manifest
    status = manifest.get("status") or {}
    return {**manifest, "status": {**status, "used": {**(status.get("used") or {}), **used}}}
