"""A doorbell that breaks is listened to again."""

import asyncio
from typing import Any

import pytest

from cluster.live import starting
from cluster.live.layers import LocalChannelLayer
from cluster.records import doorbell
from tests.spaces import DEFAULT
from tests.viewing import until


class BrokenAtFirst(LocalChannelLayer):
    """Redis that restarts: it refuses twice and has forgotten its groups."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 2

    async def receive(self, channel: str) -> dict[str, Any]:
        if self.refusals:
            self.refusals -= 1
            self.groups.clear()
            raise ConnectionError("Redis is away")
        return await super().receive(channel)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> BrokenAtFirst:
    monkeypatch.setattr(doorbell, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(starting, "RETRY_SECONDS", 0.01)
    made = BrokenAtFirst()
    monkeypatch.setattr(doorbell, "get_channel_layer", lambda: made)
    return made


async def test_it_hears_again_when_the_layer_is_back(layer: BrokenAtFirst) -> None:
    bell = asyncio.Event()
    listening = asyncio.create_task(doorbell.listen(doorbell.group_of(DEFAULT.cluster), bell))
    await until(lambda: layer.refusals == 0 and bool(layer.groups["cluster.demo"]) and layer.loop is not None)
    bell.clear()
    await layer.group_send("cluster.demo", {"type": "journal.changed", "head": 1})
    await until(bell.is_set)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert not layer.groups["cluster.demo"], "nothing is left behind"


async def test_a_worker_process_outlives_its_layer(layer: BrokenAtFirst) -> None:
    heard: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        while True:
            heard.append((await receive())["type"])

    working = asyncio.create_task(starting.StartingWorker(application, ["reconciler"], layer).handle())
    await until(lambda: heard == ["wake"])
    await layer.send("reconciler", {"type": "later"})
    await until(lambda: heard == ["wake", "later"])
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
