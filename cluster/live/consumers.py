"""The browser's websockets (docs/protocol.md)."""

import json
import time
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from cluster.live import board
from cluster.live.attendance import attendance
from cluster.live.feed import Encoded, Feed, Viewer, feed_of
from cluster.live.nodes import NodesFeed, NodesViewer, nodes_feed_of
from cluster.models import Namespace
from cluster.records.prepared import lookup
from cluster.records.threads import in_thread
from cluster.spaces import Space
from cluster.writing import limits
from cluster.writing.permissions import may

NOT_LOGGED_IN, NOT_ALLOWED, NOT_FOUND = 4401, 4403, 4404
TRY_AGAIN = 1011
RECHECK_SECONDS = 25.0
FILTERS_A_SECOND = 5.0
LONGEST_MESSAGE = 4096


class NamespaceConsumer(AsyncWebsocketConsumer):
    """Sends the frames of one namespace to one viewer."""

    channel_layer_alias = ""  # the feed listens for all viewers; a channel each would be a Redis connection each
    feed: Feed | NodesFeed | None = None

    async def __call__(self, *arguments: Any) -> None:
        """Leaves the attendance and the feed however the socket ends, including errors and time-outs."""
        try:
            await super().__call__(*arguments)
        finally:
            attendance.leave(self)
            if self.feed:
                await self.feed.leave(self.viewer)

    async def connect(self) -> None:
        asked = self.scope["url_route"]["kwargs"]
        self.space = Space(asked["cluster"], asked["namespace"])
        refusal = await in_thread(self.refusal, self.space)
        await self.accept()
        if refusal:
            await self.refuse(*refusal)
            return
        self.checked = time.monotonic()
        attendance.enter(self)
        await self.follow()

    async def follow(self) -> None:
        self.viewer: Any = Viewer(self.send_frame, self.dismiss)
        self.feed = feed = feed_of(self.space)
        await feed.join(self.viewer, self.number("since"), self.number("of"))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        try:
            message = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if self.feed and isinstance(message, dict) and message.get("type") == "ack":
            rv = message.get("rv")
            if isinstance(rv, int) and await self.still_allowed(self.space):
                self.feed.acknowledged(self.viewer, rv)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handles incoming messages without channels' own dispatch, which would run each through the shared thread."""
        if message["type"] == "websocket.receive":
            await self.websocket_receive(message)
        else:
            await super().dispatch(message)

    async def send_frame(self, frame: Encoded) -> None:
        """Sends without channels' own `send`, which would build a new message for each viewer."""
        await self.base_send(frame.packed if frame.is_large and self.asked("packed") == "1" else frame.plain)

    async def dismiss(self, reason: str | None) -> None:
        if reason is None:
            await self.close(code=TRY_AGAIN)
        else:
            await self.refuse(NOT_FOUND, reason)

    async def refuse(self, code: int, reason: str) -> None:
        await self.send_frame(Encoded({"type": "gone", "reason": reason}))
        await self.close(code=code)

    async def still_allowed(self, space: Space) -> bool:
        """Checks the permission again after RECHECK_SECONDS. Called on each acknowledgement, and periodically (`attendance`)."""
        if time.monotonic() - self.checked < RECHECK_SECONDS:
            return True
        refusal = await in_thread(self.refusal_now, space)
        self.checked = time.monotonic()
        if refusal:
            await self.refuse(*refusal)
        return refusal is None

    def refusal_now(self, space: Space) -> tuple[int, str] | None:
        user = self.scope["user"]
        if user.is_authenticated:
            self.scope["user"] = get_user_model().objects.filter(pk=user.pk, is_active=True).first() or AnonymousUser()
        return self.refusal(space)

    def refusal(self, space: Space) -> tuple[int, str] | None:
        user = self.scope["user"]
        if not may(user, "view", space):
            return (NOT_ALLOWED, "forbidden") if user.is_authenticated else (NOT_LOGGED_IN, "log in first")
        if not lookup(Namespace, cluster__name=space.cluster, name=space.namespace):
            return NOT_FOUND, f'namespaces "{space.namespace}" not found'
        return None

    def number(self, name: str) -> int | None:
        text = self.asked(name)
        return int(text) if text.isdecimal() and len(text) < 19 else None

    def asked(self, name: str) -> str:
        query: dict[str, list[str]] = parse_qs(self.scope["query_string"].decode())
        return query.get(name, [""])[0]


class NodesConsumer(NamespaceConsumer):
    """Sends one viewer of a Deployment the requests on each node of the cluster."""

    async def follow(self) -> None:
        name = self.scope["url_route"]["kwargs"]["deployment"]
        self.viewer = NodesViewer(self.send_frame, self.dismiss, self.space, name)
        self.feed = feed = nodes_feed_of(self.space.cluster)
        await feed.join(self.viewer)


class ClustersConsumer(AsyncWebsocketConsumer):
    """Sends the clusters that one viewer may see; the messages `filter` and `look` request the list again, at most
    FILTERS_A_SECOND."""

    channel_layer_alias = ""
    viewer: board.Viewer | None = None

    async def __call__(self, *arguments: Any) -> None:
        try:
            await super().__call__(*arguments)
        finally:
            if self.viewer:
                board.board.leave(self.viewer)

    async def connect(self) -> None:
        self.bucket = limits.Buckets()
        await self.accept()
        self.viewer = board.Viewer(user=self.scope["user"], send=self.send_frame)
        await board.board.join(self.viewer)

    async def dispatch(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.receive":
            await self.websocket_receive(message)
        else:
            await super().dispatch(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        try:
            message = json.loads((text_data or "")[:LONGEST_MESSAGE])
        except (ValueError, RecursionError):
            return
        if not self.viewer or not isinstance(message, dict):
            return
        if message.get("type") == "ack":
            self.viewer.unacknowledged = 0
        elif message.get("type") in ("filter", "look") and self.bucket.take(0, FILTERS_A_SECOND):
            text = message.get("text", self.viewer.text)
            await board.board.search(self.viewer, text if isinstance(text, str) else "")

    async def send_frame(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame, separators=(",", ":")))
