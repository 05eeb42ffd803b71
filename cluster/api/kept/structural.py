"""Validation of custom objects by their structural schema, with the API server's messages (kube-openapi pkg/validation).

Expressions (x-kubernetes-validations) are not evaluated."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from cluster.core.validation.errors import Errors, FieldError, invalid, raw, required, unsupported
from cluster.machinery import schemas
from cluster.machinery.schemas import Json, Schema

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
}
WORDS: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}


def problems(manifest: Json, schema: Schema) -> list[FieldError]:
    """The errors of a pruned and defaulted object; apiVersion, kind and metadata are checked elsewhere."""
    own = {key: each for key, each in manifest.items() if key not in ("apiVersion", "kind", "metadata")}
    return list(_object(own, schema, ""))


def _value(value: Any, schema: Schema, field: str) -> Errors:
    if value is None and schema.get("nullable"):
        return
    wrong = _type_problem(value, schema, field)
    if wrong:
        yield wrong
        return
    if schema.get("enum") and value not in schema["enum"]:
        yield unsupported(field, value, tuple(str(each) for each in schema["enum"]))
    if isinstance(value, str):
        yield from _text(value, schema, field)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, field)
    elif isinstance(value, list):
        yield from _list(value, schema, field)
    elif isinstance(value, dict):
        yield from _object(value, schema, field)
    yield from _alternatives(value, schema, field)


def _type_problem(value: Any, schema: Schema, field: str) -> FieldError | None:
    if schema.get("x-kubernetes-int-or-string"):
        right = isinstance(value, int | str) and not isinstance(value, bool)
        return None if right else _of_type(value, "integer,string", field)
    wanted = schema.get("type")
    allowed = TYPES.get(str(wanted))
    if allowed is None or (isinstance(value, allowed) and (wanted == "boolean" or not isinstance(value, bool))):
        return None
    return (
        None
        if wanted == "integer" and isinstance(value, float) and value.is_integer()
        else _of_type(value, str(wanted), field)
    )


def _of_type(value: Any, wanted: str, field: str) -> FieldError:
    word = "null" if value is None else WORDS[type(value)]
    message = f'Invalid value: "{word}": {field} in body must be of type {wanted}: "{word}"'
    return raw(field, "FieldValueTypeInvalid", message)


def _text(value: str, schema: Schema, field: str) -> Errors:
    longest, shortest, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
    if longest is not None and len(value) > longest:
        yield raw(field, "FieldValueTooLong", f"Too long: may not be more than {longest} bytes")
    if shortest is not None and len(value) < shortest:
        yield invalid(field, value, f"{field} in body should be at least {shortest} chars long")
    if pattern and not compiled(pattern).search(value):
        yield invalid(field, value, f"{field} in body should match '{pattern}'")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern in Go's syntax; one that Python can't compile matches everything."""
    try:
        return re.compile(pattern.replace("\\z", "\\Z"))
    except re.error:
        return re.compile("")


def _number(value: float, schema: Schema, field: str) -> Errors:
    low, high, factor = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if low is not None and (value < low or (schema.get("exclusiveMinimum") and value == low)):
        word = "greater than" if schema.get("exclusiveMinimum") else "greater than or equal to"
        yield invalid(field, value, f"{field} in body should be {word} {low}")
    if high is not None and (value > high or (schema.get("exclusiveMaximum") and value == high)):
        word = "less than" if schema.get("exclusiveMaximum") else "less than or equal to"
        yield invalid(field, value, f"{field} in body should be {word} {high}")
    if factor and value % factor:
        yield invalid(field, value, f"{field} in body should be a multiple of {factor}")


def _list(value: list[Any], schema: Schema, field: str) -> Errors:
    most, least = schema.get("maxItems"), schema.get("minItems")
    if most is not None and len(value) > most:
        yield raw(field, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} items")
    if least is not None and len(value) < least:
        yield invalid(field, len(value), f"{field} in body should have at least {least} items")
    keys = schema.get("x-kubernetes-list-map-keys") or []
    yield from _repeated(value, keys if schema.get("x-kubernetes-list-type") == "map" else None, schema, field)
    for place, each in enumerate(value):
        yield from _value(each, schemas.items(schema), f"{field}[{place}]")


def _repeated(value: list[Any], keys: list[str] | None, schema: Schema, field: str) -> Errors:
    """The duplicate elements of lists of the types set and map."""
    if keys is None and schema.get("x-kubernetes-list-type") != "set":
        return
    seen: set[str] = set()
    for place, each in enumerate(value):
        named = {key: each.get(key) for key in keys} if keys and isinstance(each, dict) else each
        shown = json.dumps(named, separators=(",", ":"), sort_keys=True)
        if shown in seen:
            yield raw(f"{field}[{place}]", "FieldValueDuplicate", f"Duplicate value: {shown}")
        seen.add(shown)


def _object(value: Json, schema: Schema, field: str) -> Errors:
    most, least = schema.get("maxProperties"), schema.get("minProperties")
    if most is not None and len(value) > most:
        yield raw(field, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} items")
    if least is not None and len(value) < least:
        yield invalid(field, len(value), f"{field} in body should have at least {least} properties")
    for key in schema.get("required") or ():
        if key not in value and (field or key not in ("apiVersion", "kind", "metadata")):
            yield required(below(field, key))
    for key, each in value.items():
        inner = schemas.field(schema, key)
        if inner:
            yield from _value(each, inner, below(field, key))


def _alternatives(value: Any, schema: Schema, field: str) -> Iterator[FieldError]:
    for word in ("allOf", "anyOf", "oneOf"):
        given = schema.get(word)
        if not given or (given[0].get("$ref") if isinstance(given[0], dict) else False):
            continue
        valid = sum(not list(_value(value, each, field)) for each in given)
        if word == "allOf" and valid < len(given):
            yield from (each for part in given for each in _value(value, part, field))
        elif word == "anyOf" and not valid:
            yield raw(
                field, "FieldValueInvalid", f'Invalid value: "": "{field}" must validate at least one schema (anyOf)'
            )
        elif word == "oneOf" and valid != 1:
            found = "none valid" if not valid else f"{valid} valid alternatives"
            message = f'"{field}" must validate one and only one schema (oneOf). Found {found}'
            yield raw(field, "FieldValueInvalid", f'Invalid value: "": {message}')
    if schema.get("not") is not None and not list(_value(value, schema["not"], field)):
        yield raw(field, "FieldValueInvalid", f'Invalid value: "": "{field}" must not validate the schema (not)')


def below(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key
