"""Doorbells through Redis: nobody waits for it, and its connection is kept."""

import asyncio
import os
from typing import Any

import pytest
import redis

from cluster.live import redis_layer
from cluster.live.redis_layer import RedisLayer
from tests.viewing import until

REDIS = os.environ.get("TEST_REDIS_URL", "")
DATABASE = 8
NOBODY = "redis://127.0.0.1:1"


async def test_a_redis_that_is_away_keeps_no_writer_and_is_told_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    layer, tried = RedisLayer(hosts=[NOBODY]), []
    send = layer.send_waiting

    async def sending(heads: dict[str, int], channels: set[str]) -> None:
        tried.append(heads)
        await send(heads, channels)

    monkeypatch.setattr(layer, "send_waiting", sending)
    for head in range(3):
        count = len(tried)
        layer.ring({"cluster.demo": head}, channel="reconciler")
        await until(lambda count=count: len(tried) > count)
    await until(lambda: "Ringing the doorbell through Redis failed" in caplog.text)
    assert tried == [{"cluster.demo": 0}, {"cluster.demo": 1}, {"cluster.demo": 2}]
    assert sum("next try" in each.getMessage() and bool(each.exc_info) for each in caplog.records) == 1


async def test_of_bells_that_wait_only_the_newest_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_layer.threading.Thread, "start", lambda _: None)
    layer = RedisLayer(hosts=[NOBODY])
    for head in range(1000):
        layer.ring({"cluster.a": head, "cluster.b": -head}, channel="reconciler" if head % 2 else "")
    assert layer.taken() == ({"cluster.a": 999, "cluster.b": -999}, {"reconciler"})
    assert layer.taken() == ({}, set())


@pytest.mark.skipif(not REDIS, reason="needs the Redis server that TEST_REDIS_URL names")
async def test_bells_arrive_and_all_of_them_take_one_connection() -> None:
    address = f"{REDIS}/{DATABASE}"
    hearing, ringing = RedisLayer(hosts=[address]), RedisLayer(hosts=[address])
    channel = await hearing.new_channel()
    await hearing.group_add("cluster.demo", channel)

    async def heard(head: int) -> dict[str, Any]:
        while True:
            ringing.ring({"cluster.demo": head})
            message: dict[str, Any] = await asyncio.wait_for(hearing.receive(channel), 10)
            if message["head"] == head:
                return message

    with redis.Redis.from_url(address) as watching:
        before = connections(watching)
        assert await heard(1) == {"type": "journal.changed", "head": 1}
        opened = connections(watching) - before
        for head in range(2, 30):
            await heard(head)
        assert connections(watching) - before <= opened
    await hearing.flush()


def connections(server: redis.Redis) -> int:
    return sum(1 for each in server.client_list() if each["db"] == str(DATABASE))
