"""The channels worker: what is due? Load, decide, apply. Then sleep until the next due time or a doorbell.

Level-triggered: a pass knows the cluster as it is, up to the newest change, and commits all that it decides at once, so a
worker may die any time.
"""

import asyncio
import contextlib
import logging
import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.consumer import AsyncConsumer
from django.db import connection, transaction

from cluster.core.reconcile import reconcile
from cluster.live import failures
from cluster.live.wall_clock import WallClock
from cluster.models import Cluster
from cluster.records import clock, doorbell, journal
from cluster.records.apply import apply
from cluster.records.memory import Memory
from cluster.records.troubles import Troubles

log = logging.getLogger(__name__)

LONGEST_SLEEP_SECONDS = 1.0
SHORTEST_SLEEP_SECONDS = 0.02  # what is due and not to be had is in another worker's hands
BEAT_SECONDS = 5.0
COMPACT_SECONDS = 60.0
ROUND_SECONDS = 0.05
PAUSE_AFTER_ERROR_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
MOST_CHANGES = 5_000  # of one pass: then it commits, so that edits and other clusters get their turn

Heads = dict[str, int]
passes = Troubles(first_seconds=PAUSE_AFTER_ERROR_SECONDS, longest_seconds=LONGEST_PAUSE_SECONDS)


class Reconciler(AsyncConsumer):
    """Listens on the channel `reconciler`; the first message starts the loop, every message wakes it."""

    channel_layer_alias = ""  # no channel of its own beside the one that the worker reads for it

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        self.loop_task: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reconciler")
        self.housekeeper = Housekeeper()
        self.memory = Memory()
        self.troubles = Troubles(first_seconds=PAUSE_AFTER_ERROR_SECONDS, longest_seconds=PAUSE_AFTER_ERROR_SECONDS)

    async def wake(self, message: dict[str, Any]) -> None:  # noqa: ARG002 channels hands every handler its message
        self.bell.set()
        if self.loop_task is None or self.loop_task.done():
            self.loop_task = asyncio.create_task(self.run())

    async def run(self) -> None:
        """Whatever fails (the database is away, Redis is) is tried again; only cancelling ends it."""
        while True:
            self.bell.clear()
            sleep_seconds = await self.attempt()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), sleep_seconds)

    async def attempt(self) -> float:
        """One round, and what follows it; returns how long to sleep."""
        try:
            heads, sleep_seconds = await self._in_thread(self.round)
        except Exception:
            await self._in_thread(close_connection)
            return self.troubles.met("round", "A round of the worker")
        self.troubles.over("round", "The worker")
        doorbell.ring(heads, wake_worker=False)
        try:
            await self._in_thread(self.housekeeper.tidy)
        except Exception:
            log.exception("The worker's housekeeping failed; it is tried again")
        return float(sleep_seconds)

    def round(self) -> tuple[Heads, float]:
        """Passes over due clusters for a short while; returns the journal's new heads and how long nothing is due."""
        heads: Heads = {}
        until = time.monotonic() + ROUND_SECONDS
        while run_next(heads, self.memory):
            if time.monotonic() > until:
                return heads, 0.0
        return heads, max(seconds_to_next(), SHORTEST_SLEEP_SECONDS)

    async def _in_thread(self, call: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.thread, call)


class Housekeeper:
    """What a worker does now and then, after a round that went well: says that it lives, compacts journal and events, and
    looks whether the machine's clock was set back."""

    def __init__(self) -> None:
        self.clock = WallClock()
        self.beaten = self.compacted = -math.inf

    def tidy(self) -> None:
        self.clock.look()
        now, wall = time.monotonic(), time.time()
        if now - self.beaten >= BEAT_SECONDS:
            self.beaten = now
            journal.beat(wall)
        if now - self.compacted >= COMPACT_SECONDS:
            self.compacted = now
            journal.compact(wall)


def close_connection() -> None:
    """This thread's own: a broken one is not used again."""
    connection.close()


def run_next(heads: Heads, memory: Memory | None = None) -> bool:
    """Claims the cluster that is longest due and runs one pass of it; False when none is due. Without a memory the cluster is
    loaded for the pass."""
    memory = Memory() if memory is None else memory
    wall = time.time()
    if not Cluster.objects.filter(due__lte=wall).exists():
        return False
    row = None
    try:
        with transaction.atomic():
            row = claim(wall, memory)
            if row is None:
                return False
            with journal.holding(row):
                run_pass(row, wall, heads, memory)
    except Exception:
        if row is None:
            raise
        memory.forget(row.pk)
        due = wall + passes.met(row.pk, f"The pass of cluster {row.name}")
        Cluster.objects.filter(pk=row.pk).update(due=due)
    except BaseException:
        memory.forget(row.pk if row else None)
        raise
    else:
        passes.over(row.pk, f"The pass of cluster {row.name}")
        memory.trim()
    return True


def claim(wall: float, memory: Memory) -> Cluster | None:
    """A cluster that nobody else holds, rather one that this worker remembers. SQLite has one writer, so holding the
    transaction is the claim."""
    rows = Cluster.objects.filter(due__lte=wall).order_by("due")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, no_key=True)
    known = rows.filter(pk__in=list(memory.clusters)).first() if memory.clusters else None
    return known or rows.first()


def run_pass(row: Cluster, wall: float, heads: Heads, memory: Memory) -> None:
    loaded = memory.recall(row)
    loaded.state.before.clear()
    now = clock.simulated(row, wall)
    result = reconcile(
        loaded.state,
        now,
        most_changes=MOST_CHANGES,
        most_decisions=row.decisions,
        failed=failures.teller(row, loaded.state),
    )
    if result.changes:
        with journal.write(row.name, actor="", wall=wall, announce=heads.__setitem__) as writer:
            apply(loaded, result.changes, writer)
    loaded.rv = row.head
    is_quiet = result.due is None or result.due > now or result.is_held
    if is_quiet:
        failures.tell_mended(row, loaded.state)
    due = clock.wall_of(row, result.due) if is_quiet else wall
    left = clock.decisions_left(row.decisions, result.decisions, is_quiet=is_quiet)
    Cluster.objects.filter(pk=row.pk).update(due=due, next_at=result.due, decisions=left)


def seconds_to_next() -> float:
    due = Cluster.objects.filter(due__isnull=False).order_by("due").values_list("due", flat=True).first()
    if due is None:
        return LONGEST_SLEEP_SECONDS
    return min(max(due - time.time(), 0.0), LONGEST_SLEEP_SECONDS)
