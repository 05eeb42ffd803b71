"""`?watch=true`: plain ASGI beside Django's request handling, so that an idle watch costs a queue and no thread (apiserver
pkg/endpoints/handlers/watch.go). Events come from a hub (cluster.api.watch.hubs)."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from cluster.api import options, reading, targets
from cluster.api.auth import access, impersonation
from cluster.api.options import Options
from cluster.api.printers import negotiation
from cluster.api.watch import watch_events
from cluster.api.watch.hubs import Watcher, hub_of
from cluster.api.watch.watch_events import View
from cluster.records import journal
from cluster.records.threads import in_thread
from cluster.statuses import INTERNAL, Refused, failure

log = logging.getLogger(__name__)

BOOKMARK_SECONDS = 60.0
SHORTEST_SECONDS = 1800.0  # min-request-timeout: a watch without a timeout of its own lives once to twice as long
LONGEST_SECONDS = 24 * 3600.0
Json = dict[str, Any]
Send = Callable[[Json], Awaitable[None]]
Receive = Callable[[], Awaitable[Json]]


def is_watch(scope: Json) -> bool:
    """Whether the request is a watch of a collection; for a single object the parameter is ignored, as upstream."""
    if (
        scope["type"] != "http"
        or scope["method"] != "GET"
        or targets.split(scope["path"])[1][:1] not in (["api"], ["apis"])
    ):
        return False
    asked = query_of(scope).get("watch")
    return asked is not None and options.flag(asked) and targets.names_collection(scope["path"])


def query_of(scope: Json) -> dict[str, str]:
    """The first value of each name."""
    found = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return {key: values[0] for key, values in found.items()}


async def application(scope: Json, receive: Receive, send: Send) -> None:
    query = query_of(scope)
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    try:
        watcher, first, chosen = await in_thread(open_watch, scope["path"], query, headers)
    except Refused as refused:
        await answer(send, refused.status)
        return
    except Exception:
        log.exception("A watch of %s could not be opened", scope["path"])
        await answer(send, failure(500, "InternalError", INTERNAL))
        return
    del scope, query, headers
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"", "more_body": True})  # daphne keeps headers back until a body
    own = asyncio.current_task()
    assert own
    watcher.cut = own.cancel
    gone = asyncio.create_task(closed(receive))
    gone.add_done_callback(lambda each: each.cancelled() or own.cancel())
    try:
        await serve(watcher, first, chosen, send)
    except asyncio.CancelledError:
        pass  # the client is gone or was cut off, or the server stops
    except Exception:
        log.exception("A watch ended")
    finally:
        gone.cancel()
    with contextlib.suppress(Exception):  # the client may be gone
        await send({"type": "http.response.body", "body": b"", "more_body": False})


HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-cache, private")]


async def answer(send: Send, status: Json) -> None:
    await send({"type": "http.response.start", "status": status["code"], "headers": [*HEADERS, *retry_after(status)]})
    await send({"type": "http.response.body", "body": orjson.dumps(status)})


def retry_after(status: Json) -> list[tuple[bytes, bytes]]:
    seconds = status.get("details", {}).get("retryAfterSeconds")
    return [(b"retry-after", str(seconds).encode())] if seconds else []


async def closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def open_watch(path: str, query: dict[str, str], headers: dict[str, str]) -> tuple[Watcher, bytes, Options]:
    """The watcher, its first events, and the options. Raises Refused."""
    access.check_origin(headers.get("host", ""), headers.get("origin", ""))
    admitted, token = access.admit(headers.get("authorization", ""))
    user = impersonation.acting(admitted, headers)
    target = targets.parse(path)
    if target is None or "watch" not in target.kind.verbs:
        raise Refused(failure(404, "NotFound", "the server could not find the requested resource"))
    access.authorize(user, "watch", target)
    form = negotiation.chosen(headers.get("accept", ""))
    if form.shape == "PartialObjectMetadataList":
        raise Refused(
            failure(406, "NotAcceptable", f"you requested {form.shape}, but the requested object is not a list")
        )
    chosen = options.read(query, target, watch=True)
    names = None
    if target.kind.name == "Namespace" and not user.is_superuser:
        names = frozenset(access.visible_namespaces(user, target.cluster))
    view = View(target, form, chosen.include, chosen.selector, names)
    return begin(view, token.digest, chosen)


def begin(view: View, key: str, chosen: Options) -> tuple[Watcher, bytes, Options]:
    """Errors after authorization are sent as an event, as upstream does."""
    with journal.reading():
        cluster, tail, head = journal.bounds_of(view.target.cluster)
        if chosen.initial:
            if chosen.version > head:
                return over(view, key, options.too_large(chosen.version, head).status, chosen)
            watcher, first = with_initial(view, key, head, chosen)
            watcher.cluster = cluster
            return watcher, first, chosen
    if chosen.version and chosen.version < tail:
        message = f"too old resource version: {chosen.version} ({tail})"
        return over(view, key, failure(410, "Expired", message), chosen)
    return Watcher(view=view, key=key, since=chosen.version or head, head=head, cluster=cluster), b"", chosen


def over(view: View, key: str, status: Json, chosen: Options) -> tuple[Watcher, bytes, Options]:
    return Watcher(view=view, key=key, since=0, ended=True), watch_events.error(status), chosen


def with_initial(view: View, key: str, head: int, chosen: Options) -> tuple[Watcher, bytes]:
    """The watcher, and all objects as ADDED, with a bookmark at their end if bookmarks are requested."""
    read = reading.read(view.target, name=view.selector.name)
    found = [each for each in read if view.fits(each)]
    lines = [watch_events.line("ADDED", each, view, {}, columns=not place) for place, each in enumerate(found)]
    if chosen.bookmarks:
        lines.append(watch_events.bookmark(view, head, ends_initial=True))
    return Watcher(view=view, key=key, since=head, head=head, told_columns=bool(found)), b"".join(lines)


async def serve(watcher: Watcher, first: bytes, chosen: Options, send: Send) -> None:
    seconds = chosen.timeout_seconds if chosen.timeout_seconds > 0 else SHORTEST_SECONDS * (1 + random.random())
    timers = Timers(watcher, min(seconds, LONGEST_SECONDS), bookmarks=chosen.bookmarks)
    hub = None
    try:
        if first:
            await send({"type": "http.response.body", "body": first, "more_body": True})
        if not watcher.ended:
            hub = hub_of(watcher.view.target, watcher.cluster)
            await hub.join(watcher)
            await write(watcher, send)
    finally:
        timers.cancel()
        if hub:
            hub.leave(watcher)


async def write(watcher: Watcher, send: Send) -> None:
    while True:
        if watcher.pending:
            await send({"type": "http.response.body", "body": watcher.taken(), "more_body": True})
        elif watcher.ended:
            return
        else:
            await watcher.news()


class Timers:
    """Timers for bookmarks and for the end of a watch: two handles, no task."""

    __slots__ = ("bookmarks", "last", "loop", "next", "watcher")

    def __init__(self, watcher: Watcher, seconds: float, *, bookmarks: bool) -> None:
        self.watcher, self.bookmarks = watcher, bookmarks
        self.loop = asyncio.get_running_loop()
        self.last = self.loop.call_later(seconds, self.end)
        self.next = self.loop.call_later(BOOKMARK_SECONDS, self.mark) if bookmarks else None

    def mark(self) -> None:
        self.tell()
        self.next = self.loop.call_later(BOOKMARK_SECONDS, self.mark)

    def end(self) -> None:
        """Sends a last bookmark, so that a client that reconnects gets no change twice."""
        if self.bookmarks:
            self.tell()
        self.watcher.end()

    def tell(self) -> None:
        self.watcher.note(watch_events.bookmark(self.watcher.view, self.watcher.since))

    def cancel(self) -> None:
        self.last.cancel()
        if self.next:
            self.next.cancel()
