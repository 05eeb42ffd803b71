"""The browser's socket (docs/protocol.md)."""

import json
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from cluster.feed import Encoded, Feed, Viewer, feed_of
from cluster.models import Namespace
from cluster.permissions import may

NOT_LOGGED_IN, NOT_ALLOWED, NOT_FOUND = 4401, 4403, 4404
PACKED_FROM_CHARACTERS = 4096


class NamespaceConsumer(AsyncWebsocketConsumer):
    """Follows one namespace for one viewer."""

    feed: Feed | None = None

    async def connect(self) -> None:
        name = self.scope["url_route"]["kwargs"]["namespace"]
        refusal = await database_sync_to_async(self.refusal)(name)
        await self.accept()
        if refusal:
            await self.send_frame(Encoded({"type": "gone", "reason": refusal[1]}))
            await self.close(code=refusal[0])
            return
        self.viewer = Viewer(self.send_frame)
        self.feed = feed_of(name)
        await self.feed.join(self.viewer, self.since())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        if self.feed:
            await self.feed.leave(self.viewer)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        try:
            message = json.loads(text_data or "")
        except ValueError:
            return
        if self.feed and isinstance(message, dict) and message.get("type") == "ack":
            await self.feed.acknowledged(self.viewer)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Acknowledgements go past channels' own dispatch, which would hop through the shared thread for each."""
        if message["type"] == "websocket.receive":
            await self.websocket_receive(message)
        else:
            await super().dispatch(message)

    async def send_frame(self, frame: Encoded) -> None:
        if len(frame.text) >= PACKED_FROM_CHARACTERS and self.asked("packed") == "1":
            await self.send(bytes_data=frame.packed)
        else:
            await self.send(text_data=frame.text)

    def refusal(self, name: str) -> tuple[int, str] | None:
        user = self.scope["user"]
        if not may(user, "view", name):
            return (NOT_ALLOWED, "forbidden") if user.is_authenticated else (NOT_LOGGED_IN, "log in first")
        if not Namespace.objects.filter(name=name).exists():
            return NOT_FOUND, f'namespaces "{name}" not found'
        return None

    def since(self) -> int | None:
        text = self.asked("since")
        return int(text) if text.isdecimal() else None

    def asked(self, name: str) -> str:
        query: dict[str, list[str]] = parse_qs(self.scope["query_string"].decode())
        return query.get(name, [""])[0]
