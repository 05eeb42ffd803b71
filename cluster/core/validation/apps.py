"""Deployments, ReplicaSets and Scales (pkg/apis/apps/validation, pkg/apis/autoscaling/validation)."""

import re

from cluster.core.objects import Manifest
from cluster.core.selectors import matches
from cluster.core.validation import formats
from cluster.core.validation.errors import (
    Errors,
    FieldError,
    forbidden,
    go,
    go_selector,
    invalid,
    raw,
    required,
    unsupported,
)
from cluster.core.validation.metadata import is_usable, label_selector, object_meta
from cluster.core.validation.pods import pod_template
from cluster.core.validation.resources import NOT_NEGATIVE

ROLLING = "spec.strategy.rollingUpdate"
ONLY_TO_READ = (
    "must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is read-only"
)


def validate_deployment(manifest: Manifest) -> list[FieldError]:
    """The errors of a defaulted manifest whose types are right (see `decoding`)."""
    return [*object_meta(manifest.get("metadata") or {}), *_deployment_spec(manifest["spec"])]


def validate_replicaset(manifest: Manifest) -> list[FieldError]:
    """The same for a ReplicaSet."""
    spec = manifest["spec"]
    found = [*object_meta(manifest.get("metadata") or {})]
    for key in ("replicas", "minReadySeconds"):
        found += _not_negative(spec, key)
    return [*found, *_selector_and_template(spec)]


def validate_scale(manifest: Manifest) -> list[FieldError]:
    """The errors of a Scale, for a response under the group autoscaling."""
    return [*object_meta(manifest.get("metadata") or {}), *_not_negative(manifest.get("spec") or {}, "replicas")]


def validate_update(old: Manifest, new: Manifest) -> list[FieldError]:
    """Errors for what may not change in a Deployment or a ReplicaSet."""
    return [*_same_place(old, new), *_same_selector(old, new)]


def _same_place(old: Manifest, new: Manifest) -> Errors:
    before, after = old.get("metadata") or {}, new.get("metadata") or {}
    for key in ("name", "namespace"):
        if after.get(key) and before.get(key) and after[key] != before[key]:
            yield invalid(f"metadata.{key}", after[key], "field is immutable")


def _same_selector(old: Manifest, new: Manifest) -> Errors:
    before, after = old["spec"].get("selector"), new["spec"].get("selector")
    if before != after:
        yield raw("spec.selector", "FieldValueInvalid", f"Invalid value: {go_selector(after)}: field is immutable")


def _deployment_spec(spec: Manifest) -> Errors:
    yield from _not_negative(spec, "replicas")
    yield from _selector_and_template(spec)
    yield from _strategy(spec["strategy"])
    yield from _not_negative(spec, "minReadySeconds")
    yield from _not_negative(spec, "revisionHistoryLimit")
    revision = (spec.get("rollbackTo") or {}).get("revision") or 0
    if revision < 0:
        yield invalid("spec.rollback.version", revision, NOT_NEGATIVE)
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        yield from _not_negative(spec, "progressDeadlineSeconds")
        if deadline <= (spec.get("minReadySeconds") or 0):
            yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _not_negative(spec: Manifest, key: str) -> Errors:
    value = spec.get(key)
    if value is not None and value < 0:
        yield invalid(f"spec.{key}", value, NOT_NEGATIVE)
    elif value is not None and value > formats.LARGEST_INT32:
        yield invalid(f"spec.{key}", value, f"must be less than or equal to {formats.LARGEST_INT32}")


def _selector_and_template(spec: Manifest) -> Errors:
    """The template is not checked if the selector can't be read."""
    selector = spec.get("selector")
    empty = selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions")
    if selector is None:
        yield required("spec.selector")
    else:
        yield from label_selector(selector, "spec.selector")
    if empty:
        yield _bad_selector(selector or {}, "empty selector is invalid for deployment")
    if selector is not None and not is_usable(selector):
        yield _bad_selector(selector, "invalid label selector")
        return
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    if not empty and (selector is None or not matches(selector, labels or {})):
        yield invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    yield from pod_template(template, "spec.template")
    yield from _for_replicas(template.get("spec") or {}, spec.get("replicas") or 0)


def _bad_selector(selector: Manifest, detail: str) -> FieldError:
    return raw("spec.selector", "FieldValueInvalid", f"Invalid value: {go_selector(selector)}: {detail}")


def _for_replicas(spec: Manifest, replicas: int) -> Errors:
    """Errors for what the template of a ReplicaSet or Deployment may not have (ValidatePodTemplateSpecForReplicaSet)."""
    field = "spec.template.spec"
    for place, volume in enumerate(spec.get("volumes") or ()):
        disk = volume.get("gcePersistentDisk")
        if replicas > 1 and disk is not None and not disk.get("readOnly"):
            yield invalid(f"{field}.volumes[{place}].gcePersistentDisk.readOnly", False, ONLY_TO_READ)
    if spec.get("restartPolicy") != "Always":
        yield unsupported(f"{field}.restartPolicy", spec.get("restartPolicy") or "", ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        yield forbidden(f"{field}.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported")


def _strategy(strategy: Manifest) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            yield forbidden(ROLLING, "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        yield from _rolling(rolling or {})
    else:
        shown = f'{{"Type":{go(kind)},"RollingUpdate":null}}'
        message = f'Unsupported value: {shown}: supported values: "Recreate", "RollingUpdate"'
        yield raw("spec.strategy", "FieldValueNotSupported", message)


def _rolling(rolling: Manifest) -> Errors:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    yield from _int_or_percent(unavailable, f"{ROLLING}.maxUnavailable")
    yield from _int_or_percent(surge, f"{ROLLING}.maxSurge")
    if _number(unavailable) == 0 and _number(surge) == 0:
        yield _bad_limit(unavailable, "may not be 0 when `maxSurge` is 0")
    if isinstance(unavailable, str) and not formats.percent(unavailable) and int(unavailable[:-1]) > 100:
        yield _bad_limit(unavailable, "must not be greater than 100%")


def _int_or_percent(value: int | str, field: str) -> Errors:
    if isinstance(value, str):
        for detail in formats.percent(value):
            yield raw(field, "FieldValueInvalid", f"Invalid value: {go(value)}: {detail}")
    elif value < 0:
        yield invalid(field, value, NOT_NEGATIVE)


def _number(value: int | str) -> int:
    """A number, also of a percentage or a text; 0 for any other text, as Go's Atoi returns."""
    if isinstance(value, str):
        digits = value.removesuffix("%") if not formats.percent(value) else value
        return int(digits) if re.fullmatch(r"[+-]?[0-9]+", digits) else 0
    return value


def _bad_limit(value: int | str, detail: str) -> FieldError:
    message = f"Invalid value: {go(value)}: {detail}"
    return raw(f"{ROLLING}.maxUnavailable", "FieldValueInvalid", message)
