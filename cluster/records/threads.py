"""Thread pools for work with the database: a fixed number of threads for each use, so that slow work of one use does not delay
another. A thread keeps its connection, so a process has at most as many connections as threads (docs/team.md has the sum)."""

import asyncio
import contextvars
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


async def run(threads: ThreadPoolExecutor, call: Callable[..., Any], *arguments: Any) -> Any:
    """Runs the call in one of these threads and returns its result."""
    within = contextvars.copy_context()  # with the active language, for example
    return await asyncio.get_running_loop().run_in_executor(threads, within.run, connected, call, *arguments)


def connected(call: Callable[..., Any], *arguments: Any) -> Any:
    fresh()
    return call(*arguments)


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
