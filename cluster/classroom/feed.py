"""A class's pages, live: one feed per class and process checks several times a second which clusters of the class changed, reads
only those, and sends teachers and students their frames."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.classroom.following import lesson_of
from cluster.classroom.tiles import lesson_view, standing
from cluster.classroom.watching import ClassWatch, watch_of
from cluster.models import Classroom, Seat
from cluster.records.threads import in_thread

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.3
Json = dict[str, Any]


@dataclass(eq=False)
class Viewer:
    """A page's socket. `seat` is the key of the student's seat; None for a teacher's page."""

    send: Callable[[str], Awaitable[None]]
    seat: int | None = None


class ClassFeed:
    def __init__(self, key: int) -> None:
        self.key = key
        self.viewers: set[Viewer] = set()
        self.version: int | None = None
        self.task: asyncio.Task[None] | None = None

    async def join(self, viewer: Viewer) -> None:
        """Sends the page a first frame with everything, then adds it to the feed."""
        frame = await in_thread(first_frame, self.key, viewer.seat)
        await viewer.send(encoded(frame))
        self.viewers.add(viewer)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.follow())

    def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        if not self.viewers and self.task:
            self.task.cancel()
            self.task = None

    async def follow(self) -> None:
        while True:
            try:
                await self.look()
            except Classroom.DoesNotExist:
                await self.tell({"type": "gone"}, list(self.viewers))
                return
            except Exception:
                log.exception("A look at class %s failed; the next one catches up", self.key)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        seats = frozenset(each.seat for each in self.viewers if each.seat is not None)
        found = await in_thread(changes, self.key, self.version, seats)
        self.version = found.version
        teachers = [each for each in self.viewers if each.seat is None]
        for frame in found.for_teachers:
            await self.tell(frame, teachers)
        for key, frame in found.for_seats.items():
            await self.tell(frame, [each for each in self.viewers if each.seat == key])

    async def tell(self, frame: Json, viewers: list[Viewer]) -> None:
        text = encoded(frame) if viewers else ""
        for each in viewers:
            with contextlib.suppress(Exception):  # a broken socket is closed by its own task
                await each.send(text)


feeds: dict[int, ClassFeed] = {}


def feed_of(key: int) -> ClassFeed:
    return feeds.setdefault(key, ClassFeed(key))


def encoded(frame: Json) -> str:
    return orjson.dumps(frame).decode()


@dataclass
class Found:
    version: int
    for_teachers: list[Json]
    for_seats: dict[int, Json]


def first_frame(key: int, seat: int | None) -> Json:
    watch = watch_of(key)
    try:
        watch.look()
        room = find_room(key)
        if seat is not None:
            return seat_frame(room, Seat.objects.get(pk=seat), watch)
    except (Classroom.DoesNotExist, Seat.DoesNotExist):
        return {"type": "gone"}
    return {**class_frame(room), "tiles": watch.tiles(set(watch.followers))}


def changes(key: int, version: int | None, seats: frozenset[int]) -> Found:
    """The frames since the last call of this feed, even if answers and results have used the same watch meanwhile."""
    watch = watch_of(key)
    watch.look()
    changed = watch.take_unseen()
    room = find_room(key)
    is_new = room.version != version
    for_teachers = [class_frame(room)] if is_new else []
    if changed:
        for_teachers.append({"type": "tiles", "tiles": watch.tiles(changed)})
    wanted = seats if is_new or (room.shows_progress and changed) else seats & changed
    found = Seat.objects.filter(pk__in=wanted) if wanted else []
    for_seats = {each.pk: seat_frame(room, each, watch) for each in found}
    for gone in wanted - for_seats.keys():
        for_seats[gone] = {"type": "gone"}
    return Found(room.version, for_teachers, for_seats)


def find_room(key: int) -> Classroom:
    return Classroom.objects.select_related("handout", "cluster").get(pk=key)


def class_frame(room: Classroom) -> Json:
    return {
        "type": "class",
        "name": room.name,
        "code": room.code,
        "is_open": room.is_open,
        "most_seats": room.most_seats,
        "is_frozen": room.is_frozen,
        "shows_progress": room.shows_progress,
        "place": room.place,
        "lesson": room.handout.title if room.handout else None,
        "lesson_titles": titles_of(room.handout.text) if room.handout else {},
        "seats": [seat_state(each) for each in Seat.objects.filter(classroom=room).select_related("cluster")],
    }


def titles_of(text: str) -> dict[str, str]:
    """A lesson's titles, by language."""
    return {language: each.title for language, each in lesson_of(text).translations.items()}


def seat_state(seat: Seat) -> Json:
    return {
        "number": seat.number,
        "name": seat.name,
        "cluster": seat.cluster.name if seat.cluster else "",
        "joined": seat.joined.timestamp(),
        "help": seat.help,
    }


def seat_frame(room: Classroom, seat: Seat, watch: ClassWatch) -> Json:
    follower = watch.followers.get(seat.pk)
    return {
        "type": "seat",
        "name": seat.name,
        "help": seat.help,
        "is_frozen": room.is_frozen,
        "place": room.place,
        "lesson": lesson_view(follower.run) if follower and follower.run else None,
        "others": others(watch) if room.shows_progress else None,
    }


def others(watch: ClassWatch) -> list[Json]:
    """The progress of all students, by seat."""
    found = sorted(watch.seats.values(), key=lambda each: each.number)
    runs = [(each, watch.followers[each.pk].run) for each in found if each.pk in watch.followers]
    return [
        {"name": seat.name, **{key: told[key] for key in ("task", "tasks", "is_over")}}
        for seat, run in runs
        if run and (told := standing(run))
    ]
