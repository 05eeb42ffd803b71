"""Short database work in the event loop's own thread: a change of threads takes longer than a small read or write of SQLite's file
(docs/performance.md).

Each call runs in a greenlet. A call that has to wait for the writer's turn is suspended, and the event loop goes on meanwhile. All
calls share one connection of Django, since they wait only where they have no transaction yet."""

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from greenlet import getcurrent, greenlet

from cluster.records import threads
from rollout_site.sqlite import writer_lock
from rollout_site.sqlite.writer_lock import WriterLock

LARGEST_ROW = 32 * 1024  # characters
asking = ThreadPoolExecutor(1, thread_name_prefix="writers-turn")  # has no connection
_is_inline: ContextVar[bool] = ContextVar("is_inline", default=False)
_prepared: object = None


class TooLarge(BaseException):
    """Raised within `run` for a row that takes long to handle, so that a thread makes the call. No handler of errors stops it."""


@cache
def can_run() -> bool:
    """Not with PostgreSQL: a server may not respond."""
    return connection.vendor == "sqlite"


async def run(call: Callable[..., Any], *arguments: Any) -> Any:
    """Runs the call in the event loop's own thread and returns its result. Raises TooLarge, and RuntimeError for a statement that
    writes outside of a transaction, as only a transaction waits for the writer's turn first."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    work = greenlet(partial(finish, done, call, arguments))
    context = contextvars.copy_context()
    context.run(_is_inline.set, True)
    context.run(writer_lock.way_to_wait.set, waiting_of(loop).acquire)
    work.gr_context = context
    enter(loop, work)
    return await done


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


def enter(loop: asyncio.AbstractEventLoop, work: greenlet, *granted: bool) -> None:
    """Begins or resumes the work, until it ends or waits. asyncio shows no running loop meanwhile: under a running loop Django
    opens a connection for each task (asgiref/local.py), and refuses to query (django/utils/asyncio.py)."""
    asyncio._set_running_loop(None)
    try:
        work.switch(*granted)
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
    """For Django's `execute_wrapper`."""
    if not (
        context["connection"].writes or sql.startswith("SELECT ") or sql in ("BEGIN", "COMMIT")
    ):  # as in `journal.reading`
        raise RuntimeError(f"a write in the event loop's thread without the writer's turn: {sql}")
    return execute(sql, params, many, context)


def check_size(rows: Iterable[Sequence[Any]]) -> None:
    """Raises TooLarge within `run` if the texts of a row have more than LARGEST_ROW characters."""
    if _is_inline.get() and any(sum(len(each) for each in row if isinstance(each, str)) > LARGEST_ROW for row in rows):
        raise TooLarge


def aside(call: Callable[..., Any], *arguments: Any) -> None:
    """For a write that a read causes: makes the call now or, within `run`, in a thread, without waiting for the result."""
    if _is_inline.get():
        threads.api_writes.submit(threads.connected, call, *arguments)
    else:
        call(*arguments)


class Waiting:
    """The suspended calls of an event loop, in the order in which they get the writer's turn. A thread waits for the first of
    them; those after it follow in the same turn where it lasts."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.calls: deque[tuple[greenlet, float]] = deque()  # with the monotonic time until which each waits

    def acquire(self, lock: WriterLock, seconds: float) -> bool:
        """As WriterLock.acquire, but suspends the call that is running."""
        if not self.calls and lock.acquire(0):
            return True
        work = getcurrent()
        self.calls.append((work, time.monotonic() + seconds))
        lock.expect(1)
        if len(self.calls) == 1:
            self.ask(lock)
        assert work.parent
        return bool(work.parent.switch())

    def ask(self, lock: WriterLock) -> None:
        _, until = self.calls[0]
        asked = asking.submit(lock.acquire, max(until - time.monotonic(), 0))
        asked.add_done_callback(lambda _: self.loop.call_soon_threadsafe(self.resume, lock, asked.result()))

    def resume(self, lock: WriterLock, granted: bool) -> None:
        """Resumes the first call, which has the turn or has waited too long, and those after it while there is a turn."""
        while True:
            work, _ = self.calls.popleft()
            lock.expect(-1)
            enter(self.loop, work, granted)
            if not self.calls:
                return
            granted = lock.acquire(0)
            if not granted:
                self.ask(lock)
                return


@lru_cache(maxsize=1)
def waiting_of(loop: asyncio.AbstractEventLoop) -> Waiting:
    return Waiting(loop)
