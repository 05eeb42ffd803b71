"""Patches against recordings of kubectl, and the rules of RFC 6902 and RFC 7386."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cluster.machinery import schemas
from cluster.machinery.patches import JSON_PATCH, MERGE_PATCH, REJECTED, STRATEGIC_PATCH, apply_patch
from cluster.machinery.strategic import BadPatch

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "patches.json").read_text())
DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")
LIVE = {"metadata": {"labels": {"app": "nginx"}}, "spec": {"replicas": 3, "paused": True}}


def shown(manifest: dict[str, Any]) -> list[Any]:
    """What a patch decides: not the creationTimestamp that version 1.20 still writes, not the controller's revision."""
    manifest = copy.deepcopy(manifest)
    manifest["spec"].get("template", {}).get("metadata", {}).pop("creationTimestamp", None)
    annotations = dict(manifest["metadata"].get("annotations") or {})
    return [manifest["spec"], manifest["metadata"].get("labels"), annotations]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in RECORDED])
def test_a_recorded_patch_gives_what_the_real_server_answered(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["before"])
    patched = apply_patch(case["content_type"], before, case["patch"], schemas.definition_of(before))
    expected = case["after"]
    if case["read_later"]:  # by then the controller had counted the revision up
        for manifest in (patched, expected):
            manifest["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "later"
    assert shown(patched) == shown(expected)
    assert before == case["before"], "the object that was read is left alone"


def test_the_recordings_cover_all_three_kinds_of_patch() -> None:
    assert {case["content_type"] for case in RECORDED} == {JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param(
            [{"op": "replace", "path": "/spec/replicas", "value": 5}], {"replicas": 5, "paused": True}, id="replace"
        ),
        pytest.param([{"op": "remove", "path": "/spec/paused"}], {"replicas": 3}, id="remove"),
        pytest.param(
            [{"op": "test", "path": "/spec/replicas", "value": 3}, {"op": "add", "path": "/spec/x", "value": 1}],
            {"replicas": 3, "paused": True, "x": 1},
            id="test that holds, then add",
        ),
        pytest.param(
            [{"op": "move", "from": "/spec/replicas", "path": "/spec/size"}], {"paused": True, "size": 3}, id="move"
        ),
    ],
)
def test_json_patch_carries_out_its_operations(operations: list[Any], expected: dict[str, Any]) -> None:
    assert apply_patch(JSON_PATCH, LIVE, operations, DEPLOYMENT)["spec"] == expected
    assert LIVE["spec"] == {"replicas": 3, "paused": True}


@pytest.mark.parametrize(
    ("operations", "code", "message"),
    [
        pytest.param([{"op": "frob", "path": "/spec/replicas", "value": 1}], 422, REJECTED, id="unknown operation"),
        pytest.param([{"op": "remove", "path": "/spec/nosuch"}], 422, REJECTED, id="nothing at the path"),
        pytest.param([{"op": "test", "path": "/spec/replicas", "value": 99}], 422, REJECTED, id="a test that fails"),
        pytest.param([{"op": "replace"}], 422, REJECTED, id="no path"),
        pytest.param([{"op": "replace", "path": 7, "value": 1}], 422, REJECTED, id="path is a number"),
        pytest.param([{"op": "replace", "path": "", "value": 7}], 422, REJECTED, id="the whole becomes a number"),
        pytest.param({"op": "remove"}, 400, "decoding patch: json: cannot unmarshal object into", id="not a list"),
        pytest.param([7], 400, "cannot unmarshal number into Go value of type jsonpatch", id="a list of numbers"),
        pytest.param([{}] * 10_001, 413, "is 10000, got 10001", id="too many operations"),
    ],
)
def test_json_patch_is_refused_as_a_whole(operations: Any, code: int, message: str) -> None:
    with pytest.raises(BadPatch, match=message) as refusal:
        apply_patch(JSON_PATCH, LIVE, operations, DEPLOYMENT)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("target", "patch", "expected"),
    [
        pytest.param({"a": "b"}, {"a": "c"}, {"a": "c"}, id="replaces"),
        pytest.param({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}, id="adds"),
        pytest.param({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}, id="null deletes"),
        pytest.param({"a": ["b"]}, {"a": "c"}, {"a": "c"}, id="a list gives way"),
        pytest.param({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}, id="merges objects"),
        pytest.param({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}, id="lists are replaced"),
        pytest.param({"e": None}, {"a": 1}, {"e": None, "a": 1}, id="null that was there stays"),
        pytest.param({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}, id="nulls inside something new are dropped"),
    ],
)
def test_merge_patch_follows_the_examples_of_rfc_7386(target: Any, patch: Any, expected: Any) -> None:
    assert apply_patch(MERGE_PATCH, target, patch, DEPLOYMENT) == expected


@pytest.mark.parametrize(("content_type", "prefix"), [(MERGE_PATCH, "error decoding patch: "), (STRATEGIC_PATCH, "")])
def test_a_merge_that_is_no_object_is_refused(content_type: str, prefix: str) -> None:
    with pytest.raises(BadPatch) as refusal:
        apply_patch(content_type, LIVE, [1], DEPLOYMENT)
    assert str(refusal.value) == f"{prefix}json: cannot unmarshal array into Go value of type map[string]interface {{}}"


DOUBLING = [{"op": "copy", "from": "/metadata", "path": f"/metadata/x{n}"} for n in range(28)]
MEBIBYTE = "x" * (1024 * 1024 - 2)  # with its quotation marks


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param(DOUBLING, id="each doubles the object"),
        pytest.param([{"op": "copy", "from": "/metadata/big", "path": f"/spec/x{n}"} for n in range(4)], id="four MiB"),
    ],
)
def test_copies_of_more_than_three_mebibytes_are_refused(operations: list[Any]) -> None:
    with pytest.raises(BadPatch, match=REJECTED) as refusal:
        apply_patch(JSON_PATCH, {"metadata": {"big": MEBIBYTE}, "spec": {}}, operations, DEPLOYMENT)
    assert refusal.value.code == 422


def test_copies_of_three_mebibytes_are_carried_out() -> None:
    copies = [{"op": "copy", "from": "/metadata/big", "path": f"/spec/x{n}"} for n in range(3)]
    assert len(apply_patch(JSON_PATCH, {"metadata": {"big": MEBIBYTE}, "spec": {}}, copies, DEPLOYMENT)["spec"]) == 3


def test_copies_of_ever_deeper_values_are_refused() -> None:
    deeper = [{"op": "copy", "from": "/a", "path": "/a" + "/b" * (2**n)} for n in range(14)]
    with pytest.raises(BadPatch, match=REJECTED):
        apply_patch(JSON_PATCH, {"a": {}}, deeper, DEPLOYMENT)
