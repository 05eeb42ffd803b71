"""A class's pages, live: one follower for each class and process looks several times a second whether anything of the class
has changed, reads only that, and tells every page the same."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from cluster.live.feed import in_thread
from cluster.models import Classroom, Seat

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.3
Json = dict[str, Any]
Send = Callable[[str], Awaitable[None]]


class ClassFeed:
    def __init__(self, key: int) -> None:
        self.key = key
        self.viewers: set[Send] = set()
        self.version = -1
        self.task: asyncio.Task[None] | None = None

    async def join(self, send: Send) -> None:
        """The first frame tells everything."""
        await send(encoded(await in_thread(whole, self.key)))
        self.viewers.add(send)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.follow())

    def leave(self, send: Send) -> None:
        self.viewers.discard(send)
        if not self.viewers and self.task:
            self.task.cancel()
            self.task = None

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("A look at class %s failed; the next one catches up", self.key)

    async def look(self) -> None:
        version = await in_thread(version_of, self.key)
        if version != self.version:
            self.version = version
            await self.tell(await in_thread(whole, self.key))

    async def tell(self, frame: Json) -> None:
        text = encoded(frame)
        for send in list(self.viewers):
            with contextlib.suppress(Exception):  # a socket that is broken is closed by its own task
                await send(text)


feeds: dict[int, ClassFeed] = {}


def feed_of(key: int) -> ClassFeed:
    return feeds.setdefault(key, ClassFeed(key))


def encoded(frame: Json) -> str:
    return orjson.dumps(frame).decode()


def version_of(key: int) -> int | None:
    return Classroom.objects.filter(pk=key).values_list("version", flat=True).first()


def whole(key: int) -> Json:
    """{"type": "class", ...}; {"type": "gone"} when the class was ended."""
    room = Classroom.objects.filter(pk=key).first()
    if room is None:
        return {"type": "gone"}
    return {
        "type": "class",
        "name": room.name,
        "code": room.code,
        "is_open": room.is_open,
        "most_seats": room.most_seats,
        "seats": [seat_state(each) for each in Seat.objects.filter(classroom=room).select_related("cluster")],
    }


def seat_state(seat: Seat) -> Json:
    return {
        "number": seat.number,
        "name": seat.name,
        "cluster": seat.cluster.name if seat.cluster else "",
        "joined": seat.joined.timestamp(),
    }
