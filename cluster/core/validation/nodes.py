"""Nodes (pkg/apis/core/validation/validation.go: ValidateNode, ValidateNodeResources)."""

from collections.abc import Mapping
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, FieldError, duplicate, each_invalid, invalid, required, unsupported
from cluster.core.validation.metadata import object_meta

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NOT_NEGATIVE = "must be greater than or equal to 0"


def validate_node(manifest: Manifest) -> list[FieldError]:
    status = manifest.get("status") or {}
    found = [*object_meta(manifest["metadata"]), *taints((manifest.get("spec") or {}).get("taints"), "spec.taints")]
    for part in ("capacity", "allocatable"):
        found += amounts(status.get(part), f"status.{part}")
    return found


def taints(found: Any, field: str) -> Errors:
    """Errors of taints; there may be one of each key and effect (validateNodeTaints)."""
    seen: set[tuple[str, str]] = set()
    for place, taint in enumerate(found or ()):
        here, key, value = f"{field}[{place}]", str(taint.get("key") or ""), str(taint.get("value") or "")
        effect = taint.get("effect") or ""
        yield from each_invalid(f"{here}.key", key, formats.qualified_name(key))
        yield from each_invalid(f"{here}.value", value, formats.label_value(value))
        if not effect:
            yield required(f"{here}.effect")
        elif effect not in EFFECTS:
            yield unsupported(f"{here}.effect", effect, EFFECTS)
        if (key, effect) in seen:
            yield duplicate(here, f"{key}:{effect}")
        seen.add((key, effect))


def amounts(found: Mapping[str, Any] | None, field: str) -> Errors:
    for name, amount in (found or {}).items():
        here = f"{field}[{name}]"
        yield from each_invalid(here, name, formats.qualified_name(name))
        try:
            if quantities.nanos(amount) < 0:
                yield invalid(here, str(amount), NOT_NEGATIVE)
        except ValueError as error:
            yield invalid(here, str(amount), str(error))
