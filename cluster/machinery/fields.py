"""Sets of field paths, as stored in managedFields (FieldsV1).

A path is a tuple of elements as FieldsV1 writes them: "f:<field or key>", 'k:{"name":"nginx"}' for an element of a list of type
map, 'v:"x"' for one of a set, "i:0" by index. Sets are plain frozensets: union, intersection and difference are by member, as in
kubernetes-sigs/structured-merge-diff fieldpath/set.go.
"""

import json
from collections.abc import Iterable
from typing import Any

from cluster.machinery import schemas
from cluster.machinery.schemas import Json, Schema

Path = tuple[str, ...]
FieldSet = frozenset[Path]

NOTHING: FieldSet = frozenset()
MEMBER = "."
KINDS_IN_ORDER = "fkvi"


def from_fields_v1(fields: Json) -> FieldSet:
    """FieldsV1 -> set. An element without children, or with a "." among them, is a member. Raises ValueError."""
    found: set[Path] = set()
    _read(fields, (), found)
    return frozenset(found)


def _read(fields: Json, path: Path, found: set[Path]) -> None:
    if not isinstance(fields, dict):
        raise ValueError("FieldsV1 must be a tree of objects")
    for element, children in fields.items():
        if element == MEMBER:
            found.add(path)
            continue
        if not _is_element(element):
            raise ValueError(f"unknown path element {element!r}")
        if children:
            _read(children, (*path, element), found)
        else:
            found.add((*path, element))


def _is_element(text: str) -> bool:
    if text.startswith("f:"):
        return True
    kind, colon, rest = text[:1], text[1:2], text[2:]
    if not kind or kind not in KINDS_IN_ORDER or colon != ":":
        return False
    try:
        value = json.loads(rest)
    except (ValueError, RecursionError):
        return False
    return kind == "v" or (isinstance(value, dict) if kind == "k" else type(value) is int)


def to_fields_v1(fields: FieldSet) -> Json:
    """Set -> FieldsV1, its keys in upstream's order."""
    tree: Json = {}
    for path in in_order(fields):
        node = tree
        for element in path:
            node = node.setdefault(element, {})
    members = fields - {()}
    for path in members:
        node = tree
        for element in path:
            node = node[element]
        if node:
            rest = dict(node)
            node.clear()
            node.update({MEMBER: {}, **rest})
    return tree


def in_order(fields: Iterable[Path]) -> list[Path]:
    """The paths sorted: members before their children; fields, then keys, values and indices, each by its text."""
    return sorted(fields, key=lambda path: ["w" + element if element[0] == "i" else element for element in path])


def path_text(path: Path) -> str:
    """The path as conflicts show it: `.spec.template.spec.containers[name="nginx"].image`."""
    return "".join(_element_text(element) for element in path)


def _element_text(element: str) -> str:
    kind, text = element[0], element[2:]
    if kind == "f":
        return "." + text
    if kind == "k":
        return "[" + ",".join(f"{key}={compact(value)}" for key, value in sorted(json.loads(text).items())) + "]"
    return f"[={text}]" if kind == "v" else f"[{text}]"


def parse(dotted: str) -> Path:
    """ "metadata.labels" -> ("f:metadata", "f:labels")."""
    return tuple("f:" + name for name in dotted.split("."))


def list_element(item: Any, index: int, schema: Schema) -> str | None:
    """The path element for a list item of this schema; None if a key is missing and has no default."""
    kind = schemas.list_type(schema)
    if kind == "set":
        return "v:" + compact(item)
    if kind != "map" or not isinstance(item, dict):
        return f"i:{index}"
    keys: Json = {}
    for key in schemas.list_keys(schema):
        value = item.get(key)
        if value is None:
            value = schemas.default_of(schemas.items(schema), key)
        if value is not None:
            keys[key] = value
    return "k:" + compact(keys) if keys else None


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def without(fields: FieldSet, roots: FieldSet) -> FieldSet:
    """The set without the given paths and all that is under them (RecursiveDifference)."""
    if not roots:
        return fields
    return frozenset(path for path in fields if not any(path[: len(root)] == root for root in roots))


def with_struct_fields(fields: FieldSet, schema: Schema) -> FieldSet:
    """The set with every declared field that lies on the way to a member (EnsureNamedFieldsAreMembers)."""
    found = set(fields)
    for path in fields:
        current = schema
        for depth, element in enumerate(path[:-1]):
            if element.startswith("f:"):
                if schemas.is_struct_field(current, element[2:]):
                    found.add(path[: depth + 1])
                current = schemas.field(current, element[2:]) or schemas.ANYTHING
            else:
                current = schemas.items(current)
    return frozenset(found)
