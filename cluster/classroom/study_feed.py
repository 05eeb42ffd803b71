"""A lesson without a class, live: while there are viewers, one feed per lesson and process follows the cluster's journal and
sends the pages the learner's progress."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cluster.classroom.feed import LOOK_SECONDS, encoded
from cluster.classroom.tiles import lesson_view
from cluster.classroom.watching import StudyWatch
from cluster.live.follower import Follower
from cluster.models import SelfStudy
from cluster.records.threads import in_thread

Json = dict[str, Any]
GONE = {"type": "gone"}


@dataclass(eq=False)
class Viewer:
    """A page's socket. `told`: the newest frame sent. `dismiss` closes the socket for good."""

    send: Callable[[str], Awaitable[None]]
    dismiss: Callable[[], Awaitable[None]]
    told: str = ""


class StudyFeed(Follower):
    def __init__(self, row: SelfStudy) -> None:
        super().__init__(row.cluster.name, f"the lesson on {row.cluster.name}")
        self.watch = StudyWatch(row.pk)
        self.viewers: set[Viewer] = set()

    async def join(self, viewer: Viewer) -> None:
        """Adds the page, and triggers the look that sends its first frame."""
        self.viewers.add(viewer)
        if not self.tasks:
            self.begin(0)
        self.bell.set()

    def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        if not self.viewers:
            self.end()
            if feeds.get(self.watch.key) is self:
                del feeds[self.watch.key]

    async def look(self) -> None:
        """Sends the newest frame to every page that has a different one; at most a few frames a second, however often the cluster
        changes."""
        frame = await in_thread(self.frame)
        text = encoded(frame)
        for each in [each for each in self.viewers if each.told != text]:
            each.told = text
            with contextlib.suppress(Exception):  # a broken socket is closed by its own task
                await each.send(text)
                if frame == GONE:
                    await each.dismiss()
        await asyncio.sleep(LOOK_SECONDS)

    def frame(self) -> Json:
        try:
            self.watch.look()
        except SelfStudy.DoesNotExist:
            return GONE
        run = self.watch.followers[self.watch.key].run
        return {"type": "study", "lesson": lesson_view(run) if run else None}


feeds: dict[int, StudyFeed] = {}


def feed_of(row: SelfStudy) -> StudyFeed:
    return feeds.setdefault(row.pk, StudyFeed(row))


def watch_of(row: SelfStudy) -> StudyWatch:
    """The watch of this process's pages; without viewers, a new one that is read from the journal and not kept."""
    feed = feeds.get(row.pk)
    return feed.watch if feed else StudyWatch(row.pk)
