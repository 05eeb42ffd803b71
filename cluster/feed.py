"""Journal -> websocket frames. One feed per namespace and process: it reads each change once, encodes it once, and hands the same
text to every viewer that keeps up."""

import asyncio
import contextlib
import gzip
import logging
import time
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import connection

from cluster import clock, journal, models
from cluster.snapshot import namespace_snapshot

log = logging.getLogger(__name__)

MOST_CHANGES = 5_000
MOST_UNACKNOWLEDGED = 16
POLL_SECONDS = 1.0

Frame = dict[str, Any]


class Encoded:
    """A frame as text and, for who asks for it, packed: each made once, whoever many get it."""

    def __init__(self, frame: Frame) -> None:
        self.text = orjson.dumps(frame).decode()

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.text.encode(), compresslevel=1)


Send = Callable[[Encoded], Awaitable[None]]


class Viewer:
    """One socket. `sent` is the newest rv it was sent, `waiting` how many frames it has not acknowledged."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.sent = 0
        self.waiting = 0

    @property
    def is_behind(self) -> bool:
        return self.waiting >= MOST_UNACKNOWLEDGED

    async def hand(self, frame: Encoded, rv: int) -> None:
        await self.send(frame)
        self.sent = rv
        self.waiting += 1


class Feed:
    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.viewers: set[Viewer] = set()
        self.head = 0
        self.bell = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def join(self, viewer: Viewer, since: int | None) -> None:
        """Brings a viewer up to date, then lets it follow."""
        await self.catch_up(viewer, since)
        self.viewers.add(viewer)
        await self.tell_presence()
        if not self.tasks:
            self.head = viewer.sent
            self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.follow())]
        self.bell.set()

    async def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        if self.viewers:
            await self.tell_presence()
        else:
            for task in self.tasks:
                task.cancel()
            self.tasks = []

    async def catch_up(self, viewer: Viewer, since: int | None) -> None:
        """What a viewer missed in one frame; a snapshot if that is too much, or gone."""
        frame = None if since is None else await in_thread(self.read_changes, since)
        if frame is None:
            frame = await in_thread(self.read_snapshot)
        await viewer.hand(Encoded(frame), frame.get("to", frame.get("rv", 0)))

    async def listen(self) -> None:
        """One ear for all viewers: a doorbell for each would cost as many wake-ups as there are viewers."""
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(f"namespace.{self.namespace}", channel)
        try:
            while True:
                await layer.receive(channel)
                self.bell.set()
        finally:
            await layer.group_discard(f"namespace.{self.namespace}", channel)

    async def follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), POLL_SECONDS)
            self.bell.clear()
            try:
                await self.publish()
            except Exception:
                log.exception("A frame of %s failed; the next one catches up", self.namespace)

    async def publish(self) -> None:
        frame = await in_thread(self.read_changes, self.head)
        if frame is None:
            frame = await in_thread(self.read_snapshot)
        newest = frame.get("to", frame.get("rv", 0))
        if newest <= self.head:
            return
        before, self.head = self.head, newest
        encoded = Encoded(frame)
        for viewer in list(self.viewers):
            try:
                await self.serve(viewer, encoded, before, newest)
            except Exception:
                log.exception("A viewer of %s could not be served; it is dropped and may come again", self.namespace)
                self.viewers.discard(viewer)

    async def serve(self, viewer: Viewer, frame: Encoded, before: int, newest: int) -> None:
        if viewer.is_behind or viewer.sent >= newest:
            return
        if viewer.sent == before:
            await viewer.hand(frame, newest)
        else:
            await self.catch_up(viewer, viewer.sent)

    async def acknowledged(self, viewer: Viewer) -> None:
        was_behind = viewer.is_behind
        viewer.waiting = 0
        if was_behind and viewer.sent < self.head:
            await self.catch_up(viewer, viewer.sent)

    async def tell_presence(self) -> None:
        frame = Encoded({"type": "presence", "viewers": len(self.viewers)})
        for viewer in list(self.viewers):
            await viewer.send(frame)

    def read_changes(self, since: int) -> Frame | None:
        """None: a snapshot is needed."""
        namespace = models.Namespace.objects.get(name=self.namespace)
        try:
            items = journal.changes_since(self.namespace, since, MOST_CHANGES + 1)
        except journal.Gone:
            return None
        if len(items) > MOST_CHANGES:
            return None
        to = items[-1]["rv"] if items else since
        return {
            "type": "changes",
            "from": since,
            "to": to,
            "now": clock.simulated(namespace, time.time()),
            "pace": namespace.pace,
            "items": items,
        }

    def read_snapshot(self) -> Frame:
        return {"type": "snapshot", **namespace_snapshot(self.namespace)}


feeds: dict[str, Feed] = {}


def feed_of(namespace: str) -> Feed:
    return feeds.setdefault(namespace, Feed(namespace))


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """Database work beside the thread that all of Django's synchronous code shares."""

    def closing() -> Any:
        try:
            return call(*arguments)
        finally:
            connection.close()

    return await sync_to_async(closing, thread_sensitive=False)()
