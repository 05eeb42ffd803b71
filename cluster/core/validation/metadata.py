"""Names, labels, annotations, owners and selectors (apimachinery pkg/api/validation/objectmeta.go, apis/meta/v1/validation)."""

from collections.abc import Mapping
from typing import Any

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, forbidden, go, invalid, raw, required, too_long

LONGEST_ANNOTATIONS = 256 * 1024
OPERATORS_WITH_VALUES, OPERATORS_WITHOUT = ("In", "NotIn"), ("Exists", "DoesNotExist")
BOTH_WAYS = {"orphan", "foregroundDeletion"}
STANDARD_FINALIZERS = ("orphan", "foregroundDeletion", "kubernetes")


def object_meta(metadata: Manifest, field: str = "metadata") -> Errors:
    """Errors of the metadata of a namespaced object; without a namespace it gets the request's later."""
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    if prefix:
        yield from each_invalid(f"{field}.generateName", prefix, formats.dns_prefix(prefix))
    if name:
        yield from each_invalid(f"{field}.name", name, formats.dns_subdomain(name))
    elif not prefix:
        yield required(f"{field}.name", "name or generateName is required")
    if metadata.get("namespace"):
        yield from each_invalid(f"{field}.namespace", metadata["namespace"], formats.dns_label(metadata["namespace"]))
    if (metadata.get("generation") or 0) < 0:
        yield invalid(f"{field}.generation", metadata["generation"], "must be greater than or equal to 0")
    yield from labels(metadata.get("labels") or {}, f"{field}.labels")
    yield from annotations(metadata.get("annotations") or {}, f"{field}.annotations")
    yield from _owners(metadata.get("ownerReferences") or (), f"{field}.ownerReferences")
    yield from _finalizers(metadata.get("finalizers") or (), f"{field}.finalizers")


def labels(found: Mapping[str, str], field: str) -> Errors:
    for key, value in found.items():
        yield from label_name(key, field)
        yield from each_invalid(field, value or "", formats.label_value(value or ""))


def label_name(key: str, field: str) -> Errors:
    return each_invalid(field, key, formats.qualified_name(key))


def annotations(found: Mapping[str, str], field: str) -> Errors:
    size = 0
    for key, value in found.items():
        yield from each_invalid(field, key, formats.qualified_name(key.lower()))
        size += len(key.encode()) + len((value or "").encode())
    if size > LONGEST_ANNOTATIONS:
        yield too_long(field, LONGEST_ANNOTATIONS)


def _owners(owners: Any, field: str) -> Errors:
    controller = ""
    for owner in owners:
        for key in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(key):
                yield invalid(f"{field}.{key}", "", f"{'version' if key == 'apiVersion' else key} must not be empty")
        if owner.get("controller") and controller:
            names = f'Found "true" in references for {controller} and {owner.get("name")}'
            shown = go([each.get("name") or "" for each in owners])
            detail = f"Only one reference can have Controller set to true. {names}"
            yield raw(field, "FieldValueInvalid", f"Invalid value: {shown}: {detail}")
        elif owner.get("controller"):
            controller = owner.get("name") or ""


def _finalizers(finalizers: Any, field: str) -> Errors:
    for finalizer in finalizers:
        yield from each_invalid(field, finalizer, formats.qualified_name(finalizer))
    if set(finalizers) >= BOTH_WAYS:
        yield invalid(field, list(finalizers), "finalizer orphan and foregroundDeletion cannot be both set")
    for place, finalizer in enumerate(finalizers):
        if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(f"{field}[{place}]", finalizer, detail)


def label_selector(selector: Manifest | None, field: str) -> Errors:
    if selector is None:
        return
    yield from labels(selector.get("matchLabels") or {}, f"{field}.matchLabels")
    for place, requirement in enumerate(selector.get("matchExpressions") or ()):
        yield from _requirement(requirement, f"{field}.matchExpressions[{place}]")


def _requirement(requirement: Manifest, field: str) -> Errors:
    operator, values = requirement.get("operator") or "", requirement.get("values") or ()
    yield from requirement_values(operator, values, field)
    if operator not in (*OPERATORS_WITH_VALUES, *OPERATORS_WITHOUT):
        yield invalid(f"{field}.operator", operator, "not a valid selector operator")
    yield from label_name(requirement.get("key") or "", f"{field}.key")
    yield from label_values(values, f"{field}.values")


def requirement_values(operator: str, values: Any, field: str) -> Errors:
    """Checks that label selectors and node selectors have in common."""
    if operator in OPERATORS_WITH_VALUES and not values:
        yield required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    if operator in OPERATORS_WITHOUT and values:
        yield forbidden(f"{field}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")


def label_values(values: Any, field: str) -> Errors:
    for place, value in enumerate(values):
        yield from each_invalid(f"{field}[{place}]", value, formats.label_value(value))


def is_usable(selector: Manifest) -> bool:
    """Whether the selector can be matched against labels (LabelSelectorAsSelector)."""
    return next(label_selector(selector, ""), None) is None
