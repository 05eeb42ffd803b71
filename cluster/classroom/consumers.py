"""The socket of a class's pages: a teacher's, and a student's."""

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model

from cluster.classroom.class_pages import find
from cluster.classroom.feed import ClassFeed, Viewer, feed_of
from cluster.models import Seat

NOT_FOUND = 4404
RECHECK_SECONDS = 30.0


class ClassConsumer(AsyncWebsocketConsumer):
    """Tells a teacher of a class. What the page sends is not read."""

    channel_layer_alias = ""
    feed: ClassFeed | None = None

    async def __call__(self, *arguments: Any) -> None:
        try:
            await super().__call__(*arguments)
        finally:
            if self.feed:
                self.feed.leave(self.viewer)

    async def connect(self) -> None:
        found = await database_sync_to_async(self.look_up)()
        await self.accept()
        if found is None:
            await self.close(code=NOT_FOUND)
            return
        key, seat = found
        self.viewer = Viewer(self.send_text, seat)
        self.feed = feed_of(key)
        await self.feed.join(self.viewer)

    async def send_text(self, text: str) -> None:
        if time.monotonic() - self.checked > RECHECK_SECONDS and await database_sync_to_async(self.look_up)() is None:
            await self.close(code=NOT_FOUND)
            return
        await self.send(text_data=text)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        pass

    def look_up(self) -> tuple[int, int | None] | None:
        """(the class, the seat), if the session's user may see that still."""
        self.checked = time.monotonic()
        user = get_user_model().objects.filter(pk=self.scope["user"].pk, is_active=True).first()
        return self.place_of(user) if user else None

    def place_of(self, user: Any) -> tuple[int, int | None] | None:
        room = find(user, self.scope["url_route"]["kwargs"]["slug"])
        return (room.pk, None) if room else None


class SeatConsumer(ClassConsumer):
    """Tells a student of their own seat."""

    def place_of(self, user: Any) -> tuple[int, int | None] | None:
        found = Seat.objects.filter(user=user).values_list("classroom_id", "pk").first()
        return (found[0], found[1]) if found else None
