"""The ear for the journal's doorbell. A bell that is broken for a while (Redis restarts) is listened to again; meanwhile who waits
polls."""

import asyncio
import contextlib
from typing import Any

from channels.layers import get_channel_layer

from cluster.records.troubles import Troubles

RETRY_SECONDS = 1.0
REJOIN_SECONDS = 3600.0  # Redis forgets members of a group after a day


def group_of(cluster: str) -> str:
    return f"cluster.{cluster}"


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
