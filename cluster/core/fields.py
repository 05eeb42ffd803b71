"""Checks of fields that come from a client or a file; errors name the field."""

import math
from collections.abc import Mapping
from typing import Any

INT32, INT64 = 2**31, 2**63
LONGEST_SHOWN = 80  # characters of a text


class BadField(Exception):
    """Raised when a value is not valid, as in "replicas: Required value"."""


def take(body: Mapping[str, Any], key: str, kind: type, *, below: int = INT32) -> Any:
    """The value of a required field. Raises BadField."""
    if key not in body:
        raise BadField(f"{key}: Required value")
    check_type(key, body[key], (kind,), below=below)
    return body[key]


def check_type(key: str, value: Any, kinds: tuple[type, ...], *, below: int = INT32) -> None:
    """Checks a value's type. Integers fit in 32 bits, as the API's fields do, or are within -`below` .. `below` - 1; numbers
    are finite. Raises BadField."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join(each.__name__ for each in kinds)
        raise BadField(f"{key}: Invalid value: {value!r}: expected {wanted}")
    if isinstance(value, int) and not -below <= value < below:
        raise BadField(f"{key}: Invalid value: must be between {-below} and {below - 1}")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadField(f"{key}: Invalid value: {value!r}: expected a finite number")


def read_count(value: Any, place: str) -> int:
    """A whole number of 0 or more, which may be text. Raises BadField."""
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or len(text) > 9:
        raise BadField(f"{place}: {value!r} is not a count; use a whole number of 0 or more")
    return int(text)


def kind_of(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "a boolean", type(None): "nothing"}
    return names.get(type(value), "a number")


def unlike(expected: str, value: object) -> str:
    """What is wrong with a value, such as: expected a list, found 'web'."""
    return f"expected {expected}, found {shown(value)}"


def shown(value: object) -> str:
    """A value as YAML writes it where that is short, else its kind."""
    if isinstance(value, bool):
        return str(value).lower()
    is_number = isinstance(value, float) or (isinstance(value, int) and value.bit_length() <= 64)
    is_short = is_number or (isinstance(value, str) and len(value) <= LONGEST_SHOWN)
    return repr(value) if is_short else kind_of(value)
