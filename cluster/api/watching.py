"""`?watch=true`: plain ASGI beside Django's request handling, so an idle watch costs a queue and no thread; it reads the journal.

What a watcher gets of an object is its newest state, with that state's resourceVersion: changes of one object that come at once are one
event, as from a busy watch cache. Nothing is ever older than what was sent before.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from django.db.models import Min, QuerySet

from cluster import ears, journal, models, snapshot
from cluster.actions import Refused, failure
from cluster.api import access, lists, manifests, reading, tables, targets
from cluster.api.targets import Target
from cluster.core.objects import Pod
from cluster.feed import in_thread

POLL_SECONDS = 1.0
BOOKMARK_SECONDS = 60.0
LONGEST_SECONDS = 3600.0
MOST_CHANGES = 2000
INITIAL_END = {"annotations": {"k8s.io/initial-events-end": "true"}}
Json = dict[str, Any]
Send = Callable[[Json], Awaitable[None]]
Receive = Callable[[], Awaitable[Json]]


def is_watch(scope: Json) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(("/api/", "/apis/")):
        return False
    return parse_qs(scope["query_string"].decode()).get("watch", ["0"])[0] in ("1", "true")


async def application(scope: Json, receive: Receive, send: Send) -> None:
    query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    try:
        watch = await in_thread(open_watch, scope["path"], query, headers)
    except Refused as refused:
        await answer(send, refused.status)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    stream = asyncio.create_task(watch.stream(send))
    gone = asyncio.create_task(closed(receive))
    await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stream, gone):
        task.cancel()
    await asyncio.gather(stream, gone, return_exceptions=True)
    with contextlib.suppress(Exception):  # the client may be gone
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(send: Send, status: Json) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status["code"], "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(status).encode()})


def open_watch(path: str, query: dict[str, str], headers: dict[str, str]) -> "Watch":
    user = access.authenticate(headers.get("authorization", ""))
    target = targets.parse(path)
    if target is None or "watch" not in target.kind.verbs:
        raise Refused(failure(404, "NotFound", "the server could not find the requested resource"))
    access.authorize(user, "watch", target)
    return Watch(target, query, as_table=lists.wants_table(headers.get("accept", "")))


class Watch:
    """`sent` maps the uids of the objects that the watcher has to the resource version it has of them."""

    def __init__(self, target: Target, query: dict[str, str], *, as_table: bool) -> None:
        self.target, self.as_table = target, as_table
        self.include = query.get("includeObject", "Metadata")
        fields = query.get("fieldSelector", "")
        self.name = target.name
        self.fits = lists.selector(query.get("labelSelector", ""), fields)
        self.since = int(query["resourceVersion"]) if query.get("resourceVersion", "").isdecimal() else 0
        self.wants_initial = query.get("sendInitialEvents") == "true" or not self.since
        self.wants_end = query.get("sendInitialEvents") == "true"
        self.wants_bookmarks = query.get("allowWatchBookmarks") in ("true", "1")
        timeout = query.get("timeoutSeconds", "")
        self.ends_at = time.monotonic() + min(
            float(timeout) if timeout.isdecimal() else LONGEST_SECONDS, LONGEST_SECONDS
        )
        self.sent: dict[str, int] = {}
        self.bell = asyncio.Event()

    async def stream(self, send: Send) -> None:
        names = [self.target.namespace] if self.target.namespace else await in_thread(all_namespaces)
        ear = asyncio.create_task(ears.listen(names, self.bell))
        try:
            await self.follow(send)
        finally:
            ear.cancel()

    async def follow(self, send: Send) -> None:
        events = await in_thread(self.initial)
        await self.send_all(send, events)
        told = time.monotonic()
        while time.monotonic() < self.ends_at:
            self.bell.clear()
            events = await in_thread(self.news)
            if events:
                await self.send_all(send, events)
                if events[-1]["type"] == "ERROR":
                    return
            if self.wants_bookmarks and time.monotonic() - told > BOOKMARK_SECONDS:
                told = time.monotonic()
                await self.send_all(send, [self.bookmark()])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), POLL_SECONDS)

    async def send_all(self, send: Send, events: list[Json]) -> None:
        if events:
            body = "".join(f"{json.dumps(each)}\n" for each in events).encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})

    def initial(self) -> list[Json]:
        """What is there, for who does not know it yet; what is known already counts as sent."""
        head = journal.head()
        found = [
            each for each in reading.read(self.target.kind, self.target.namespace, name=self.name) if self.fits(each)
        ]
        self.sent = {each["metadata"]["uid"]: version_of(each) for each in found}
        if not self.wants_initial:
            self.sent = self.known_at(self.since, found)
        events = [self.event("ADDED", each) for each in found] if self.wants_initial else []
        if self.wants_initial:
            self.since = head
        if self.wants_end:
            events.append(self.bookmark(INITIAL_END))
        return events

    def known_at(self, rv: int, found: list[Json]) -> dict[str, int]:
        """What the watcher has already from the list that it made at rv: also what has changed or gone before we came to look."""
        known = {each["metadata"]["uid"]: version_of(each) for each in found if version_of(each) <= rv}
        first = self.later_than(rv).order_by().values("uid").annotate(first=Min("id")).values("first")
        moved = models.Change.objects.filter(id__in=first).exclude(verb="ADDED")
        uids, families = {each.uid for each in moved}, {each.family_id for each in moved}
        before = models.Change.objects.filter(family_id__in=families, uid__in=uids, id__lte=rv).order_by("id")
        then = {each.uid: each for each in before}
        if self.target.kind.name == "Event":  # what it is selected by never changes
            uids &= {each["metadata"]["uid"] for each in found}
            then = {}
        fitted = [uid for uid in uids if uid not in then or self.fits(as_it_was(then[uid]))]
        return known | dict.fromkeys(fitted, rv)

    def news(self) -> list[Json]:
        if not self.wants_initial and self.since < journal.tail():
            return [self.gone()]
        changes = self.changes()
        if not changes:
            return []
        last: dict[str, models.Change] = {each.uid: each for each in changes}
        living = [uid for uid, each in last.items() if each.verb != "DELETED"]
        read = reading.read(self.target.kind, self.target.namespace, uids=living, name=self.name)
        found = {each["metadata"]["uid"]: each for each in read}
        events = [event for uid, change in last.items() for event in self.step(uid, change, found.get(uid))]
        self.since = changes[-1].pk
        return events

    def changes(self) -> list[models.Change]:
        return list(self.later_than(self.since).order_by("id")[:MOST_CHANGES])

    def later_than(self, rv: int) -> QuerySet[models.Change]:
        where = {"namespace": self.target.namespace, "name": self.name}
        return models.Change.objects.filter(
            kind=self.target.kind.name, id__gt=rv, **{key: value for key, value in where.items() if value}
        )

    def step(self, uid: str, change: models.Change, manifest: Json | None) -> list[Json]:
        """What a watcher sees of one object's change: a selector that no longer fits is a deletion to him."""
        known = self.sent.get(uid)
        if manifest is None or not self.fits(manifest):
            if known is None or (manifest is None and change.verb != "DELETED"):
                return []
            del self.sent[uid]
            return [self.event("DELETED", manifest or as_it_was(change))]
        newest = version_of(manifest)
        if known is not None and newest <= known:
            return []
        self.sent[uid] = newest
        return [self.event("ADDED" if known is None else "MODIFIED", manifest)]

    def event(self, kind: str, manifest: Json) -> Json:
        shown = reading.in_version(manifest, self.target.group, self.target.version)
        if self.as_table:
            old = lists.old_event(shown) if self.target.group == "events.k8s.io" else shown
            shown = tables.table(self.target.kind.name, [old], rv=version_of(manifest), include=self.include)
        return {"type": kind, "object": shown}

    def bookmark(self, more: Json | None = None) -> Json:
        about = {"resourceVersion": str(self.since), "creationTimestamp": None, **(more or {})}
        found: Json = {"kind": self.target.kind.name, "apiVersion": self.target.group_version, "metadata": about}
        if self.as_table:
            found = {**tables.table(self.target.kind.name, [], rv=self.since), "metadata": about}
        return {"type": "BOOKMARK", "object": found}

    def gone(self) -> Json:
        message = f"too old resource version: {self.since} ({journal.tail()})"
        return {"type": "ERROR", "object": failure(410, "Expired", message)}


def as_it_was(change: models.Change) -> Json:
    """An object of a change, as far as the journal tells of it."""
    state = change.state
    about = {
        "name": change.name,
        "namespace": change.namespace,
        "uid": change.uid,
        "resourceVersion": str(change.pk),
        "creationTimestamp": state.get("created") or manifests.seconds(state.get("created_at", change.at)),
    }
    if change.kind == "Pod":
        return {**deleted_pod(change), "metadata": {**deleted_pod(change)["metadata"], **about}}
    template = {"metadata": {}, "spec": {"containers": state.get("containers", [])}}
    return {
        "kind": change.kind,
        "apiVersion": "apps/v1",
        "metadata": {**about, "labels": state.get("labels", {})},
        "spec": {"replicas": state.get("replicas", 0), "selector": {}, "template": template},
        "status": {},
    }


def deleted_pod(change: models.Change) -> Json:
    owners = reading.owners_of({change.state["owner_uid"]})
    owner = owners.get(change.state["owner_uid"] or "")
    names = [each for each in snapshot.POD_COLUMNS if each in change.state and each not in ("labels", "annotations")]
    labels = owner.template["metadata"].get("labels", {}) if owner else {}
    value = Pod(**{name: change.state[name] for name in names}, labels=labels, namespace=change.namespace)
    return manifests.pod(value, owner, created=datetime.fromtimestamp(change.wall, UTC), rv=change.pk)


def version_of(manifest: Json) -> int:
    return int(manifest["metadata"]["resourceVersion"])


def all_namespaces() -> list[str]:
    return list(models.Namespace.objects.values_list("name", flat=True))
