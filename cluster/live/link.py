"""The doorbell between the demo's server and the worker process beside it: rings over a socket, a line each."""

import asyncio
import socket
import time
from collections.abc import Callable

import orjson

from cluster.live.layers import LocalChannelLayer

MOST_UNSENT_BYTES = 64 * 1024


class Link(asyncio.Protocol):
    """One end. Passes this layer's rings to the other process, and those of the other process to this layer. `heard`: when the
    other process last rang (monotonic), or None."""

    def __init__(self, layer: LocalChannelLayer, ended: Callable[[], None]) -> None:
        self.layer, self.ended = layer, ended
        self.heard: float | None = None
        self.unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.layer.link(self.ring)

    def ring(self, heads: dict[str, int], channel: str) -> None:
        """Drops the ring if the other process has not read for long (all listeners poll too)."""
        if self.transport.get_write_buffer_size() < MOST_UNSENT_BYTES:
            self.transport.write(orjson.dumps([heads, channel]) + b"\n")

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            self.layer.ring_here(*orjson.loads(line))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's name
        self.layer.link(None)
        self.ended()


async def connect(end: socket.socket, layer: LocalChannelLayer, ended: Callable[[], None]) -> Link:
    """Links the layer of this event loop with that of the process at the other end. `ended` is called when that process ends."""
    _, link = await asyncio.get_running_loop().create_connection(lambda: Link(layer, ended), sock=end)
    return link
