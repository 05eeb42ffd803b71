"""Journal -> websocket frames. One feed per namespace and process: it reads each change once, encodes it once, and hands the same
text to every viewer that keeps up."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.db import connection

from cluster import clock, journal, models
from cluster.snapshot import namespace_snapshot

log = logging.getLogger(__name__)

MOST_CHANGES = 5_000
MOST_UNACKNOWLEDGED = 4
POLL_SECONDS = 1.0

Send = Callable[[str], Awaitable[None]]
Frame = dict[str, Any]


class Viewer:
    """One socket. `sent` is the newest rv it was sent, `waiting` how many frames it has not acknowledged."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.sent = 0
        self.waiting = 0

    @property
    def is_behind(self) -> bool:
        return self.waiting >= MOST_UNACKNOWLEDGED

    async def hand(self, text: str, rv: int) -> None:
        await self.send(text)
        self.sent = rv
        self.waiting += 1


class Feed:
    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.viewers: set[Viewer] = set()
        self.head = 0
        self.bell = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def join(self, viewer: Viewer, since: int | None) -> None:
        """Brings a viewer up to date, then lets it follow."""
        await self.catch_up(viewer, since)
        self.viewers.add(viewer)
        await self.tell_presence()
        if self.task is None or self.task.done():
            self.head = viewer.sent
            self.task = asyncio.create_task(self.follow())
        self.bell.set()

    async def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        if self.viewers:
            await self.tell_presence()
        elif self.task:
            self.task.cancel()
            self.task = None

    async def catch_up(self, viewer: Viewer, since: int | None) -> None:
        """What a viewer missed in one frame; a snapshot if that is too much, or gone."""
        frame = None if since is None else await in_thread(self.read_changes, since)
        if frame is None:
            frame = await in_thread(self.read_snapshot)
        await viewer.hand(encode(frame), frame.get("to", frame.get("rv", 0)))

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
        text = encode(frame)
        for viewer in list(self.viewers):
            try:
                await self.serve(viewer, text, before, newest)
            except Exception:
                log.exception("A viewer of %s could not be served; it is dropped and may come again", self.namespace)
                self.viewers.discard(viewer)

    async def serve(self, viewer: Viewer, text: str, before: int, newest: int) -> None:
        if viewer.is_behind or viewer.sent >= newest:
            return
        if viewer.sent == before:
            await viewer.hand(text, newest)
        else:
            await self.catch_up(viewer, viewer.sent)

    async def acknowledged(self, viewer: Viewer) -> None:
        was_behind = viewer.is_behind
        viewer.waiting = 0
        if was_behind and viewer.sent < self.head:
            await self.catch_up(viewer, viewer.sent)

    async def tell_presence(self) -> None:
        text = encode({"type": "presence", "viewers": len(self.viewers)})
        for viewer in list(self.viewers):
            await viewer.send(text)

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
            "items": items,
        }

    def read_snapshot(self) -> Frame:
        return {"type": "snapshot", **namespace_snapshot(self.namespace)}


feeds: dict[str, Feed] = {}


def feed_of(namespace: str) -> Feed:
    return feeds.setdefault(namespace, Feed(namespace))


def encode(frame: Frame) -> str:
    return orjson.dumps(frame).decode()


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """Database work beside the thread that all of Django's synchronous code shares."""

    def closing() -> Any:
        try:
            return call(*arguments)
        finally:
            connection.close()

    return await sync_to_async(closing, thread_sensitive=False)()
