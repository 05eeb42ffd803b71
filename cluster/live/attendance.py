"""The sockets of this process: the permission of each is checked again every RECHECK_SECONDS, even if the client sends nothing,
and the viewers of each cluster are recorded for all processes (Presence)."""

import asyncio
import logging
import time
from typing import Any, Protocol

from cluster.records import threads
from cluster.spaces import Space
from cluster.writing import presence

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class Socket(Protocol):
    space: Space
    scope: Any

    async def still_allowed(self, space: Space) -> bool:
        """Checks the permission again at the socket's own interval; False if the socket is no longer allowed and has been
        closed."""


class Attendance:
    """The open sockets of this process. A task checks and records them while there are any."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.task: asyncio.Task[None] | None = None
        self.told: set[tuple[str, int]] = set()
        self.told_at = 0.0

    def enter(self, socket: Socket) -> None:
        self.sockets.add(socket)
        if self.task is None or self.task.done() or self.task.get_loop() is not asyncio.get_running_loop():
            self.task = asyncio.create_task(self.follow())

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        if not self.sockets and self.task:
            self.task.cancel()
            self.task = None

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.tell()
            for each in list(self.sockets):
                await self.ask(each)

    async def tell(self) -> None:
        """Records the viewers' presence: at once when there is a new viewer, otherwise every TOLD_EVERY_SECONDS, before it
        expires."""
        pairs = {(each.space.cluster, each.scope["user"].pk) for each in self.sockets if each.scope["user"].pk}
        if pairs <= self.told and time.monotonic() - self.told_at < presence.TOLD_EVERY_SECONDS:
            return
        self.told, self.told_at = pairs, time.monotonic()
        try:
            if pairs:
                await threads.run(threads.page_writes, presence.note, pairs)
        except Exception:
            log.exception("Who looks at the clusters could not be told; it is told again")

    async def ask(self, socket: Socket) -> None:
        try:
            if not await socket.still_allowed(socket.space):
                self.sockets.discard(socket)
        except Exception:
            log.exception("A socket of %s could not be asked; it is asked again", "/".join(socket.space))


attendance = Attendance()
