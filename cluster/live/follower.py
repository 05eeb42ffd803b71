"""Who follows a cluster's journal for many: looks after each bell, and once a second in any case."""

import asyncio
import contextlib
import logging

from cluster.records import doorbell

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


class Follower:
    """Calls `look` for as long as it follows, one call after the other; what a look could not do is left to the next.
    `head`: the newest resource version that it has read. `about`: what the log calls it."""

    def __init__(self, cluster: str, about: str) -> None:
        self.cluster, self.about = cluster, about
        self.head = 0
        self.bell = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def look(self) -> None:
        """Reads the journal since `head` once, and hands on what is new."""
        raise NotImplementedError

    def begin(self, head: int) -> None:
        """Follows from this resource version on."""
        self.head = head
        self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.follow())]

    def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        self.tasks = []

    async def listen(self) -> None:
        await doorbell.listen(doorbell.group_of(self.cluster), self.bell)

    async def follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), POLL_SECONDS)
            self.bell.clear()
            try:
                await self.look()
            except Exception:
                log.exception("A look into the journal for %s failed; the next one catches up", self.about)
