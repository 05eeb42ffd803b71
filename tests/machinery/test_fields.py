"""Sets of field paths as managedFields writes them."""

from typing import Any

import pytest

from cluster.machinery import schemas
from cluster.machinery.fields import (
    FieldSet,
    from_fields_v1,
    in_order,
    list_element,
    parse,
    path_text,
    to_fields_v1,
    with_struct_fields,
    without,
)

DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")
NGINX = 'k:{"name":"nginx"}'
CONTAINERS = parse("spec.template.spec.containers")
TREE = {
    "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:template": {"f:spec": {"f:containers": {NGINX: {".": {}, "f:image": {}, "f:name": {}}}}},
    },
}


def test_a_tree_is_read_and_written_again() -> None:
    fields = from_fields_v1(TREE)
    assert fields == {
        parse("metadata.labels"),
        parse("metadata.labels.app"),
        parse("spec.replicas"),
        (*CONTAINERS, NGINX),
        (*CONTAINERS, NGINX, "f:image"),
        (*CONTAINERS, NGINX, "f:name"),
    }
    assert to_fields_v1(fields) == TREE
    assert list(to_fields_v1(fields)["f:metadata"]["f:labels"]) == [".", "f:app"]


def test_nothing_is_an_empty_tree() -> None:
    assert (to_fields_v1(frozenset()), from_fields_v1({})) == ({}, frozenset())


@pytest.mark.parametrize("tree", [{"zz": {}}, {"f:a": {"q:": {}}}, {"f:a": {"f:b": 7}, "f:c": "x"}, {"": {}}], ids=str)
def test_a_tree_that_is_none_is_refused(tree: Any) -> None:
    with pytest.raises(ValueError, match=r"path element|tree of objects"):
        from_fields_v1(tree)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(parse("spec.replicas"), ".spec.replicas", id="fields"),
        pytest.param((*CONTAINERS, NGINX, "f:image"), '.spec.template.spec.containers[name="nginx"].image', id="a key"),
        pytest.param(
            ("f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'),
            '.ports[containerPort=80,protocol="TCP"]',
            id="two keys",
        ),
        pytest.param(("f:finalizers", 'v:"a"'), '.finalizers[="a"]', id="a value"),
        pytest.param(("f:args", "i:2"), ".args[2]", id="an index"),
    ],
)
def test_a_path_is_shown_as_upstream_shows_it(path: tuple[str, ...], text: str) -> None:
    assert path_text(path) == text


def test_members_come_before_their_children_and_fields_before_keys() -> None:
    paths = [("f:b",), ("f:a", "v:1"), ("f:a", 'k:{"n":1}'), ("f:a",), ("f:a", "f:z"), ("f:a", "i:0")]
    expected = [("f:a",), ("f:a", "f:z"), ("f:a", 'k:{"n":1}'), ("f:a", "v:1"), ("f:a", "i:0"), ("f:b",)]
    assert in_order(paths) == expected


@pytest.mark.parametrize(
    ("item", "schema", "expected"),
    [
        pytest.param({"name": "a", "image": "x"}, "spec.template.spec.containers", 'k:{"name":"a"}', id="by its key"),
        pytest.param({"image": "x"}, "spec.template.spec.containers", None, id="without its key"),
        pytest.param("f", "metadata.finalizers", 'v:"f"', id="a set"),
        pytest.param({"key": "a"}, "spec.template.spec.tolerations", "i:3", id="atomic"),
    ],
)
def test_an_element_of_a_list_is_named_by_the_lists_type(item: Any, schema: str, expected: str | None) -> None:
    found: Any = DEPLOYMENT
    for name in schema.split("."):
        found = schemas.field(found, name)
    assert list_element(item, 3, found) == expected


def test_a_set_without_a_branch() -> None:
    fields: FieldSet = frozenset({parse("status"), parse("status.replicas"), parse("statusx"), parse("spec.a")})
    assert without(fields, frozenset({parse("status")})) == {parse("statusx"), parse("spec.a")}


def test_declared_fields_on_the_way_become_members_and_keys_of_maps_dont() -> None:
    fields = with_struct_fields(frozenset({(*CONTAINERS, NGINX, "f:image"), parse("metadata.labels.app")}), DEPLOYMENT)
    assert {path for path in fields if len(path) == 1} == {parse("metadata"), parse("spec")}
    assert {CONTAINERS, parse("metadata.labels"), parse("spec.template")} <= fields
    assert (*CONTAINERS, NGINX) not in fields
