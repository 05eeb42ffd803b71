"""The in-process channel layer: one event loop, no copies, bounded queues. Messages are read-only. On SQLite a server and the
worker process beside it have one each; their rings go to both (cluster.live.link).

A full queue drops the newest message: every message is a doorbell, and a listener that misses one polls the journal anyway.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from channels.layers import BaseChannelLayer

Message = dict[str, Any]


class LocalChannelLayer(BaseChannelLayer):
    """Channel -> queue and group -> channels, all on the event loop that receives first. Calls from other threads are scheduled
    on that loop."""

    extensions = ["groups", "flush"]

    def __init__(self, capacity: int = 100, **options: Any) -> None:
        super().__init__(capacity=capacity, **options)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.queues: dict[str, asyncio.Queue[Message]] = {}
        self.groups: defaultdict[str, set[str]] = defaultdict(set)
        self.ring_there: Callable[[dict[str, int], str], None] | None = None

    async def send(self, channel: str, message: Message) -> None:
        self._on_home_loop(self._put, channel, message)

    async def group_send(self, group: str, message: Message) -> None:
        self._on_home_loop(self._put_all, group, message)

    def ring(self, heads: dict[str, int], *, channel: str = "") -> None:
        """Sends each group its head and wakes the channel; from any thread, without waiting."""
        self._on_home_loop(self._ring, heads, channel)

    def link(self, ring_there: Callable[[dict[str, int], str], None] | None) -> None:
        """Rings go to another process too, until `link(None)`. Called on the loop."""
        self.loop = asyncio.get_running_loop()
        self.ring_there = ring_there

    async def receive(self, channel: str) -> Message:
        self.loop = asyncio.get_running_loop()
        queue = self._queue(channel)
        try:
            return await queue.get()
        except asyncio.CancelledError:
            if queue.empty() and self.queues.get(channel) is queue:
                del self.queues[channel]
            raise

    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}!{secrets.token_hex(8)}"

    async def group_add(self, group: str, channel: str) -> None:
        self.groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.groups[group].discard(channel)
        if not self.groups[group]:
            del self.groups[group]
        if not any(channel in members for members in self.groups.values()):
            self.queues.pop(channel, None)

    async def flush(self) -> None:
        self.queues.clear()
        self.groups.clear()

    def _on_home_loop(self, call: Any, *arguments: Any) -> None:
        if self.loop is None or self.loop.is_closed() or self.loop is running_loop():
            call(*arguments)
        else:
            self.loop.call_soon_threadsafe(call, *arguments)

    def _ring(self, heads: dict[str, int], channel: str) -> None:
        self.ring_here(heads, channel)
        if self.ring_there:
            self.ring_there(heads, channel)

    def ring_here(self, heads: dict[str, int], channel: str) -> None:
        for group, head in heads.items():
            self._put_all(group, {"type": "journal.changed", "head": head})
        if channel:
            self._put(channel, {"type": "wake"})

    def _put_all(self, group: str, message: Message) -> None:
        for channel in self.groups.get(group, ()):
            self._put(channel, message)

    def _put(self, channel: str, message: Message) -> None:
        queue = self._queue(channel)
        if not queue.full():
            queue.put_nowait(message)

    def _queue(self, channel: str) -> asyncio.Queue[Message]:
        queue = self.queues.get(channel)
        if queue is None:
            queue = self.queues[channel] = asyncio.Queue(self.capacity)
        return queue


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The running event loop of this thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
