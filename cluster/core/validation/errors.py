"""Errors of fields, and the Status that lists them (apimachinery pkg/util/validation/field, pkg/api/errors)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """`reason` is the reason of the Status's cause (FieldValueRequired ...), `message` does not contain the field's path."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


Errors = Iterator[FieldError]


def required(field: str, detail: str = "") -> FieldError:
    message = f"Required value: {detail}" if detail else "Required value"
    return FieldError(field=field, reason="FieldValueRequired", message=message)


def invalid(field: str, value: object, detail: str) -> FieldError:
    return raw(field, "FieldValueInvalid", f"Invalid value: {go(value)}: {detail}")


def each_invalid(field: str, value: object, details: Iterable[str]) -> Errors:
    """One error for each of a format check's complaints."""
    return (invalid(field, value, detail) for detail in details)


def unsupported(field: str, value: object, allowed: tuple[str, ...]) -> FieldError:
    listed = ", ".join(f'"{each}"' for each in allowed)
    return raw(field, "FieldValueNotSupported", f"Unsupported value: {go(value)}: supported values: {listed}")


def forbidden(field: str, detail: str) -> FieldError:
    return raw(field, "FieldValueForbidden", f"Forbidden: {detail}")


def duplicate(field: str, value: str) -> FieldError:
    return raw(field, "FieldValueDuplicate", f"Duplicate value: {go(value)}")


def not_found(field: str, value: str) -> FieldError:
    return raw(field, "FieldValueNotFound", f"Not found: {go(value)}")


def too_long(field: str, limit: int) -> FieldError:
    """`limit` in bytes."""
    return raw(field, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def raw(field: str, reason: str, message: str) -> FieldError:
    return FieldError(field=field, reason=reason, message=message)


def go(value: object) -> str:
    """A value as today's error texts show it: as JSON (field.Error.ErrorBody)."""
    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":"))


def ordered(value: object) -> object:
    """A map with its keys sorted, as Go marshals maps."""
    return dict(sorted(value.items())) if isinstance(value, Mapping) else value


def go_selector(selector: Mapping[str, Any] | None) -> str:
    """A LabelSelector: its fields in the struct's order, without those that are empty."""
    if selector is None:
        return '"null"'
    told = {"matchLabels": ordered(selector.get("matchLabels")), "matchExpressions": selector.get("matchExpressions")}
    return go({key: each for key, each in told.items() if each})


def status(errors: list[FieldError], *, kind: str, name: str, group: str) -> dict[str, Any]:
    """The Status body of a 422 (NewInvalid). `group` is empty for the core's kinds."""
    listed = ", ".join(str(error) for error in errors)
    problem = f"[{listed}]" if len(errors) > 1 else listed
    causes = [{"reason": each.reason, "message": each.message, "field": each.field} for each in errors]
    qualified = f"{kind}.{group}" if group else kind
    details = {"name": name, "group": group, "kind": kind}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'{qualified} "{name}" is invalid: {problem}',
        "reason": "Invalid",
        "details": {**{key: value for key, value in details.items() if value}, "causes": causes},
        "code": 422,
    }
