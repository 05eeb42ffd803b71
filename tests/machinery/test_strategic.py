"""The rules of strategic merge, re-expressed from the tables of apimachinery pkg/util/strategicpatch/patch_test.go."""

import time
from typing import Any

import pytest
import yaml

from cluster.machinery import schemas
from cluster.machinery.strategic import BadPatch, strategic_merge

DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")

# The struct of upstream's tests: lists that are merged by name, merged as primitives, or replaced.
ITEM: dict[str, Any] = {"properties": {name: {} for name in ("name", "value", "other")}}
ITEM["properties"]["simpleMap"] = {"additionalProperties": {"type": "string"}}
MERGED = {"x-kubernetes-patch-strategy": "merge"}
BY_NAME = {**MERGED, "x-kubernetes-patch-merge-key": "name", "items": ITEM}
ITEM["properties"].update(
    mergingList=BY_NAME,
    mergingIntList={**MERGED, "items": {"type": "integer"}},
    nonMergingList={"items": ITEM},
    nonMergingIntList={"items": {"type": "integer"}},
    retainKeysMap={**ITEM, "x-kubernetes-patch-strategy": "retainKeys"},
    retainKeysMergingList={**BY_NAME, "x-kubernetes-patch-strategy": "merge,retainKeys"},
    replacedMap={**ITEM, "x-kubernetes-patch-strategy": "replace"},
)


def numbered(text: str) -> Any:
    return yaml.safe_load(text)


CASES = [
    ("delete a field", "{name: 1, value: 1}", "{value: null}", "{name: 1}"),
    ("null for what isn't there", "{name: 1}", "{value: null}", "{name: 1}"),
    ("null inside something new", "{}", "{simpleMap: {key1: a, key2: null}}", "{simpleMap: {key1: a}}"),
    (
        "delete in a nested map",
        "{simpleMap: {key1: 1, key2: 1}}",
        "{simpleMap: {key2: null}}",
        "{simpleMap: {key1: 1}}",
    ),
    (
        "replace a list of scalars",
        "{nonMergingIntList: [1, 4]}",
        "{nonMergingIntList: [2, 3]}",
        "{nonMergingIntList: [2, 3]}",
    ),
    (
        "replace a list of maps",
        "{nonMergingList: [{name: 1}]}",
        "{nonMergingList: [{name: 2}]}",
        "{nonMergingList: [{name: 2}]}",
    ),
    (
        "a map declared to be replaced",
        "{replacedMap: {name: 1, value: 2}}",
        "{replacedMap: {name: 3}}",
        "{replacedMap: {name: 3}}",
    ),
    ("merge lists of scalars", "{mergingIntList: [1, 2]}", "{mergingIntList: [2, 3]}", "{mergingIntList: [1, 2, 3]}"),
    (
        "delete from a list of scalars",
        "{mergingIntList: [1, 2, 3, 3, 4]}",
        "{$setElementOrder/mergingIntList: [1, 2], $deleteFromPrimitiveList/mergingIntList: [3]}",
        "{mergingIntList: [1, 2, 4]}",
    ),
    (
        "add to and delete from a list of scalars",
        "{mergingIntList: [1, 2, 3]}",
        "{$setElementOrder/mergingIntList: [1, 2, 4], $deleteFromPrimitiveList/mergingIntList: [3], mergingIntList: [4]}",
        "{mergingIntList: [1, 2, 4]}",
    ),
    (
        "delete from a list of scalars that isn't there",
        "{name: 1}",
        "{$deleteFromPrimitiveList/mergingIntList: [3]}",
        "{name: 1}",
    ),
    (
        "order of scalars, the server's own before what it preceded",
        "{mergingIntList: [1, 5, 2, 3]}",
        "{$setElementOrder/mergingIntList: [3, 2, 1]}",
        "{mergingIntList: [5, 3, 2, 1]}",
    ),
    (
        "merge lists of maps in the order asked for",
        "{mergingList: [{name: 1, other: a}, {name: 2, value: 2, other: b}]}",
        "{$setElementOrder/mergingList: [{name: 4}, {name: 1}, {name: 2}, {name: 3}],"
        " mergingList: [{name: 4, value: 4}, {name: 3, value: 3}]}",
        "{mergingList: [{name: 4, value: 4}, {name: 1, other: a}, {name: 2, value: 2, other: b}, {name: 3, value: 3}]}",
    ),
    (
        "an element of the server's own stays in its place",
        "{mergingList: [{name: 1, other: a}, {name: 3, value: 2, other: b}]}",
        "{$setElementOrder/mergingList: [{name: 1}, {name: 2}], mergingList: [{name: 1, value: 1}, {name: 2, value: 2}]}",
        "{mergingList: [{name: 1, other: a, value: 1}, {name: 2, value: 2}, {name: 3, value: 2, other: b}]}",
    ),
    (
        "a new element goes to the front",
        "{mergingList: [{name: 1}, {name: 2}]}",
        "{mergingList: [{name: 3, value: 3}]}",
        "{mergingList: [{name: 3, value: 3}, {name: 1}, {name: 2}]}",
    ),
    (
        "only the order changes",
        "{mergingList: [{name: 1}, {name: 2}, {name: 3}]}",
        "{$setElementOrder/mergingList: [{name: 3}, {name: 2}, {name: 1}]}",
        "{mergingList: [{name: 3}, {name: 2}, {name: 1}]}",
    ),
    (
        "delete all elements",
        "{mergingList: [{name: 1, other: a}, {name: 2}]}",
        "{mergingList: [{name: 1, $patch: delete}, {name: 2, $patch: delete}]}",
        "{mergingList: []}",
    ),
    (
        "delete from an empty list",
        "{mergingList: []}",
        "{mergingList: [{name: 1, $patch: delete}]}",
        "{mergingList: []}",
    ),
    (
        "delete one and add one, in order",
        "{mergingList: [{name: 1}, {name: 2}]}",
        "{$setElementOrder/mergingList: [{name: 2}, {name: 3}],"
        " mergingList: [{name: 3, value: 3}, {name: 1, $patch: delete}]}",
        "{mergingList: [{name: 2}, {name: 3, value: 3}]}",
    ),
    (
        "delete from a list that isn't there",
        "{name: 1}",
        "{mergingList: [{name: 1, $patch: delete}, {name: 2}]}",
        "{name: 1, mergingList: [{name: 2}]}",
    ),
    (
        "replace a merged list",
        "{mergingList: [{name: 1}, {name: 2}]}",
        "{mergingList: [{name: 3}, {$patch: replace}]}",
        "{mergingList: [{name: 3}]}",
    ),
    ("empty a merged list", "{mergingList: [{name: 1}]}", "{mergingList: [{$patch: replace}]}", "{mergingList: []}"),
    ("replace a map", "{simpleMap: {key1: a}}", "{simpleMap: {key2: b, $patch: replace}}", "{simpleMap: {key2: b}}"),
    ("delete a map", "{simpleMap: {key1: a}}", "{simpleMap: {$patch: delete}}", "{simpleMap: {}}"),
    (
        "lists in elements of lists",
        "{mergingList: [{name: 1, mergingIntList: [1], mergingList: [{name: x, value: 1}]}]}",
        "{mergingList: [{name: 1, mergingIntList: [2], mergingList: [{name: x, value: 2}]}]}",
        "{mergingList: [{name: 1, mergingIntList: [2, 1], mergingList: [{name: x, value: 2}]}]}",
    ),
    (
        "retainKeys clears the others",
        "{retainKeysMap: {name: foo, value: x}}",
        "{retainKeysMap: {$retainKeys: [name, other], other: y}}",
        "{retainKeysMap: {name: foo, other: y}}",
    ),
    (
        "retainKeys in an element",
        "{retainKeysMergingList: [{name: bar, value: a}, {name: foo}]}",
        "{retainKeysMergingList: [{name: bar, $retainKeys: [name, other], other: b}]}",
        "{retainKeysMergingList: [{name: bar, other: b}, {name: foo}]}",
    ),
    ("another type replaces", "{value: [1]}", "{value: {a: 1}}", "{value: {a: 1}}"),
    (
        "directives in something new are dropped",
        "{}",
        "{retainKeysMap: {$retainKeys: [name], name: a}}",
        "{retainKeysMap: {name: a}}",
    ),
]


@pytest.mark.parametrize(("live", "patch", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_a_strategic_patch_is_merged_as_upstream_merges_it(live: str, patch: str, expected: str) -> None:
    before = numbered(live)
    assert strategic_merge(before, numbered(patch), ITEM) == numbered(expected)
    assert before == numbered(live), "the live object is left alone"


@pytest.mark.parametrize(
    ("live", "patch", "code", "message"),
    [
        pytest.param(
            "{mergingList: [{name: 1}]}",
            "{mergingList: [{value: x}]}",
            400,
            "map: map[value:x] does not contain declared merge key: name",
            id="no merge key",
        ),
        pytest.param(
            "{simpleMap: {a: b}}",
            "{simpleMap: {$patch: unknown}}",
            400,
            "unknown patch type: unknown in map: map[$patch:unknown]",
            id="unknown directive in a map",
        ),
        pytest.param(
            "{mergingList: [{name: 1}]}",
            "{mergingList: [{name: 1, $patch: merge}]}",
            400,
            "merging lists cannot yet be specified in the patch",
            id="merge directive in a list",
        ),
        pytest.param(
            "{mergingList: [{name: 1}]}",
            "{mergingList: [3]}",
            400,
            "list element types are not identical: [map[name:1]] [3]",
            id="mixed element types",
        ),
        pytest.param(
            "{mergingIntList: [[1]]}",
            "{mergingIntList: [[2]]}",
            422,
            "lists of lists are not supported",
            id="list of lists",
        ),
        pytest.param(
            "{retainKeysMap: {name: a}}",
            "{retainKeysMap: {$retainKeys: [name], value: b}}",
            400,
            "invalid patch format of retainKeys",
            id="set but not retained",
        ),
        pytest.param(
            "{retainKeysMap: {name: a}}",
            "{retainKeysMap: {$retainKeys: name}}",
            400,
            "invalid patch format of retainKeys",
            id="retainKeys is no list",
        ),
        pytest.param(
            "{mergingList: [{name: 1}]}",
            "{$setElementOrder/mergingList: [{name: 1}], mergingList: [{name: 2}]}",
            400,
            "The order in patch list:\n[map[name:2]]\n doesn't match $setElementOrder list:\n[map[name:1]]\n",
            id="not in the order given",
        ),
        pytest.param(
            "{mergingList: [{name: 1}]}",
            "{$setElementOrder/mergingList: 3}",
            400,
            "expected a []interface {}, but received a int64",
            id="order is no list",
        ),
        pytest.param(
            "{nosuch: {a: 1}}",
            "{nosuch: {a: 2}}",
            400,
            'unable to find api field in struct the object for the json field "nosuch"',
            id="unknown field",
        ),
    ],
)
def test_a_bad_strategic_patch_is_refused_in_upstreams_words(live: str, patch: str, code: int, message: str) -> None:
    with pytest.raises(BadPatch) as refusal:
        strategic_merge(numbered(live), numbered(patch), ITEM)
    assert (refusal.value.code, refusal.value.message) == (code, message)


def test_the_unknown_field_of_a_real_kind_names_its_struct() -> None:
    patch = {"spec": {"$setElementOrder/nosuch": []}}
    with pytest.raises(BadPatch, match='in struct DeploymentSpec for the json field "nosuch"'):
        strategic_merge({"spec": {}}, patch, DEPLOYMENT)


def test_containers_ports_and_environment_are_merged_by_their_keys() -> None:
    container = {"name": "a", "image": "a:1", "ports": [{"containerPort": 80, "protocol": "TCP"}]}
    live = {"spec": {"template": {"spec": {"containers": [container, {"name": "b", "image": "b:1"}]}}}}
    patched = {"name": "b", "image": "b:2"}, {"name": "a", "ports": [{"containerPort": 80, "name": "http"}]}
    result = strategic_merge(live, {"spec": {"template": {"spec": {"containers": list(patched)}}}}, DEPLOYMENT)
    assert result["spec"]["template"]["spec"]["containers"] == [
        {"name": "b", "image": "b:2"},
        {"name": "a", "image": "a:1", "ports": [{"containerPort": 80, "protocol": "TCP", "name": "http"}]},
    ]


def test_a_patch_of_a_deployment_takes_less_than_a_millisecond() -> None:
    containers = [{"name": f"c{index}", "image": "x:1", "env": [{"name": "A", "value": "b"}]} for index in range(20)]
    live = {"spec": {"replicas": 3, "template": {"spec": {"containers": containers}}}}
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "c7", "image": "x:2"}]}}}}
    strategic_merge(live, patch, DEPLOYMENT)
    start = time.process_time()
    for _ in range(100):
        strategic_merge(live, patch, DEPLOYMENT)
    assert (time.process_time() - start) / 100 < 0.001
