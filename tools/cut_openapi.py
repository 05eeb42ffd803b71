"""Cuts Kubernetes' OpenAPI definitions down to those of the built-in kinds: cluster/machinery/schemas.zip.

    pip install --target /tmp/kubernetes-validate kubernetes-validate==1.37.0
    python tools/cut_openapi.py /tmp/kubernetes-validate [VERSION [OUTPUT]]

Build time only: the package is 108 MB. Its "local" schemas are Kubernetes' own, prepared for a JSON Schema validator
(null allowed, apiVersion and kind as enumerations, definitions under $defs); the preparation is undone here.

The package leaves enumerations out. tools/enums.json has them: string types of k8s.io/api that are marked +enum, and the fields
that are of such a type, by kubectl's Go types ([] behind a name: the elements of a list). What a value means is the comment of
its constant in release 1.20; it is left empty for values that are newer. Those of a Deployment's pods are compared with what
1.36 answers to `kubectl explain`; of other types the marks and newer values were looked up one by one, not all of them.
"""

import copy
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

Json = dict[str, Any]

VERSION = "v1.37.0"
HERE = Path(__file__).parent
OUTPUT = HERE.parent / "cluster" / "api" / "machinery" / "schemas.zip"
REFERENCE = "#/components/schemas/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
UNDATED = (1980, 1, 1, 0, 0, 0)

# What definitions refer to nowhere, but clients ask for.
OTHERS = [
    "io.k8s.api.autoscaling.v1.Scale",
    "io.k8s.api.policy.v1.Eviction",
    "io.k8s.api.authentication.v1.TokenRequest",
    *(META + name for name in ("DeleteOptions", "Patch", "Status", "WatchEvent")),
    *(META + name for name in ("APIGroup", "APIGroupList", "APIResourceList", "APIVersions")),
]

# Keywords that belong to the validator's preparation or that no client reads.
UNWANTED = {"x-kubernetes-unions"}

# The old groups had the same fields with these kinds; what differs is said in derive_old_versions.
OLD_VERSIONS = [
    ("apps", "v1beta1", ("Deployment",)),
    ("apps", "v1beta2", ("Deployment", "ReplicaSet")),
    ("extensions", "v1beta1", ("Deployment", "ReplicaSet")),
]

# Descriptions that the package has not: resource/quantity.go and util/intstr/intstr.go of apimachinery.
INT_OR_STRING = (
    "IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and unmarshalling, "
    "it produces or consumes the inner type.  This allows you to have, for example, a JSON field that can accept a name "
    "or number."
)
QUANTITY = (
    "Quantity is a fixed-point representation of a number. It provides convenient marshaling/unmarshaling in JSON and "
    "YAML, in addition to String() and AsInt64() accessors."
)


def main() -> None:
    version = sys.argv[2] if len(sys.argv) > 2 else VERSION
    output = Path(sys.argv[3]) if len(sys.argv) > 3 else OUTPUT
    package = Path(sys.argv[1]) / "kubernetes_validate" / "kubernetes-json-schema" / f"{version}-local"
    source: Json = json.loads((package / "_definitions.json").read_text())["$defs"]
    roots = [name for name, definition in source.items() if is_stable_kind(name, definition)]
    definitions = {name: restored(source[name]) for name in sorted(closure(source, roots + OTHERS))}
    add_defaults_of_merge_keys(definitions)
    fix_kinds(definitions)
    derive_old_versions(definitions)
    add_enums(definitions)
    write(definitions, output)
    print(f"{len(definitions)} definitions, {output.stat().st_size // 1024} KiB -> {output}")


def is_stable_kind(name: str, definition: Json) -> bool:
    """Whether a definition is a kind of a version that is on by default: v1, v2 ... (KEP-3136: new betas are off)."""
    known = definition.get("x-kubernetes-group-version-kind", [])
    versions = {each["version"] for each in known}
    return not name.startswith(META) and bool(versions) and all(version[1:].isdigit() for version in versions)


def write(definitions: Json, output: Path) -> None:
    """One member of the archive a package of definitions (io.k8s.api.apps.v1): a process reads those that it asks for."""
    packages: dict[str, Json] = {}
    for name in sorted(definitions):
        packages.setdefault(name.rpartition(".")[0], {})[name] = definitions[name]
    with zipfile.ZipFile(output, "w") as archive:
        for package in sorted(packages):
            text = json.dumps(packages[package], separators=(",", ":"), ensure_ascii=False)
            archive.writestr(zipfile.ZipInfo(package, UNDATED), text, zipfile.ZIP_DEFLATED, 9)


def closure(definitions: Json, roots: list[str]) -> set[str]:
    """The roots and everything that they refer to."""
    found: set[str] = set()
    waiting = [name for name in roots if name in definitions]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(definitions[name])
    return found


def references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for item in schema for name in references(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rsplit("/", 1)[1]] if isinstance(schema.get("$ref"), str) else []
    return own + [name for value in schema.values() for name in references(value)]


def restored(schema: Any) -> Any:
    """As the API server shows it: no null beside a type, no enumeration made for validators, references of OpenAPI 3."""
    if isinstance(schema, list):
        return [restored(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result: Json = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: restored(item) for name, item in value.items()}
        elif key == "type" and isinstance(value, list):
            result[key] = next(name for name in value if name != "null")
        elif key == "enum":
            result[key] = [item for item in value if item is not None]
        elif key not in UNWANTED and key != "$ref":
            result[key] = restored(value)
    if "$ref" in schema:
        reference = {"$ref": REFERENCE + schema["$ref"].rsplit("/", 1)[1]}
        result = {**result, "allOf": [reference]} if result else reference
    return result


def add_defaults_of_merge_keys(definitions: Json) -> None:
    """Server-side apply needs the default of a list's key; the source leaves defaults out (core/v1/defaults.go)."""
    for name in ("ContainerPort", "ServicePort"):
        definitions[f"io.k8s.api.core.v1.{name}"]["properties"]["protocol"]["default"] = "TCP"


def fix_kinds(definitions: Json) -> None:
    """apiVersion and kind are any text; a definition used in every group names itself once (meta/v1)."""
    for name, definition in definitions.items():
        for field in ("apiVersion", "kind"):
            definition.get("properties", {}).get(field, {}).pop("enum", None)
        if name.startswith(META):
            kinds = definition.get("x-kubernetes-group-version-kind", [])
            shared = [kind for kind in kinds if kind["version"] == "v1"]
            if shared:
                definition["x-kubernetes-group-version-kind"] = shared
    number = definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]
    number |= {"description": INT_OR_STRING, "format": "int-or-string"}
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]["description"] = QUANTITY


def add_enums(definitions: Json) -> None:
    """As kube-openapi's generator does: the values in their order, and a paragraph behind the field's description."""
    for enum in json.loads((HERE / "enums.json").read_text()).values():
        for path in enum["fields"]:
            name, _, field = path.rpartition(".")
            if name in definitions:
                add_enum(definitions[name]["properties"][field.removesuffix("[]")], enum["values"], field)


def add_enum(schema: Json, values: dict[str, str], field: str) -> None:
    if field.endswith("[]"):
        schema["items"]["enum"] = list(values)
        return
    told = [f' - `"{value}"` {about}'.rstrip() for value, about in values.items()]
    schema["enum"] = list(values)
    schema["description"] = "\n".join([schema["description"], "", "Possible enum values:", *told])


def derive_old_versions(definitions: Json) -> None:
    """apps/v1beta1, apps/v1beta2 and extensions/v1beta1 from apps/v1. The selector was optional (defaulted from the
    template) in all but v1beta2; apps/v1beta1 and extensions/v1beta1 had `rollbackTo` (api/apps/v1beta1/types.go)."""
    for group, version, kinds in OLD_VERSIONS:
        prefix = f"io.k8s.api.{group}.{version}."
        for kind in kinds:
            for suffix in ("", "List", "Spec"):
                derived = copy.deepcopy(definitions[f"io.k8s.api.apps.v1.{kind}{suffix}"])
                for child in (kind, kind + "Spec"):
                    rename(derived, REFERENCE + f"io.k8s.api.apps.v1.{child}", REFERENCE + prefix + child)
                if "x-kubernetes-group-version-kind" in derived:
                    names = {"group": group, "kind": kind + suffix, "version": version}
                    derived["x-kubernetes-group-version-kind"] = [names]
                if suffix == "Spec" and version == "v1beta1":
                    derived["required"] = [field for field in derived["required"] if field != "selector"]
                    if not derived["required"]:
                        del derived["required"]
                definitions[prefix + kind + suffix] = derived
        if version == "v1beta1":
            add_rollback(definitions, group, prefix)


def rename(schema: Any, old: str, new: str) -> None:
    if isinstance(schema, list):
        for item in schema:
            rename(item, old, new)
    elif isinstance(schema, dict):
        if schema.get("$ref") == old:
            schema["$ref"] = new
        for value in schema.values():
            rename(value, old, new)


def add_rollback(definitions: Json, group: str, prefix: str) -> None:
    target = {"$ref": f"{REFERENCE}{prefix}RollbackConfig"}
    definitions[prefix + "DeploymentSpec"]["properties"]["rollbackTo"] = {
        "allOf": [target],
        "description": "DEPRECATED. The revision that this Deployment is to return to; cleared when that is done.",
    }
    definitions[prefix + "RollbackConfig"] = {
        "description": "DEPRECATED.",
        "properties": {
            "revision": {
                "description": "The revision to roll back to. If set to 0, roll back to the last revision.",
                "format": "int64",
                "type": "integer",
            }
        },
        "type": "object",
    }
    text = {"type": "string"}
    definitions[prefix + "DeploymentRollback"] = {
        "description": "DEPRECATED. DeploymentRollback stores the information required to rollback a deployment.",
        "properties": {
            "apiVersion": text,
            "kind": text,
            "name": {"description": "Required: this must match the Name of a deployment.", **text},
            "rollbackTo": {"allOf": [target], "description": "The config of this deployment rollback."},
            "updatedAnnotations": {
                "additionalProperties": text,
                "description": "The annotations to be updated to a deployment",
                "type": "object",
            },
        },
        "required": ["name", "rollbackTo"],
        "type": "object",
        "x-kubernetes-group-version-kind": [{"group": group, "kind": "DeploymentRollback", "version": "v1beta1"}],
    }


if __name__ == "__main__":
    main()
