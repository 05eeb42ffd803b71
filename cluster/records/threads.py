"""Thread pools for work with the database: a fixed number of threads for each use, so that slow work of one use does not delay
another. A thread keeps its connection, so a process has at most as many connections as threads (docs/team.md has the sum)."""

import asyncio
import contextvars
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection


def pool(name: str, count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix=name)


# Reads have threads of their own, since writes wait for locks.
page_reads, page_writes = pool("page-reads", 6), pool("page-writes", 4)
api_reads, api_writes = pool("api-reads", 4), pool("api-writes", 4)
forecasts = pool("forecasts", 2)
followers = pool("followers", 3)  # feeds, hubs, followed logs
POOLS = (page_reads, page_writes, api_reads, api_writes, forecasts, followers)
# Of a web process; the additional two are channels' thread for sessions, and the doorbell.
MOST_CONNECTIONS = sum(each._max_workers for each in POOLS) + 2
_is_at_once: ContextVar[bool] = ContextVar("is_at_once", default=False)


async def run(threads: ThreadPoolExecutor, call: Callable[..., Any], *arguments: Any) -> Any:
    """Runs the call in one of these threads and returns its result."""
    within = contextvars.copy_context()  # with the active language, for example
    return await asyncio.get_running_loop().run_in_executor(threads, within.run, connected, call, *arguments)


def connected(call: Callable[..., Any], *arguments: Any) -> Any:
    fresh()
    return call(*arguments)


@cache
def can_read_at_once() -> bool:
    """Not from PostgreSQL: a server may not respond."""
    return connection.vendor == "sqlite"


def at_once(call: Callable[..., Any], *arguments: Any) -> Any:
    """Runs a short read in the event loop's own thread: a change of threads takes longer than a small read from SQLite's file
    (docs/performance.md). Raises RuntimeError for a statement that writes, as a write may wait for a lock.

    asyncio shows no running loop meanwhile. Under a running loop Django opens a connection for each task
    (asgiref/local.py), and refuses to query (django/utils/asyncio.py)."""
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    token = _is_at_once.set(True)
    try:
        with connection.execute_wrapper(only_reads):
            return connected(call, *arguments)
    finally:
        _is_at_once.reset(token)
        asyncio._set_running_loop(loop)


def only_reads(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """For Django's `execute_wrapper`: SELECT, and the BEGIN and COMMIT of `journal.reading`; not BEGIN IMMEDIATE."""
    if not sql.startswith("SELECT ") and sql not in ("BEGIN", "COMMIT"):
        raise RuntimeError(f"a write in the event loop's thread: {sql}")
    return execute(sql, params, many, context)


def aside(call: Callable[..., Any], *arguments: Any) -> None:
    """For a write that a read causes: makes the call now or, within `at_once`, in a thread, without waiting for the result."""
    if _is_at_once.get():
        api_writes.submit(connected, call, *arguments)
    else:
        call(*arguments)


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """Runs the call in a thread for followers of the journal."""
    return await run(followers, call, *arguments)


def fresh() -> None:
    """Closes this thread's connection if an error or the server has ended it. Costs no query in the normal case."""
    if connection.in_atomic_block or connection.connection is None:
        return
    connection.close_if_unusable_or_obsolete()
    own = connection.connection
    if own is not None and connection.vendor == "postgresql" and is_spoken_to(own) and not connection.is_usable():
        connection.close()


def is_spoken_to(own: Any) -> bool:
    """Whether the server has sent data without a request, as it does when it ends a connection; it sends nothing else
    unrequested."""
    if own.closed:
        return True
    waits = select.poll()
    waits.register(own.fileno(), select.POLLIN)
    return bool(waits.poll(0))
