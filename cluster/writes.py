"""What every write of a family shares: it is opened under its cluster's lock, and written as one transaction."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cluster import clock, families, journal, models
from cluster.apply import apply
from cluster.core.objects import Change, Deployment
from cluster.snapshot import Loaded, load
from cluster.spaces import Space
from cluster.statuses import Refused, not_found

Owners = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Result:
    rv: int
    message: str


@contextmanager
def opened(space: Space, name: str) -> Iterator[Loaded]:
    """A Deployment's family, with the cluster locked for the time of a write."""
    with journal.exclusive(space.cluster):
        find_namespace(space)
        rows = models.Deployment.objects.filter(namespace__cluster__name=space.cluster)
        row = rows.filter(namespace__name=space.namespace, name=name).only("family_id").first()
        if row is None:
            raise Refused(not_found("deployments.apps", name))
        yield load(families.of_key(row.family_id))


def deployment_of(loaded: Loaded, name: str) -> Deployment:
    if loaded.family.deployment is None:
        raise Refused(not_found("deployments.apps", name))
    return loaded.family.deployment


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


def time_of(loaded: Loaded) -> float:
    return clock.simulated(loaded.cluster, time.time())


def own(loaded: Loaded, uid: str, owners: Owners) -> bool:
    """The managedFields that an object is written with; True if they are not what they were."""
    changed = (loaded.owners.get(uid) or []) != owners
    loaded.owners[uid] = owners
    return changed


def write(loaded: Loaded, changes: list[Change], message: str, *, actor: str) -> Result:
    if not changes:
        return Result(rv=loaded.cluster.head, message=message)
    with journal.write(loaded.cluster.name, loaded.namespace.name, actor=actor) as writer:
        apply(loaded, changes, writer)
        journal.touch(loaded.row.pk)
    return Result(rv=writer.head, message=message)
