"""Checks that a manifest can be decoded by its schema, with the messages of Go's decoder (sigs.k8s.io/json, apimachinery's own
types)."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cluster.core.manifests import quantities
from cluster.machinery import go_json, schemas
from cluster.machinery.schemas import Json, Schema

LIMITS = {"int32": 2**31, "int64": 2**63}
INT_OR_STRING, QUANTITY = (
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "io.k8s.apimachinery.pkg.api.resource.Quantity",
)
SCALARS = {"string": "string", "boolean": "bool", "number": "float64"}
ZEROS = {"string": "", "boolean": False, "integer": 0, "number": 0}
NESTED = {"array": list, "object": dict}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC3339_LAYOUT = "2006-01-02T15:04:05Z07:00"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """`dotted`: the path from the root without indices; `struct`: the Go type that has the field."""

    dotted: str
    struct: str


def problem(manifest: Json, schema: Schema) -> str | None:
    """The message for the first value of a wrong type; None if the manifest can be decoded. Nulls count as absent."""
    kind = str(manifest.get("kind", ""))
    return next(_struct(manifest, schema, Place(dotted="", struct=kind)), None)


def without_nulls(value: Any, schema: Schema) -> Any:
    """The value as Go decodes it: a null field is absent, a null in a list or map is an empty value. Free-form values are not
    changed."""
    resolved = schemas.resolve(schema)
    if isinstance(value, dict) and "properties" in resolved:
        fields = {key: (schemas.field(resolved, key) or {}, each) for key, each in value.items() if each is not None}
        return {key: without_nulls(each, below) for key, (below, each) in fields.items()}
    below = schemas.items(resolved) if isinstance(value, list) else resolved.get("additionalProperties")
    if not isinstance(below, dict):
        return value
    if isinstance(value, list):
        return [_kept(each, below) for each in value]
    return {key: _kept(each, below) for key, each in value.items()} if isinstance(value, dict) else value


def _kept(value: Any, schema: Schema) -> Any:
    """As `without_nulls`, for an element of a list or a map."""
    return zero(schema) if value is None else without_nulls(value, schema)


def zero(schema: Schema) -> Any:
    """Go's zero value of a type, as JSON; None where that is null."""
    resolved = schemas.resolve(schema)
    if schemas.reference_of(schema) == QUANTITY:
        return "0"
    if "properties" in resolved:
        return {}
    return None if resolved.get("format") == "byte" else ZEROS.get(str(resolved.get("type")))


def _struct(value: Json, schema: Schema, at: Place) -> Iterator[str]:
    for key, each in value.items():
        below = schemas.field(schema, key)
        if each is not None and below:
            dotted = f"{at.dotted}.{key}" if at.dotted else key
            yield from _value(each, below, Place(dotted=dotted, struct=at.struct))


def _value(value: Any, schema: Schema, at: Place) -> Iterator[str]:
    resolved, name = schemas.resolve(schema), schemas.reference_of(schema)
    kind, shape = resolved.get("type"), resolved.get("format")
    if name == QUANTITY:
        yield from _quantity(value)
    elif name == INT_OR_STRING:
        if not isinstance(value, str) and not _is_whole(value, "int32"):
            yield _wrong(value, schema, at)
    elif kind in NESTED:
        yield from _nested(value, schema, at) if isinstance(value, NESTED[kind]) else [_wrong(value, schema, at)]
    elif kind == "integer":
        if not _is_whole(value, shape or "int64"):
            yield _wrong(value, schema, at)
    elif kind in SCALARS:
        yield from _scalar(value, schema, shape, at)


def _nested(value: Any, schema: Schema, at: Place) -> Iterator[str]:
    """Checks the contents of a list, map or struct."""
    resolved = schemas.resolve(schema)
    if isinstance(value, list):
        for each in value:
            if each is not None:
                yield from _value(each, schemas.items(resolved), at)
    elif "properties" in resolved:
        yield from _struct(value, schema, Place(dotted=at.dotted, struct=_short(schema) or at.struct))
    else:
        for each in value.values():
            below = resolved.get("additionalProperties")
            if each is not None and isinstance(below, dict):
                yield from _value(each, below, at)


def _scalar(value: Any, schema: Schema, shape: str | None, at: Place) -> Iterator[str]:
    kind = schemas.resolve(schema)["type"]
    right = {"string": isinstance(value, str), "boolean": isinstance(value, bool)}
    if not right.get(kind, isinstance(value, int | float) and not isinstance(value, bool)):
        yield _wrong(value, schema, at)
    elif shape == "byte":
        yield from _bytes(value)
    elif shape == "date-time":
        yield from _time(value)


def _bytes(value: str) -> Iterator[str]:
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except binascii.Error:
        wrong = re.search(r"[^A-Za-z0-9+/]", value.rstrip("="))
        yield f"illegal base64 data at input byte {wrong.start() if wrong else len(value) // 4 * 4}"


def _time(value: str) -> Iterator[str]:
    if RFC3339.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f'parsing time "{value}": day out of range'
    else:
        yield f'parsing time "{value}" as "{RFC3339_LAYOUT}": cannot parse "{value}" as "2006"'


def _quantity(value: Any) -> Iterator[str]:
    try:
        quantities.parse(str(value).strip())
    except ValueError as error:
        yield str(error)


def _is_whole(value: Any, shape: str) -> bool:
    return type(value) is int and -LIMITS[shape] <= value < LIMITS[shape]


def _wrong(value: Any, schema: Schema, at: Place) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    found = (
        f"number {value}" if number and schemas.resolve(schema).get("type") == "integer" else go_json.type_name(value)
    )
    return f"json: cannot unmarshal {found} into Go struct field {at.struct}.{at.dotted} of type {_go_name(schema)}"


def _go_name(schema: Schema) -> str:
    """The name of a type as Go's reflection prints it: int32, []v1.ServicePort, map[string]string, intstr.IntOrString."""
    resolved, name = schemas.resolve(schema), schemas.reference_of(schema)
    if name:
        *_, package, short = name.split(".")
        return f"{package}.{short}"
    kind = resolved.get("type")
    if kind == "array":
        return f"[]{_go_name(schemas.items(resolved))}"
    if kind == "object":
        return f"map[string]{_go_name(resolved.get('additionalProperties') or {'type': 'string'})}"
    return resolved.get("format", "int64") if kind == "integer" else SCALARS.get(str(kind), "interface {}")


def _short(schema: Schema) -> str:
    return schemas.reference_of(schema).rpartition(".")[2]
