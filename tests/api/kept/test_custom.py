"""A CustomResourceDefinition makes a kind: its row, schema, columns, validation; discovery and OpenAPI have it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cluster.api import discovery, kinds, openapi
from cluster.api.kept import checking, custom, decoding, json_paths, structural
from cluster.api.printers import tables
from cluster.machinery import schemas

Json = dict[str, Any]
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SPEC_SCHEMA: Json = {
    "type": "object",
    "required": ["schedule"],
    "properties": {
        "schedule": {"type": "string", "pattern": "^[0-9*/ ]+$", "minLength": 3, "description": "When."},
        "keep": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
        "mode": {"type": "string", "enum": ["full", "delta"], "default": "full"},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "port": {"x-kubernetes-int-or-string": True},
        "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "pause": {"type": "boolean", "nullable": True},
    },
}
V1 = {
    "name": "v1",
    "served": True,
    "storage": True,
    "schema": {
        "openAPIV3Schema": {
            "type": "object",
            "description": "Backup of something.",
            "properties": {
                "spec": SPEC_SCHEMA,
                "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        }
    },
    "subresources": {"status": {}},
    "additionalPrinterColumns": [
        {"name": "Schedule", "type": "string", "jsonPath": ".spec.schedule", "description": "When it runs"},
        {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
        {"name": "Keep", "type": "integer", "jsonPath": ".spec.keep", "priority": 1},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ],
}
DEFINITION: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "backups.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "backups", "kind": "Backup", "shortNames": ["bk"], "categories": ["all"]},
        "versions": [
            {**V1, "name": "v1beta1", "storage": False, "additionalPrinterColumns": None},
            V1,
            {**V1, "name": "v0", "served": False, "storage": False},
        ],
    },
}
SCHEMA = custom.schema_of(DEFINITION, "v1")
KIND = custom.kind_of(DEFINITION)


def test_a_definition_is_a_row_of_the_table() -> None:
    assert (KIND.name, KIND.plural, KIND.singular, KIND.short, KIND.categories) == (
        "Backup",
        "backups",
        "backup",
        ("bk",),
        ("all",),
    )
    assert KIND.served == (("example.com", "v1"), ("example.com", "v1beta1"))
    assert (KIND.resource, KIND.sort, list(KIND.subresources)) == ("backups.example.com", "custom", ["status"])


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(
            ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"],
            id="the documented order",
        ),
    ],
)
def test_versions_are_preferred_as_upstream_does(names: list[str]) -> None:
    assert [each["name"] for each in sorted(({"name": each} for each in reversed(names)), key=custom.priority)] == names


def test_discovery_and_openapi_have_it() -> None:
    table = custom.with_definitions(kinds.SERVED, [DEFINITION])
    found = discovery.resources("example.com", "v1", table)["resources"]
    assert [each["name"] for each in found] == ["backups", "backups/status"]
    assert "example.com" in [each["name"] for each in discovery.groups(table)["groups"]]
    document = openapi.document("apis/example.com/v1", table)
    assert document and "com.example.v1.Backup" in document["components"]["schemas"]
    assert schemas.META + "ObjectMeta" in document["components"]["schemas"]
    assert openapi.index(table) != openapi.index(kinds.SERVED)
    assert openapi.document("apis/example.com/v1", kinds.SERVED) is None


def test_a_kind_of_the_same_name_in_another_group_is_another() -> None:
    other = {**DEFINITION, "spec": {**DEFINITION["spec"], "names": {"plural": "services", "kind": "Service"}}}
    table = custom.with_definitions(kinds.SERVED, [other])
    ours, theirs = table.find("", "v1", "services"), table.find("example.com", "v1", "services")
    assert ours and theirs and (ours.sort, theirs.sort) == ("kept", "custom")


def test_unknown_fields_are_told_and_pruned_but_not_where_all_is_kept() -> None:
    manifest = {
        "apiVersion": "example.com/v1",
        "spec": {"schedule": "1 2", "nope": 1, "free": {"any": 1}, "labels": {"a": "b"}},
    }
    assert schemas.unknown_fields(manifest, SCHEMA) == ["spec.nope"]
    assert custom.pruned(manifest, SCHEMA)["spec"] == {"schedule": "1 2", "free": {"any": 1}, "labels": {"a": "b"}}


def test_defaults_come_from_the_schema() -> None:
    assert custom.defaulted({"spec": {"mode": None, "pause": None}}, SCHEMA)["spec"] == {
        "keep": 3,
        "mode": "full",
        "pause": None,
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"schedule": "1 2"}, [], id="valid"),
        pytest.param({}, ["spec.schedule: Required value"], id="missing"),
        pytest.param(
            {"schedule": 5},
            ['spec.schedule: Invalid value: "integer": spec.schedule in body must be of type string: "integer"'],
            id="type",
        ),
        pytest.param(
            {"schedule": "abc"},
            ["spec.schedule: Invalid value: \"abc\": spec.schedule in body should match '^[0-9*/ ]+$'"],
            id="pattern",
        ),
        pytest.param(
            {"schedule": "1"},
            ['spec.schedule: Invalid value: "1": spec.schedule in body should be at least 3 chars long'],
            id="short",
        ),
        pytest.param(
            {"schedule": "1 2", "keep": 0},
            ["spec.keep: Invalid value: 0: spec.keep in body should be greater than or equal to 1"],
            id="low",
        ),
        pytest.param(
            {"schedule": "1 2", "keep": 10},
            ["spec.keep: Invalid value: 10: spec.keep in body should be less than or equal to 9"],
            id="high",
        ),
        pytest.param(
            {"schedule": "1 2", "mode": "x"},
            ['spec.mode: Unsupported value: "x": supported values: "full", "delta"'],
            id="enum",
        ),
        pytest.param(
            {"schedule": "1 2", "tags": ["a", "b", "a"]},
            ["spec.tags: Too many: 3: must have at most 2 items", 'spec.tags[2]: Duplicate value: "a"'],
            id="list",
        ),
        pytest.param({"schedule": "1 2", "port": "http", "pause": None}, [], id="number or text, and null"),
        pytest.param(
            {"schedule": "1 2", "port": True},
            ['spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
            id="neither",
        ),
        pytest.param(
            {"schedule": "1 2", "labels": {"a": 1}},
            ['spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"'],
            id="map",
        ),
    ],
)
def test_structural_validation(spec: Json, expected: list[str]) -> None:
    assert [str(each) for each in structural.problems({"metadata": {"name": "n"}, "spec": spec}, SCHEMA)] == expected


@pytest.mark.parametrize(
    ("version", "names", "cells"),
    [
        pytest.param(
            "v1", ["Name", "Schedule", "Ready", "Keep", "Age"], ["n", "1 2", "True", 3, "60s"], id="own columns"
        ),
        pytest.param("v1beta1", ["Name", "Age"], ["n", "60s"], id="no columns"),
    ],
)
def test_columns(version: str, names: list[str], cells: list[Any]) -> None:
    conditions = [{"type": "Other", "status": "False"}, {"type": "Ready", "status": "True"}]
    about = {"name": "n", "creationTimestamp": "2026-01-01T11:59:00Z"}
    manifest = {"metadata": about, "spec": {"schedule": "1 2", "keep": 3}, "status": {"conditions": conditions}}
    assert [each["name"] for each in tables.definitions(KIND, version)] == names
    assert tables.row(KIND, version, manifest, NOW, "None")["cells"] == cells


def test_cells_without_a_value_are_empty() -> None:
    about = {"name": "n", "creationTimestamp": "2026-01-01T11:59:00Z"}
    assert tables.row(KIND, "v1", {"metadata": about, "spec": {"keep": "x"}}, NOW, "None")["cells"] == [
        "n",
        None,
        None,
        None,
        "60s",
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param(".a.b", [1], id="fields"),
        pytest.param(".a['b']", [1], id="quoted"),
        pytest.param(".l[0].x", ["p"], id="place"),
        pytest.param(".l[-1].x", ["q"], id="place from the end"),
        pytest.param(".l[*].x", ["p", "q"], id="all"),
        pytest.param('.l[?(@.x=="q")].y', [True], id="filter"),
        pytest.param(".l[?(@.y==true)].x", ["q"], id="filter by a boolean"),
        pytest.param(r".m.a\.b", [2], id="a name with a dot"),
        pytest.param(".none.b", [], id="nothing"),
    ],
)
def test_paths(path: str, found: list[Any]) -> None:
    value = {"a": {"b": 1}, "l": [{"x": "p"}, {"x": "q", "y": True}], "m": {"a.b": 2}}
    assert json_paths.find(path, value) == found


def test_a_path_that_nobody_can_read_is_an_error() -> None:
    with pytest.raises(json_paths.BadPath):
        json_paths.find(".a[?(", {})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="valid"),
        pytest.param(
            {"group": "other.com"},
            ['metadata.name: Invalid value: "backups.example.com": must be spec.names.plural+"."+spec.group'],
            id="name",
        ),
        pytest.param(
            {"scope": "Global"},
            ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
            id="scope",
        ),
        pytest.param(
            {"versions": [{"name": "v1", "served": True, "storage": True}]},
            ["spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"],
            id="schema",
        ),
    ],
)
def test_a_definition_is_validated(change: Json, expected: list[str]) -> None:
    kind = next(each for each in kinds.KEPT if each.name == "CustomResourceDefinition")
    schema = schemas.definition("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    manifest = {**DEFINITION, "spec": {**DEFINITION["spec"], **change}}
    assert decoding.problem(manifest, schema) is None
    assert [str(each) for each in checking.problems(kind, decoding.without_nulls(manifest, schema), schema)] == expected


def test_an_established_definition_says_so() -> None:
    found = custom.status_of(DEFINITION, [], {}, "2026-01-01T12:00:00Z")
    assert [(each["type"], each["status"]) for each in found["conditions"]] == [
        ("NamesAccepted", "True"),
        ("Established", "True"),
    ]
    assert found["storedVersions"] == ["v1"]
