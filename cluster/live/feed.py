"""Journal -> websocket frames. One feed per namespace and process: it reads each change once, encodes it once, and sends the same
text to every viewer that keeps up."""

import asyncio
import contextlib
import gzip
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

import orjson
from autobahn.websocket.protocol import PreparedMessage
from django.conf import settings

from cluster import models
from cluster.live.follower import Follower
from cluster.records import clock, journal
from cluster.records.snapshot import namespace_snapshot
from cluster.records.threads import in_thread
from cluster.spaces import Space

log = logging.getLogger(__name__)

MOST_CHANGES = 5_000
MOST_UNACKNOWLEDGED = 8
PRESENCE_SECONDS = 0.5
SHARED_SECONDS = 0.1  # how late `now` of a snapshot may be
PACKED_FROM_CHARACTERS = 4096
ANEW = -1  # before every version

Frame = dict[str, Any]


class Encoded:
    """A frame as ASGI messages, plain text and gzipped. Each message is encoded once and shared by all viewers. `prepared` holds
    the WebSocket frame itself, for a server that can send it unchanged (`server.Socket`)."""

    def __init__(self, frame: Frame) -> None:
        self.text = orjson.dumps(frame).decode()

    @property
    def is_large(self) -> bool:
        return len(self.text) >= PACKED_FROM_CHARACTERS

    @cached_property
    def plain(self) -> dict[str, Any]:
        prepared = PreparedMessage(self.text.encode(), isBinary=False, applyMask=False, doNotCompress=True)
        return {"type": "websocket.send", "text": self.text, "prepared": prepared}

    @cached_property
    def packed(self) -> dict[str, Any]:
        data = gzip.compress(self.text.encode(), compresslevel=1)
        prepared = PreparedMessage(data, isBinary=True, applyMask=False, doNotCompress=True)
        return {"type": "websocket.send", "bytes": data, "prepared": prepared}


Send = Callable[[Encoded], Awaitable[None]]
Dismiss = Callable[[str | None], Awaitable[None]]


class Viewer:
    """One socket. `sent` is the newest rv sent to it, `unacknowledged` the rvs of the frames it has not acknowledged. `dismiss`
    closes it: for good with a reason, or (None) so that the client reconnects and resumes."""

    def __init__(self, send: Send, dismiss: Dismiss) -> None:
        self.send = send
        self.dismiss = dismiss
        self.sent = 0
        self.unacknowledged: deque[int] = deque()

    @property
    def is_behind(self) -> bool:
        return len(self.unacknowledged) >= MOST_UNACKNOWLEDGED

    async def hand(self, frame: Encoded, rv: int) -> None:
        await self.send(frame)
        self.sent = rv
        self.unacknowledged.append(rv)

    def begin_anew(self) -> None:
        """Makes the next frame a snapshot."""
        self.sent = ANEW
        self.unacknowledged.clear()

    def acknowledge(self, rv: int) -> None:
        while self.unacknowledged and self.unacknowledged[0] <= rv:
            self.unacknowledged.popleft()


class Feed(Follower):
    """Sends a namespace's changes to its viewers. Only the task that follows the journal sends frames to viewers who have joined,
    so that none is sent twice. `key`: the primary key of the cluster whose journal `head` belongs to; a new cluster may get the
    same name."""

    def __init__(self, space: Space) -> None:
        super().__init__(space.cluster, "/".join(space))
        self.space = space
        self.key: int | None = None
        self.viewers: set[Viewer] = set()
        self.coming = 0
        self.is_presence_told, self.told_at = True, 0.0
        self.shared: asyncio.Future[tuple[Encoded, Frame]] | None = None

    async def join(self, viewer: Viewer, since: int | None, of: int | None = None) -> None:
        """Brings a viewer up to date, then adds it to the feed. `of`: the key of the cluster that the version `since` belongs
        to."""
        self.coming += 1
        try:
            key = await self.catch_up(viewer, since, of=of)
            self.viewers.add(viewer)
        finally:
            self.coming -= 1
            self.close_if_empty()
        if not self.tasks:
            self.key = key
            self.begin(viewer.sent)
        elif key != self.key:  # its snapshot is of a different cluster from the one that has the name
            viewer.begin_anew()
        self.presence_changed()

    async def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        if self.viewers:
            self.presence_changed()
        else:
            self.close_if_empty()

    def close_if_empty(self) -> None:
        """Ends the feed and drops its snapshot when no viewer is left or joining."""
        if self.viewers or self.coming:
            return
        self.end()
        self.forget_snapshot()
        if feeds.get(self.space) is self:
            del feeds[self.space]

    def acknowledged(self, viewer: Viewer, rv: int) -> None:
        viewer.acknowledge(rv)
        if viewer.sent < self.head:
            self.bell.set()

    async def look(self) -> None:
        try:
            await self.publish()
        except models.Namespace.DoesNotExist:
            await self.dismiss_all(f'namespaces "{self.space.namespace}" not found')
        await self.tell_presence_in_time()

    async def publish(self) -> None:
        """Level-triggered: serves every viewer that is not at the head and keeps up, whether or not the head moved now."""
        frame = await in_thread(self.read_frame, self.head, None, self.key)
        before, self.head = self.head, rv_of(frame)
        if (
            frame["cluster"] != self.key or self.head < before
        ):  # a different cluster has the name now, or its journal is new
            self.key, before = frame["cluster"], ANEW
            self.forget_snapshot()
            for viewer in self.viewers:
                viewer.begin_anew()
        encoded = Encoded(frame) if self.head > before else None
        for viewer in list(self.viewers):
            try:
                await self.serve(viewer, encoded, before)
            except Exception:
                log.exception("A viewer of %s could not be served; it may come again", self.about)
                await self.drop(viewer, None)

    async def serve(self, viewer: Viewer, encoded: Encoded | None, before: int) -> None:
        if viewer.is_behind or viewer.sent >= self.head:
            return
        if encoded and viewer.sent == before:
            await viewer.hand(encoded, self.head)
        else:
            await self.catch_up(viewer, viewer.sent, upto=self.head, of=self.key)

    async def catch_up(
        self, viewer: Viewer, since: int | None, upto: int | None = None, of: int | None = None
    ) -> int | None:
        """Sends a viewer all the changes it missed in one frame; a snapshot if they are too many, or gone. With `upto`, the head,
        it shares the next frame with the other viewers. Returns the cluster's key."""
        frame = None if since is None else await in_thread(self.read_changes, since, upto, of)
        encoded, frame = (Encoded(frame), frame) if frame else await self.snapshot(upto or ANEW)
        await viewer.hand(encoded, rv_of(frame))
        key: int | None = frame["cluster"]
        return key

    async def snapshot(self, least: int) -> tuple[Encoded, Frame]:
        """One snapshot for all viewers who join within SHARED_SECONDS, so that a whole class costs as little as a few viewers.
        `least`: the resource version that it must have reached; an older one is read again."""
        shared = self.shared or self.share_snapshot()
        found = await asyncio.shield(shared)
        if rv_of(found[1]) < least:
            found = await asyncio.shield(self.share_snapshot() if self.shared in (None, shared) else self.shared)
        return found

    def share_snapshot(self) -> asyncio.Future[tuple[Encoded, Frame]]:
        self.shared = asyncio.ensure_future(in_thread(self.read_snapshot))
        asyncio.get_running_loop().call_later(SHARED_SECONDS, self.forget_snapshot)
        return self.shared

    def forget_snapshot(self) -> None:
        self.shared = None

    def read_snapshot(self) -> tuple[Encoded, Frame]:
        """Reads and packs the snapshot. Called in a thread, so that the event loop does not compress."""
        frame = self.read_frame(None)
        encoded = Encoded(frame)
        if encoded.is_large:
            _ = encoded.packed
        return encoded, frame

    async def dismiss_all(self, reason: str) -> None:
        for viewer in list(self.viewers):
            await self.drop(viewer, reason)

    async def drop(self, viewer: Viewer, reason: str | None) -> None:
        self.viewers.discard(viewer)
        self.is_presence_told = False
        with contextlib.suppress(Exception):  # a broken socket can't be closed either
            await viewer.dismiss(reason)

    def presence_changed(self) -> None:
        self.is_presence_told = False
        self.bell.set()

    async def tell_presence_in_time(self) -> None:
        """Sends the number of viewers at most every PRESENCE_SECONDS: thirty viewers who join at once cause one frame each, not
        thirty."""
        if self.is_presence_told or time.monotonic() - self.told_at < PRESENCE_SECONDS:
            return
        self.is_presence_told, self.told_at = True, time.monotonic()
        await self.tell_presence()

    async def tell_presence(self) -> None:
        """Sends the number of viewers to each of them. Not where there are other servers, whose viewers it would leave out."""
        if settings.HAS_OTHER_SERVERS:
            return
        frame = Encoded({"type": "presence", "viewers": len(self.viewers)})
        for viewer in list(self.viewers):
            try:
                await viewer.send(frame)
            except Exception:
                log.exception("A viewer of %s could not be told who else is there", self.about)
                await self.drop(viewer, None)

    def read_frame(self, since: int | None, upto: int | None = None, of: int | None = None) -> Frame:
        """The changes since a version, or a snapshot. `of`: the key of the cluster that `since` belongs to; None: whichever has
        the name."""
        frame = None if since is None else self.read_changes(since, upto, of)
        return frame or {"type": "snapshot", **namespace_snapshot(self.space)}

    def read_changes(self, since: int, upto: int | None, of: int | None) -> Frame | None:
        """The changes after `since` as a frame; None where a snapshot is needed."""
        rows = models.Namespace.objects.select_related("cluster")
        cluster = rows.get(cluster__name=self.space.cluster, name=self.space.namespace).cluster
        if of not in (None, cluster.pk):
            return None
        try:
            items = journal.changes_since(*self.space, since, MOST_CHANGES + 1, upto=upto)
        except journal.Gone:
            return None
        if len(items) > MOST_CHANGES:
            return None
        to = upto or (items[-1]["rv"] if items else since)
        return {
            "type": "changes",
            "cluster": cluster.pk,
            "from": since,
            "to": to,
            "now": clock.simulated(cluster, time.time()),
            "pace": cluster.pace,
            "held": cluster.decisions is not None,
            "items": items,
        }


feeds: dict[Space, Feed] = {}


def feed_of(space: Space) -> Feed:
    return feeds.setdefault(space, Feed(space))


def rv_of(frame: Frame) -> int:
    """The newest resource version in a frame."""
    rv: int = frame["to"] if "to" in frame else frame["rv"]
    return rv
