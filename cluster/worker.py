"""The channels worker: what is due? Load, decide, apply. Then sleep until the next due time or a doorbell.

Level-triggered: a pass reads the rows as they are and commits all it decides at once, so a worker may die any time.
"""

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.consumer import AsyncConsumer
from django.db import connection

from cluster import clock, journal
from cluster.apply import apply
from cluster.core.reconcile import reconcile
from cluster.models import Family
from cluster.snapshot import load

log = logging.getLogger(__name__)

LONGEST_SLEEP_SECONDS = 1.0
BEAT_SECONDS = 5.0
COMPACT_SECONDS = 60.0
ROUND_SECONDS = 0.05
PAUSE_AFTER_ERROR_SECONDS = 1.0

Heads = dict[str, int]


class Reconciler(AsyncConsumer):
    """Listens on the channel `reconciler`; the first message starts the loop, every message wakes it."""

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        self.loop_task: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reconciler")
        self.housekeeper = Housekeeper()

    async def wake(self, message: dict[str, Any]) -> None:  # noqa: ARG002 channels hands every handler its message
        self.bell.set()
        if self.loop_task is None or self.loop_task.done():
            self.loop_task = asyncio.create_task(self.run())

    async def run(self) -> None:
        while True:
            self.bell.clear()
            try:
                heads, sleep_seconds = await self._in_thread(self.round)
                await journal.ring_async(heads, wake_worker=False)
            except Exception:
                log.exception("The round failed; trying again")
                await self._in_thread(connection.close)
                sleep_seconds = PAUSE_AFTER_ERROR_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), sleep_seconds)

    def round(self) -> tuple[Heads, float]:
        """Passes over due families for a short while; returns the journal's new heads and how long nothing is due."""
        self.housekeeper.tidy()
        heads: Heads = {}
        until = time.monotonic() + ROUND_SECONDS
        while run_next(heads):
            if time.monotonic() > until:
                return heads, 0.0
        return heads, seconds_to_next()

    async def _in_thread(self, call: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.thread, call)


class Housekeeper:
    """What a worker does now and then: says that it lives, and compacts journal and events."""

    def __init__(self) -> None:
        self.beaten = 0.0
        self.compacted = 0.0

    def tidy(self) -> None:
        wall = time.time()
        if wall - self.beaten >= BEAT_SECONDS:
            journal.beat()
            self.beaten = wall
        if wall - self.compacted >= COMPACT_SECONDS:
            journal.compact(wall)
            self.compacted = wall


def run_next(heads: Heads) -> bool:
    """Claims the family longest due and runs one pass of it; False when none is due."""
    wall = time.time()
    if not Family.objects.filter(due__lte=wall).exists():
        return False
    row = None
    try:
        with journal.exclusive():
            row = claim(wall)
            if row:
                run_pass(row, wall, heads)
    except Exception:
        if row is None:
            raise
        log.exception("The pass of %s failed; it waits while the others go on", row)
        Family.objects.filter(pk=row.pk).update(due=wall + PAUSE_AFTER_ERROR_SECONDS)
    return row is not None


def claim(wall: float) -> Family | None:
    """PostgreSQL: a row that no other worker holds. SQLite has one writer, so holding the transaction is the claim."""
    due = Family.objects.filter(due__lte=wall).select_related("namespace").order_by("due")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    return due.first()


def run_pass(row: Family, wall: float, heads: Heads) -> None:
    loaded = load(row)
    result = reconcile(loaded.family, clock.simulated(row.namespace, wall))
    if result.changes:
        with journal.write(row.namespace, actor="", wall=wall, announce=heads.__setitem__) as writer:
            apply(loaded, result.changes, writer)
    if is_empty(result.family):
        row.delete()
    else:
        Family.objects.filter(pk=row.pk).update(due=clock.wall_of(row.namespace, result.due), next_at=result.due)


def is_empty(family: Any) -> bool:
    return family.deployment is None and not family.replicasets and not family.pods


def seconds_to_next() -> float:
    due = Family.objects.filter(due__isnull=False).order_by("due").values_list("due", flat=True).first()
    if due is None:
        return LONGEST_SLEEP_SECONDS
    return min(max(due - time.time(), 0.0), LONGEST_SLEEP_SECONDS)
