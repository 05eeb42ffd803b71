"""pod-template-hash: a hash of the text that Go's spew prints for a template (pkg/util/hash, controller.ComputeHash).

Today's rule: FNV-1a of the v1 structs, with the safe alphabet. For apps/v1beta1 and extensions/v1beta1: the decimal Adler-32 of
the internal structs. The structs are in `gotypes`. Fields newer than those structs are not part of a real hash of that version;
here they are printed after their struct's own fields if they are set, so that an edit of such a field gives a new name, as in a
cluster of today. Without them the hash is that of Kubernetes 1.20. Times in a template's metadata are printed as unset.
"""

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fnv_hash_fast import fnv1a_32

from cluster.core.manifests.gotypes import SPEWED, Field, json_fields
from cluster.core.manifests.quantities import spew_quantity
from cluster.core.names import SAFE_ALPHABET
from cluster.core.objects import Manifest

OLD_VERSIONS = ("apps/v1beta1", "extensions/v1beta1")
TIMES = {
    "v1": "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}",
    "api": "{Time:(time.Time){sec:(int64)0 nsec:(int32)0 loc:(*time.Location)<nil>}}",
}
FOREIGN = {
    "IntOrString": "intstr.IntOrString",
    "Quantity": "resource.Quantity",
    "ResourceList": "{package}.ResourceList",
    "Time": "{time}.Time",
    "FieldsV1": "v1.FieldsV1",
}
# What defaulting writes into fields that the older structs lack.
YOUNGER_DEFAULTS = {
    "schedulerName": "default-scheduler",
    "terminationMessagePolicy": "File",
    "type": "",
    "kind": "Shared",
}
Printer = Callable[[Any], str]


def template_hash(template: Manifest, *, api_version: str = "apps/v1", collision_count: int | None = None) -> str:
    """The hash of a defaulted pod template, as in the ReplicaSet's name and label."""
    collision = b"" if collision_count is None else struct.pack("<IQ", collision_count, 0)[:8]
    if api_version in OLD_VERSIONS:
        return str(zlib.adler32(spew(template, "api").encode() + collision))
    return safe_encode(str(fnv1a_32(spew(template, "v1").encode() + collision)))


def safe_encode(text: str) -> str:
    return "".join(SAFE_ALPHABET[ord(character) % len(SAFE_ALPHABET)] for character in text)


def spew(template: Manifest, package: str) -> str:
    """The template as `%#v` of spew prints it (Indent " ", SortKeys, DisableMethods, SpewKeys)."""
    of_the_day = _internal(template) if package == "api" else _with_host_ports(template)
    return f"({package}.PodTemplateSpec){printer('PodTemplateSpec', package)(of_the_day)}"


@cache
def printer(kind: str, package: str) -> Printer:
    """A function that prints a value of a Go type, without the type's own name; None is the zero value."""
    if kind.startswith("*"):
        return _pointer(printer(kind[1:], package))
    if kind.startswith("[]"):
        return _list(printer(kind[2:], package))
    if kind in SPEWED[package]:
        return _struct(kind, package)
    simple: dict[str, Printer] = {
        "bool": lambda value: "true" if value else "false",
        "int32": lambda value: str(value or 0),
        "int64": lambda value: str(value or 0),
        "map[string]string": _map(str),
        "ResourceList": _map(lambda value: spew_quantity(str(value))),
        "Quantity": lambda value: spew_quantity("" if value is None else str(value), resource=False),
        "IntOrString": _int_or_string,
        "Time": lambda _: TIMES[package],
        "FieldsV1": _raw_json,
    }
    return simple.get(kind, lambda value: str(value or ""))


def _pointer(show: Printer) -> Printer:
    return lambda value: "<nil>" if value is None else show(value)


def _list(show: Printer) -> Printer:
    return lambda values: f"[{' '.join(map(show, values))}]" if values else "<nil>"


def _map(show: Printer) -> Printer:
    def print_map(values: Any) -> str:
        if not values:
            return "<nil>"
        shown = (f"{key}:{'' if values[key] is None else show(values[key])}" for key in sorted(values))
        return f"map[{' '.join(shown)}]"

    return print_map


def _struct(name: str, package: str) -> Printer:
    """Absent fields, which most are, cost only a look-up."""
    fields = SPEWED[package][name]
    own, embedded = _own_fields(fields, package), any(not field.key for field in fields)
    known = {field.key for field in json_fields(SPEWED[package], name)}
    if package == "api" and name == "PodSpec":
        known |= {"serviceAccount", "hostNetwork", "hostPID", "hostIPC"}
    zero = f"{{{own({})}}}" if not embedded else None

    def print_struct(value: Any) -> str:
        if not value and zero is not None:
            return zero
        value = value or {}
        younger = "" if known.issuperset(value) else _younger(value, known)
        return f"{{{own(value)}{younger}}}"

    return print_struct


def _own_fields(fields: tuple[Field, ...], package: str) -> Printer:
    parts: list[tuple[str, str, Printer, str]] = []
    for field in fields:
        label = f"{field.name}:({_type_name(field.kind, package)})"
        if field.key:
            show = printer(field.kind, package)
            parts.append((label, field.key, show, label + show(None)))
        else:
            inner = _own_fields(SPEWED[package][field.kind], package)
            parts.append((label, "", inner, ""))

    def print_fields(value: Mapping[str, Any]) -> str:
        shown = []
        for label, key, show, absent in parts:
            if not key:
                shown.append(f"{label}{{{show(value)}}}")
            elif (item := value.get(key)) is None:
                shown.append(absent)
            else:
                shown.append(label + show(item))
        return " ".join(shown)

    return print_fields


def _younger(value: Mapping[str, Any], known: set[str]) -> str:
    found = {
        key: each
        for key, each in value.items()
        if key not in known and each not in (None, "", [], {}) and YOUNGER_DEFAULTS.get(key) != each
    }
    return "".join(f" {key}:{json.dumps(found[key], sort_keys=True)}" for key in sorted(found))


def _type_name(kind: str, package: str) -> str:
    for prefix in ("*", "[]"):
        if kind.startswith(prefix):
            return prefix + _type_name(kind[len(prefix) :], package)
    if kind in FOREIGN:
        return FOREIGN[kind].format(package=package, time="v1" if package == "v1" else "unversioned")
    return kind if "." in kind or kind[0].islower() else f"{package}.{kind}"


def _int_or_string(value: Any) -> str:
    is_text = isinstance(value, str)
    number, text = (0, value) if is_text else (value or 0, "")
    return f"{{Type:(intstr.Type){int(is_text)} IntVal:(int32){number} StrVal:(string){text}}}"


def _raw_json(value: Any) -> str:
    """The bytes of managed fields, as numbers."""
    raw = json.dumps(value, separators=(",", ":")).encode()
    return f"{{Raw:([]uint8)[{' '.join(map(str, raw))}]}}"


def _with_host_ports(template: Manifest) -> Manifest:
    """With hostNetwork, Kubernetes 1.20 gave a template the host ports that today only its pods get."""
    spec = template.get("spec") or {}
    if not spec.get("hostNetwork"):
        return template
    filled = {key: [_on_host(each) for each in spec.get(key) or ()] for key in ("initContainers", "containers")}
    return {**template, "spec": {**spec, **filled}}


def _on_host(container: Mapping[str, Any]) -> Mapping[str, Any]:
    if not container.get("ports"):
        return container
    ports = [{**each, "hostPort": each.get("hostPort") or each.get("containerPort")} for each in container["ports"]]
    return {**container, "ports": ports}


def _internal(template: Manifest) -> Manifest:
    """The internal type has the host namespaces in the security context."""
    template = _with_host_ports(template)
    spec = template.get("spec") or {}
    moved = {key: spec[key] for key in ("hostNetwork", "hostPID", "hostIPC") if key in spec}
    return {**template, "spec": {**spec, "securityContext": {**(spec.get("securityContext") or {}), **moved}}}
