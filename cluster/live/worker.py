"""The channels worker: loads a due cluster, decides, applies, then sleeps until the next due time or a doorbell.

Level-triggered: a pass sees the cluster as it is, up to the newest change, and commits all its decisions at once, so a worker may
die at any time.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.consumer import AsyncConsumer
from django.db import connection, transaction
from django.db.models import QuerySet

from cluster.core.reconcile import reconcile
from cluster.live import failures
from cluster.live.wall_clock import WallClock
from cluster.models import Cluster
from cluster.records import clock, doorbell, journal, stalled
from cluster.records.apply import apply
from cluster.records.memory import Memory
from cluster.records.prepared import Prepared, update_row
from cluster.records.troubles import Troubles
from cluster.writing import attempts, invitations, memberships, presence, termination

log = logging.getLogger(__name__)

LONGEST_SLEEP_SECONDS = 1.0
SHORTEST_SLEEP_SECONDS = 0.02  # a due cluster that can't be claimed is locked by another worker
BEAT_SECONDS = 5.0
COMPACT_SECONDS = 60.0
ROUND_SECONDS = 0.05
PAUSE_AFTER_ERROR_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
MOST_CHANGES = 5_000  # per pass: then it commits, so that edits and other clusters get their turn

Heads = dict[str, int]
Errand = Callable[[], float]  # called after the passes of each round; returns seconds until its next call
IS_DUE = Prepared(lambda wall: Cluster.objects.filter(due__lte=wall).values_list("pk")[:1], float)
NEXT_DUE = Prepared(lambda: Cluster.objects.filter(due__isnull=False).order_by("due").values_list("due", flat=True)[:1])
FREE = Prepared(lambda wall: due(wall)[:1], float)
FREE_ONE = Prepared(lambda wall, key: due(wall).filter(pk=key), float, int)
passes = Troubles(first_seconds=PAUSE_AFTER_ERROR_SECONDS, longest_seconds=LONGEST_PAUSE_SECONDS)


class Reconciler(AsyncConsumer):
    """Listens on the channel `reconciler`; the first message starts the loop, every message wakes it. `errand` runs in the
    worker's thread."""

    channel_layer_alias = ""  # the worker reads its channel for it

    def __init__(self, errand: Errand = lambda: LONGEST_SLEEP_SECONDS) -> None:
        self.errand = errand
        self.bell = asyncio.Event()
        self.loop_task: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reconciler")
        self.housekeeper = Housekeeper()
        self.memory = Memory()
        self.troubles = Troubles(first_seconds=PAUSE_AFTER_ERROR_SECONDS, longest_seconds=PAUSE_AFTER_ERROR_SECONDS)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without a visit to the database's thread before each message, as channels has it: no message needs the database."""
        await self.wake(message)

    async def wake(self, message: dict[str, Any]) -> None:  # noqa: ARG002 the message says nothing more
        self.bell.set()
        if self.loop_task is None or self.loop_task.done():
            self.loop_task = asyncio.create_task(self.run())

    async def run(self) -> None:
        """Runs rounds until it is cancelled; whatever fails (the database or Redis is down) is retried."""
        while True:
            self.bell.clear()
            sleep_seconds = await self.attempt()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), sleep_seconds)

    async def attempt(self) -> float:
        """Works in the worker's thread; returns how many seconds to sleep."""
        try:
            sleep_seconds: float = await self._in_thread(self.work)
        except Exception:
            await self._in_thread(close_connection)
            return self.troubles.met("round", "A round of the worker")
        self.troubles.over("round", "The worker")
        return sleep_seconds

    def work(self) -> float:
        """A round, its doorbells and the housekeeping; returns how many seconds to sleep."""
        heads, sleep_seconds = self.round()
        if heads:
            doorbell.ring(heads, wake_worker=False)
        try:
            self.housekeeper.tidy()
        except Exception:
            log.exception("The worker's housekeeping failed; it is tried again")
        return sleep_seconds

    def round(self) -> tuple[Heads, float]:
        """Passes over due clusters for a short while, then the errand; returns the journal's new heads and the seconds to
        sleep."""
        heads: Heads = {}
        until = time.monotonic() + ROUND_SECONDS
        is_cut = False
        while not is_cut and run_next(heads, self.memory):
            is_cut = time.monotonic() > until
        try:
            seconds = self.errand()
        except Exception:  # the passes are committed, and their heads must be announced
            log.exception("%s failed in a round of the worker; it is called again", self.errand)
            close_connection()
            seconds = LONGEST_SLEEP_SECONDS
        return heads, 0.0 if is_cut else max(min(seconds_to_next(), seconds), SHORTEST_SLEEP_SECONDS)

    async def _in_thread(self, call: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.thread, call)


class Housekeeper:
    """The worker's periodic duties after a successful round: writes the heartbeat, ends stalled transactions and memberships,
    compacts the journal and events, deletes old attempts, invitations and presence, and checks whether the machine's clock was
    set back."""

    def __init__(self) -> None:
        self.clock = WallClock()
        self.beaten = self.compacted = -math.inf

    def tidy(self) -> None:
        self.clock.look()
        now, wall = time.monotonic(), time.time()
        if now - self.beaten >= BEAT_SECONDS:
            self.beaten = now
            journal.beat(wall)
            stalled.end_stalled()
            memberships.end_due()
        if now - self.compacted >= COMPACT_SECONDS:
            self.compacted = now
            journal.compact(wall)
            attempts.forget()
            invitations.forget()
            presence.forget()


def close_connection() -> None:
    """Closes this thread's connection, so that a broken one is not used again."""
    connection.close()


def run_next(heads: Heads, memory: Memory | None = None) -> bool:
    """Claims the cluster that has been due longest and runs one pass of it; False when none is due. Without a memory the cluster
    is loaded for the pass."""
    memory = Memory() if memory is None else memory
    wall = time.time()
    if not IS_DUE(wall):
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
        again = wall + passes.met(row.pk, f"The pass of cluster {row.name}")
        Cluster.objects.filter(pk=row.pk).update(due=again)
    except BaseException:
        memory.forget(row.pk if row else None)
        raise
    else:
        passes.over(row.pk, f"The pass of cluster {row.name}")
        memory.trim()
    return True


def claim(wall: float, memory: Memory) -> Cluster | None:
    """A due cluster that no other transaction has locked, preferably one in this worker's memory."""
    known = list(memory.clusters)
    if len(known) == 1:
        found: Cluster | None = FREE_ONE.first(wall, known[0])
    else:
        found = due(wall).filter(pk__in=known).first() if known else None
    return found or FREE.first(wall)


def due(wall: float) -> QuerySet[Cluster]:
    """The due clusters, locked, longest due first; without those that another transaction has locked."""
    return journal.free().filter(due__lte=wall).order_by("due")


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
    next_due = clock.wall_of(row, result.due) if is_quiet else wall
    if loaded.is_terminating and termination.sweep(row, heads.__setitem__):
        next_due = wall
    left = clock.decisions_left(row.decisions, result.decisions, is_quiet=is_quiet)
    update_row(row, due=next_due, next_at=result.due, decisions=left)


def seconds_to_next() -> float:
    at: float | None = NEXT_DUE.first()
    if at is None:
        return LONGEST_SLEEP_SECONDS
    return min(max(at - time.time(), 0.0), LONGEST_SLEEP_SECONDS)
