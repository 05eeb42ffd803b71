"""Checks that maps and lists can be converted to Go structs, as when a strategic merge patch is read (apimachinery
pkg/runtime/converter.go, FromUnstructured)."""

from collections.abc import Iterator
from typing import Any

from cluster.machinery import schemas
from cluster.machinery.schemas import Schema

# reflect.Kind of a value, and of a field.
KINDS: dict[type, str] = {dict: "map", list: "slice", str: "string", bool: "bool", int: "int64", float: "float64"}
SCALARS = {"string": "string", "boolean": "bool", "number": "float64"}
READ_BY_THEMSELVES = ("date-time", "int-or-string", "byte")
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"


def problem(value: Any, schema: Schema) -> str | None:
    """The first value that is not of its type, as an error message; None if there is none. Types that parse their own JSON are
    left to the decoder."""
    return next(_problems(value, schema), None)


def _problems(value: Any, schema: Schema) -> Iterator[str]:
    resolved = schemas.resolve(schema)
    kind, shape = resolved.get("type"), resolved.get("format")
    below = resolved.get("additionalProperties")
    if value is None or shape in READ_BY_THEMSELVES or schemas.reference_of(schema) == QUANTITY:
        return
    if "properties" in resolved:
        yield from _struct(value, schema)
    elif isinstance(below, dict):
        yield from _elements(value.values(), below) if isinstance(value, dict) else _unlike("map from", value)
    elif kind == "array":
        elements = schemas.items(resolved)
        yield from _elements(value, elements) if isinstance(value, list) else _unlike("slice from", value)
    elif kind == "integer" or kind in SCALARS:
        yield from _scalar(value, shape or "int64" if kind == "integer" else SCALARS[str(kind)])


def _struct(value: Any, schema: Schema) -> Iterator[str]:
    if not isinstance(value, dict):
        yield from _unlike("struct from:", value)
        return
    for name, below in schemas.resolve(schema)["properties"].items():
        yield from _problems(value.get(name), below)


def _elements(values: Any, schema: Schema) -> Iterator[str]:
    for each in values:
        yield from _problems(each, schema)


def _unlike(wanted: str, value: Any) -> Iterator[str]:
    yield f"cannot restore {wanted} {KINDS[type(value)]}"


def _scalar(value: Any, wanted: str) -> Iterator[str]:
    """Go can convert some types that JSON can't: the message then names both."""
    found, number = KINDS[type(value)], wanted.startswith(("int", "float"))
    if found == wanted or (found == "int64" and number) or (found == "float64" and number and value.is_integer()):
        return
    convertible = (found == "int64" and wanted == "string") or (found == "float64" and number)
    yield f"cannot convert {found} to {wanted}" if convertible else f"unrecognized type: {wanted}"
