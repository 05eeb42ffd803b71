"""The socket of a class's pages."""

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model

from cluster.classroom.class_pages import find
from cluster.classroom.feed import ClassFeed, feed_of
from cluster.models import Classroom

NOT_FOUND = 4404
RECHECK_SECONDS = 30.0


class ClassConsumer(AsyncWebsocketConsumer):
    """Tells a teacher of a class; what the page sends is a sign of life, and is not read."""

    channel_layer_alias = ""
    feed: ClassFeed | None = None

    async def __call__(self, *arguments: Any) -> None:
        try:
            await super().__call__(*arguments)
        finally:
            if self.feed:
                self.feed.leave(self.tell)

    async def connect(self) -> None:
        room = await database_sync_to_async(self.look_up)()
        await self.accept()
        if room is None:
            await self.close(code=NOT_FOUND)
            return
        self.tell = self.send_text
        self.feed = feed_of(room.pk)
        await self.feed.join(self.tell)

    async def send_text(self, text: str) -> None:
        if time.monotonic() - self.checked > RECHECK_SECONDS and await database_sync_to_async(self.look_up)() is None:
            await self.close(code=NOT_FOUND)
            return
        await self.send(text_data=text)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        pass

    def look_up(self) -> Classroom | None:
        """The class, if the session's user teaches it still."""
        self.checked = time.monotonic()
        user = get_user_model().objects.filter(pk=self.scope["user"].pk, is_active=True).first()
        return find(user, self.scope["url_route"]["kwargs"]["slug"]) if user else None
