"""Rollstage's own limits, which protect the server; Kubernetes' quotas are separate (`quotas`). Each limit is for a namespace, a
cluster or the whole server, and a refusal names which. Usage is counted with each write (models.Cluster)."""

from collections.abc import Mapping

from django.db import connection

from cluster import models
from cluster.core.objects import Deployment, Pod, ReplicaSet
from cluster.core.policies.asking import pods_asked, pods_of
from cluster.records.rows import deployment_value
from cluster.statuses import Refused, failure

Asking = Deployment | ReplicaSet | Pod
Totals = Mapping[str, int]
NOTHING: Mapping[str, int] = {}
# Counter -> (what it counts, the most in a cluster, the most on the server).
LIMITS: Mapping[str, tuple[str, int, int]] = {
    "pods_asked": ("pods", 50_000, 500_000),
    "objects_count": ("objects", 20_000, 500_000),
    "kept_bytes": ("bytes of kept objects", 64 * 1024 * 1024, 1024 * 1024 * 1024),
}


def totals() -> Totals:
    """The counters of the whole server: sums over its clusters, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'SUM({counter})' for counter in LIMITS)} FROM cluster_cluster")
        sums = cursor.fetchone()
    return {counter: int(found or 0) for counter, found in zip(LIMITS, sums, strict=True)}


def check_pods(
    space: models.Namespace,
    resource: str,
    wanted: Asking,
    before: Asking | None = None,
    *,
    pending: Mapping[str, int] = NOTHING,
    server: Totals | None = None,
) -> None:
    """Checks that the pods requested stay within the limits of the namespace, the cluster and the server. An edit that requests
    no more pods than `before` is never refused. `pending`: what the open write has already counted; `server`: the totals, if
    already read. Raises Refused (403)."""
    asked = pods_of(wanted)
    if before is not None and asked <= pods_of(before):
        return
    more = asked - counted(wanted, before)
    whose = f'the namespace "{space.name}"'
    check(resource, wanted.name, whose, "pods", asked, space.pods_asked + more - asked, space.pod_quota)
    check_counters({"pods_asked": more}, space.cluster, resource, wanted.name, pending, server)


def counted(wanted: Asking, before: Asking | None) -> int:
    """The pods already counted for this request: those of `before`, or of the Deployment that owns the ReplicaSet."""
    if isinstance(wanted, ReplicaSet) and wanted.owner_uid is not None:
        row = models.Deployment.objects.filter(pk=wanted.owner_uid).first()
        return pods_of(deployment_value(row, wanted.namespace)) if row else 0
    return pods_asked(before) if before is not None else 0


def check_object(
    cluster: models.Cluster,
    resource: str,
    name: str,
    size: int = 0,
    *,
    pending: Mapping[str, int] = NOTHING,
    server: Totals | None = None,
) -> None:
    """Checks that one more object fits; `size`: its bytes, if it is a kept object. Raises Refused (403)."""
    check_counters({"objects_count": 1, "kept_bytes": size}, cluster, resource, name, pending, server)


def check_size(
    cluster: models.Cluster, resource: str, name: str, more: int, *, pending: Mapping[str, int] = NOTHING
) -> None:
    """Checks that kept objects may grow by `more` bytes. Raises Refused (403)."""
    check_counters({"kept_bytes": more}, cluster, resource, name, pending, None)


def check_counters(
    wanted: Mapping[str, int],
    cluster: models.Cluster,
    resource: str,
    name: str,
    pending: Mapping[str, int],
    server: Totals | None,
) -> None:
    growing = {counter: more for counter, more in wanted.items() if more > 0}
    if growing and server is None:
        server = totals()
    for counter, more in growing.items():
        words, of_cluster, on_server = LIMITS[counter]
        there = pending.get(counter, 0)
        whose = f'the cluster "{cluster.name}"'
        check(resource, name, whose, words, more, getattr(cluster, counter) + there, of_cluster)
        check(resource, name, "this server", words, more, (server or NOTHING).get(counter, 0) + there, on_server)


def check(resource: str, name: str, whose: str, words: str, more: int, used: int, most: int) -> None:
    if used + more > most:
        kind, _, group = resource.partition(".")
        numbers = f"requested: {more:,}, used: {used:,}, limited: {most:,}"
        message = f'{resource} "{name}" is forbidden: Rollstage limit of {whose} on {words}: {numbers}'
        raise Refused(failure(403, "Forbidden", message, name=name, group=group, kind=kind))
