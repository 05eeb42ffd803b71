"""Turns the manifest of a body into what is stored of a kept or custom kind, or refuses it. Names, uids and addresses are set by
the registry."""

from cluster.api.kept import checking, custom, decoding, defaults, structural
from cluster.api.kinds import Kind
from cluster.core.validation.errors import FieldError, status
from cluster.machinery.schemas import Json, Schema
from cluster.statuses import Refused, undecodable


def prepared(kind: Kind, manifest: Json, schema: Schema) -> Json:
    """The manifest decoded (custom kinds: pruned), with defaults. `bodies.check_fields` is called before. Raises Refused
    (400)."""
    if kind.sort == "custom":
        found: Json = custom.defaulted(custom.pruned(manifest, schema), schema)
        return found
    problem = decoding.problem(manifest, schema)
    if problem:
        raise undecodable(kind.name, manifest["apiVersion"], problem)
    kept: Json = decoding.without_nulls(manifest, schema)
    return defaults.defaulted(kind.resource, kept)


def check(kind: Kind, manifest: Json, schema: Schema, old: Json | None = None) -> None:
    """Validates a manifest from `prepared`, with its name and namespace; `old`: the manifest it replaces. Raises Refused
    (422)."""
    found = [*(checking.update_problems(kind, old, manifest) if old else ()), *problems(kind, manifest, schema)]
    if found:
        name = manifest["metadata"].get("name") or ""
        raise Refused(status(found, kind=kind.name, name=name, group=kind.served[0][0]))


def problems(kind: Kind, manifest: Json, schema: Schema) -> list[FieldError]:
    if kind.sort == "custom":
        return [*checking.name_problems(kind, manifest["metadata"]), *structural.problems(manifest, schema)]
    return checking.problems(kind, manifest, schema)
