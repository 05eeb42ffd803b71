"""What the validation of single kinds adds to schemas (pkg/apis/*/validation/validation.go), and what may not change."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cluster.api.kept import addresses
from cluster.core.manifests import quantities
from cluster.core.selectors import matches
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, FieldError, each_invalid, forbidden, invalid, raw, required
from cluster.core.validation.metadata import label_selector
from cluster.core.validation.pods import pod_template

Json = dict[str, Any]
LARGEST_CONFIG = 1024 * 1024
NOT_NEGATIVE = "must be greater than or equal to 0"
IMMUTABLE = "field is immutable"
SEALED = "field is immutable when `immutable` is set"
OUT_OF_RANGE = "provided port is not in the valid range. The range of valid ports is 30000-32767"
SECRET_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
SCHEDULE_FIELDS = 5
USER_PRIORITY = 1_000_000_000
STATEFULSET_MUTABLE = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)  # fmt: skip


def service(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    ports, kind = spec.get("ports") or [], spec.get("type")
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    if kind == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    if kind in ("NodePort", "LoadBalancer") and spec.get("clusterIP") == "None":
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    address = spec.get("clusterIP")
    if address and address != "None" and kind != "ExternalName":
        yield from cluster_ip(address)
    for place, port in enumerate(ports):
        yield from service_port(port, f"spec.ports[{place}]", named=len(ports) > 1)
    yield from repeated_ports(ports)


def cluster_ip(address: str) -> Errors:
    found = formats.ip(address)
    yield from each_invalid("spec.clusterIPs[0]", address, found)
    if not found and not addresses.in_range(address):
        detail = f"failed to allocate IP {address}: the provided IP ({address}) is not in the valid range. "
        yield invalid("spec.clusterIPs", [address], f"{detail}The range of valid IPs is {addresses.SERVICES}")


def service_port(port: Json, field: str, *, named: bool) -> Errors:
    name, number, target = port.get("name"), port.get("port") or 0, port.get("targetPort")
    if named and not name:
        yield required(f"{field}.name")
    elif name:
        yield from each_invalid(f"{field}.name", name, formats.dns_label(name))
    yield from each_invalid(f"{field}.port", number, formats.port_number(number))
    if isinstance(target, int):
        yield from each_invalid(f"{field}.targetPort", target, formats.port_number(target))
    elif target:
        yield from each_invalid(f"{field}.targetPort", target, formats.port_name(target))
    node_port = port.get("nodePort")
    if node_port and node_port not in addresses.NODE_PORTS:
        yield invalid(f"{field}.nodePort", node_port, OUT_OF_RANGE)


def repeated_ports(ports: list[Json]) -> Errors:
    names: set[str] = set()
    pairs: set[tuple[Any, Any]] = set()
    for place, port in enumerate(ports):
        name, pair = port.get("name") or "", (port.get("protocol"), port.get("port"))
        if name and name in names:
            yield raw(f"spec.ports[{place}].name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
        if pair in pairs:
            shown = f'{{"port":{pair[1]},"protocol":"{pair[0]}"}}'
            yield raw(f"spec.ports[{place}]", "FieldValueDuplicate", f"Duplicate value: {shown}")
        names.add(name)
        pairs.add(pair)


def config_map(manifest: Json) -> Errors:
    data, binary = manifest.get("data") or {}, manifest.get("binaryData") or {}
    for key in sorted(data):
        yield from each_invalid(f"data[{key}]", key, formats.config_key(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in sorted(binary):
        yield from each_invalid(f"binaryData[{key}]", key, formats.config_key(key))
    yield from size({**binary, **data}, "")


def secret(manifest: Json) -> Errors:
    data = manifest.get("data") or {}
    for key in sorted(data):
        yield from each_invalid(f"data[{key}]", key, formats.config_key(key))
    yield from size(data, "data")
    for key in SECRET_KEYS.get(manifest.get("type", ""), ()):
        if key not in data:
            yield required(f"data[{key}]")


def size(data: Mapping[str, str], field: str) -> Errors:
    if sum(len(each.encode()) for each in data.values()) > LARGEST_CONFIG:
        yield raw(field, "FieldValueTooLong", f"Too long: may not be more than {LARGEST_CONFIG} bytes")


def sealed(old: Json, new: Json) -> Errors:
    """A config map or secret that says it is immutable."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", SEALED)
    for field in ("data", "binaryData"):
        if (old.get(field) or {}) != (new.get(field) or {}):
            yield forbidden(field, SEALED)


def sealed_secret(old: Json, new: Json) -> Errors:
    if old.get("type") != new.get("type"):
        yield invalid("type", new.get("type"), IMMUTABLE)
    yield from sealed(old, new)


def budget(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = f'{{"minAvailable":{_json(least)},"maxUnavailable":{_json(most)}}}'
        detail = "minAvailable and maxUnavailable cannot be both set"
        yield raw("spec", "FieldValueInvalid", f"Invalid value: {shown}: {detail}")
    for key, value in (("minAvailable", least), ("maxUnavailable", most)):
        yield from number_or_percent(value, f"spec.{key}")
    yield from label_selector(spec.get("selector"), "spec.selector")


def number_or_percent(value: int | str | None, field: str) -> Errors:
    if isinstance(value, int) and value < 0:
        yield invalid(field, value, NOT_NEGATIVE)
    elif isinstance(value, str):
        yield from each_invalid(field, value, formats.percent(value))
        if re.fullmatch(r"[0-9]+%", value) and int(value[:-1]) > 100:
            yield invalid(field, value, "must not be greater than 100%")


def quota(manifest: Json) -> Errors:
    for name, value in ((manifest.get("spec") or {}).get("hard") or {}).items():
        yield from resource_name(name, f"spec.hard[{name}]")
        yield from not_negative(value, f"spec.hard[{name}]")


def resource_name(name: str, field: str) -> Errors:
    yield from each_invalid(field, name, formats.qualified_name(name))


def not_negative(value: Any, field: str) -> Errors:
    if quantities.nanos(str(value)) < 0:
        yield invalid(field, str(value), NOT_NEGATIVE)


def limit_range(manifest: Json) -> Errors:
    for place, item in enumerate((manifest.get("spec") or {}).get("limits") or ()):
        low, high = item.get("min") or {}, item.get("max") or {}
        for name in sorted(set(low) & set(high)):
            if quantities.nanos(str(low[name])) > quantities.nanos(str(high[name])):
                detail = f"min value {low[name]} is greater than max value {high[name]}"
                yield invalid(f"spec.limits[{place}].min[{name}]", str(low[name]), detail)


def claim(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    amount = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if amount is None:
        yield required("spec.resources[storage]")
    elif quantities.nanos(str(amount)) <= 0:
        yield invalid("spec.resources[storage]", str(amount), "must be greater than zero")


def volume(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    if not spec.get("accessModes"):
        yield required("spec.accessModes")
    if not spec.get("capacity"):
        yield required("spec.capacity")


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
        shown = ",".join(f"{_json(key)}:{_json(new['roleRef'].get(key, ''))}" for key in ("apiGroup", "kind", "name"))
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


def workload(manifest: Json) -> Errors:
    """StatefulSets and DaemonSets: a selector that takes the template's pods."""
    spec = manifest.get("spec") or {}
    selector, template = spec.get("selector"), spec.get("template") or {}
    yield from label_selector(selector, "spec.selector")
    labels = (template.get("metadata") or {}).get("labels") or {}
    if selector is None or not (selector.get("matchLabels") or selector.get("matchExpressions")):
        shown = "null" if selector is None else "{}"
        detail = f"empty selector is invalid for {manifest['kind'].lower()}"
        yield raw("spec.selector", "FieldValueInvalid", f"Invalid value: {shown}: {detail}")
    elif not matches(selector, labels):
        yield mismatch(labels)
    if (spec.get("replicas") or 0) < 0:
        yield invalid("spec.replicas", spec["replicas"], NOT_NEGATIVE)
    yield from pod_template(template, "spec.template")
    yield from restart_policy(template, "spec.template", ("Always",))


def mismatch(labels: Json) -> FieldError:
    shown = "{" + ",".join(f"{_json(key)}:{_json(labels[key])}" for key in sorted(labels)) + "}" if labels else "null"
    detail = "`selector` does not match template `labels`"
    return raw("spec.template.metadata.labels", "FieldValueInvalid", f"Invalid value: {shown}: {detail}")


def replication_controller(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    selector, template = spec.get("selector") or {}, spec.get("template") or {}
    if not selector:
        yield required("spec.selector")
    elif not matches({"matchLabels": selector}, (template.get("metadata") or {}).get("labels") or {}):
        yield mismatch((template.get("metadata") or {}).get("labels") or {})
    yield from pod_template(template, "spec.template")
    yield from restart_policy(template, "spec.template", ("Always",))


def template_only(manifest: Json) -> Errors:
    yield from pod_template(manifest.get("template") or {}, "template")


def job(manifest: Json) -> Errors:
    yield from job_spec(manifest.get("spec") or {}, "spec")


def job_spec(spec: Json, field: str) -> Errors:
    for key in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        if (spec.get(key) or 0) < 0:
            yield invalid(f"{field}.{key}", spec[key], NOT_NEGATIVE)
    template = spec.get("template") or {}
    yield from pod_template(template, f"{field}.template")
    yield from restart_policy(template, f"{field}.template", ("OnFailure", "Never"), job=True)


def restart_policy(template: Json, field: str, allowed: tuple[str, ...], *, job: bool = False) -> Errors:
    found = (template.get("spec") or {}).get("restartPolicy")
    if found in allowed:
        return
    listed = ", ".join(f'"{each}"' for each in allowed)
    if job and found == "Always":
        yield raw(f"{field}.spec.restartPolicy", "FieldValueRequired", f"Required value: valid values: {listed}")
    else:
        message = f'Unsupported value: "{found}": supported values: {listed}'
        yield raw(f"{field}.spec.restartPolicy", "FieldValueNotSupported", message)


def same_job(old: Json, new: Json) -> Errors:
    """A running Job keeps its template, its selector and how it counts."""
    for key in ("completions", "selector", "template", "completionMode", "podFailurePolicy"):
        before, after = (old.get("spec") or {}).get(key), (new.get("spec") or {}).get(key)
        if before != after:
            yield invalid_json(f"spec.{key}", after, IMMUTABLE)


def cronjob(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    schedule = spec.get("schedule") or ""
    yield from schedule_problems(schedule)
    yield from job_spec((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")


def schedule_problems(schedule: str) -> Errors:
    """As robfig/cron's standard parser: five fields, or a name such as @daily."""
    fields = schedule.split()
    if not schedule or schedule.startswith("@"):
        return
    if len(fields) != SCHEDULE_FIELDS:
        detail = f"expected exactly {SCHEDULE_FIELDS} fields, found {len(fields)}: {_list(fields)}"
        yield invalid("spec.schedule", schedule, detail)


def autoscaler(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    elif least is not None and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")


def ingress(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    rules = spec.get("rules") or []
    if not rules and not spec.get("defaultBackend"):
        yield raw(
            "spec", "FieldValueInvalid", "Invalid value: {}: either `defaultBackend` or `rules` must be specified"
        )
    for place, rule in enumerate(rules):
        for index, path in enumerate((rule.get("http") or {}).get("paths") or ()):
            yield from ingress_path(path, f"spec.rules[{place}].http.paths[{index}]")


def ingress_path(path: Json, field: str) -> Errors:
    found = path.get("path") or ""
    if path.get("pathType") in ("Exact", "Prefix") and not found.startswith("/"):
        yield invalid(f"{field}.path", found, "must be an absolute path")


def same_service(old: Json, new: Json) -> Errors:
    """The first address stays while the type needs one."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if "ExternalName" in (before.get("type"), after.get("type")) or not before.get("clusterIP"):
        return
    if before["clusterIP"] != after.get("clusterIP"):
        shown = after.get("clusterIP") or ""
        yield invalid("spec.clusterIPs[0]", shown, "may not change once set")


def same_statefulset(old: Json, new: Json) -> Errors:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    fixed = {*before, *after} - set(STATEFULSET_MUTABLE)
    if any(before.get(key) != after.get(key) for key in fixed):
        named = ", ".join(f"'{each}'" for each in STATEFULSET_MUTABLE[:-1])
        detail = (
            f"updates to statefulset spec for fields other than {named} and '{STATEFULSET_MUTABLE[-1]}' are forbidden"
        )
        yield forbidden("spec", detail)


def same_selector(old: Json, new: Json) -> Errors:
    after = (new.get("spec") or {}).get("selector")
    if (old.get("spec") or {}).get("selector") != after:
        yield invalid_json("spec.selector", after, IMMUTABLE)


def same_claim(old: Json, new: Json) -> Errors:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for key in ("accessModes", "storageClassName", "volumeName", "volumeMode", "selector"):
        if before.get(key) is not None and before.get(key) != after.get(key):
            detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            yield forbidden("spec", detail)
            return


def definition(manifest: Json) -> Errors:
    """A CustomResourceDefinition (apiextensions pkg/apis/apiextensions/validation)."""
    spec, name = manifest.get("spec") or {}, (manifest.get("metadata") or {}).get("name") or ""
    versions = spec.get("versions") or []
    plural = (spec.get("names") or {}).get("plural") or ""
    if name != f"{plural}.{spec.get('group') or ''}":
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    if spec.get("scope") not in ("Cluster", "Namespaced"):
        shown = json.dumps(spec.get("scope") or "")
        yield raw(
            "spec.scope",
            "FieldValueNotSupported",
            f'Unsupported value: {shown}: supported values: "Cluster", "Namespaced"',
        )
    stored = [each["name"] for each in versions if each.get("storage")]
    if len(stored) != 1:
        yield invalid_json("spec.versions", versions, "must have exactly one version marked as storage version")
    for place, version in enumerate(versions):
        if not (version.get("schema") or {}).get("openAPIV3Schema"):
            field = f"spec.versions[{place}].schema.openAPIV3Schema"
            yield required(field, "schemas are required")


def same_names(old: Json, new: Json) -> Errors:
    """An established definition keeps its group, its scope, its plural and its kind."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    pairs = [(key, before.get(key), after.get(key)) for key in ("scope", "group")]
    names = [
        (f"names.{key}", before.get("names", {}).get(key), after.get("names", {}).get(key))
        for key in ("plural", "kind")
    ]
    for key, one, two in [*pairs, *names]:
        if one != two:
            yield invalid(f"spec.{key}", two, IMMUTABLE)


def invalid_json(field: str, value: Any, detail: str) -> FieldError:
    return raw(field, "FieldValueInvalid", f"Invalid value: {_json(value)}: {detail}")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _list(fields: list[str]) -> str:
    return "[" + " ".join(fields) + "]"


RULES: Mapping[str, Callable[[Json], Errors]] = {
    "services": service,
    "configmaps": config_map,
    "secrets": secret,
    "resourcequotas": quota,
    "limitranges": limit_range,
    "persistentvolumeclaims": claim,
    "persistentvolumes": volume,
    "podtemplates": template_only,
    "replicationcontrollers": replication_controller,
    "statefulsets.apps": workload,
    "daemonsets.apps": workload,
    "jobs.batch": job,
    "cronjobs.batch": cronjob,
    "horizontalpodautoscalers.autoscaling": autoscaler,
    "ingresses.networking.k8s.io": ingress,
    "poddisruptionbudgets.policy": budget,
    "rolebindings.rbac.authorization.k8s.io": role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": role_binding,
    "roles.rbac.authorization.k8s.io": role,
    "clusterroles.rbac.authorization.k8s.io": role,
    "priorityclasses.scheduling.k8s.io": priority_class,
    "customresourcedefinitions.apiextensions.k8s.io": definition,
}
UPDATES: Mapping[str, Callable[[Json, Json], Errors]] = {
    "services": same_service,
    "configmaps": sealed,
    "secrets": sealed_secret,
    "persistentvolumeclaims": same_claim,
    "rolebindings.rbac.authorization.k8s.io": same_role,
    "clusterrolebindings.rbac.authorization.k8s.io": same_role,
    "priorityclasses.scheduling.k8s.io": same_priority,
    "jobs.batch": same_job,
    "statefulsets.apps": same_statefulset,
    "daemonsets.apps": same_selector,
    "customresourcedefinitions.apiextensions.k8s.io": same_names,
}
