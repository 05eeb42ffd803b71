"""The in-process channel layer: doorbells arrive, also from other threads; nothing grows without bound."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from cluster.live.layers import LocalChannelLayer
from tests.viewing import until

BELL = {"type": "journal.changed", "head": 1}


@pytest.fixture
def layer() -> LocalChannelLayer:
    return LocalChannelLayer(capacity=3)


async def received(layer: LocalChannelLayer, channel: str) -> dict[str, Any]:
    return await asyncio.wait_for(layer.receive(channel), 5)


async def test_a_message_waits_for_its_reader_and_comes_in_order(layer: LocalChannelLayer) -> None:
    for number in range(3):
        await layer.send("a", {"type": "x", "number": number})
    assert [(await received(layer, "a"))["number"] for _ in range(3)] == [0, 1, 2]


async def test_a_reader_that_waits_is_woken(layer: LocalChannelLayer) -> None:
    reading = asyncio.create_task(received(layer, "a"))
    await until(lambda: "a" in layer.queues)
    await layer.send("a", BELL)
    assert await reading == BELL


async def test_a_full_queue_drops_the_newest_and_no_one_waits(layer: LocalChannelLayer) -> None:
    for number in range(1_000):
        await layer.send("a", {"type": "x", "number": number})
    assert layer.queues["a"].qsize() == 3
    assert [(await received(layer, "a"))["number"] for _ in range(3)] == [0, 1, 2]


async def test_one_full_member_keeps_nothing_from_the_others(layer: LocalChannelLayer) -> None:
    for channel in ("full", "free"):
        await layer.group_add("g", channel)
    for _ in range(5):
        await layer.send("full", BELL)
    await layer.group_send("g", {"type": "last"})
    assert await received(layer, "free") == {"type": "last"}


async def test_a_group_s_message_goes_to_its_members_only(layer: LocalChannelLayer) -> None:
    await layer.group_add("g", "a")
    await layer.group_add("g", "b")
    await layer.group_add("h", "c")
    await layer.group_send("g", BELL)
    await layer.group_send("nobody", BELL)
    assert await received(layer, "a") == await received(layer, "b") == BELL
    assert "c" not in layer.queues


async def test_who_has_left_gets_nothing_and_leaves_nothing(layer: LocalChannelLayer) -> None:
    for group in ("g", "h"):
        await layer.group_add(group, "a")
    await layer.group_send("g", BELL)
    await layer.group_discard("g", "a")
    assert "a" in layer.queues, "it is still in another group"
    await layer.group_discard("h", "a")
    await layer.group_discard("h", "a")
    await layer.group_send("g", BELL)
    assert (dict(layer.groups), layer.queues) == ({}, {})


async def test_a_reader_that_gives_up_leaves_no_queue_but_loses_no_message(layer: LocalChannelLayer) -> None:
    reading = asyncio.create_task(layer.receive("a"))
    await until(lambda: "a" in layer.queues)
    reading.cancel()
    await until(reading.done)
    assert layer.queues == {}
    await layer.send("a", BELL)
    assert await received(layer, "a") == BELL


async def test_messages_of_other_threads_arrive(layer: LocalChannelLayer) -> None:
    asyncio.get_running_loop().set_debug(True)  # a call from a wrong thread raises
    layer.capacity = 1_000
    await layer.group_add("g", "a")
    first = asyncio.create_task(received(layer, "a"))
    await until(lambda: layer.loop is not None)

    def send(thread: int) -> None:
        for number in range(50):
            async_to_sync(layer.group_send)("g", {"type": "x", "from": thread, "number": number})

    threads = [threading.Thread(target=send, args=(each,)) for each in range(4)]
    for each in threads:
        each.start()
    found = [await first, *[await received(layer, "a") for _ in range(199)]]
    for each in threads:
        await asyncio.to_thread(each.join)
    for thread in range(4):
        assert [each["number"] for each in found if each["from"] == thread] == list(range(50))


async def test_hundreds_of_readers_all_hear(layer: LocalChannelLayer) -> None:
    names = [await layer.new_channel() for _ in range(500)]
    assert len(set(names)) == 500
    for name in names:
        await layer.group_add("g", name)
    readers = [asyncio.create_task(received(layer, name)) for name in names]
    await layer.group_send("g", BELL)
    assert await asyncio.gather(*readers) == [BELL] * 500
    for name in names:
        await layer.group_discard("g", name)
    assert (dict(layer.groups), layer.queues) == ({}, {})


def test_a_loop_that_has_ended_is_not_asked(layer: LocalChannelLayer) -> None:
    """As after a server's restart within one process."""

    async def once() -> dict[str, Any]:
        await layer.send("a", BELL)
        return await received(layer, "a")

    assert asyncio.run(once()) == BELL
    assert asyncio.run(once()) == BELL
