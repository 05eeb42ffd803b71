"""What every write of objects shares: they are loaded under their cluster's lock, and written as one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cluster import models
from cluster.core.objects import Change, Deployment
from cluster.records import journal
from cluster.records.apply import apply
from cluster.records.loading import Loaded, load_part
from cluster.spaces import Space
from cluster.statuses import Refused, not_found

Owners = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Result:
    rv: int
    message: str


@contextmanager
def opened(space: Space, name: str) -> Iterator[tuple[Loaded, Deployment]]:
    """A Deployment with its ReplicaSets, the cluster locked for the time of a write. Raises Refused (404)."""
    with journal.exclusive(space.cluster) as cluster:
        uid = uid_of(find_namespace(space), name)
        replicasets = models.ReplicaSet.objects.filter(owner_uid=uid).values_list("pk", flat=True)
        loaded = load_part(cluster, deployments=[uid], replicasets=list(replicasets))
        yield loaded, loaded.state.deployments[uid]


def uid_of(namespace: models.Namespace, name: str) -> str:
    found = models.Deployment.objects.filter(namespace=namespace, name=name).values_list("pk", flat=True).first()
    if found is None:
        raise Refused(not_found("deployments.apps", name))
    return str(found)


def find_namespace(space: Space) -> models.Namespace:
    rows = models.Namespace.objects.select_related("cluster")
    found = rows.filter(cluster__name=space.cluster, name=space.namespace).first()
    if found is None:
        raise Refused(not_found("namespaces", space.namespace))
    return found


def find_cluster(name: str) -> models.Cluster:
    found = models.Cluster.objects.filter(name=name).first()
    if found is None:
        raise Refused(not_found("clusters", name))
    return found


def own(loaded: Loaded, uid: str, owners: Owners) -> bool:
    """The managedFields that an object is written with; True if they are not what they were."""
    changed = (loaded.owners.get(uid) or []) != owners
    loaded.owners[uid] = owners
    return changed


def write(loaded: Loaded, changes: list[Change], message: str, *, actor: str) -> Result:
    if not changes:
        return Result(rv=loaded.cluster.head, message=message)
    with journal.write(loaded.cluster.name, actor=actor) as writer:
        apply(loaded, changes, writer)
    return Result(rv=writer.head, message=message)
