"""Validation of kept kinds: metadata, the schema, and the additional rules of each kind.

Upstream validates built-in kinds by hand (pkg/apis/*/validation). Here most of that comes from the schema: enumerations, and
required strings. Errors are in the order of the fields."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cluster.api.kept import rules
from cluster.api.kinds import Kind
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, FieldError, each_invalid, forbidden, required, unsupported
from cluster.core.validation.metadata import object_meta
from cluster.machinery import schemas
from cluster.machinery.schemas import Json, Schema

DNS_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
DNS_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end "
    f"with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{DNS_1035}')"
)
LONGEST_CRONJOB = 52
POD_TEMPLATE = "io.k8s.api.core.v1.PodTemplateSpec"  # validated by the core
SEGMENTS = ("rbac.authorization.k8s.io",)
# Strings that may be empty, although the schema requires the field.
EMPTY = {"io.k8s.api.core.v1.LocalObjectReference.name", "io.k8s.api.core.v1.EnvVar.value"}


def problems(kind: Kind, manifest: Json, schema: Schema) -> list[FieldError]:
    """The errors of a decoded and defaulted manifest."""
    found = [*name_problems(kind, manifest.get("metadata") or {}), *_struct(manifest, schema, "", kind.name)]
    return [*found, *rules.RULES.get(kind.resource, _nothing)(manifest)]


def update_problems(kind: Kind, old: Json, new: Json) -> list[FieldError]:
    """The errors for changes of immutable fields."""
    return list(rules.UPDATES.get(kind.resource, _nothing_changed)(old, new))


def _nothing(_: Json) -> Errors:
    yield from ()


def _nothing_changed(_: Json, __: Json) -> Errors:
    yield from ()


def name_problems(kind: Kind, metadata: Mapping[str, Any]) -> Errors:
    """Checks the name by the kind's rule, and the other metadata as for every object."""
    check, name = NAMES.get(kind.resource), metadata.get("name") or ""
    if kind.served[0][0] in SEGMENTS:
        check = path_segment
    plain = {**metadata, "name": "n"} if check and name else metadata
    if not kind.namespaced and metadata.get("namespace"):
        yield forbidden("metadata.namespace", "not allowed on this type")
        plain = {key: each for key, each in plain.items() if key != "namespace"}
    if check and name:
        yield from each_invalid("metadata.name", name, check(name))
    yield from object_meta(plain)


def dns_1035(name: str) -> list[str]:
    long = [formats.longest(formats.LONGEST_LABEL)] if len(name) > formats.LONGEST_LABEL else []
    return [*long, *([] if re.fullmatch(DNS_1035, name) else [DNS_1035_TEXT])]


def path_segment(name: str) -> list[str]:
    """The problems of a name as a path segment (apimachinery pkg/api/validation/path)."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{each}'" for each in "/%" if each in name]


def label_within(length: int) -> Callable[[str], list[str]]:
    """A check for subdomains short enough for a suffix."""

    def check(name: str) -> list[str]:
        return [
            *([f"must be no more than {length} characters"] if len(name) > length else []),
            *formats.dns_subdomain(name),
        ]

    return check


NAMES: Mapping[str, Callable[[str], list[str]]] = {
    "services": dns_1035,
    "cronjobs.batch": label_within(LONGEST_CRONJOB),
    "statefulsets.apps": formats.dns_label,
}


def _struct(value: Json, schema: Schema, path: str, struct: str) -> Iterator[FieldError]:
    """Checks a struct's fields; at the root without `status`, which is written by the server."""
    resolved = schemas.resolve(schema)
    wanted = resolved.get("required", ())
    for key, below in (resolved.get("properties") or {}).items():
        if not path and key in ("apiVersion", "kind", "metadata", "status"):
            continue
        field, each = f"{path}.{key}" if path else key, value.get(key)
        if each is None or each == "":
            if key in wanted and _is_text(below) and f"{struct}.{key}" not in EMPTY:
                yield required(field)
        else:
            yield from _value(each, below, field)


def _value(value: Any, schema: Schema, field: str) -> Iterator[FieldError]:
    resolved = schemas.resolve(schema)
    allowed = schema.get("enum") or resolved.get("enum")
    if allowed and value not in allowed:
        yield unsupported(field, value, tuple(allowed))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _value(each, schemas.items(resolved), f"{field}[{place}]")
    elif isinstance(value, dict) and "properties" in resolved and schemas.reference_of(schema) != POD_TEMPLATE:
        yield from _struct(value, schema, field, schemas.reference_of(schema))


def _is_text(schema: Schema) -> bool:
    return schemas.resolve(schema).get("type") == "string" and "format" not in schemas.resolve(schema)
