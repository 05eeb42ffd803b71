"""Common parts of all writes: objects are loaded under their cluster's lock, and written in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cluster import models
from cluster.core.objects import Change, Deployment
from cluster.records import journal
from cluster.records.apply import apply
from cluster.records.loading import Loaded, nothing_of, put, put_replicasets, settled
from cluster.records.prepared import lookup
from cluster.records.rows import deployment_value
from cluster.spaces import Space
from cluster.statuses import Refused, not_found

Owners = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Result:
    rv: int
    message: str


@contextmanager
def opened(space: Space, name: str, *, with_replicasets: bool = False) -> Iterator[tuple[Loaded, Deployment]]:
    """A Deployment, with its ReplicaSets if requested, under the cluster's lock. One query each. Raises Refused (404)."""
    with journal.exclusive(space.cluster) as cluster:
        where = {"namespace__cluster_id": cluster.pk, "namespace__name": space.namespace, "name": name}
        rows: list[models.Deployment] = lookup(models.Deployment, **where)
        if not rows:
            find_namespace(space)  # the namespace itself may be missing
            raise Refused(not_found("deployments.apps", name))
        row = rows[0]
        loaded = nothing_of(cluster, space.namespace, row.namespace_id)
        put(loaded, deployment_value(row, space.namespace), row.created, row.managed_fields)
        settled(loaded)
        if with_replicasets:
            put_replicasets(loaded, models.ReplicaSet.objects.filter(owner_uid=row.pk))
        yield loaded, loaded.state.deployments[row.pk]


def find_namespace(space: Space) -> models.Namespace:
    """The namespace's row; within a write of its cluster, with the locked row of the cluster. Raises Refused (404)."""
    cluster = journal.locked()
    found: list[models.Namespace]
    if cluster is not None and cluster.name == space.cluster:
        found = lookup(models.Namespace, cluster_id=cluster.pk, name=space.namespace)
        for row in found:
            row.cluster = cluster
    else:
        found = lookup(models.Namespace, "cluster", cluster__name=space.cluster, name=space.namespace)
    if not found:
        raise Refused(not_found("namespaces", space.namespace))
    return found[0]


def find_cluster(name: str) -> models.Cluster:
    found: list[models.Cluster] = lookup(models.Cluster, name=name)
    if not found:
        raise Refused(not_found("clusters", name))
    return found[0]


def own(loaded: Loaded, uid: str, owners: Owners) -> bool:
    """Sets the managedFields with which an object is written; True if they have changed."""
    changed = (loaded.owners.get(uid) or []) != owners
    loaded.owners[uid] = owners
    return changed


def write(loaded: Loaded, changes: list[Change], message: str, *, actor: str) -> Result:
    if not changes:
        return Result(rv=loaded.cluster.head, message=message)
    with journal.write(loaded.cluster.name, actor=actor) as writer:
        apply(loaded, changes, writer)
    return Result(rv=writer.head, message=message)
