"""Calls in the event loop's own thread share a connection, and a call that waits for the writer's turn holds up no other."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from cluster.models import Heartbeat
from cluster.records import inline, threads
from rollout_site.sqlite import base
from rollout_site.sqlite.writer_lock import WriterLock

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.on_sqlite]
SECONDS = 20


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    """The event loop's thread is the test's: its next connection writes checkpoints again."""
    yield
    connection.close()


@pytest.fixture
def one() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()


@contextlib.contextmanager
def turn_taken(thread: ThreadPoolExecutor) -> Iterator[None]:
    """Another thread has the writer's turn meanwhile."""
    has_turn, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            has_turn.set()
            assert is_over.wait(SECONDS)

    holding = thread.submit(hold)
    assert has_turn.wait(SECONDS)
    try:
        yield
    finally:
        is_over.set()
        holding.result()


def note(number: int, then: Callable[[], None] = lambda: None) -> int:
    with transaction.atomic():
        Heartbeat.objects.create(pk=number, at=0)
        then()
    return number


def noted() -> list[int]:
    return sorted(Heartbeat.objects.values_list("pk", flat=True))


def own_connection() -> object:
    Heartbeat.objects.exists()
    return connection.connection


def checkpoint_pages() -> int:
    own = connection.connection
    return int(own.execute("PRAGMA wal_autocheckpoint").fetchone()[0])


async def begun(call: Callable[..., object], *arguments: object) -> asyncio.Task[object]:
    """A task that has run the call until it waited or ended."""
    task = asyncio.create_task(inline.write(call, *arguments))
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_all_calls_share_one_connection_which_writes_no_checkpoints() -> None:
    connections = [await (await begun(own_connection)) for _ in range(3)]
    assert connections[0] is not None
    assert connections == [connections[0]] * 3
    assert await inline.write(checkpoint_pages) == 0


async def test_an_error_is_the_callers_and_the_next_call_goes_on() -> None:
    with pytest.raises(ZeroDivisionError):
        await inline.write(lambda: note(1, lambda: 1 // 0))  # type: ignore[arg-type,return-value]
    assert await inline.write(note, 2) == 2
    assert await inline.read(noted) == [2]
    assert asyncio.get_running_loop()


async def test_a_call_sees_its_callers_context_and_leaves_none() -> None:
    language: ContextVar[str] = ContextVar("language")
    language.set("zh")
    assert await inline.write(language.get) == "zh"
    await inline.write(language.set, "en")
    assert language.get() == "zh"


async def test_a_write_without_the_writers_turn_is_refused() -> None:
    with pytest.raises(RuntimeError, match="without the writer's turn: UPDATE"):
        await inline.write(lambda: Heartbeat.objects.update(at=1))


async def test_a_write_aside_is_made_by_a_thread(one: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "api_writes", one)
    await inline.write(inline.aside, lambda: Heartbeat.objects.create(pk=1, at=0))
    assert await threads.run(one, noted) == [1]
    await threads.run(one, inline.aside, lambda: Heartbeat.objects.create(pk=2, at=0))
    assert await threads.run(one, noted) == [1, 2]


async def test_while_a_write_waits_others_read(one: ThreadPoolExecutor) -> None:
    with turn_taken(one):
        writing = [await begun(note, number) for number in (1, 2)]
        assert await inline.read(noted) == []
        assert not any(each.done() for each in writing)
    assert await asyncio.gather(*writing) == [1, 2]
    assert await inline.read(noted) == [1, 2]


async def test_a_read_comes_between_writes() -> None:
    order: list[int] = []
    writing = [asyncio.create_task(inline.write(note, number, partial(order.append, number))) for number in (1, 2, 3)]
    reading = asyncio.create_task(inline.read(order.append, 0))
    await asyncio.gather(*writing, reading)
    assert order.index(0) < 2
    assert [each for each in order if each] == [1, 2, 3]


async def test_writes_have_as_much_time_as_the_loop_has_spent_on_everything_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inline, "LONGEST_SHARE_SECONDS", SECONDS)
    loop = asyncio.get_running_loop()
    order: list[int] = []

    def then(number: int) -> None:
        order.append(number)
        loop.call_soon(order.append, 0)

    writing = [asyncio.create_task(inline.write(note, number, partial(then, number))) for number in (1, 2, 3)]
    loop.call_soon(time.sleep, 0.5)
    await asyncio.gather(*writing)
    assert order[:3] == [1, 2, 3]


async def test_those_that_waited_write_in_their_order_each_with_its_own_outcome(one: ThreadPoolExecutor) -> None:
    """One fails, one is rolled back (a dry run), one closes the connection that all share."""
    order = []
    with turn_taken(one):
        writing = [
            await begun(note, 1, lambda: order.append(1)),
            await begun(note, 2, lambda: 1 // 0),  # type: ignore[arg-type,return-value]
            await begun(note, 3, lambda: transaction.set_rollback(True)),
            await begun(note, 4, lambda: order.append(4)),
            await begun(lambda: (note(5), connection.close())),
            await begun(note, 6, lambda: order.append(6)),
        ]
    outcomes = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(each) for each in outcomes] == [int, ZeroDivisionError, int, int, tuple, int]
    assert (await inline.read(noted), order) == ([1, 4, 5, 6], [1, 4, 6])


async def test_waiting_has_a_time_out_for_each(one: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    with turn_taken(one):
        monkeypatch.setattr(base, "LONGEST_WAIT_SECONDS", 0.01)
        late = [await begun(note, number) for number in (1, 2)]
        monkeypatch.setattr(base, "LONGEST_WAIT_SECONDS", SECONDS)
        patient = await begun(note, 3)
        for each in late:
            with pytest.raises(OperationalError, match="database is locked"):
                await each
    assert await patient == 3
    assert await inline.read(noted) == [3]


async def test_what_goes_wrong_with_the_lock_is_each_callers_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WriterLock, "acquire", broken)
    outcomes = await asyncio.gather(*(inline.write(note, number) for number in (1, 2)), return_exceptions=True)
    assert [str(each) for each in outcomes] == ["no lock file"] * 2
    monkeypatch.undo()
    assert await inline.write(note, 3) == 3


def broken(lock: WriterLock, seconds: float) -> bool:  # noqa: ARG001
    """Not free at first, and then an error."""
    if seconds:
        raise OSError("no lock file")
    return False


async def test_a_write_whose_caller_has_gone_is_made_all_the_same(one: ThreadPoolExecutor) -> None:
    with turn_taken(one):
        gone = await begun(note, 1)
        gone.cancel()
        following = await begun(note, 2)
    assert await following == 2
    assert gone.cancelled()
    assert await inline.read(noted) == [1, 2]


async def test_writers_in_the_loop_and_in_threads_lose_nothing() -> None:
    def add() -> None:
        with transaction.atomic():
            row = Heartbeat.objects.get(pk=1)
            row.at += 1
            row.save()

    def add_in_thread() -> None:
        add()
        connection.close()

    await inline.write(note, 1)
    with ThreadPoolExecutor(3) as pool:
        in_threads = [threads.run(pool, add_in_thread) for _ in range(60)]
        await asyncio.gather(*in_threads, *(inline.write(add) for _ in range(60)))
    assert await inline.write(lambda: Heartbeat.objects.get(pk=1).at) == 120
