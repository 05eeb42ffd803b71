"""A journal that grows on demand, and viewers that remember what they were sent."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.utils import timezone

from cluster import models
from cluster.live.feed import Encoded, Feed, Viewer
from cluster.records import journal
from cluster.records.threads import in_thread
from tests.spaces import DEFAULT, demo

PATIENCE_SECONDS = 10.0


def another_namespace(name: str) -> None:
    """One that the journal doesn't tell of, so that a test's first change is the first."""
    models.Namespace.objects.create(cluster=demo(), name=name, uid=f"uid-of-{name}", created=timezone.now())


def write_changes(count: int, namespace: str = "default", uid: str = "pod-1") -> int:
    """Appends changes in one transaction; returns the new head."""
    with journal.write(DEFAULT.cluster, namespace, actor="me") as writer:
        for _ in range(count):
            writer.append("MODIFIED", "Pod", {"uid": uid}, name=uid)
    return writer.head


async def grow(count: int, namespace: str = "default") -> int:
    head: int = await in_thread(write_changes, count, namespace)
    return head


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.005)


class Screen:
    """A viewer's end of the wire. `broken` makes every send fail; `before_send` runs in front of each."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.dismissed: list[str | None] = []
        self.broken = False
        self.before_send: Callable[[], Awaitable[None]] | None = None
        self.viewer = Viewer(self.send, self.dismiss)

    async def send(self, frame: Encoded) -> None:
        if self.before_send:
            hook, self.before_send = self.before_send, None
            await hook()
        if self.broken:
            raise ConnectionError("the wire is cut")
        self.texts.append(frame.text)

    async def dismiss(self, reason: str | None) -> None:
        self.dismissed.append(reason)

    @property
    def frames(self) -> list[dict[str, Any]]:
        """Without presence."""
        return [each for each in map(orjson.loads, self.texts) if each["type"] != "presence"]

    @property
    def newest(self) -> int:
        frames = self.frames
        return frames[-1].get("to", frames[-1].get("rv")) if frames else -1

    @property
    def seen(self) -> list[int]:
        """The resource versions of all changes, as they came."""
        return [item["rv"] for frame in self.frames if frame["type"] == "changes" for item in frame["items"]]

    def acknowledge(self, feed: Feed) -> None:
        feed.acknowledged(self.viewer, self.newest)


def assert_without_gap(frames: list[dict[str, Any]]) -> None:
    """Each frame begins where the one before ended, or is a snapshot."""
    for before, after in zip(frames, frames[1:], strict=False):
        if after["type"] == "changes":
            assert after["from"] == before.get("to", before.get("rv"))
