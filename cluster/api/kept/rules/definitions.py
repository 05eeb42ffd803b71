"""CustomResourceDefinitions (apiextensions pkg/apis/apiextensions/validation)."""

import json

from cluster.api.kept.rules.shared import IMMUTABLE, Json, invalid_json
from cluster.core.validation.errors import Errors, invalid, raw, required


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
    """Group, scope, plural and kind of a definition are immutable."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    pairs = [(key, before.get(key), after.get(key)) for key in ("scope", "group")]
    names = [
        (f"names.{key}", before.get("names", {}).get(key), after.get("names", {}).get(key))
        for key in ("plural", "kind")
    ]
    for key, one, two in [*pairs, *names]:
        if one != two:
            yield invalid(f"spec.{key}", two, IMMUTABLE)
