"""JSON that reports fields given twice: a parsed dict can't show them, strict field validation refuses them.

Kubernetes: sigs.k8s.io/json UnmarshalStrict; the error message is `duplicate field "spec.replicas"`.
"""

import json
from typing import Any

from cluster.machinery import go_json

MAX_DEPTH = 100
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # Python skips one, Go does not


class _Repeated(dict[str, Any]):
    """An object in which some names occurred more than once."""

    names: list[str]


def loads(text: str | bytes) -> tuple[Any, list[str]]:
    """(value, paths of the fields that were given more than once). The last one wins. Raises ValueError with Go's words."""
    if (text if isinstance(text, bytes) else text.encode())[:3] == BYTE_ORDER_MARK:
        raise ValueError("invalid character 'ï' looking for beginning of value")
    try:
        value = json.loads(text, object_pairs_hook=_to_object, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ValueError(go_json.problem(error)) from error
    except RecursionError:
        raise ValueError("exceeded max depth") from None
    check_depth(value)
    repeated = _paths(value, "")
    return (json.loads(text), repeated) if repeated else (value, [])


def _refuse(constant: str) -> None:
    """Refuses NaN and Infinity, which Python accepts but JSON does not have."""
    raise ValueError(f"invalid character {go_json.quoted(constant[-8:][0])} looking for beginning of value")


def check_depth(value: Any) -> None:
    """Raises ValueError where a value is nested deeper than MAX_DEPTH."""
    level, depth = [value], 0
    while level:
        level = [child for item in level for child in _children(item)]
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("exceeded max depth")


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = _Repeated(plain)
    names = [name for name, _ in pairs]
    repeated.names = [name for name in plain if names.count(name) > 1]
    return repeated


def _paths(value: Any, path: str) -> list[str]:
    found: list[str] = []
    if isinstance(value, dict):
        prefix = path + "." if path else ""
        if isinstance(value, _Repeated):
            found += [prefix + name for name in value.names]
        for name, child in value.items():
            found += _paths(child, prefix + name)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += _paths(child, f"{path}[{index}]")
    return found
