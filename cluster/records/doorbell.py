"""The journal's doorbell: writers ring it, followers listen. A ring carries a number and no data, and may be lost: followers also
poll the journal once a second. The settings' channel layer transports the rings (cluster.live.layers)."""

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
    """Signals viewers that these clusters' journals have grown (cluster -> head), and workers that something may be due. Returns
    at once: a write must not wait for the transport."""
    layer: Any = get_channel_layer()
    layer.ring(
        {group_of(cluster): head for cluster, head in heads.items()}, channel=WORKER_CHANNEL if wake_worker else ""
    )


async def listen(group: str, bell: asyncio.Event) -> None:
    """Sets the bell whenever the group is rung, until cancelled."""
    troubles = Troubles(first_seconds=RETRY_SECONDS, longest_seconds=RETRY_SECONDS)
    while True:
        try:
            await hear(group, bell)
        except Exception:
            await asyncio.sleep(troubles.met("doorbell", "Listening for the doorbell"))
        else:
            troubles.over("doorbell", "Listening for the doorbell")


async def hear(group: str, bell: asyncio.Event) -> None:
    """Sets the bell on each ring for REJOIN_SECONDS. One channel serves all waiters: one for each would cost as many wake-ups as
    there are viewers."""
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    try:
        await layer.group_add(group, channel)
        bell.set()  # for rings missed before
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REJOIN_SECONDS):
                while True:
                    await layer.receive(channel)
                    bell.set()
    finally:
        await layer.group_discard(group, channel)
