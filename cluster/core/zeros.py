"""Nulls where Go has no pointer: the decoder turns one in a list or a map into the zero value of its type (encoding/json)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from cluster.core.gotypes import TODAY, Field, json_fields
from cluster.core.objects import Manifest

ZEROS: Mapping[str, Any] = {"bool": False, "int32": 0, "int64": 0, "Quantity": "0", "IntOrString": 0}


def with_zeros(manifest: Manifest, struct: str) -> Manifest:
    """A manifest of a kind or a struct whose types are right (see `decoding`); itself if it has no such null."""
    fields = _fields(struct)
    changed = {}
    for key, value in manifest.items():
        if isinstance(value, (dict, list)) and key in fields:
            full = _value(value, fields[key].kind.lstrip("*"))
            if full is not value:
                changed[key] = full
    return {**manifest, **changed} if changed else manifest


@cache
def _fields(struct: str) -> Mapping[str, Field]:
    return {field.key: field for field in json_fields(TODAY, struct)}


def _value(value: Any, kind: str) -> Any:
    if kind.startswith("[]"):
        items = [_zero(kind[2:]) if each is None else _value(each, kind[2:]) for each in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if kind in ("map[string]string", "ResourceList"):
        zero = "0" if kind == "ResourceList" else ""
        return {key: zero if each is None else each for key, each in value.items()} if None in value.values() else value
    return with_zeros(value, kind) if kind in TODAY and isinstance(value, dict) else value


def _zero(kind: str) -> Any:
    return {} if kind in TODAY else ZEROS.get(kind, "")
