"""Cuts Kubernetes' OpenAPI definitions down to those of the kinds that are served: cluster/api/machinery/schemas.json.

    pip install --target /tmp/kubernetes-validate kubernetes-validate==1.37.0
    python tools/cut_openapi.py /tmp/kubernetes-validate

Build time only: the package is 108 MB. Its "local" schemas are Kubernetes' own, prepared for a JSON Schema validator
(null allowed, apiVersion and kind as enumerations, definitions under $defs); the preparation is undone here.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

VERSION = "v1.37.0"
OUTPUT = Path(__file__).parent.parent / "cluster" / "api" / "schemas.json"
REFERENCE = "#/components/schemas/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1."

SERVED = [
    "io.k8s.api.core.v1.Namespace",
    "io.k8s.api.core.v1.NamespaceList",
    "io.k8s.api.core.v1.Node",
    "io.k8s.api.core.v1.NodeList",
    "io.k8s.api.core.v1.Pod",
    "io.k8s.api.core.v1.PodList",
    "io.k8s.api.core.v1.Event",
    "io.k8s.api.core.v1.EventList",
    "io.k8s.api.apps.v1.Deployment",
    "io.k8s.api.apps.v1.DeploymentList",
    "io.k8s.api.apps.v1.ReplicaSet",
    "io.k8s.api.apps.v1.ReplicaSetList",
    "io.k8s.api.autoscaling.v1.Scale",
    "io.k8s.api.events.v1.Event",
    "io.k8s.api.events.v1.EventList",
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    "io.k8s.api.authentication.v1.SelfSubjectReview",
    "io.k8s.api.policy.v1.Eviction",
    META + "DeleteOptions",
    META + "Patch",
    META + "Status",
    META + "WatchEvent",
    META + "APIGroup",
    META + "APIGroupList",
    META + "APIResourceList",
    META + "APIVersions",
]

# Keywords that belong to the validator's preparation or that no client reads.
UNWANTED = {"x-kubernetes-unions"}

# The old groups had the same fields with these kinds; what differs is said in derive_old_versions.
OLD_VERSIONS = [
    ("apps", "v1beta1", ("Deployment",)),
    ("apps", "v1beta2", ("Deployment", "ReplicaSet")),
    ("extensions", "v1beta1", ("Deployment", "ReplicaSet")),
]


def main() -> None:
    package = Path(sys.argv[1]) / "kubernetes_validate" / "kubernetes-json-schema" / f"{VERSION}-local"
    source: Json = json.loads((package / "_definitions.json").read_text())["$defs"]
    definitions = {name: restored(source[name]) for name in sorted(closure(source, SERVED))}
    add_defaults_of_merge_keys(definitions)
    fix_kinds(definitions)
    derive_old_versions(definitions)
    lines = [
        f"{json.dumps(name)}:{json.dumps(definitions[name], separators=(',', ':'))}" for name in sorted(definitions)
    ]
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(definitions)} definitions, {OUTPUT.stat().st_size // 1024} KiB -> {OUTPUT}")


def closure(definitions: Json, roots: list[str]) -> set[str]:
    """The roots and everything that they refer to."""
    found: set[str] = set()
    waiting = list(roots)
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
    definitions["io.k8s.api.core.v1.ContainerPort"]["properties"]["protocol"]["default"] = "TCP"


def fix_kinds(definitions: Json) -> None:
    """apiVersion and kind are any text; a definition used in every group names itself once (meta/v1)."""
    for name, definition in definitions.items():
        for field in ("apiVersion", "kind"):
            definition.get("properties", {}).get(field, {}).pop("enum", None)
        if name.startswith(META):
            kinds = definition.get("x-kubernetes-group-version-kind", [])
            shared = [kind for kind in kinds if kind["group"] in ("", "apps", "extensions", "policy", "events.k8s.io")]
            if shared:
                definition["x-kubernetes-group-version-kind"] = shared
    definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]["format"] = "int-or-string"


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
