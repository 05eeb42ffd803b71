"""Threads keep their connections, and notice when one of them has been ended."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from cluster.models import Cluster
from cluster.records import threads

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def one() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()


def own_connection() -> object:
    Cluster.objects.exists()
    return connection.connection


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


async def test_one_connection_serves_all_calls_of_a_thread(one: ThreadPoolExecutor) -> None:
    first = await threads.run(one, own_connection)
    assert [await threads.run(one, own_connection) for _ in range(5)] == [first] * 5


@pytest.mark.on_postgres
async def test_a_connection_that_the_server_has_ended_is_made_anew_before_the_next_call(
    one: ThreadPoolExecutor,
) -> None:
    first = await threads.run(one, backend)
    await asyncio.to_thread(end, first)
    assert await threads.run(one, backend) != first


@pytest.mark.on_postgres
async def test_a_connection_that_ends_under_a_call_is_made_anew_for_the_next(one: ThreadPoolExecutor) -> None:
    first = await threads.run(one, backend)
    with pytest.raises(Exception, match="terminat"):
        await threads.run(one, end, first)
    assert await threads.run(one, backend) != first


def end(which: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [which])
    connection.close()
