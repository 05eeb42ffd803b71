"""Follows a cluster's journal for many viewers: reads it after each bell, and at least once a second."""

import asyncio
import contextlib
import logging

from cluster.records import doorbell

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


class Follower:
    """Calls `look` for as long as it runs, one call after the other; the next call catches up on a failed one. `head`: the newest
    resource version read. `about`: its name in the log."""

    def __init__(self, cluster: str, about: str) -> None:
        self.cluster, self.about = cluster, about
        self.head = 0
        self.bell = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def look(self) -> None:
        """Reads the journal since `head` once, and passes on what is new."""
        raise NotImplementedError

    def begin(self, head: int) -> None:
        """Starts following from this resource version."""
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
