"""Short database work in the event loop's own thread: a change of threads takes longer than a small read or write of SQLite's file
(docs/performance.md).

Each call runs in a greenlet. A call that has to wait for the writer's turn is suspended, and the event loop goes on meanwhile. All
calls share one connection of Django, since they wait only where they have no transaction yet."""

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from greenlet import getcurrent, greenlet

from cluster.records import threads
from rollout_site.sqlite import writer_lock
from rollout_site.sqlite.writer_lock import WriterLock

LONGEST_SHARE_SECONDS = 0.05
LARGEST_ROW = 32 * 1024  # characters
Outcome = Callable[[], bool]  # whether a call that waited has the writer's turn; raises what went wrong
asking = ThreadPoolExecutor(1, thread_name_prefix="writers-turn")  # has no connection
_is_inline: ContextVar[bool] = ContextVar("is_inline", default=False)
_prepared: object = None


class TooLarge(BaseException):
    """Raised within `read` or `write` for a row that takes long to handle, so that a thread makes the call instead. No handler of
    errors stops it."""


@cache
def can_run() -> bool:
    """Not with PostgreSQL: a server may not respond."""
    return connection.vendor == "sqlite"


async def read(call: Callable[..., Any], *arguments: Any) -> Any:
    """Runs the call in the event loop's own thread and returns its result. Raises TooLarge, and RuntimeError for a statement that
    writes outside of a transaction, as only a transaction waits for the writer's turn first."""
    work, done = made(call, arguments)
    enter(done.get_loop(), work)
    return await done


async def write(call: Callable[..., Any], *arguments: Any) -> Any:
    """As `read`, for a call that writes, which begins when it has its share of the event loop's time (`Writes`)."""
    work, done = made(call, arguments)
    writes_of(done.get_loop()).begin(work)
    return await done


def made(call: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[greenlet, asyncio.Future[Any]]:
    """(a call that has not begun, its result)."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    work = greenlet(partial(finish, done, call, arguments))
    context = contextvars.copy_context()
    context.run(_is_inline.set, True)
    context.run(writer_lock.way_to_wait.set, writes_of(loop).acquire)
    work.gr_context = context
    return work, done


def finish(done: asyncio.Future[Any], call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        own = connections[DEFAULT_DB_ALIAS]
        prepare(own)
        with own.execute_wrapper(check_turn):
            result = call(*arguments)
    except (Exception, TooLarge) as error:
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(result)


def enter(loop: asyncio.AbstractEventLoop, work: greenlet, *outcome: Outcome) -> None:
    """Begins or resumes the work, until it ends or waits. asyncio shows no running loop meanwhile: under a running loop Django
    opens a connection for each task (asgiref/local.py), and refuses to query (django/utils/asyncio.py)."""
    asyncio._set_running_loop(None)
    try:
        work.switch(*outcome)
    finally:
        asyncio._set_running_loop(loop)


def prepare(own: Any) -> None:
    """Makes this thread's connection usable, and leaves checkpoints of SQLite's log to the connections of threads and the worker:
    each may take as long as the disk needs to write 16 MB. A worker commits after each write, so the log does not grow."""
    global _prepared
    own.close_if_unusable_or_obsolete()
    own.ensure_connection()
    if own.connection is not _prepared:
        _prepared = own.connection
        with own.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint = 0")


def check_turn(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """For Django's `execute_wrapper`; BEGIN and COMMIT are those of `journal.reading`."""
    if not (context["connection"].writes or sql.startswith("SELECT ") or sql in ("BEGIN", "COMMIT")):
        raise RuntimeError(f"a write in the event loop's thread without the writer's turn: {sql}")
    return execute(sql, params, many, context)


def check_size(rows: Iterable[Sequence[Any]]) -> None:
    """Raises TooLarge within `read` or `write` if the texts of a row have more than LARGEST_ROW characters."""
    if _is_inline.get() and any(sum(len(each) for each in row if isinstance(each, str)) > LARGEST_ROW for row in rows):
        raise TooLarge


def aside(call: Callable[..., Any], *arguments: Any) -> None:
    """For a write that a read causes: makes the call now or, within `read` or `write`, in a thread, whose result nobody waits
    for."""
    if _is_inline.get():
        threads.api_writes.submit(threads.connected, call, *arguments)
    else:
        call(*arguments)


class Writes:
    """The writes of an event loop. In each of the loop's turns they have as much time as the loop has just spent on everything
    else, or one begins and one is resumed: reads wait for few of them, and many watches do not keep them out.

    Those that wait for the writer's turn get it in their order. A thread waits for the first of them; those after it follow in the
    same turn of the writer where it lasts."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lock: WriterLock) -> None:
        self.loop, self.lock = loop, lock
        self.new: deque[greenlet] = deque()
        self.suspended: deque[tuple[greenlet, float]] = deque()  # with the monotonic time until which each waits

    def begin(self, work: greenlet) -> None:
        self.new.append(work)
        self.lock.expect(1)
        if len(self.new) == 1:
            self.loop.call_soon(self.begin_some, time.monotonic())

    def begin_some(self, since: float) -> None:
        """`since`: when this was scheduled (monotonic)."""
        until = share_ends(since)
        while True:
            enter(self.loop, self.new[0])
            self.new.popleft()
            self.lock.expect(-1)
            if not self.new:
                return
            if time.monotonic() >= until:
                break
        self.loop.call_soon(self.begin_some, time.monotonic())

    def acquire(self, _: WriterLock, seconds: float) -> bool:
        """As WriterLock.acquire, but suspends the call that is running."""
        if not self.suspended and self.lock.acquire(0):
            return True
        work = getcurrent()
        self.suspended.append((work, time.monotonic() + seconds))
        self.lock.expect(1)
        if len(self.suspended) == 1:
            self.ask()
        assert work.parent
        outcome: Outcome = work.parent.switch()
        return outcome()

    def ask(self) -> None:
        """Lets a thread wait for the writer's turn, as long as the first suspended call may wait."""
        _, until = self.suspended[0]
        asking.submit(self.lock.acquire, max(until - time.monotonic(), 0)).add_done_callback(self.answered)

    def answered(self, asked: Future[bool]) -> None:
        """Called in the thread that asked."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.resume_some, time.monotonic(), asked.result)
        elif asked.exception() is None and asked.result():
            self.lock.release()

    def resume_some(self, since: float, outcome: Outcome) -> None:
        """Resumes the first suspended call, and those after it while there is time and the writer's turn. `since`: when this was
        scheduled."""
        until = share_ends(since)
        while True:
            work, _ = self.suspended.popleft()
            self.lock.expect(-1)
            enter(self.loop, work, outcome)
            if not self.suspended:
                return
            if not self.lock.acquire(0):
                self.ask()
                return
            outcome = has_turn
            if time.monotonic() >= until:
                break
        self.loop.call_soon(self.resume_some, time.monotonic(), has_turn)


def has_turn() -> bool:
    return True


def share_ends(since: float) -> float:
    """The end of the writes' time in this turn of the loop (monotonic). They were scheduled at `since` and get as long as they have
    waited, LONGEST_SHARE_SECONDS at most."""
    now = time.monotonic()
    return now + min(now - since, LONGEST_SHARE_SECONDS)


@lru_cache(maxsize=1)
def writes_of(loop: asyncio.AbstractEventLoop) -> Writes:
    own: Any = connections[DEFAULT_DB_ALIAS]
    return Writes(loop, own.writer_lock)
