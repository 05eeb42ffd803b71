"""A container's environment and its sources (ValidateEnv and ValidateEnvFrom in pkg/apis/core/validation)."""

import re
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, invalid, required, unsupported

VARIABLE_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP",
    "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
# The fields that the API server can convert (pkg/apis/core/pods).
POD_FIELDS = {
    *VARIABLE_FIELDS, "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase",
    "spec.host",
}  # fmt: skip
RESOURCES = (
    "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
    "requests.memory",
)  # fmt: skip
HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
CPU_DIVISORS = ("1m", "1")
DIVISORS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
SUBSCRIPTED = re.compile(r"(.+)\['(.*)'\]")
ONE_OF = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"


def variables(env: Any, field: str) -> Errors:
    for place, variable in enumerate(env or ()):
        name, path = variable.get("name") or "", f"{field}[{place}]"
        if name:
            yield from each_invalid(f"{path}.name", name, formats.variable_name(name))
        else:
            yield required(f"{path}.name")
        if variable.get("valueFrom") is not None:
            yield from _source(variable, f"{path}.valueFrom")


def _source(variable: Manifest, field: str) -> Errors:
    source = {key: value for key, value in variable["valueFrom"].items() if value is not None}
    if "fieldRef" in source:
        yield from pod_field(source["fieldRef"], VARIABLE_FIELDS, f"{field}.fieldRef")
    if "resourceFieldRef" in source:
        yield from resource_field(source["resourceFieldRef"], f"{field}.resourceFieldRef", of_volume=False)
    for key in ("configMapKeyRef", "secretKeyRef"):
        if key in source:
            yield from _key_selector(source[key], f"{field}.{key}")
    if "fileKeyRef" in source:
        yield from _file_key(source["fileKeyRef"], f"{field}.fileKeyRef")
    if not source:
        yield invalid(field, "", ONE_OF)
    elif variable.get("value"):
        yield invalid(field, "", "may not be specified when `value` is not empty")
    elif len(source) > 1:
        yield invalid(field, "", "may not have more than one field specified at a time")


def pod_field(selector: Manifest, allowed: tuple[str, ...], field: str) -> Errors:
    """Errors of a reference to a pod's field, in an environment variable or a file (validateObjectFieldSelector)."""
    version, path = selector.get("apiVersion") or "", selector.get("fieldPath") or ""
    if not version:
        yield required(f"{field}.apiVersion")
        return
    if not path:
        yield required(f"{field}.fieldPath")
        return
    found = SUBSCRIPTED.fullmatch(path)
    name, subscript = (found[1], found[2]) if found else (path, None)
    problem = _unconvertible(version, path, name, subscript)
    if problem:
        yield invalid(f"{field}.fieldPath", path, f"error converting fieldPath: {problem}")
    elif subscript is not None:
        key = subscript.lower() if name == "metadata.annotations" else subscript
        yield from each_invalid(field, subscript, formats.qualified_name(key))
    elif path not in allowed:
        yield unsupported(f"{field}.fieldPath", path, tuple(sorted(allowed)))


def _unconvertible(version: str, path: str, name: str, subscript: str | None) -> str:
    if version != "v1":
        return f"unsupported pod version: {version}"
    if subscript is not None:
        if name in ("metadata.annotations", "metadata.labels"):
            return ""
        return f"field label does not support subscript: {path}"
    return "" if path in POD_FIELDS else f"field label not supported: {path}"


def resource_field(selector: Manifest, field: str, *, of_volume: bool) -> Errors:
    """Errors of a reference to a container's limit or request; a file must name the container."""
    name = selector.get("resource") or ""
    if of_volume and not selector.get("containerName"):
        yield required(f"{field}.containerName")
    elif not name:
        yield required(f"{field}.resource")
    elif name not in RESOURCES and not name.startswith(HUGE_PAGES):
        yield unsupported(f"{field}.resource", name, RESOURCES)
    yield from _divisor(name, str(selector.get("divisor") or 0), field)


def _divisor(name: str, divisor: str, field: str) -> Errors:
    shown = quantities.stored(divisor)
    if shown == "0":
        return
    if name in ("limits.cpu", "requests.cpu"):
        if shown not in CPU_DIVISORS:
            detail = "only divisor's values 1m and 1 are supported with the cpu resource"
            yield invalid(f"{field}.divisor", name, detail)
        return
    kind = _divided(name)
    if kind and shown not in DIVISORS:
        detail = f"only divisor's values {', '.join(DIVISORS)} are supported with the {kind} resource"
        yield invalid(f"{field}.divisor", name, detail)


def _divided(name: str) -> str:
    if name.startswith(HUGE_PAGES):
        return "hugepages"
    kinds = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}
    return kinds.get(name.partition(".")[2], "") if name in RESOURCES else ""


def _key_selector(selector: Manifest, field: str) -> Errors:
    name, key = selector.get("name") or "", selector.get("key") or ""
    yield from each_invalid(f"{field}.name", name, formats.dns_subdomain(name))
    if key:
        yield from each_invalid(f"{field}.key", key, formats.config_key(key))
    else:
        yield required(f"{field}.key")


def _file_key(selector: Manifest, field: str) -> Errors:
    for key in ("volumeName", "path", "key"):
        if not selector.get(key):
            yield required(f"{field}.{key}")


def sources(env_from: Any, field: str) -> Errors:
    for place, source in enumerate(env_from or ()):
        path, prefix = f"{field}[{place}]", source.get("prefix") or ""
        if prefix:
            yield from each_invalid(f"{path}.prefix", prefix, formats.variable_name(prefix))
        given = [key for key in ("configMapRef", "secretRef") if source.get(key) is not None]
        for key in given:
            name = source[key].get("name") or ""
            if name:
                yield from each_invalid(f"{path}.{key}.name", name, formats.dns_prefix(name))
            else:
                yield required(f"{path}.{key}.name")
        if not given:
            yield invalid(field, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            yield invalid(field, "", "may not have more than one field specified at a time")
