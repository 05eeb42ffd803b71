"""Rollstage's own limits, which protect the server; Kubernetes' quotas are apart (`quotas`). Each is of a namespace, of a cluster or of
the whole server, and refusals say of which. What there is has been counted with each write (models.Cluster)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Sum

from cluster import models
from cluster.core.objects import Deployment, Pod, ReplicaSet
from cluster.core.policies.asking import pods_asked, pods_of
from cluster.records.rows import deployment_value
from cluster.statuses import Refused, failure

Asking = Deployment | ReplicaSet | Pod
NOTHING: Mapping[str, int] = {}
# Counter -> (what it counts, the most in a cluster, the most on the server).
LIMITS: Mapping[str, tuple[str, int, int]] = {
    "pods_asked": ("pods", 50_000, 500_000),
    "objects_count": ("objects", 20_000, 500_000),
    "kept_bytes": ("bytes of kept objects", 64 * 1024 * 1024, 1024 * 1024 * 1024),
}


def check_pods(
    space: models.Namespace,
    resource: str,
    wanted: Asking,
    before: Asking | None = None,
    pending: Mapping[str, int] = NOTHING,
) -> None:
    """What is in a namespace may ask for as many pods as its limit allows, and the limits of its cluster and of the server. An edit
    that asks for no more than `before` did is never refused. `pending`: what the open write counts already. Raises Refused (403)."""
    asked = pods_of(wanted)
    if before is not None and asked <= pods_of(before):
        return
    more = asked - counted(wanted, before)
    check(
        resource,
        wanted.name,
        f'the namespace "{space.name}"',
        "pods",
        asked,
        space.pods_asked + more - asked,
        space.pod_quota,
    )
    check_counter("pods_asked", space.cluster, resource, wanted.name, more, pending)


def counted(wanted: Asking, before: Asking | None) -> int:
    """The pods that are counted already for what is asked: those of `before`, or of the Deployment that owns a ReplicaSet."""
    if isinstance(wanted, ReplicaSet) and wanted.owner_uid is not None:
        row = models.Deployment.objects.filter(pk=wanted.owner_uid).first()
        return pods_of(deployment_value(row, wanted.namespace)) if row else 0
    return pods_asked(before) if before is not None else 0


def check_object(
    cluster: models.Cluster, resource: str, name: str, size: int = 0, pending: Mapping[str, int] = NOTHING
) -> None:
    """One more object; `size` in bytes, of one that is kept whole. Raises Refused (403)."""
    check_counter("objects_count", cluster, resource, name, 1, pending)
    check_size(cluster, resource, name, size, pending)


def check_size(
    cluster: models.Cluster, resource: str, name: str, more: int, pending: Mapping[str, int] = NOTHING
) -> None:
    """Kept objects that grow by so many bytes. Raises Refused (403)."""
    if more > 0:
        check_counter("kept_bytes", cluster, resource, name, more, pending)


def check_counter(
    counter: str, cluster: models.Cluster, resource: str, name: str, more: int, pending: Mapping[str, int] = NOTHING
) -> None:
    words = LIMITS[counter][0]
    for whose, used, most in places(counter, cluster):
        check(resource, name, whose, words, more, used + pending.get(counter, 0), most)


def places(counter: str, cluster: models.Cluster) -> Iterator[tuple[str, int, int]]:
    """(whose the limit is, what there is, the most), the server's last: a sum over its clusters."""
    _, of_cluster, on_server = LIMITS[counter]
    yield f'the cluster "{cluster.name}"', getattr(cluster, counter), of_cluster
    found: Any = models.Cluster.objects.aggregate(total=Sum(counter))
    yield "this server", found["total"] or 0, on_server


def check(resource: str, name: str, whose: str, words: str, more: int, used: int, most: int) -> None:
    if used + more > most:
        kind, _, group = resource.partition(".")
        numbers = f"requested: {more:,}, used: {used:,}, limited: {most:,}"
        message = f'{resource} "{name}" is forbidden: Rollstage limit of {whose} on {words}: {numbers}'
        raise Refused(failure(403, "Forbidden", message, name=name, group=group, kind=kind))
