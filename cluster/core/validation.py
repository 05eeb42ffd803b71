"""Whether a Deployment may be stored: every error at once, in upstream's words
(pkg/apis/apps/validation, pkg/apis/core/validation, apimachinery pkg/util/validation)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core import quantities
from cluster.core.gotypes import STRUCTS
from cluster.core.objects import Manifest
from cluster.core.selectors import matches

LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    f"'{LABEL}')"
)
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    f"'{SUBDOMAIN}')"
)
VALUE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{VALUE}')"
)
KEY = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
KEY_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    f"character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{KEY}')"
)
PERCENT_TEXT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
NOT_NEGATIVE = "must be greater than or equal to 0"
LONGEST_LABEL, LONGEST_SUBDOMAIN, LONGEST_PORT_NAME = 63, 253, 15
SPEC_FIELDS = frozenset(
    {
        "replicas", "selector", "template", "strategy", "minReadySeconds", "revisionHistoryLimit", "paused",
        "progressDeadlineSeconds", "rollbackTo",
    }
)  # fmt: skip
NUMBERS = ("replicas", "minReadySeconds", "revisionHistoryLimit")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
LARGEST_INT32 = 2**31 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """`reason` is the cause's (FieldValueRequired ...), `message` without the field's path."""

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
    return FieldError(field=field, reason="FieldValueInvalid", message=f"Invalid value: {go(value)}: {detail}")


def unsupported(field: str, value: object, allowed: tuple[str, ...]) -> FieldError:
    listed = ", ".join(f'"{each}"' for each in allowed)
    message = f"Unsupported value: {go(value)}: supported values: {listed}"
    return FieldError(field=field, reason="FieldValueNotSupported", message=message)


def forbidden(field: str, detail: str) -> FieldError:
    return FieldError(field=field, reason="FieldValueForbidden", message=f"Forbidden: {detail}")


def duplicate(field: str, value: str) -> FieldError:
    return FieldError(field=field, reason="FieldValueDuplicate", message=f'Duplicate value: "{value}"')


def go(value: object) -> str:
    """A value as Go's error texts show it."""
    if isinstance(value, Mapping):
        return "map[string]string{" + ", ".join(f'"{key}":"{value[key]}"' for key in sorted(value)) + "}"
    if value is None:
        return "map[string]string(nil)"
    return f'"{value}"' if isinstance(value, str) else str(value)


def go_int_or_string(value: int | str) -> str:
    if isinstance(value, int):
        return f'intstr.IntOrString{{Type:0, IntVal:{value}, StrVal:""}}'
    return f'intstr.IntOrString{{Type:1, IntVal:0, StrVal:"{value}"}}'


def validate_deployment(manifest: Manifest) -> list[FieldError]:
    """Of a defaulted manifest whose types are right (see `decoding_status`)."""
    return [*_metadata(manifest.get("metadata") or {}), *_spec(manifest["spec"])]


def validate_update(old: Manifest, new: Manifest) -> list[FieldError]:
    """What may not change."""
    before, after = old["spec"]["selector"], new["spec"]["selector"]
    if before == after:
        return []
    return [_raw("spec.selector", "FieldValueInvalid", f"Invalid value: {_go_selector(after)}: field is immutable")]


def status(errors: list[FieldError], *, kind: str, name: str, group: str) -> dict[str, Any]:
    """The Status body of a 422 (apimachinery pkg/api/errors, NewInvalid)."""
    listed = ", ".join(str(error) for error in errors)
    problem = f"[{listed}]" if len(errors) > 1 else listed
    causes = [{"reason": each.reason, "message": each.message, "field": each.field} for each in errors]
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'{kind}.{group} "{name}" is invalid: {problem}',
        "reason": "Invalid",
        "details": {**({"name": name} if name else {}), "group": group, "kind": kind, "causes": causes},
        "code": 422,
    }


def decoding_status(manifest: Manifest) -> dict[str, Any] | None:
    """The 400 Status of a manifest with fields that don't exist or values of the wrong type; None if it can be decoded."""
    problems = [*_wrong_types(manifest), *_unknown_fields(manifest)]
    if not problems:
        return None
    version = str(manifest.get("apiVersion")).rsplit("/", 1)[-1]
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'Deployment in version "{version}" cannot be handled as a Deployment: strict decoding error: '
        + ", ".join(message for _, message in problems),
        "reason": "BadRequest",
        "details": {
            "causes": [{"reason": "FieldValueInvalid", "message": text, "field": field} for field, text in problems]
        },
        "code": 400,
    }


Problems = Iterator[tuple[str, str]]


def _unknown_fields(manifest: Manifest) -> Problems:
    known = {"apiVersion", "kind", "metadata", "spec", "status"}
    yield from (_unknown(key) for key in manifest if key not in known)
    spec = manifest.get("spec")
    if isinstance(spec, Mapping):
        yield from (_unknown(f"spec.{key}") for key in spec if key not in SPEC_FIELDS)
        template = spec.get("template")
        if isinstance(template, Mapping):
            yield from _unknown_in("PodTemplateSpec", template, "spec.template")


def _unknown_in(struct: str, value: Mapping[str, Any], path: str) -> Problems:
    """Along the tables of `gotypes`; structures that they lack are not looked into."""
    fields = {key: kind for _, key, kind in STRUCTS["v1"][struct]}
    if struct == "Probe":
        fields |= {key: kind for _, key, kind in STRUCTS["v1"]["Handler"]} | NEWER_PROBE_FIELDS
    fields |= NEWER_FIELDS.get(struct, {})
    for key, each in value.items():
        if key not in fields:
            yield _unknown(f"{path}.{key}")
            continue
        kind = fields[key].lstrip("*")
        if kind.startswith("[]") and isinstance(each, list):
            for place, item in enumerate(each):
                if kind[2:] in STRUCTS["v1"] and isinstance(item, Mapping):
                    yield from _unknown_in(kind[2:], item, f"{path}.{key}[{place}]")
        elif kind in STRUCTS["v1"] and isinstance(each, Mapping):
            yield from _unknown_in(kind, each, f"{path}.{key}")


NEWER_PROBE_FIELDS = {"grpc": "GRPC", "terminationGracePeriodSeconds": "*int64"}
NEWER_FIELDS = {
    "Container": {"restartPolicy": "string", "resizePolicy": "[]Resize", "restartPolicyRules": "[]Rule"},
    "PodSpec": {
        "os": "OS", "hostUsers": "*bool", "schedulingGates": "[]Gate", "resourceClaims": "[]Claim", "resources": "Res",
        "serviceAccount": "string", "hostnameOverride": "*string",
    },
    "ObjectMeta": {},
    "ResourceRequirements": {"claims": "[]Claim"},
    "PodSecurityContext": {"appArmorProfile": "Profile", "supplementalGroupsPolicy": "*string",
                           "seLinuxChangePolicy": "*string"},
    "SecurityContext": {"appArmorProfile": "Profile"},
    "Lifecycle": {"stopSignal": "*string"},
    "VolumeMount": {"recursiveReadOnly": "*string"},
}  # fmt: skip


def _unknown(path: str) -> tuple[str, str]:
    return path, f'unknown field "{path}"'


def _wrong_types(manifest: Manifest) -> Problems:
    yield from _type(manifest, "metadata", dict, "ObjectMeta")
    yield from _type(manifest, "spec", dict, "DeploymentSpec")
    metadata, spec = _mapping(manifest, "metadata"), _mapping(manifest, "spec")
    yield from _type(metadata, "name", str, "string", "metadata.")
    for key in ("labels", "annotations"):
        yield from _text_map(metadata, key, "metadata.")
    for key in (*NUMBERS, "progressDeadlineSeconds"):
        yield from _type(spec, key, int, "int32", "spec.")
    yield from _type(spec, "paused", bool, "bool", "spec.")
    for key, kind in (
        ("template", "PodTemplateSpec"),
        ("selector", "LabelSelector"),
        ("strategy", "DeploymentStrategy"),
    ):
        yield from _type(spec, key, dict, kind, "spec.")
    yield from _strategy_types(_mapping(spec, "strategy"))
    yield from _text_map(_mapping(spec, "selector"), "matchLabels", "spec.selector.")
    template = _mapping(spec, "template")
    yield from _struct_types("PodTemplateSpec", template, "spec.template")


def _strategy_types(strategy: Mapping[str, Any]) -> Problems:
    yield from _type(strategy, "type", str, "string", "spec.strategy.")
    yield from _type(strategy, "rollingUpdate", dict, "RollingUpdateDeployment", "spec.strategy.")
    rolling = _mapping(strategy, "rollingUpdate")
    for key in ("maxSurge", "maxUnavailable"):
        yield from _type(rolling, key, (int, str), "IntOrString", "spec.strategy.rollingUpdate.")


def _struct_types(struct: str, value: Mapping[str, Any], path: str) -> Problems:
    for _, key, kind in STRUCTS["v1"][struct]:
        if kind.startswith("=") or value.get(key) is None:
            continue
        yield from _value_types(kind.lstrip("*"), value, key, f"{path}.")


def _value_types(kind: str, holder: Mapping[str, Any], key: str, path: str) -> Problems:
    value = holder[key]
    wrong = list(_type(holder, key, _python_type(kind), kind, path))
    yield from wrong
    if wrong:
        return
    if kind == "map[string]string":
        yield from _text_map(holder, key, path)
    elif kind == "ResourceList":
        yield from _quantities(value, f"{path}{key}")
    elif kind.startswith("[]"):
        for place, item in enumerate(value):
            inner = {f"{key}[{place}]": item}
            if item is not None:
                yield from _value_types(kind[2:], inner, f"{key}[{place}]", path)
    elif kind in STRUCTS["v1"]:
        yield from _struct_types(kind, value, f"{path}{key}")


def _python_type(kind: str) -> Any:
    if kind.startswith("[]"):
        return list
    if kind.startswith("map") or kind == "ResourceList" or kind in STRUCTS["v1"]:
        return dict
    if kind in ("int32", "int64"):
        return int
    if kind == "bool":
        return bool
    if kind == "IntOrString":
        return (int, str)
    return str if kind == "string" or "." in kind else (dict, list, str, int)


def _quantities(values: Mapping[str, Any], path: str) -> Problems:
    for key, value in values.items():
        try:
            quantities.parse(str(value))
        except ValueError as error:
            yield f"{path}.{key}", f"{path}.{key}: {error}"


def _type(holder: Mapping[str, Any], key: str, expected: Any, kind: str, path: str = "") -> Problems:
    value = holder.get(key)
    wrong_bool = isinstance(value, bool) and expected is not bool
    if value is not None and (wrong_bool or not isinstance(value, expected)):
        found = {"str": "string", "int": "number", "float": "number", "list": "array", "dict": "object"}
        name = found.get(type(value).__name__, type(value).__name__)
        field = f"{path}{key}"
        yield field, f"json: cannot unmarshal {name} into Go struct field {field} of type {kind}"


def _text_map(holder: Mapping[str, Any], key: str, path: str) -> Problems:
    wrong = list(_type(holder, key, dict, "map[string]string", path))
    yield from wrong
    for name, value in (holder.get(key) or {}).items() if not wrong else ():
        if value is not None:
            yield from _type({name: value}, name, str, "string", f"{path}{key}.")


def _mapping(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def _metadata(metadata: Mapping[str, Any]) -> Errors:
    name = metadata.get("name") or ""
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif len(name) > LONGEST_SUBDOMAIN:
        yield invalid("metadata.name", name, f"must be no more than {LONGEST_SUBDOMAIN} characters")
    elif not re.fullmatch(SUBDOMAIN, name):
        yield invalid("metadata.name", name, SUBDOMAIN_TEXT)
    yield from _labels(metadata.get("labels") or {}, "metadata.labels")


def _labels(labels: Mapping[str, str], field: str) -> Errors:
    for key, value in labels.items():
        prefix, _, name = key.rpartition("/")
        if (prefix and not re.fullmatch(SUBDOMAIN, prefix)) or not re.fullmatch(KEY, name):
            yield invalid(field, key, KEY_TEXT)
        if len(value or "") > LONGEST_LABEL:
            yield invalid(field, value, f"must be no more than {LONGEST_LABEL} characters")
        if not re.fullmatch(VALUE, value or ""):
            yield invalid(field, value, VALUE_TEXT)


def _spec(spec: Mapping[str, Any]) -> Errors:
    yield from _not_negative(spec, "replicas")
    yield from _selector(spec)
    yield from _template(spec["template"])
    yield from _strategy(spec["strategy"])
    yield from _not_negative(spec, "minReadySeconds")
    yield from _not_negative(spec, "revisionHistoryLimit")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        yield from _not_negative(spec, "progressDeadlineSeconds")
        if deadline <= (spec.get("minReadySeconds") or 0):
            yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _not_negative(spec: Mapping[str, Any], key: str) -> Errors:
    value = spec.get(key)
    if value is not None and value < 0:
        yield invalid(f"spec.{key}", value, NOT_NEGATIVE)
    elif value is not None and value > LARGEST_INT32:
        yield invalid(f"spec.{key}", value, f"must be less than or equal to {LARGEST_INT32}")


def _selector(spec: Mapping[str, Any]) -> Errors:
    selector = spec.get("selector")
    labels = (spec["template"].get("metadata") or {}).get("labels")
    if selector is None:
        yield required("spec.selector")
    elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
        detail = "empty selector is invalid for deployment"
        yield _raw("spec.selector", "FieldValueInvalid", f"Invalid value: {_go_selector(selector)}: {detail}")
    else:
        yield from _labels(selector.get("matchLabels") or {}, "spec.selector.matchLabels")
    empty = selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions")
    if not empty and (selector is None or not matches(selector, labels or {})):
        yield invalid("spec.template.metadata.labels", labels or None, "`selector` does not match template `labels`")


def _template(template: Mapping[str, Any]) -> Errors:
    spec = template.get("spec") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    yield from _labels(labels, "spec.template.labels")
    if spec.get("ephemeralContainers"):
        yield forbidden("spec.template.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")
    containers = spec.get("containers") or []
    if not containers:
        yield required("spec.template.spec.containers")
    seen: set[str] = set()
    for key in ("initContainers", "containers"):
        for place, each in enumerate(spec.get(key) or []):
            yield from _container(each, f"spec.template.spec.{key}[{place}]", seen)
    if spec.get("restartPolicy") != "Always":
        yield unsupported("spec.template.spec.restartPolicy", spec.get("restartPolicy"), ("Always",))
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        yield invalid("spec.template.spec.terminationGracePeriodSeconds", grace, NOT_NEGATIVE)


def _container(container: Mapping[str, Any], field: str, seen: set[str]) -> Errors:
    name = container.get("name") or ""
    if not name:
        yield required(f"{field}.name")
    elif len(name) > LONGEST_LABEL:
        yield invalid(f"{field}.name", name, f"must be no more than {LONGEST_LABEL} characters")
    elif not re.fullmatch(LABEL, name):
        yield invalid(f"{field}.name", name, LABEL_TEXT)
    elif name in seen:
        yield duplicate(f"{field}.name", name)
    seen.add(name)
    if not container.get("image"):
        yield required(f"{field}.image")
    for place, port in enumerate(container.get("ports") or []):
        yield from _port(port, f"{field}.ports[{place}]")
    for place, variable in enumerate(container.get("env") or []):
        if not variable.get("name"):
            yield required(f"{field}.env[{place}].name")
    yield from _resources(container.get("resources") or {}, f"{field}.resources")
    if container.get("imagePullPolicy") not in PULL_POLICIES:
        yield unsupported(f"{field}.imagePullPolicy", container.get("imagePullPolicy"), PULL_POLICIES)


def _port(port: Mapping[str, Any], field: str) -> Errors:
    name, number = port.get("name") or "", port.get("containerPort") or 0
    if len(name) > LONGEST_PORT_NAME:
        yield invalid(f"{field}.name", name, f"must be no more than {LONGEST_PORT_NAME} characters")
    if not number:
        yield required(f"{field}.containerPort")
    elif not 1 <= number <= 65535:
        yield invalid(f"{field}.containerPort", number, "must be between 1 and 65535, inclusive")
    if port.get("protocol") not in ("SCTP", "TCP", "UDP"):
        yield unsupported(f"{field}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP"))


def _resources(resources: Mapping[str, Any], field: str) -> Errors:
    limits = resources.get("limits") or {}
    for key, value in (resources.get("requests") or {}).items():
        if key in limits and _amount(value) > _amount(limits[key]):
            detail = f"must be less than or equal to {key} limit"
            yield invalid(f"{field}.requests", str(value), detail)


def _amount(value: object) -> float:
    quantity = quantities.parse(str(value))
    return float(quantity.value * 10.0**quantity.scale)


def _strategy(strategy: Mapping[str, Any]) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            yield forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        yield from _rolling(rolling or {})
    else:
        shown = f'apps.DeploymentStrategy{{Type:"{kind}", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}}'
        message = f'Unsupported value: {shown}: supported values: "Recreate", "RollingUpdate"'
        yield _raw("spec.strategy", "FieldValueNotSupported", message)


def _rolling(rolling: Mapping[str, Any]) -> Errors:
    path = "spec.strategy.rollingUpdate"
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    yield from _int_or_percent(unavailable, f"{path}.maxUnavailable")
    yield from _int_or_percent(surge, f"{path}.maxSurge")
    if _is_zero(unavailable) and _is_zero(surge):
        message = f"Invalid value: {go_int_or_string(unavailable)}: may not be 0 when `maxSurge` is 0"
        yield _raw(f"{path}.maxUnavailable", "FieldValueInvalid", message)
    if isinstance(unavailable, str) and re.fullmatch(r"[0-9]+%", unavailable) and int(unavailable[:-1]) > 100:
        message = f"Invalid value: {go_int_or_string(unavailable)}: must not be greater than 100%"
        yield _raw(f"{path}.maxUnavailable", "FieldValueInvalid", message)


def _int_or_percent(value: int | str, field: str) -> Errors:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]+%", value):
            message = f"Invalid value: {go_int_or_string(value)}: {PERCENT_TEXT}"
            yield _raw(field, "FieldValueInvalid", message)
    elif value < 0:
        yield invalid(field, value, NOT_NEGATIVE)


def _is_zero(value: int | str) -> bool:
    return value == 0 or (isinstance(value, str) and re.fullmatch(r"0+%", value) is not None)


def _raw(field: str, reason: str, message: str) -> FieldError:
    return FieldError(field=field, reason=reason, message=message)


def _go_selector(selector: Mapping[str, Any]) -> str:
    labels = selector.get("matchLabels")
    shown = go(labels) if labels else "map[string]string(nil)"
    return f"v1.LabelSelector{{MatchLabels:{shown}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}}"
