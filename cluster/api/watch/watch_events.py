"""The events of a watch as lines: which ones a watcher gets, and their objects in the requested shape."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.api import reading
from cluster.api.printers import shapes
from cluster.api.printers.negotiation import Format
from cluster.api.selectors import Selector
from cluster.api.targets import Target
from cluster.api.watch.changes import Item

Json = dict[str, Any]
Cache = dict[Any, bytes]


@dataclass(frozen=True, slots=True)
class View:
    """What a watcher gets, and in which shape. Watchers with equal views share the same bytes. `names`: the only objects that the
    user may see; None: all."""

    target: Target
    format: Format
    include: str
    selector: Selector
    names: frozenset[str] | None = None

    def fits(self, manifest: Json, before: Json | None = None) -> bool:
        allowed = self.names is None or manifest["metadata"]["name"] in self.names
        return allowed and self.selector.fits(manifest, before)


def told(item: Item, view: View) -> tuple[str, Json] | None:
    """(event type, object) of a change for a view; None without an event. An object that no longer matches the selector is
    DELETED, in its last matching state (apiserver pkg/storage/cacher, convertToWatchEvent)."""
    fits = view.fits(item.manifest)
    fitted = item.verb != "ADDED" and (view.fits(item.manifest, item.before) if item.before else fits)
    if item.verb == "DELETED":
        return ("DELETED", item.manifest) if fitted else None
    if fits:
        return ("MODIFIED" if fitted else "ADDED"), item.manifest
    return ("DELETED", at_version(item.previous or item.manifest, item.rv)) if fitted else None


def at_version(manifest: Json, rv: int) -> Json:
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": str(rv)}}


def chunk(items: Iterable[Item], view: View, cache: Cache, *, columns: bool) -> bytes:
    """The events of changes, in order; `columns`: with column definitions in the first Table."""
    lines: list[bytes] = []
    for item in items:
        event = told(item, view)
        if event:
            lines.append(line(*event, view, cache, columns=columns and not lines))
    return b"".join(lines)


def line(kind: str, manifest: Json, view: View, cache: Cache, *, columns: bool) -> bytes:
    """`cache`: lines already encoded, which other selectors share."""
    key = (kind, manifest["metadata"]["uid"], manifest["metadata"]["resourceVersion"], view.target.group_version,
           view.format, view.include, columns)  # fmt: skip
    found = cache.get(key)
    if found is None:
        shown = reading.in_version(manifest, view.target.group, view.target.version)
        found = cache[key] = encode(
            kind, shapes.watched(shown, view.target, view.format, view.include, columns=columns)
        )
    return found


def bookmark(view: View, rv: int, *, ends_initial: bool = False) -> bytes:
    about: Json = {"resourceVersion": str(rv), "creationTimestamp": None}
    if ends_initial:
        about["annotations"] = {"k8s.io/initial-events-end": "true"}
    return encode("BOOKMARK", shapes.empty(view.target, view.format, about))


def error(status: Json) -> bytes:
    return encode("ERROR", status)


def encode(kind: str, shown: Json) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), orjson.dumps(shown))
