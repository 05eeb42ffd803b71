"""Kubernetes' OpenAPI definitions of the built-in kinds, and the lookups that patches and ownership need.

Source of schemas.zip: tools/cut_openapi.py. A member of the archive is a package (io.k8s.api.apps.v1), read when one of its
definitions is first requested. A schema here is a dict of OpenAPI 3; `{}` is a schema that allows anything.
"""

import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]
Schema = dict[str, Any]

SCHEMAS_FILE = Path(__file__).with_name("schemas.zip")
REFERENCE = "#/components/schemas/"
ANYTHING: Schema = {}
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
# Groups whose package is not io.k8s.api.<the group's first label>.
PACKAGES = {
    "": "io.k8s.api.core",
    "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
    "apiregistration.k8s.io": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
    "meta.k8s.io": "io.k8s.apimachinery.pkg.apis.meta",
}


class UnknownKind(LookupError):
    """Raised when there is no definition of a group, version and kind."""


@cache
def packages() -> frozenset[str]:
    with zipfile.ZipFile(SCHEMAS_FILE) as archive:
        return frozenset(archive.namelist())


@cache
def package(name: str) -> Json:
    """Definition name -> schema, of one package; empty for an unknown one. Treat as read-only."""
    if name not in packages():
        return {}
    with zipfile.ZipFile(SCHEMAS_FILE) as archive:
        loaded: Json = orjson.loads(archive.read(name))
    return loaded


@cache
def named(name: str) -> Schema:
    """The definition of a name such as "io.k8s.api.apps.v1.Deployment". Raises KeyError."""
    found: Schema = package(name.rpartition(".")[0])[name]
    return found


def definitions() -> Json:
    """All definitions by name, for a complete OpenAPI document. Treat as read-only."""
    return {name: schema for each in sorted(packages()) for name, schema in package(each).items()}


def definition_name(group: str, version: str, kind: str) -> str:
    """("apps", "v1", "Deployment") -> "io.k8s.api.apps.v1.Deployment". Raises UnknownKind."""
    start = PACKAGES.get(group) or f"io.k8s.api.{group.partition('.')[0]}"
    own, shared = f"{start}.{version}.{kind}", META + kind
    found = package(own.rpartition(".")[0]).get(own, {}).get("x-kubernetes-group-version-kind", ())
    if any(each["group"] == group for each in found):
        return own
    if "x-kubernetes-group-version-kind" in package(META[:-1]).get(shared, {}):
        return shared
    raise UnknownKind(f'no kind "{kind}" is registered for version "{group + "/" if group else ""}{version}"')


def definition(group: str, version: str, kind: str) -> Schema:
    """The schema of a kind. Raises UnknownKind."""
    return named(definition_name(group, version, kind))


def definition_of(manifest: Json) -> Schema:
    """The schema of a manifest's apiVersion and kind. Raises UnknownKind."""
    group, _, version = str(manifest.get("apiVersion", "")).rpartition("/")
    return definition(group, version, str(manifest.get("kind", "")))


def closure(*names: str) -> Json:
    """The named definitions and all that they refer to: the `components.schemas` of an OpenAPI document."""
    found: Json = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = named(name)
            waiting += references(found[name])
    return {name: found[name] for name in sorted(found)}


def resolve(schema: Schema) -> Schema:
    """The definition that a schema refers to, or the schema itself."""
    reference = reference_of(schema)
    return named(reference) if reference else schema


def reference_of(schema: Schema) -> str:
    """The name of the definition that a schema refers to; "" if it refers to none."""
    all_of = schema.get("allOf")
    reference: str = (all_of[0] if all_of else schema).get("$ref", "")
    return reference[len(REFERENCE) :]


def field(schema: Schema, name: str) -> Schema | None:
    """The schema of one field of an object or one value of a map; None if the object has no such field."""
    resolved = resolve(schema)
    properties = resolved.get("properties")
    if properties and name in properties:
        found: Schema = properties[name]
        return found
    additional = resolved.get("additionalProperties")
    if additional:
        return additional if isinstance(additional, dict) else ANYTHING
    return None if properties else ANYTHING


def items(schema: Schema) -> Schema:
    """The schema of a list's elements."""
    found: Schema = resolve(schema).get("items") or ANYTHING
    return found


def is_struct_field(schema: Schema, name: str) -> bool:
    """Whether `name` is a field that the kind declares, rather than a key of a map."""
    return name in (resolve(schema).get("properties") or {})


def patch_strategies(schema: Schema) -> list[str]:
    """A field's strategies in a strategic merge patch, of "merge", "replace", "retainKeys"."""
    strategies: str = schema.get("x-kubernetes-patch-strategy", "")
    return strategies.split(",") if strategies else []


def patch_merge_key(schema: Schema) -> str:
    """The field that identifies an element of a merged list; "" for primitive lists."""
    key: str = schema.get("x-kubernetes-patch-merge-key", "")
    return key


def list_type(schema: Schema) -> str:
    """How appliers share a list: "map", "set" or "atomic" (the default)."""
    kind: str = schema.get("x-kubernetes-list-type") or resolve(schema).get("x-kubernetes-list-type", "atomic")
    return kind


def list_keys(schema: Schema) -> list[str]:
    """The fields that together identify an element of a list of type "map"."""
    keys: list[str] = schema.get("x-kubernetes-list-map-keys", [])
    return keys


def is_atomic_map(schema: Schema) -> bool:
    """Whether an object or map has one owner as a whole (a selector, a reference)."""
    kind = schema.get("x-kubernetes-map-type") or resolve(schema).get("x-kubernetes-map-type")
    return kind == "atomic"


def default_of(schema: Schema, name: str) -> Any:
    """The default of a field, or None."""
    return (field(schema, name) or ANYTHING).get("default")


def unknown_fields(manifest: Json, schema: Schema) -> list[str]:
    """Paths of fields that the schema doesn't declare, in the manifest's order.

    Shape: "spec.template.spec.containers[0].imagee". A field that was given twice can't be seen in a parsed object:
    `strict_json.loads` finds those. Texts: `strict_problems` (apimachinery pkg/runtime/error.go).
    """
    found: list[str] = []
    _collect_unknown(manifest, schema, "", found)
    return found


def strict_problems(unknown: list[str], repeated: list[str]) -> list[str]:
    """One text per field: the warnings under fieldValidation=Warn."""
    return [f'unknown field "{path}"' for path in unknown] + [f'duplicate field "{path}"' for path in repeated]


def strict_refusal(problems: list[str]) -> str:
    """The error message under fieldValidation=Strict."""
    return "strict decoding error: " + ", ".join(problems)


def _collect_unknown(value: Any, schema: Schema, path: str, found: list[str]) -> None:
    if isinstance(value, dict):
        prefix = path + "." if path else ""
        for name, child in value.items():
            child_schema = field(schema, name)
            if child_schema is None:
                found.append(prefix + name)
            elif isinstance(child, dict | list) and child_schema is not ANYTHING:
                _collect_unknown(child, child_schema, prefix + name, found)
    elif isinstance(value, list):
        element = items(schema)
        for index, child in enumerate(value):
            _collect_unknown(child, element, f"{path}[{index}]", found)


def references(schema: Any) -> list[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, list):
        return [name for item in schema for name in references(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"][len(REFERENCE) :]] if isinstance(schema.get("$ref"), str) else []
    return own + [name for value in schema.values() for name in references(value)]
