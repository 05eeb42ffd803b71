"""The kinds defined by CustomResourceDefinitions: rows of the table of kinds, schemas, columns (apiextensions-apiserver)."""

import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cluster.api.kept import json_paths
from cluster.api.kinds import CHANGING, EVERYTHING, Kind, Table
from cluster.api.printers.columns import META as OBJECT_META
from cluster.api.printers.columns import NAME, Column
from cluster.api.printers.durations import human_duration, since
from cluster.machinery import schemas
from cluster.machinery.schemas import META, REFERENCE, Schema

Json = dict[str, Any]
AS_IT_IS = "x-kubernetes-preserve-unknown-fields"
NUMBERS = {"integer": int, "number": float}


def kind_of(definition: Json) -> Kind:
    """The row of a definition, with its served versions in order of priority."""
    spec = definition["spec"]
    names = spec["names"]
    versions = sorted((each for each in spec["versions"] if each.get("served")), key=priority)
    return Kind(
        name=names["kind"],
        plural=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        short=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        namespaced=spec["scope"] == "Namespaced",
        verbs=EVERYTHING,
        served=tuple((spec["group"], each["name"]) for each in versions),
        subresources={each: CHANGING for each in ("status", "scale") if any(each in parts(it) for it in versions)},
        sort="custom",
        columns={each["name"]: columns_of(each) for each in versions},
        schemas={each["name"]: schema_of(definition, each["name"]) for each in versions},
        scales={each["name"]: parts(each)["scale"] for each in versions if parts(each).get("scale")},
    )


def is_established(definition: Json) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def parts(version: Json) -> Json:
    return version.get("subresources") or {}


def storage_version(definition: Json) -> str:
    found: str = next(each["name"] for each in definition["spec"]["versions"] if each.get("storage"))
    return found


def with_definitions(table: Table, definitions: list[Json]) -> Table:
    """The built-in kinds and those of a cluster's definitions."""
    found = [kind_of(each) for each in definitions]
    custom = {(*pair, kind.name): kind.schemas[pair[1]] for kind in found for pair in kind.served}
    return table.plus(found, custom)


def priority(version: Json) -> tuple[int, int, int, str]:
    """v2 before v1 before v1beta2 before v1beta1 before v1alpha1 before other names (apimachinery pkg/version)."""
    name = version["name"]
    stages = {"": 0, "beta": 1, "alpha": 2}
    for stage in ("beta", "alpha", ""):
        major, found, minor = name.removeprefix("v").partition(stage) if stage else (name.removeprefix("v"), "", "0")
        if name.startswith("v") and (found or not stage) and major.isdecimal() and minor.isdecimal():
            return stages[stage], -int(major), -int(minor), ""
    return 3, 0, 0, name


def schema_of(definition: Json, version: str) -> Schema:
    """The OpenAPI 3 schema of a version, with the fields of every object; a definition without a schema allows any fields."""
    spec = definition["spec"]
    found = next(each for each in spec["versions"] if each["name"] == version)
    given = (found.get("schema") or {}).get("openAPIV3Schema") or {"type": "object", AS_IT_IS: True}
    whole = opened(given)
    metadata = {"description": "Standard object's metadata.", "allOf": [{"$ref": f"{REFERENCE}{META}ObjectMeta"}]}
    names = {"group": spec["group"], "kind": spec["names"]["kind"], "version": version}
    return {
        **whole,
        "properties": {**(whole.get("properties") or {}), **about_object(), "metadata": metadata},
        "x-kubernetes-group-version-kind": [names],
    }


def about_object() -> Json:
    """The schemas of apiVersion and kind."""
    found = schemas.named(META + "Status")["properties"]
    return {key: found[key] for key in ("apiVersion", "kind")}


def opened(schema: Schema) -> Schema:
    """A structural schema in the form that `schemas` reads: preserved unknown fields become additional properties."""
    found = dict(schema)
    if "properties" in schema:
        found["properties"] = {key: opened(each) for key, each in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found[key] = opened(schema[key])
    if schema.get(AS_IT_IS):
        found.setdefault("additionalProperties", True)
    if schema.get("x-kubernetes-embedded-resource"):
        metadata = {"allOf": [{"$ref": f"{REFERENCE}{META}ObjectMeta"}]}
        found["properties"] = {**(found.get("properties") or {}), **about_object(), "metadata": metadata}
    return found


def pruned(value: Any, schema: Schema) -> Any:
    """The value without fields that the schema does not declare (structural pruning)."""
    if isinstance(value, dict):
        inner = {key: schemas.field(schema, key) for key in value}
        return {key: pruned(each, inner[key] or {}) for key, each in value.items() if inner[key] is not None}
    return [pruned(each, schemas.items(schema)) for each in value] if isinstance(value, list) else value


def defaulted(value: Any, schema: Schema) -> Any:
    """The value with the schema's defaults; a null that is not allowed is replaced by the default too."""
    if isinstance(value, dict):
        found = {}
        for key, each in value.items():
            below = schemas.field(schema, key) or {}
            if not (each is None and not below.get("nullable") and "default" in below):
                found[key] = defaulted(each, below)
        for key, below in (schemas.resolve(schema).get("properties") or {}).items():
            if key not in found and "default" in below:
                found[key] = defaulted(below["default"], below)
        return found
    return [defaulted(each, schemas.items(schema)) for each in value] if isinstance(value, list) else value


def status_of(definition: Json, others: list[Json], before: Json, now: str) -> Json:
    """The new status of a definition, given the other definitions and its former status. `now`: in the API's time format."""
    conflict = conflict_of(definition, others)
    accepted = (
        ("NamesAccepted", "True", "NoConflicts", "no conflicts found"),
        ("Established", "True", "InitialNamesAccepted", "the initial names have been accepted"),
    )
    told = [("NamesAccepted", "False", *conflict)] if conflict else [*accepted]
    if conflict and not any(each["type"] == "Established" for each in before.get("conditions") or ()):
        told.append(("Established", "False", "NotAccepted", "not all names are accepted"))
    stored = [*(before.get("storedVersions") or ()), storage_version(definition)]
    names = definition["spec"]["names"] if not conflict else before.get("acceptedNames") or {"plural": "", "kind": ""}
    conditions = with_conditions(before.get("conditions") or [], told, now)
    return {"conditions": conditions, "acceptedNames": names, "storedVersions": list(dict.fromkeys(stored))}


def with_conditions(before: list[Json], told: list[tuple[str, str, str, str]], now: str) -> list[Json]:
    """A condition is replaced only if its status changes."""
    known = {each["type"]: each for each in before}
    for kind, status, reason, message in told:
        old = known.get(kind, {})
        since = old["lastTransitionTime"] if old.get("status") == status else now
        if old.get("status") != status or old.get("reason") != reason:
            known[kind] = {
                "type": kind,
                "status": status,
                "lastTransitionTime": since,
                "reason": reason if old.get("status") != status else old["reason"],
                "message": message if old.get("status") != status else old["message"],
            }
    return list(known.values())


def conflict_of(definition: Json, others: list[Json]) -> tuple[str, str] | None:
    """(reason, message) for the first name that another established definition of the group has (naming_controller.go); None
    without one."""
    spec = definition["spec"]
    there = [
        each["spec"]["names"] for each in others if each["spec"]["group"] == spec["group"] and is_established(each)
    ]
    taken = {
        name for names in there for name in (names["plural"], names.get("singular"), *(names.get("shortNames") or ()))
    }
    kinds = {name for names in there for name in (names["kind"], names.get("listKind"))}
    names = spec["names"]
    wanted = [
        ("PluralConflict", [names["plural"]], taken),
        ("SingularConflict", [names.get("singular")], taken),
        ("ShortNamesConflict", names.get("shortNames") or [], taken),
        ("KindConflict", [names["kind"]], kinds),
        ("ListKindConflict", [names.get("listKind")], kinds),
    ]
    for reason, given, others_have in wanted:
        for name in given:
            if name and name in others_have:
                return reason, f'"{name}" is already in use'
    return None


def columns_of(version: Json) -> tuple[Column, ...]:
    """Name and the version's own columns; Name and Age if it has none."""
    given = version.get("additionalPrinterColumns")
    return (NAME, *(column_of(each) for each in given)) if given else (NAME, AGE)


def column_of(given: Json) -> Column:
    path, kind = given["jsonPath"], given["type"]
    about = given.get("description") or f"Custom resource definition column (in JSONPath format): {path}"
    return Column(name=given["name"], type=kind, about=about, cell=cell(path, kind), wide=given.get("priority", 0) > 0)


def cell(path: str, kind: str) -> Callable[[Json, datetime], Any]:
    """A function that returns the first value at a path, formatted by the column's type; None if there is no value."""

    def found(manifest: Json, now: datetime) -> Any:
        try:
            values = json_paths.find(path, manifest)
        except json_paths.BadPath:
            return None
        return shown(values[0], kind, now) if values else None

    return found


def shown(value: Any, kind: str, now: datetime) -> Any:
    if kind == "string":
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    if kind == "date":
        return moment(value, now)
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or kind not in NUMBERS:
        return None
    return math.trunc(value) if kind == "integer" else float(value)


def moment(value: Any, now: datetime) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return human_duration(since(value, now))
    except (ValueError, TypeError):
        return "<invalid>"


AGE = Column(
    name="Age",
    type="date",
    about=(OBJECT_META, "creationTimestamp"),
    cell=cell(".metadata.creationTimestamp", "date"),
)
