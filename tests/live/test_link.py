"""The link between a server and its worker process: rings reach the other's layer, and nothing grows where nobody reads."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from cluster.live import link
from cluster.live.layers import LocalChannelLayer
from cluster.records.doorbell import WORKER_CHANNEL
from tests.viewing import until

Ends = tuple[LocalChannelLayer, LocalChannelLayer]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """The layers of a server and of its worker, linked."""
    server, worker = LocalChannelLayer(), LocalChannelLayer()
    links = [
        await link.connect(end, layer, lambda: None)
        for end, layer in zip(socket.socketpair(), (server, worker), strict=True)
    ]
    yield server, worker
    for each in links:
        each.transport.close()
    await asyncio.sleep(0)


async def heard(layer: LocalChannelLayer, channel: str) -> dict[str, object]:
    return await asyncio.wait_for(layer.receive(channel), 5)


async def test_a_write_of_the_server_wakes_the_worker(ends: Ends) -> None:
    server, worker = ends
    server.ring({"cluster.demo": 7}, channel=WORKER_CHANNEL)
    assert await heard(worker, WORKER_CHANNEL) == {"type": "wake"}


async def test_a_ring_of_a_thread_goes_over_the_link(ends: Ends) -> None:
    server, worker = ends
    await asyncio.to_thread(server.ring, {"cluster.demo": 7}, channel=WORKER_CHANNEL)
    assert await heard(worker, WORKER_CHANNEL) == {"type": "wake"}


async def test_the_server_s_viewers_hear_of_a_pass_and_the_ring_does_not_go_back(ends: Ends) -> None:
    server, worker = ends
    for layer in ends:
        await layer.group_add("cluster.demo", "viewer")
    worker.ring({"cluster.demo": 7, "cluster.other": 1})
    worker.ring({"cluster.demo": 8})
    for layer in (server, worker):
        assert [(await heard(layer, "viewer"))["head"] for _ in range(2)] == [7, 8]
    assert all(queue.empty() for layer in ends for queue in layer.queues.values())


async def test_rings_may_arrive_in_parts_or_several_at_once(ends: Ends) -> None:
    _, worker = ends
    receiver = link.Link(worker, lambda: None)
    await worker.group_add("cluster.demo", "viewer")
    for piece in (b'[{"cluster.', b'demo":7},', b'""]\n[{"cluster.demo":8},""]\n[{}', b',""]\n'):
        receiver.data_received(piece)
    assert [(await heard(worker, "viewer"))["head"] for _ in range(2)] == [7, 8]
    assert (receiver.unread, receiver.heard is not None) == (b"", True)


async def test_the_buffer_for_a_process_that_does_not_read_is_bounded() -> None:
    layer, (ours, theirs) = LocalChannelLayer(), socket.socketpair()
    linked = await link.connect(ours, layer, lambda: None)
    for number in range(50_000):
        layer.ring({"cluster.demo": number}, channel=WORKER_CHANNEL)
    assert 0 < linked.transport.get_write_buffer_size() < 2 * link.MOST_UNSENT_BYTES
    linked.transport.abort()
    theirs.close()


async def test_when_the_other_process_ends_its_callback_runs_and_rings_still_reach_this_layer() -> None:
    layer, (ours, theirs), ended = LocalChannelLayer(), socket.socketpair(), asyncio.Event()
    await link.connect(ours, layer, ended.set)
    theirs.close()
    await until(ended.is_set)
    layer.ring({}, channel=WORKER_CHANNEL)
    assert await heard(layer, WORKER_CHANNEL) == {"type": "wake"}
