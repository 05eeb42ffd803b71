"""A channels worker that starts its consumers itself, and that survives failures of its channel layer.

A message would start the consumers of one worker only: the one that reads it first.
"""

import asyncio

from channels.worker import Worker

from cluster.live.worker_process import stay_linked
from cluster.records.troubles import Troubles

RETRY_SECONDS = 1.0


class StartingWorker(Worker):
    async def handle(self) -> None:
        beside = asyncio.create_task(stay_linked(self.channel_layer))
        for channel in self.channels:
            inbox = self.get_or_create_application_instance(channel, {"type": "channel", "channel": channel})
            await inbox.put({"type": "wake"})
        await asyncio.gather(super().handle(), beside)

    async def listener(self, channel: str) -> None:
        """Retries after errors: without its doorbell (Redis restarts) a consumer continues by its own clock."""
        troubles = Troubles(first_seconds=RETRY_SECONDS, longest_seconds=RETRY_SECONDS)
        while True:
            try:
                await super().listener(channel)
            except Exception:
                await asyncio.sleep(troubles.met(channel, f"Listening on {channel}"))
