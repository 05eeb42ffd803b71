"""The clusters that a user may see, each with the states of its Deployments in miniature. One board per process checks once a
second which clusters changed, reads each of those once, and sends each viewer the changed rows in one frame."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from cluster import models
from cluster.records.threads import in_thread
from cluster.writing import permissions
from cluster.writing.namespaces import SYSTEM
from cluster.writing.permissions import LEVELS

log = logging.getLogger(__name__)

MOST_CLUSTERS = 60  # per page; the filter finds the others
MOST_DEPLOYMENTS = 12  # per cluster
MOST_NAMESPACES = 5  # that match the filter, per cluster
LONGEST_FILTER = 63
TICK_SECONDS = 1.0
RELIST_SECONDS = 5.0
MOST_UNACKNOWLEDGED = 4
Json = dict[str, Any]
Visible = frozenset[str] | None  # namespaces; None: all


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A cluster as one user sees it. `found`: its namespaces that match the filter."""

    name: str
    level: int
    visible: Visible
    found: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The first clusters by name (`seen`) of all that match (`total`)."""

    seen: tuple[Seen, ...]
    total: int


def listing(user: Any, text: str = "") -> Listing:
    """The clusters that a user may see whose name, or one of whose visible namespaces, contains the text; at most four
    queries."""
    text = text.strip().lower()[:LONGEST_FILTER]
    everywhere = permissions.everywhere(user)
    floor = permissions.floor() if everywhere is None else everywhere
    given = roles(user) if everywhere is None else {}
    rows = models.Cluster.objects.order_by("name")
    if floor < LEVELS["view"]:
        rows = rows.filter(name__in=given)
    found = namespaces_with(text, rows, given, floor) if text else {}
    if text:
        rows = rows.filter(Q(name__contains=text) | Q(name__in=found))
    seen = tuple(
        Seen(
            name=name,
            level=max(floor, given.get(name, {}).get("", 0)),
            visible=visible_in(given.get(name, {}), floor),
            found=tuple(found.get(name, ())),
        )
        for name in rows.values_list("name", flat=True)[:MOST_CLUSTERS]
    )
    return Listing(seen=seen, total=rows.count())


def roles(user: Any) -> dict[str, dict[str, int]]:
    """The user's levels: cluster -> namespace -> level."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    rows = permissions.living().filter(user_id=user.pk or 0)
    for cluster, namespace, role in rows.values_list("cluster__name", "namespace", "role"):
        found[cluster][namespace] = max(found[cluster].get(namespace, 0), LEVELS[role])
    return found


def visible_in(given: dict[str, int], floor: int) -> Visible:
    if max(floor, given.get("", 0)) >= LEVELS["view"]:
        return None
    return frozenset(given)


def namespaces_with(text: str, rows: Any, given: dict[str, dict[str, int]], floor: int) -> dict[str, list[str]]:
    """Cluster -> those of its visible namespaces whose name contains the text."""
    found: dict[str, list[str]] = defaultdict(list)
    inside = models.Namespace.objects.filter(cluster__in=rows, name__contains=text).exclude(name__in=SYSTEM)
    found_names = inside.order_by("cluster__name", "name").values_list("cluster__name", "name")
    for cluster, name in found_names[: MOST_CLUSTERS * MOST_NAMESPACES]:
        visible = visible_in(given.get(cluster, {}), floor)
        if (visible is None or name in visible) and len(found[cluster]) < MOST_NAMESPACES:
            found[cluster].append(name)
    return {name: each for name, each in found.items() if each}


def tiles(wanted: Iterable[tuple[str, Visible]]) -> dict[tuple[str, Visible], Json]:
    """The tiles of the clusters that still exist: three queries for all that are fully visible, three for each that is partly
    visible."""
    keys = set(wanted)
    whole = [name for name, visible in keys if visible is None]
    found: dict[tuple[str, Visible], Json | None] = {(name, None): tile for name, tile in read(whole, None).items()}
    for key in keys:
        name, visible = key
        if visible is not None:
            found |= dict.fromkeys([key], read([name], visible).get(name))
    return {key: tile for key, tile in found.items() if tile}


def read(names: list[str], visible: Visible) -> dict[str, Json]:
    if not names:
        return {}
    clusters = models.Cluster.objects.filter(name__in=names).select_related("owner")
    inside = models.Deployment.objects.filter(namespace__cluster__name__in=names)
    if visible is not None:
        inside = inside.filter(namespace__name__in=visible)
    counted = inside.order_by().values("namespace__cluster__name").annotate(count=Count("pk"))
    counts = {each["namespace__cluster__name"]: each["count"] for each in counted}
    order = ("namespace__name", "name")
    place = Window(RowNumber(), partition_by=F("namespace__cluster"), order_by=order)
    first = inside.annotate(place=place).filter(place__lte=MOST_DEPLOYMENTS).order_by(*order)
    deployments = defaultdict(list)
    columns = ("namespace__cluster__name", "namespace__name", "name", "replicas", "paused", "status")
    for cluster, namespace, name, replicas, paused, status in first.values_list(*columns):
        about = {"namespace": namespace, "name": name, "paused": paused}
        deployments[cluster].append(about | miniature(replicas, status))
    return {
        row.name: {
            "name": row.name,
            "owner": row.owner.get_username() if row.owner else "",
            "pace": row.pace,
            "head": row.head,
            "deployments": deployments[row.name],
            "more": max(counts.get(row.name, 0) - MOST_DEPLOYMENTS, 0),
        }
        for row in clusters
    }


def miniature(replicas: int, status: Json) -> Json:
    """The counts of a Deployment's pods, and its state: stuck, below, complete or progressing."""
    available, updated = status.get("available_replicas", 0), status.get("updated_replicas", 0)
    total = status.get("replicas", 0)
    reasons = {each["type"]: (each["status"], each["reason"]) for each in status.get("conditions", [])}
    is_complete = available == updated == total == replicas
    if reasons.get("Progressing", ("", ""))[1] == "ProgressDeadlineExceeded":
        state = "stuck"
    elif reasons.get("Available", ("True", ""))[0] == "False":
        state = "below"
    else:
        state = "complete" if is_complete else "progressing"
    return {"replicas": replicas, "available": available, "updated": updated, "state": state}


def row(seen: Seen, tile: Json) -> Json:
    shown = {key: value for key, value in tile.items() if key != "head"}
    return {**shown, "admin": seen.level >= LEVELS["admin"], "namespaces": list(seen.found)}


def whole(user: Any, text: str = "") -> tuple[Json, Listing, dict[str, int]]:
    """(the first frame of a page, the Listing in it, the heads of the clusters in it)."""
    found = listing(user, text)
    shown = tiles((each.name, each.visible) for each in found.seen)
    pairs = [(each, shown[each.name, each.visible]) for each in found.seen if (each.name, each.visible) in shown]
    frame = {"type": "board", "total": found.total, "rows": [row(each, tile) for each, tile in pairs]}
    return frame, found, {tile["name"]: tile["head"] for _, tile in pairs}


def heads(names: set[str]) -> dict[str, int]:
    return dict(models.Cluster.objects.filter(name__in=names).values_list("name", "head"))


Send = Callable[[Json], Awaitable[None]]


@dataclass(eq=False, kw_only=True)
class Viewer:
    """One socket. `heads`: the last head sent, by cluster."""

    user: Any
    send: Send
    text: str = ""
    seen: dict[str, Seen] = field(default_factory=dict)
    frame: Json = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    listed_at: float = 0.0
    unacknowledged: int = 0

    async def hand(self, frame: Json) -> None:
        self.unacknowledged += 1
        await self.send(frame)


class Board:
    """Follows the clusters for all viewers of this process. Its task runs while there are viewers."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.task: asyncio.Task[None] | None = None

    async def join(self, viewer: Viewer) -> None:
        await self.list_anew(viewer)
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
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.tick()
            except Exception:
                log.exception("The board of clusters failed; it looks again")

    async def tick(self) -> None:
        able = [each for each in self.viewers if each.unacknowledged < MOST_UNACKNOWLEDGED]
        now = time.monotonic()
        for viewer in able:
            if now - viewer.listed_at >= RELIST_SECONDS:
                await self.list_anew(viewer)
        names = {name for viewer in able for name in viewer.seen}
        newest = await in_thread(heads, names) if names else {}
        moved = {viewer: [n for n in viewer.seen if newest.get(n, -1) != viewer.heads.get(n)] for viewer in able}
        keys = {(name, viewer.seen[name].visible) for viewer, names in moved.items() for name in names}
        shown = await in_thread(tiles, keys) if keys else {}
        for viewer, changed in moved.items():
            await self.tell(viewer, changed, shown)

    async def tell(self, viewer: Viewer, changed: list[str], shown: dict[tuple[str, Visible], Json]) -> None:
        rows = []
        for name in changed:
            seen = viewer.seen.get(name)
            tile = shown.get((name, seen.visible)) if seen else None
            if seen and tile:
                viewer.heads[name] = tile["head"]
                rows.append(row(seen, tile))
        if rows:
            await self.say(viewer, {"type": "rows", "rows": rows})

    async def list_anew(self, viewer: Viewer) -> None:
        """Reads again which clusters the viewer's user may see and with which level; sends the list if it changed."""
        viewer.user = await in_thread(current, viewer.user)
        frame, found, newest = await in_thread(whole, viewer.user, viewer.text)
        viewer.listed_at = time.monotonic()
        seen = {each.name: each for each in found.seen}
        if not viewer.frame or seen != viewer.seen or frame["total"] != viewer.frame["total"]:
            viewer.seen, viewer.heads, viewer.frame = seen, newest, {"total": frame["total"]}
            await self.say(viewer, frame)

    async def search(self, viewer: Viewer, text: str) -> None:
        """Sets the filter and sends the list, even if the same clusters match."""
        viewer.text, viewer.frame = text, {}
        await self.list_anew(viewer)

    async def say(self, viewer: Viewer, frame: Json) -> None:
        try:
            await viewer.hand(frame)
        except Exception:
            log.exception("A viewer of the clusters could not be served")
            self.leave(viewer)


def current(user: Any) -> Any:
    """The user, read again; anonymous where the account is gone or inactive."""
    if not user.is_authenticated:
        return user
    return get_user_model().objects.filter(pk=user.pk, is_active=True).first() or AnonymousUser()


board = Board()
