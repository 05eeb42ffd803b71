"""The journal: the one door for writes, and the answer to "what changed since N?".

A write takes the head row's lock, so resource versions are handed out in the order in which they commit. Lock order
everywhere: the family first, the head after it.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction

from cluster import clock, ears
from cluster.models import Blueprint, Change, Event, Family, Heartbeat, Journal, Namespace

WORKER_CHANNEL = "reconciler"
WORKER_SILENT_SECONDS = 15.0
KEEP_CHANGES = 200_000
KEEP_SECONDS = 24 * 3600.0
RING_SECONDS = 2.0

State = dict[str, Any]
Announce = Callable[[str, int], None]


class Gone(Exception):
    """Raised when the changes asked for are older than the retained journal."""


@dataclass(kw_only=True)
class Writer:
    """Collects one transaction's changes and numbers them."""

    namespace: Namespace
    actor: str
    wall: float
    head: int
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    blueprints: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return clock.simulated(self.namespace, self.wall)

    def append(
        self,
        verb: str,
        kind: str,
        state: State,
        *,
        name: str,
        family_id: int | None = None,
        why: State | None = None,
        blueprint: tuple[str, str] | None = None,
        before: State | None = None,
    ) -> int:
        """Adds one change; returns its resource version, which is also put into the state. `blueprint`: (digest, text)."""
        self.head += 1
        state["rv"] = self.head
        if blueprint:
            self.blueprints[blueprint[0]] = (blueprint[1], self.head)
        row = (
            self.head,
            self.namespace.name,
            family_id,
            kind,
            state["uid"],
            name,
            verb,
            self.now,
            self.wall,
            self.actor,
        )
        more = (blueprint[0] if blueprint else "", _json(before) if before else None)
        self.rows.append((*row, _json(state), _json(why) if why else None, *more))
        return self.head


@contextmanager
def exclusive() -> Iterator[None]:
    """A write transaction. SQLite has one writer: within a process transactions queue (rollout_site.sqlite)."""
    with transaction.atomic():
        yield


@contextmanager
def write(
    namespace: Namespace, *, actor: str, wall: float | None = None, announce: Announce | None = None
) -> Iterator[Writer]:
    """One write: what is appended to the Writer is committed with the rows, or nothing is; viewers and workers hear of
    it after the commit."""
    with exclusive():
        head = Journal.objects.select_for_update().get_or_create(pk=1)[0]
        writer = Writer(namespace=namespace, actor=actor, wall=time.time() if wall is None else wall, head=head.head)
        yield writer
        if writer.rows:
            _insert(writer.rows)
            _keep(writer.blueprints)
            Journal.objects.filter(pk=1).update(head=writer.head)
            # robust: what is committed stands, also when nobody could be told; they poll.
            transaction.on_commit(lambda: (announce or ring)(namespace.name, writer.head), robust=True)


def cluster_scope() -> Namespace:
    """Stands for the namespace in a write of what belongs to none (Namespaces, Nodes): no name, and the wall's time."""
    return Namespace(name="")


def ring(namespace: str, head: int) -> None:
    """The doorbell: tells viewers that the journal grew and a worker that something may be due."""
    async_to_sync(ring_async)({namespace: head}, wake_worker=True)


async def ring_async(heads: dict[str, int], *, wake_worker: bool) -> None:
    """Raises what the layer raises, and TimeoutError where it doesn't answer: a write must not wait for it."""
    layer = get_channel_layer()
    async with asyncio.timeout(RING_SECONDS):
        for namespace, head in heads.items():
            await layer.group_send(ears.group_of(namespace), {"type": "journal.changed", "head": head})
        if heads:
            await layer.group_send(ears.EVERYTHING, {"type": "journal.changed", "head": max(heads.values())})
        if wake_worker:
            await layer.send(WORKER_CHANNEL, {"type": "wake"})


@contextmanager
def reading() -> Iterator[None]:
    """Everything read in it is of one moment, and nobody waits for it."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def touch(*families: int) -> None:
    """Makes families due now; without arguments, all of them."""
    chosen = Family.objects.filter(pk__in=families) if families else Family.objects.all()
    chosen.update(due=0.0)


def head() -> int:
    return Journal.objects.filter(pk=1).values_list("head", flat=True).first() or 0


def tail() -> int:
    return Journal.objects.filter(pk=1).values_list("tail", flat=True).first() or 0


CHANGE_FIELDS = ("id", "verb", "kind", "at", "state", "why", "actor")


def changes_since(namespace: str, rv: int, limit: int, *, upto: int | None = None) -> list[State]:
    """At most `limit` changes of a namespace after rv (and not after `upto`), oldest first, as the protocol's items.
    Raises Gone."""
    rows = Change.objects.filter(namespace=namespace, id__gt=rv)
    if upto is not None:
        rows = rows.filter(id__lte=upto)
    items = [as_item(row) for row in rows.order_by("id").values_list(*CHANGE_FIELDS)[:limit]]
    newest, removed = Journal.objects.filter(pk=1).values_list("head", "tail").first() or (0, 0)
    if rv < removed:
        raise Gone(f"resource version {rv} is older than the journal keeps")
    if rv > newest:
        raise Gone(f"resource version {rv} is newer than the journal: it was begun anew")
    return items


def as_item(row: tuple[Any, ...]) -> State:
    item = dict(zip(("rv", *CHANGE_FIELDS[1:]), row, strict=True))
    return {key: value for key, value in item.items() if value not in (None, "")}


def worker_alive() -> bool:
    at = Heartbeat.objects.filter(pk=1).values_list("at", flat=True).first() or 0.0
    return time.time() - at < WORKER_SILENT_SECONDS


def beat() -> None:
    at = time.time()
    if not Heartbeat.objects.filter(pk=1).update(at=at):
        Heartbeat.objects.get_or_create(pk=1, defaults={"at": at})


def compact(wall: float) -> int:
    """Removes changes older than the journal keeps, by count and by age, and events as old; returns how many changes
    went."""
    with exclusive():
        journal = Journal.objects.select_for_update().get_or_create(pk=1)[0]
        limit = max(_newest_before(wall - KEEP_SECONDS, journal), journal.head - KEEP_CHANGES)
        if limit <= journal.tail:
            return 0
        Journal.objects.filter(pk=1).update(tail=limit)
        Event.objects.filter(resource_version__lte=limit).delete()
        Blueprint.objects.filter(newest__lte=limit).delete()
        return Change.objects.filter(id__lte=limit).delete()[0]


def _newest_before(wall: float, journal: Journal) -> int:
    """Looked for from the oldest on: so only those are passed that go."""
    kept = (
        Change.objects.filter(id__gt=journal.tail, wall__gte=wall).order_by("id").values_list("id", flat=True).first()
    )
    return journal.head if kept is None else kept - 1


def _json(value: State) -> str:
    return orjson.dumps(value).decode()


def _insert(rows: list[tuple[Any, ...]]) -> None:
    columns = "id, namespace, family_id, kind, uid, name, verb, at, wall, actor, state, why, blueprint, before"
    places = ", ".join(["%s"] * 14)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO cluster_change ({columns}) VALUES ({places})", rows)


def _keep(blueprints: dict[str, tuple[str, int]]) -> None:
    rows = [(digest, text, newest) for digest, (text, newest) in blueprints.items()]
    insert = "INSERT INTO cluster_blueprint (digest, value, newest) VALUES (%s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.executemany(f"{insert} ON CONFLICT (digest) DO UPDATE SET newest = excluded.newest", rows)
