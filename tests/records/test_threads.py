"""Threads keep their connections, and notice when one of them has been ended."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

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


@pytest.mark.on_sqlite
async def test_one_connection_serves_all_reads_at_once() -> None:
    connections = [await asyncio.create_task(read_at_once()) for _ in range(3)]
    assert connections[0] is not None
    assert connections == [connections[0]] * 3


def in_a_transaction() -> Iterator[None]:
    with transaction.atomic():
        yield


async def read_at_once() -> object:
    return threads.at_once(own_connection)


@pytest.mark.on_sqlite
async def test_no_write_is_made_at_once() -> None:
    with pytest.raises(RuntimeError, match="a write in the event loop's thread: UPDATE"):
        threads.at_once(lambda: Cluster.objects.update(head=1))
    with pytest.raises(RuntimeError, match="a write in the event loop's thread: BEGIN IMMEDIATE"):
        threads.at_once(lambda: list(in_a_transaction()))
    assert asyncio.get_running_loop()


@pytest.mark.on_sqlite
async def test_a_write_aside_is_made_by_a_thread(one: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "api_writes", one)
    threads.at_once(threads.aside, lambda: Cluster.objects.update(head=17))
    assert await threads.run(one, lambda: set(Cluster.objects.values_list("head", flat=True))) == {17}


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
