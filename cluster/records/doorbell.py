"""The journal's doorbell: who writes rings, who follows listens. A bell carries a number and no data, and may be lost: who waits
looks into the journal once a second in any case. The channel layer of the settings carries the bells (cluster.live.layers).
"""

import asyncio
import contextlib
from typing import Any

from channels.layers import get_channel_layer

from cluster.records.troubles import Troubles

WORKER_CHANNEL = "reconciler"
RETRY_SECONDS = 1.0
REJOIN_SECONDS = 3600.0  # Redis forgets members of a group after a day


def group_of(cluster: str) -> str:
    return f"cluster.{cluster}"


def ring(heads: dict[str, int], *, wake_worker: bool) -> None:
    """Tells viewers that these clusters' journals grew (cluster -> head), and workers that something may be due. Returns at
    once: a write must not wait for whoever carries the bell."""
    layer: Any = get_channel_layer()
    layer.ring(
        {group_of(cluster): head for cluster, head in heads.items()}, channel=WORKER_CHANNEL if wake_worker else ""
    )


async def listen(group: str, bell: asyncio.Event) -> None:
    """Sets the bell whenever the group is rung; until it is cancelled."""
    troubles = Troubles(first_seconds=RETRY_SECONDS, longest_seconds=RETRY_SECONDS)
    while True:
        try:
            await hear(group, bell)
        except Exception:
            await asyncio.sleep(troubles.met("doorbell", "Listening for the doorbell"))
        else:
            troubles.over("doorbell", "Listening for the doorbell")


async def hear(group: str, bell: asyncio.Event) -> None:
    """One ear for all who wait: a doorbell for each would cost as many wake-ups as there are viewers."""
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    try:
        await layer.group_add(group, channel)
        bell.set()  # for what was missed before
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REJOIN_SECONDS):
                while True:
                    await layer.receive(channel)
                    bell.set()
    finally:
        await layer.group_discard(group, channel)
