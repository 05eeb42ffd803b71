"""Checks used by the rules of several kinds."""

import json
import re
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, FieldError, each_invalid, invalid, raw

Json = dict[str, Any]
NOT_NEGATIVE = "must be greater than or equal to 0"
IMMUTABLE = "field is immutable"


def number_or_percent(value: int | str | None, field: str) -> Errors:
    if isinstance(value, int) and value < 0:
        yield invalid(field, value, NOT_NEGATIVE)
    elif isinstance(value, str):
        yield from each_invalid(field, value, formats.percent(value))
        if re.fullmatch(r"[0-9]+%", value) and int(value[:-1]) > 100:
            yield invalid(field, value, "must not be greater than 100%")


def not_negative(value: Any, field: str) -> Errors:
    if quantities.nanos(str(value)) < 0:
        yield invalid(field, str(value), NOT_NEGATIVE)


def resource_name(name: str, field: str) -> Errors:
    yield from each_invalid(field, name, formats.qualified_name(name))


def invalid_json(field: str, value: Any, detail: str) -> FieldError:
    return raw(field, "FieldValueInvalid", f"Invalid value: {as_json(value)}: {detail}")


def as_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def listed(fields: list[str]) -> str:
    return "[" + " ".join(fields) + "]"
