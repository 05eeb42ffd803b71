"""The journal: all writes go through it, and it returns what has changed since a resource version.

A write locks its cluster's row first and no other, so resource versions are assigned in the order of the commits, and two writes
of a cluster can't deadlock."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from cluster.models import Blueprint, Change, Cluster, Event, Heartbeat
from cluster.records import clock, doorbell
from cluster.records.prepared import Prepared, update_row
from cluster.records.rows import insert
from cluster.statuses import Refused, not_found

WORKER_SILENT_SECONDS = 15.0
KEEP_CHANGES = 200_000
KEEP_SECONDS = 24 * 3600.0

COLUMNS = (
    "cluster_id", "rv", "namespace", "root", "kind", "uid", "name", "verb", "at", "wall", "actor", "state", "why", "blueprint",
    "before", "mark",
)  # fmt: skip

State = dict[str, Any]
Announce = Callable[[str, int], None]
LOCKED = Prepared(lambda name: Cluster.objects.select_for_update(no_key=True).filter(name=name), str)
BOUNDS = Prepared(lambda name: Cluster.objects.filter(name=name).values_list("pk", "tail", "head"), str)
_reading: ContextVar[bool] = ContextVar("reading", default=False)
_held: ContextVar[Cluster | None] = ContextVar("held", default=None)


class Gone(Exception):
    """Raised when the journal does not have the requested changes: they were compacted, or are of a different cluster or
    journal."""


@dataclass(kw_only=True)
class Writer:
    """Collects and numbers the changes of one write in a namespace ("" for objects without a namespace). `counts`: the
    differences to the cluster's counters."""

    cluster: Cluster
    namespace: str
    actor: str
    wall: float
    head: int
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    blueprints: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> float:
        return clock.simulated(self.cluster, self.wall)

    def append(
        self,
        verb: str,
        kind: str,
        state: State,
        *,
        name: str,
        namespace: str | None = None,
        root: str = "",
        why: State | None = None,
        blueprint: tuple[str, str] | None = None,
        before: State | None = None,
        mark: str | None = None,
    ) -> int:
        """Adds one change; returns its resource version, which is also put into the state. `blueprint`: (digest, text).
        `namespace` None: the write's namespace."""
        self.head += 1
        state["rv"] = self.head
        if blueprint:
            self.blueprints[blueprint[0]] = (blueprint[1], self.head)
        row = (
            self.cluster.pk,
            self.head,
            self.namespace if namespace is None else namespace,
            root or state["uid"],
            kind,
            state["uid"],
            name,
            verb,
            self.now,
            self.wall,
            self.actor,
        )
        more = (blueprint[0] if blueprint else "", _json(before) if before else None, mark)
        self.rows.append((*row, _json(state), _json(why) if why else None, *more))
        return self.head


@contextmanager
def exclusive(cluster: str) -> Iterator[Cluster]:
    """A write transaction that locks a cluster's row; on SQLite a process's transactions queue (rollout_site.sqlite). A nested
    block shares the outer one. Raises Refused (404)."""
    held = _held.get()
    if held is not None:
        if held.name != cluster:
            raise RuntimeError(f"a write of cluster {held.name} can't write to {cluster}")
        yield held
        return
    with transaction.atomic():
        row = LOCKED.first(cluster)
        if row is None:
            raise Refused(not_found("clusters", cluster))
        with holding(row):
            yield row


def free() -> QuerySet[Cluster]:
    """Clusters to lock, without those locked by another transaction. SQLite has one writer, so there the transaction is the
    lock."""
    rows = Cluster.objects.order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, no_key=True)
    return rows


def locked() -> Cluster | None:
    """The row of the cluster that this write has locked; None outside of `exclusive`. What is read within it may be rolled back,
    and its resource versions be assigned again."""
    return _held.get()


@contextmanager
def holding(row: Cluster) -> Iterator[None]:
    """For callers that have already locked the row in a transaction."""
    token = _held.set(row)
    try:
        yield
    finally:
        _held.reset(token)


@contextmanager
def write(
    cluster: str, namespace: str = "", *, actor: str, wall: float | None = None, announce: Announce | None = None
) -> Iterator[Writer]:
    """One write: the changes appended to the Writer are committed together with the rows, or neither is. Viewers and workers are
    notified after the commit."""
    with exclusive(cluster) as row:
        writer = Writer(
            cluster=row,
            namespace=namespace,
            actor=actor,
            wall=time.time() if wall is None else wall,
            head=row.head,
        )
        yield writer
        if writer.rows:
            _insert(writer.rows)
            _keep(row, writer.blueprints)
            row.head = writer.head
            update_row(row, head=writer.head, due=0.0, **counted(row, writer.counts))
            # robust: an error in announcing must not look like a failed commit; listeners poll too.
            transaction.on_commit(lambda: (announce or ring)(cluster, writer.head), robust=True)


def counted(row: Cluster, more: Mapping[str, int]) -> dict[str, int]:
    """Adds `more` to the locked row's counters; returns the new values of those that change."""
    found = {name: getattr(row, name) + number for name, number in more.items() if number}
    for name, number in found.items():
        setattr(row, name, number)
    return found


def ring(cluster: str, head: int) -> None:
    """Signals viewers that the journal has grown, and a worker that something may be due."""
    doorbell.ring({cluster: head}, wake_worker=True)


@contextmanager
def reading() -> Iterator[None]:
    """All reads in this block see one snapshot of the database; writers are not blocked. A nested block shares the outer one."""
    if connection.in_atomic_block or _reading.get():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        token = _reading.set(True)
        try:
            yield
        finally:
            _reading.reset(token)
            cursor.execute("COMMIT")


def touch() -> None:
    """Makes every cluster due now."""
    Cluster.objects.update(due=0.0)


def head(cluster: str) -> int:
    return bounds(cluster)[1]


def tail(cluster: str) -> int:
    return bounds(cluster)[0]


def bounds(cluster: str) -> tuple[int, int]:
    """(tail, head): the newest compacted resource version, and the newest of all. Raises Refused (404)."""
    return bounds_of(cluster)[1:]


def bounds_of(cluster: str, key: int | None = None) -> tuple[int, int, int]:
    """(key, tail, head). Raises Refused (404), and Gone if the name belongs to a cluster other than that of `key`."""
    found: tuple[int, int, int] | None = BOUNDS.first(cluster)
    if found is None:
        raise Refused(not_found("clusters", cluster))
    if key not in (None, found[0]):
        raise Gone(f'clusters "{cluster}" is another one now')
    return found


# The kinds whose changes a namespace's viewers get.
SHOWN = ("Deployment", "ReplicaSet", "Pod", "Event", "Namespace", "Say", "Story")
CHANGE_FIELDS = ("rv", "verb", "kind", "at", "state", "why", "actor")


def changes_since(cluster: str, namespace: str, rv: int, limit: int, *, upto: int | None = None) -> list[State]:
    """At most `limit` changes of a namespace and of the cluster's clock after rv (up to and including `upto`), oldest first, as
    the protocol's items. Raises Gone."""
    shown = Q(namespace=namespace, kind__in=SHOWN) | Q(kind="Cluster")
    rows = Change.objects.filter(shown, cluster__name=cluster, rv__gt=rv)
    if upto is not None:
        rows = rows.filter(rv__lte=upto)
    items = [as_item(row) for row in rows.order_by("rv").values_list(*CHANGE_FIELDS)[:limit]]
    newest, removed = Cluster.objects.filter(name=cluster).values_list("head", "tail").first() or (0, 0)
    if rv < removed:
        raise Gone(f"resource version {rv} is older than the journal keeps")
    if rv > newest:
        raise Gone(f"resource version {rv} is newer than the journal: it was begun anew")
    return items


def as_item(row: tuple[Any, ...]) -> State:
    item = dict(zip(CHANGE_FIELDS, row, strict=True))
    return {key: value for key, value in item.items() if value not in (None, "")}


def worker_alive() -> bool:
    return time.time() - beaten_at() < WORKER_SILENT_SECONDS


def beaten_at() -> float:
    """The wall time of the last heartbeat of a worker."""
    return Heartbeat.objects.filter(pk=1).values_list("at", flat=True).first() or 0.0


def beat(at: float) -> None:
    if not Heartbeat.objects.filter(pk=1).update(at=at):
        Heartbeat.objects.get_or_create(pk=1, defaults={"at": at})


def carry_on(wall: float, back_seconds: float) -> bool:
    """After the wall clock was set back: moves all clusters' clocks back with it, so that simulated time continues and due
    clusters stay due. False if another worker has done so, which is when the last heartbeat is no longer in the future."""
    with transaction.atomic():
        beaten = Heartbeat.objects.select_for_update().filter(pk=1).first()
        if beaten is None or beaten.at <= wall:
            return False
        Cluster.objects.update(clock_wall=F("clock_wall") - back_seconds, due=F("due") - back_seconds)
        beat(wall)
        return True


def compact(wall: float) -> int:
    """Deletes the changes that exceed the retention by count or by age, and events as old, of every cluster; returns the number
    of changes deleted."""
    return sum(compact_cluster(name, wall) for name in forgetful(wall))


def forgetful(wall: float) -> list[str]:
    """The clusters whose journals have changes to delete, in one query that checks the oldest change of each."""
    own = Change.objects.filter(cluster=OuterRef("pk"), rv__gt=OuterRef("tail")).order_by("rv")
    known = Cluster.objects.annotate(oldest=Subquery(own.values("wall")[:1]))
    found = known.filter(Q(head__gt=F("tail") + KEEP_CHANGES) | Q(oldest__lt=wall - KEEP_SECONDS))
    return list(found.order_by("pk").values_list("name", flat=True))


def compact_cluster(name: str, wall: float) -> int:
    with exclusive(name) as cluster:
        limit = _limit(cluster, wall)
        Cluster.objects.filter(pk=cluster.pk).update(tail=limit)
        Event.objects.filter(namespace__cluster=cluster, resource_version__lte=limit).delete()
        Blueprint.objects.filter(cluster=cluster, newest__lte=limit).delete()
        return Change.objects.filter(cluster=cluster, rv__lte=limit).delete()[0]


def _limit(cluster: Cluster, wall: float) -> int:
    return max(_newest_before(wall - KEEP_SECONDS, cluster), cluster.head - KEEP_CHANGES, cluster.tail)


def _newest_before(wall: float, cluster: Cluster) -> int:
    """The search starts at the oldest change, so it scans only changes that will be deleted."""
    kept = Change.objects.filter(cluster=cluster, rv__gt=cluster.tail, wall__gte=wall).order_by("rv")
    first = kept.values_list("rv", flat=True).first()
    return cluster.head if first is None else first - 1


def _json(value: State) -> str:
    return orjson.dumps(value).decode()


def _insert(rows: list[tuple[Any, ...]]) -> None:
    insert("cluster_change", COLUMNS, rows)


def _keep(cluster: Cluster, blueprints: dict[str, tuple[str, int]]) -> None:
    rows = [(cluster.pk, digest, text, newest) for digest, (text, newest) in blueprints.items()]
    again = " ON CONFLICT (cluster_id, digest) DO UPDATE SET newest = excluded.newest"
    insert("cluster_blueprint", ("cluster_id", "digest", "value", "newest"), rows, again)
