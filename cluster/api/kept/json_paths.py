"""The part of kubectl's JSONPath used by columns: .a.b, ['a'], [0], [*], [?(@.type=="Ready")] (client-go util/jsonpath)."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

Step = Callable[[Any], Iterator[Any]]
NAME = re.compile(r"\.((?:\\.|[^.\[\\])+)")
QUOTED = re.compile(r"\[(['\"])((?:\\.|(?!\1).)*)\1\]")
INDEX = re.compile(r"\[(-?\d+)\]")
FILTER = re.compile(r"\[\?\(\s*@\.([\w.\-/\\]+)\s*(==|!=)\s*(['\"]?)(.*?)\3\s*\)\]")


class BadPath(ValueError):
    """Raised when a path can't be parsed."""


def find(path: str, value: Any) -> list[Any]:
    """All values at a path. Raises BadPath."""
    found = [value]
    for step in steps(path):
        found = [below for each in found for below in step(each)]
    return found


@lru_cache(maxsize=512)
def steps(path: str) -> tuple[Step, ...]:
    """Raises BadPath."""
    found: list[Step] = []
    place = 0
    while place < len(path):
        step, place = _next(path, place)
        found.append(step)
    return tuple(found)


def _next(path: str, place: int) -> tuple[Step, int]:
    if path.startswith((".*", "[*]"), place):
        return _all, place + (2 if path[place] == "." else 3)
    if match := NAME.match(path, place):
        return _field(_plain(match[1])), match.end()
    if match := QUOTED.match(path, place):
        return _field(_plain(match[2])), match.end()
    if match := INDEX.match(path, place):
        return _index(int(match[1])), match.end()
    if match := FILTER.match(path, place):
        return _filter(_plain(match[1]), match[4], equal=match[2] == "=="), match.end()
    raise BadPath(f"can't read {path[place:]!r} of the path {path!r}")


def _plain(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _field(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _index(place: int) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= place < len(value):
            yield value[place]

    return step


def _all(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _filter(name: str, wanted: str, *, equal: bool) -> Step:
    """Elements whose field equals, or does not equal, a value, compared as text."""

    def step(value: Any) -> Iterator[Any]:
        for each in value if isinstance(value, list) else ():
            found = each.get(name) if isinstance(each, dict) else None
            if found is not None and (_text(found) == wanted) is equal:
                yield each

    return step


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
