"""Watch hubs: one for each watched kind and namespace. A hub listens to the journal's doorbell, reads each change once, and
builds and encodes its object once for all equal views; a watcher costs a queue of shared bytes."""

import asyncio
import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from cluster.api.auth import access
from cluster.api.targets import Target
from cluster.api.watch import changes, watch_events
from cluster.api.watch.changes import Item
from cluster.api.watch.watch_events import View
from cluster.live.follower import Follower
from cluster.records import journal
from cluster.records.threads import in_thread
from cluster.statuses import Refused, failure

log = logging.getLogger(__name__)

RECHECK_SECONDS = 2.0
READ_AT_ONCE = 1000
MOST_PENDING_BYTES = 8 * 1024 * 1024

Json = dict[str, Any]
Chunks = dict[tuple[View, bool], bytes]


@dataclass(slots=True, eq=False)
class Watcher:
    """One open watch. `since`: it has got, or will get, all changes up to here; this may be beyond `head`, the newest version
    when the watch was opened. `cluster`: the cluster's key. `told_columns`: the columns of a Table were sent. `key`: the digest
    of its token."""

    view: View
    key: str
    since: int
    head: int = 0
    cluster: int | None = None
    told_columns: bool = False
    pending: list[bytes] = field(default_factory=list)
    size: int = 0
    ended: bool = False
    waiting: asyncio.Future[None] | None = (
        None  # set by `ring`, awaited by the writer; an Event would be a third of a watch's memory
    )
    cut: Callable[[], object] = bool  # called when the client reads too slowly: a writer may be waiting for it

    def take(self, body: bytes, upto: int) -> None:
        """Queues events. A client that reads too slowly is cut off and has to list again, so that its queue does not fill the
        memory."""
        self.since = max(self.since, upto)
        if not body or self.ended:
            return
        if self.pending and self.size + len(body) > MOST_PENDING_BYTES:
            log.warning("A watch of %s was cut off: its client reads too slowly", self.view.target.kind.plural)
            self.pending.clear()
            self.end()
            self.cut()
            return
        self.told_columns = True
        self.note(body)

    def note(self, body: bytes) -> None:
        """Queues a line that is not a change, such as a bookmark."""
        self.pending.append(body)
        self.size += len(body)
        self.ring()

    def ring(self) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_result(None)

    async def news(self) -> None:
        """Waits until something is pending or the watch has ended. Only one task may wait."""
        if not self.pending and not self.ended:
            self.waiting = asyncio.get_running_loop().create_future()
            await self.waiting

    def taken(self) -> bytes:
        body = self.pending[0] if len(self.pending) == 1 else b"".join(self.pending)
        self.pending.clear()
        self.size = 0
        return body

    def end(self, status: Json | None = None) -> None:
        """`status`: sent as the last event."""
        if status:
            self.pending.append(watch_events.error(status))
        self.ended = True
        self.ring()


class Hub(Follower):
    """Only the hub's own task gives changes to joined watchers, so each gets every change once and in order."""

    def __init__(self, target: Target, cluster: int | None = None) -> None:
        super().__init__(target.cluster, f"the watches of {target.kind.plural}")
        self.target = target
        self.key = cluster  # a different cluster may get the name
        self.watchers: set[Watcher] = set()
        self.checked = 0.0
        self.loop = asyncio.get_running_loop()

    async def join(self, watcher: Watcher) -> None:
        """Brings a watcher up to date, then adds it to the hub."""
        while self.watchers and watcher.since < self.head and not watcher.ended:
            await self.catch_up(watcher)
        if watcher.ended:
            return
        if not self.watchers:
            self.checked = time.monotonic()
            self.begin(min(watcher.since, watcher.head))
        self.watchers.add(watcher)
        self.bell.set()

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        if not self.watchers:
            self.end()
            for place in [place for place, hub in hubs.items() if hub is self]:
                del hubs[place]

    async def catch_up(self, watcher: Watcher) -> None:
        key = (watcher.view, watcher.told_columns)
        try:
            _, upto, chunks = await in_thread(self.read, watcher.since, self.head, {key})
        except journal.Gone as gone:
            watcher.end(failure(410, "Expired", str(gone)))
        except Refused as refused:
            watcher.end(refused.status)
        else:
            watcher.take(chunks[key], upto)

    async def look(self) -> None:
        await self.publish()
        await self.recheck()

    async def publish(self) -> None:
        before = self.head
        keys = {(each.view, each.told_columns) for each in self.watchers}
        try:
            items, self.head, chunks = await in_thread(self.read, before, None, keys)
        except journal.Gone as gone:
            self.end_all(failure(410, "Expired", str(gone)))
            return
        except Refused as refused:  # the cluster was deleted or renamed
            self.end_all(refused.status)
            return
        cache: watch_events.Cache = {}
        for watcher in list(self.watchers):
            if watcher.view.selector and (watcher.view, watcher.told_columns) not in keys:
                await self.catch_up(watcher)  # it joined during the read, so `previous` may be missing for its selector
            else:
                self.hand(watcher, before, items, chunks, cache)
        if len(items) == READ_AT_ONCE:
            self.bell.set()

    def hand(self, watcher: Watcher, before: int, items: list[Item], chunks: Chunks, cache: watch_events.Cache) -> None:
        """Nearly all watchers are at the hub's version and share a chunk; one that joined at a later version gets the rest."""
        key = (watcher.view, watcher.told_columns)
        if watcher.since > before:
            later = [each for each in items if each.rv > watcher.since]
            body = watch_events.chunk(later, watcher.view, cache, columns=not watcher.told_columns)
        else:
            if key not in chunks:
                chunks[key] = watch_events.chunk(items, watcher.view, cache, columns=not watcher.told_columns)
            body = chunks[key]
        watcher.take(body, self.head)

    def read(self, rv: int, upto: int | None, keys: set[tuple[View, bool]]) -> tuple[list[Item], int, Chunks]:
        """(the changes after rv, the version up to which they are complete, their events for each view)."""
        selected = any(view.selector for view, _ in keys)
        items, head = changes.since(self.target, rv, upto=upto, limit=READ_AT_ONCE, selected=selected, of=self.key)
        cache: watch_events.Cache = {}
        return (
            items,
            head,
            {(view, told): watch_events.chunk(items, view, cache, columns=not told) for view, told in keys},
        )

    async def recheck(self) -> None:
        """Ends watches whose token is revoked or expired, or whose user may no longer watch."""
        if time.monotonic() - self.checked < RECHECK_SECONDS:
            return
        self.checked = time.monotonic()
        targets = {(each.key, each.view.target) for each in self.watchers}
        refusals = await in_thread(access.refusals, targets)
        for watcher in list(self.watchers):
            status = refusals.get((watcher.key, watcher.view.target))
            if status:
                watcher.end(status)

    def end_all(self, status: Json) -> None:
        for watcher in list(self.watchers):
            watcher.end(status)


hubs: dict[tuple[Hashable, ...], Hub] = {}


def hub_of(target: Target, cluster: int | None = None) -> Hub:
    """The hub of a kind in one namespace or the whole cluster; `cluster`: the cluster's key, as its name may be given to
    another."""
    key = (cluster, target.cluster, target.kind.recorded_as, target.namespace if target.kind.namespaced else None)
    hub = hubs.get(key)
    if hub is None or not hub.watchers or hub.loop is not asyncio.get_running_loop():
        hub = hubs[key] = Hub(target, cluster)
    return hub
