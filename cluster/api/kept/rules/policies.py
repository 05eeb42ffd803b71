"""Budgets, quotas, limits, roles, priorities and autoscalers (pkg/apis/{policy,core,rbac,scheduling,autoscaling}/validation)."""

from cluster.api.kept.rules.shared import Json, as_json, not_negative, number_or_percent, resource_name
from cluster.core.manifests import quantities
from cluster.core.validation.errors import Errors, forbidden, invalid, raw, required
from cluster.core.validation.metadata import label_selector

USER_PRIORITY = 1_000_000_000


def budget(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = f'{{"minAvailable":{as_json(least)},"maxUnavailable":{as_json(most)}}}'
        detail = "minAvailable and maxUnavailable cannot be both set"
        yield raw("spec", "FieldValueInvalid", f"Invalid value: {shown}: {detail}")
    for key, value in (("minAvailable", least), ("maxUnavailable", most)):
        yield from number_or_percent(value, f"spec.{key}")
    yield from label_selector(spec.get("selector"), "spec.selector")


def quota(manifest: Json) -> Errors:
    for name, value in ((manifest.get("spec") or {}).get("hard") or {}).items():
        yield from resource_name(name, f"spec.hard[{name}]")
        yield from not_negative(value, f"spec.hard[{name}]")


def limit_range(manifest: Json) -> Errors:
    for place, item in enumerate((manifest.get("spec") or {}).get("limits") or ()):
        low, high = item.get("min") or {}, item.get("max") or {}
        for name in sorted(set(low) & set(high)):
            if quantities.nanos(str(low[name])) > quantities.nanos(str(high[name])):
                detail = f"min value {low[name]} is greater than max value {high[name]}"
                yield invalid(f"spec.limits[{place}].min[{name}]", str(low[name]), detail)


def role_binding(manifest: Json) -> Errors:
    group = (manifest.get("roleRef") or {}).get("apiGroup")
    if group != "rbac.authorization.k8s.io":
        shown = 'supported values: "rbac.authorization.k8s.io"'
        yield raw("roleRef.apiGroup", "FieldValueNotSupported", f'Unsupported value: "{group}": {shown}')
    for place, subject in enumerate(manifest.get("subjects") or ()):
        if subject.get("kind") == "ServiceAccount" and not subject.get("namespace"):
            yield required(f"subjects[{place}].namespace")


def same_role(old: Json, new: Json) -> Errors:
    if old.get("roleRef") != new.get("roleRef"):
        shown = ",".join(
            f"{as_json(key)}:{as_json(new['roleRef'].get(key, ''))}" for key in ("apiGroup", "kind", "name")
        )
        yield raw("roleRef", "FieldValueInvalid", f"Invalid value: {{{shown}}}: cannot change roleRef")


def role(manifest: Json) -> Errors:
    for place, rule in enumerate(manifest.get("rules") or ()):
        field = f"rules[{place}]"
        if not rule.get("verbs"):
            yield required(f"{field}.verbs", "verbs must contain at least one value")
        if rule.get("nonResourceURLs"):
            continue
        if not rule.get("apiGroups"):
            yield required(f"{field}.apiGroups", "resource rules must supply at least one api group")
        if not rule.get("resources"):
            yield required(f"{field}.resources", "resource rules must supply at least one resource")


def priority_class(manifest: Json) -> Errors:
    name, value = (manifest.get("metadata") or {}).get("name") or "", manifest.get("value") or 0
    if name.startswith("system-"):
        detail = "priority class names with 'system-' prefix are reserved for system use only"
        yield forbidden("metadata.name", detail)
    elif value > USER_PRIORITY:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {USER_PRIORITY}")


def same_priority(old: Json, new: Json) -> Errors:
    for key in ("value", "preemptionPolicy"):
        if old.get(key) != new.get(key):
            yield forbidden(key, "may not be changed in an update.")


def autoscaler(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    elif least is not None and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
