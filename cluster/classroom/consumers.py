"""The websockets of lessons: of a class's pages for teachers and students, and of a lesson without a class."""

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from cluster.classroom import study_feed
from cluster.classroom.class_pages import find
from cluster.classroom.feed import ClassFeed, Viewer, feed_of
from cluster.classroom.study_feed import StudyFeed
from cluster.live.consumers import NOT_ALLOWED, NOT_FOUND, NOT_LOGGED_IN
from cluster.models import Seat, SelfStudy
from cluster.spaces import Space
from cluster.writing.permissions import may

RECHECK_SECONDS = 30.0


class PageConsumer(AsyncWebsocketConsumer):
    """Sends the frames of a feed to a page; ignores what the page sends. `refusal`: the code that closes the socket of a user
    without access."""

    channel_layer_alias = ""
    feed: ClassFeed | StudyFeed | None = None
    viewer: Any = None
    refusal = NOT_FOUND

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
            await self.dismiss()
            return
        self.follow(found)
        assert self.feed
        await self.feed.join(self.viewer)

    def follow(self, found: Any) -> None:
        """Sets feed and viewer from what `place_of` returned."""
        raise NotImplementedError

    async def dismiss(self) -> None:
        await self.close(code=self.refusal)

    async def send_text(self, text: str) -> None:
        if time.monotonic() - self.checked > RECHECK_SECONDS and await database_sync_to_async(self.look_up)() is None:
            await self.dismiss()
            return
        await self.send(text_data=text)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        pass

    def look_up(self) -> Any:
        """What the session's user may still see, or None."""
        self.checked = time.monotonic()
        user = get_user_model().objects.filter(pk=self.scope["user"].pk, is_active=True).first()
        return self.place_of(user or AnonymousUser())

    def place_of(self, user: Any) -> Any:
        raise NotImplementedError


class ClassConsumer(PageConsumer):
    """Sends the frames of a class to its teacher."""

    def follow(self, found: tuple[int, int | None]) -> None:
        key, seat = found
        self.viewer, self.feed = Viewer(self.send_text, seat), feed_of(key)

    def place_of(self, user: Any) -> tuple[int, int | None] | None:
        """(the key of the class, the key of the seat; None for a teacher)."""
        room = find(user, self.scope["url_route"]["kwargs"]["slug"])
        return (room.pk, None) if room else None


class SeatConsumer(ClassConsumer):
    """Sends a student the frames of their own seat."""

    def place_of(self, user: Any) -> tuple[int, int | None] | None:
        found = Seat.objects.filter(user_id=user.pk or 0).values_list("classroom_id", "pk").first()
        return (found[0], found[1]) if found else None


class StudyConsumer(PageConsumer):
    """Sends the frames of a cluster's lesson without a class to the cluster's admins."""

    def follow(self, found: SelfStudy) -> None:
        self.viewer, self.feed = study_feed.Viewer(self.send_text, self.dismiss), study_feed.feed_of(found)

    def place_of(self, user: Any) -> SelfStudy | None:
        cluster = self.scope["url_route"]["kwargs"]["cluster"]
        if not may(user, "admin", Space(cluster, "")):
            self.refusal = NOT_ALLOWED if user.is_authenticated else NOT_LOGGED_IN
            return None
        return SelfStudy.objects.select_related("cluster").filter(cluster__name=cluster).first()
