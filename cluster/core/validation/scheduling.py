"""Where a pod may run: affinity, tolerations and spreading (pkg/apis/core/validation)."""

from typing import Any

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, duplicate, each_invalid, forbidden, invalid, required, unsupported
from cluster.core.validation.metadata import label_name, label_selector, label_values, requirement_values

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
ACTIONS, POLICIES = ("DoNotSchedule", "ScheduleAnyway"), ("Honor", "Ignore")
NOT_AN_OPERATOR = "not a valid selector operator"
ANY_TAINT = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
NOT_POSITIVE = "must be greater than zero"


def affinity(found: Manifest | None, field: str) -> Errors:
    found = found or {}
    if found.get("nodeAffinity") is not None:
        yield from _node_affinity(found["nodeAffinity"], f"{field}.nodeAffinity")
    for key in ("podAffinity", "podAntiAffinity"):
        if found.get(key) is not None:
            yield from _pod_affinity(found[key], f"{field}.{key}")


def _node_affinity(found: Manifest, field: str) -> Errors:
    if found.get(REQUIRED) is not None:
        path, terms = f"{field}.{REQUIRED}.nodeSelectorTerms", found[REQUIRED].get("nodeSelectorTerms") or ()
        if not terms:
            yield required(path, "must have at least one node selector term")
        for place, term in enumerate(terms):
            yield from _node_term(term, f"{path}[{place}]")
    for place, preference in enumerate(found.get(PREFERRED) or ()):
        path = f"{field}.{PREFERRED}[{place}]"
        yield from _weight(preference, path)
        yield from _node_term(preference.get("preference") or {}, f"{path}.preference")


def _weight(weighted: Manifest, field: str) -> Errors:
    weight = weighted.get("weight") or 0
    if not 1 <= weight <= 100:
        yield invalid(f"{field}.weight", weight, "must be in the range 1-100")


def _node_term(term: Manifest, field: str) -> Errors:
    for place, each in enumerate(term.get("matchExpressions") or ()):
        yield from _node_label(each, f"{field}.matchExpressions[{place}]")
    for place, each in enumerate(term.get("matchFields") or ()):
        yield from _node_field(each, f"{field}.matchFields[{place}]")


def _node_label(requirement: Manifest, field: str) -> Errors:
    operator, values = requirement.get("operator") or "", requirement.get("values") or ()
    yield from requirement_values(operator, values, field)
    if operator in ("Gt", "Lt") and len(values) != 1:
        yield required(f"{field}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    if operator not in NODE_OPERATORS:
        yield invalid(f"{field}.operator", operator, NOT_AN_OPERATOR)
    yield from label_name(requirement.get("key") or "", f"{field}.key")
    yield from label_values(values, f"{field}.values")


def _node_field(requirement: Manifest, field: str) -> Errors:
    operator, key = requirement.get("operator") or "", requirement.get("key") or ""
    values = requirement.get("values") or ()
    if operator not in ("In", "NotIn"):
        yield invalid(f"{field}.operator", operator, NOT_AN_OPERATOR)
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(f"{field}.values", detail)
    if key != "metadata.name":
        yield invalid(f"{field}.key", key, "not a valid field selector key")
        return
    for place, value in enumerate(values):
        yield from each_invalid(f"{field}.values[{place}]", value, formats.dns_subdomain(value))


def _pod_affinity(found: Manifest, field: str) -> Errors:
    for place, term in enumerate(found.get(REQUIRED) or ()):
        yield from _pod_term(term, f"{field}.{REQUIRED}[{place}]")
    for place, weighted in enumerate(found.get(PREFERRED) or ()):
        path = f"{field}.{PREFERRED}[{place}]"
        yield from _weight(weighted, path)
        yield from _pod_term(weighted.get("podAffinityTerm") or {}, f"{path}.podAffinityTerm")


def _pod_term(term: Manifest, field: str) -> Errors:
    key = term.get("topologyKey") or ""
    yield from label_selector(term.get("labelSelector"), f"{field}.labelSelector")
    yield from label_selector(term.get("namespaceSelector"), f"{field}.namespaceSelector")
    for name in term.get("namespaces") or ():
        yield from each_invalid(f"{field}.namespace", name, formats.dns_label(name))
    for keys in ("matchLabelKeys", "mismatchLabelKeys"):
        yield from _label_keys(term, keys, f"{field}.{keys}")
    if not key:
        yield required(f"{field}.topologyKey", "can not be empty")
    yield from label_name(key, f"{field}.topologyKey")


def _label_keys(holder: Manifest, keys: str, field: str) -> Errors:
    """Errors of keys whose values are taken from the incoming pod's own labels."""
    found = holder.get(keys) or ()
    if found and holder.get("labelSelector") is None:
        yield forbidden(field, "must not be specified when labelSelector is not set")
        return
    for place, key in enumerate(found):
        yield from label_name(key, f"{field}[{place}]")


def _keys_of_its_own(constraint: Manifest, field: str) -> Errors:
    selector = constraint.get("labelSelector") or {}
    selected = {
        *(selector.get("matchLabels") or {}),
        *(each.get("key") for each in selector.get("matchExpressions") or ()),
    }
    for place, key in enumerate(constraint.get("matchLabelKeys") or ()):
        if key in selected:
            yield invalid(f"{field}[{place}]", key, "exists in both matchLabelKeys and labelSelector")


def tolerations(found: Any, field: str) -> Errors:
    for place, toleration in enumerate(found or ()):
        yield from _toleration(toleration, f"{field}[{place}]")


def _toleration(toleration: Manifest, field: str) -> Errors:
    key, operator = toleration.get("key") or "", toleration.get("operator") or ""
    value, effect = toleration.get("value") or "", toleration.get("effect") or ""
    if key:
        yield from label_name(key, f"{field}.key")
    elif operator != "Exists":
        yield invalid(f"{field}.operator", operator, ANY_TAINT)
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        yield invalid(f"{field}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    if operator in ("Equal", ""):
        wrong = formats.label_value(value)
        if wrong:
            yield invalid(f"{field}.operator", value, ";".join(wrong))
    elif operator == "Exists":
        if value:
            yield invalid(f"{field}.operator", value, "value must be empty when `operator` is 'Exists'")
    else:
        yield unsupported(f"{field}.operator", operator, ("Equal", "Exists"))
    if effect and effect not in EFFECTS:
        yield unsupported(f"{field}.effect", effect, EFFECTS)


def spread_constraints(found: Any, field: str) -> Errors:
    constraints = list(found or ())
    for place, constraint in enumerate(constraints):
        yield from _constraint(constraint, constraints[place + 1 :], f"{field}[{place}]")


def _constraint(constraint: Manifest, later: list[Manifest], field: str) -> Errors:
    skew, key, action = constraint.get("maxSkew") or 0, *_kind(constraint)
    if skew <= 0:
        yield invalid(f"{field}.maxSkew", skew, NOT_POSITIVE)
    if not key:
        yield required(f"{field}.topologyKey", "can not be empty")
    if action not in ACTIONS:
        yield unsupported(f"{field}.whenUnsatisfiable", action, ACTIONS)
    if (key, action) in map(_kind, later):
        yield duplicate(f"{field}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}")
    yield from _least_domains(constraint.get("minDomains"), action, f"{field}.minDomains")
    for policy in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if constraint.get(policy) is not None and constraint[policy] not in POLICIES:
            yield unsupported(f"{field}.{policy}", constraint[policy], POLICIES)
    yield from _label_keys(constraint, "matchLabelKeys", f"{field}.matchLabelKeys")
    yield from _keys_of_its_own(constraint, f"{field}.matchLabelKeys")
    yield from label_selector(constraint.get("labelSelector"), f"{field}.labelSelector")


def _kind(constraint: Manifest) -> tuple[str, str]:
    return constraint.get("topologyKey") or "", constraint.get("whenUnsatisfiable") or ""


def _least_domains(number: int | None, action: str, field: str) -> Errors:
    if number is None:
        return
    if number <= 0:
        yield invalid(field, number, NOT_POSITIVE)
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        yield invalid(field, number, detail)
