"""The part of the journal that belongs to a rollout."""

import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from cluster import models
from cluster.page import history, rollouts
from cluster.records import clock, journal
from cluster.spaces import Space

BELONGING = ("ReplicaSet", "Pod")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A rollout of a Deployment: the resource versions after which it begins and with which it ends (None: it is the newest one),
    and when it began."""

    cluster: models.Cluster
    namespace: str
    name: str
    uid: str
    since: int
    upto: int | None
    began: float
    ends: float | None = None

    @property
    def place(self) -> Hashable:
        return (self.uid, self.since, self.upto)

    @property
    def own(self) -> Any:
        found = history.changes_of(self.cluster.pk, self.uid).filter(rv__gt=self.since)
        return found if self.upto is None else found.filter(rv__lte=self.upto)

    @property
    def newest_rv(self) -> int:
        """The resource version of its newest change."""
        return self.own.order_by("-rv").values_list("rv", flat=True).first() or self.since

    @property
    def end_rv(self) -> int:
        """The last resource version that belongs to it, as of now."""
        return journal.head(self.cluster.name) if self.upto is None else self.upto

    @property
    def now(self) -> float:
        return now_of(self.cluster)

    @property
    def last(self) -> float:
        """When one of its pods or ReplicaSets last changed."""
        found = self.own.filter(kind__in=BELONGING).order_by("-rv").values_list("at", flat=True).first()
        return self.began if found is None else float(found)


def newest(space: Space, name: str) -> Stretch:
    row = history.find(space, name)
    since = history.rollout_start(row)
    own = history.changes_of(row.namespace.cluster_id, row.uid).filter(rv__gt=since, kind__in=history.FILMED)
    began = own.order_by("rv").values_list("at", flat=True).first()
    cluster = row.namespace.cluster
    began = now_of(cluster) if began is None else began
    return Stretch(
        cluster=cluster, namespace=space.namespace, name=name, uid=row.uid, since=since, upto=None, began=began
    )


def recorded(cluster: str, rv: int) -> Stretch:
    change = rollouts.change_of(cluster, rv)
    later = rollouts.begun(change.cluster_id, change.root).filter(rv__gt=rv).order_by("rv").first()
    return Stretch(
        cluster=change.cluster,
        namespace=change.namespace,
        name=change.name,
        uid=change.root,
        since=rv - 1,
        upto=later.rv - 1 if later else None,
        began=change.at,
        ends=later.at if later else None,
    )


def now_of(cluster: models.Cluster) -> float:
    return clock.simulated(cluster, time.time())
