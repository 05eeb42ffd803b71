"""Doorbells through Redis. Writers pass theirs to one thread, which keeps a connection and waits for Redis instead of them."""

import asyncio
import threading
from typing import Any

from channels_redis.core import RedisChannelLayer

from cluster.records.troubles import Troubles

SEND_SECONDS = 2.0
RETRY_SECONDS = 1.0


class RedisLayer(RedisChannelLayer):
    """channels_redis with `ring`. Of several waiting bells of one cluster, only the newest is sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lock = threading.Lock()
        self.waiting: dict[str, int] = {}
        self.channels: set[str] = set()
        self.is_called = threading.Event()
        self.thread: threading.Thread | None = None

    def ring(self, heads: dict[str, int], *, channel: str = "") -> None:
        """Sends each group its head and wakes the channel; from any thread, without waiting."""
        with self.lock:
            self.waiting.update(heads)
            self.channels |= {channel} - {""}
            if self.thread is None:
                self.thread = threading.Thread(target=self.send_all, name="doorbell", daemon=True)
                self.thread.start()
        self.is_called.set()

    def send_all(self) -> None:
        troubles = Troubles(first_seconds=RETRY_SECONDS, longest_seconds=RETRY_SECONDS)
        with asyncio.Runner() as runner:
            while self.is_called.wait():
                self.is_called.clear()
                try:
                    runner.run(self.send_waiting(*self.taken()))
                except Exception:
                    troubles.met("doorbell", "Ringing the doorbell through Redis")  # followers poll anyway
                else:
                    troubles.over("doorbell", "Ringing the doorbell through Redis")

    def taken(self) -> tuple[dict[str, int], set[str]]:
        with self.lock:
            found = self.waiting, self.channels
            self.waiting, self.channels = {}, set()
        return found

    async def send_waiting(self, heads: dict[str, int], channels: set[str]) -> None:
        """Raises redis-py's errors, and TimeoutError where Redis doesn't respond."""
        async with asyncio.timeout(SEND_SECONDS):
            for group, head in heads.items():
                await self.group_send(group, {"type": "journal.changed", "head": head})
            for channel in channels:
                await self.send(channel, {"type": "wake"})
