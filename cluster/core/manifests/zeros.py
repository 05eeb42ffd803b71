"""Go's zero values in JSON. A null where Go has no pointer becomes the zero value of its type in a list or a map, and a field
with the zero value counts as absent (encoding/json, `omitempty`)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from cluster.core.manifests.gotypes import TODAY, Field, json_fields
from cluster.core.objects import Manifest

ZEROS: Mapping[str, Any] = {"bool": False, "int32": 0, "int64": 0, "Quantity": "0", "IntOrString": 0}
SHOWN_EMPTY = frozenset({"labels"})  # a template without labels is refused, in different words for {} and none
ALWAYS_SHOWN = frozenset({"Quantity", "IntOrString"})  # zero is an ordinary value of these


def with_zeros(manifest: Manifest, struct: str) -> Manifest:
    """The manifest of a kind or a struct, whose types are right (see `decoding`), with its zeros as in Go; the same object if
    nothing changes."""
    fields = _fields(struct)
    changed, empty = {}, set()
    for key, value in manifest.items():
        kind = fields[key].kind if key in fields else ""
        if kind and key not in SHOWN_EMPTY and _is_empty(value, kind):
            empty.add(key)
        elif kind and isinstance(value, (dict, list)):
            full = _value(value, kind.lstrip("*"))
            if full is not value:
                changed[key] = full
    if not changed and not empty:
        return manifest
    return {key: changed.get(key, value) for key, value in manifest.items() if key not in empty}


@cache
def _fields(struct: str) -> Mapping[str, Field]:
    return {field.key: field for field in json_fields(TODAY, struct)}


def _is_empty(value: Any, kind: str) -> bool:
    """Whether the value is Go's zero value, which is omitted. Null is left to `decoding` and the defaults."""
    if value is None or kind.startswith("*") or kind in ALWAYS_SHOWN or kind in TODAY:
        return False
    return not value


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
