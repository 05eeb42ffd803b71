"""pod-template-hash: a hash of the text that Go's spew prints for a template (pkg/util/hash, controller.ComputeHash).

Today: FNV-1a of the v1 structs, with the safe alphabet. In the days of apps/v1beta1 and extensions/v1beta1: the decimal Adler-32 of the
internal structs. Structures that the tables of `gotypes` lack enter as JSON: the hash then differs from Kubernetes'.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from cluster.core.gotypes import STRUCTS
from cluster.core.names import SAFE_ALPHABET
from cluster.core.objects import Manifest
from cluster.core.quantities import spew_quantity

OLD_VERSIONS = ("apps/v1beta1", "extensions/v1beta1")
NUMBERS = ("int32", "int64")
FOREIGN_TYPES = {"IntOrString", "Time"}
FNV_OFFSET, FNV_PRIME = 0x811C9DC5, 0x01000193


def template_hash(template: Manifest, *, api_version: str = "apps/v1", collision_count: int | None = None) -> str:
    """The hash of a defaulted pod template, as the ReplicaSet's name and its label carry it."""
    collision = b"" if collision_count is None else struct.pack("<IQ", collision_count, 0)[:8]
    if api_version in OLD_VERSIONS:
        return str(zlib.adler32(spew(template, "api").encode() + collision))
    return safe_encode(str(fnv32a(spew(template, "v1").encode() + collision)))


def fnv32a(data: bytes) -> int:
    value = FNV_OFFSET
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFF
    return value


def safe_encode(text: str) -> str:
    return "".join(SAFE_ALPHABET[ord(character) % len(SAFE_ALPHABET)] for character in text)


def spew(template: Manifest, package: str) -> str:
    """The template as `%#v` of spew prints it (Indent " ", SortKeys, DisableMethods, SpewKeys)."""
    if package == "api":
        template = _internal(template)
    return f"({package}.PodTemplateSpec){_struct('PodTemplateSpec', template, package)}"


def _struct(name: str, value: Mapping[str, Any], package: str) -> str:
    fields = (f"{field}:{_field(kind, value, key, package)}" for field, key, kind in STRUCTS[package][name])
    return "{" + " ".join(fields) + "}"


def _field(kind: str, holder: Mapping[str, Any], key: str, package: str) -> str:
    if kind.startswith("="):
        return kind[1:].replace("_", " ")
    if kind == "Handler":
        return f"({package}.Handler){_struct('Handler', holder, package)}"
    return f"({_type_name(kind, package)}){_value(kind, holder.get(key), package)}"


def _type_name(kind: str, package: str) -> str:
    for prefix in ("*", "[]"):
        if kind.startswith(prefix):
            return prefix + _type_name(kind[len(prefix) :], package)
    if kind == "IntOrString":
        return "intstr.IntOrString"
    if "." in kind or kind[0].islower():
        return kind
    return f"{package}.{kind}"


def _value(kind: str, value: Any, package: str) -> str:
    if kind.startswith("*"):
        return "<nil>" if value is None else _value(kind[1:], value, package)
    if kind.startswith("[]"):
        return _list(kind[2:], value, package)
    if kind.startswith("map") or kind == "ResourceList":
        return _map(kind, value)
    if kind == "IntOrString":
        return _int_or_string(value)
    if kind in STRUCTS[package]:
        return _struct(kind, value or {}, package)
    return _scalar(kind, value)


def _scalar(kind: str, value: Any) -> str:
    if kind == "bool":
        return "true" if value else "false"
    if kind in NUMBERS:
        return str(value or 0)
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return str(value or "")


def _list(kind: str, values: Any, package: str) -> str:
    if not values:
        return "<nil>"
    return "[" + " ".join(_value(kind, each, package) for each in values) + "]"


def _map(kind: str, values: Any) -> str:
    if not values:
        return "<nil>"
    show = spew_quantity if kind == "ResourceList" else str
    return "map[" + " ".join(f"{key}:{show(values[key])}" for key in sorted(values)) + "]"


def _int_or_string(value: Any) -> str:
    is_text = isinstance(value, str)
    number, text = (0, value) if is_text else (value or 0, "")
    return f"{{Type:(intstr.Type){int(is_text)} IntVal:(int32){number} StrVal:(string){text}}}"


def _internal(template: Manifest) -> dict[str, Any]:
    """The internal type keeps the host namespaces in the security context."""
    spec = template.get("spec") or {}
    moved = {key: spec[key] for key in ("hostNetwork", "hostPID", "hostIPC") if key in spec}
    return {**template, "spec": {**spec, "securityContext": {**(spec.get("securityContext") or {}), **moved}}}
