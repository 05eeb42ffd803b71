"""Strategic merges as the API server makes them: recorded ones, and any list against the API's own merge by its schemas."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.manifests.merging import apply_patch, strategic_merge
from cluster.machinery import schemas, strategic
from tests.core.recordings import GOLDEN

DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")
RECORDED = [
    each
    for each in json.loads((GOLDEN / "patches.json").read_text())
    if each["content_type"].startswith("application/strategic") and each["before"]["kind"] == "Deployment"
]
names = st.sampled_from("abcd")
lists = st.lists(names, unique=True, max_size=4)


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["name"])
def test_a_recorded_patch_gives_what_the_api_gives(case: dict[str, Any]) -> None:
    assert strategic_merge(case["before"], case["patch"]) == strategic.strategic_merge(
        case["before"], case["patch"], DEPLOYMENT
    )


def holding(containers: list[Any], **more: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": containers, **more}}}}


def of(found: list[str], image: str) -> list[dict[str, Any]]:
    return [{"name": each, "image": f"{each}:{image}", "env": [{"name": each, "value": image}]} for each in found]


@given(live=lists, patched=lists, gone=st.sets(names, max_size=2), ordered=st.booleans())
@settings(max_examples=300, deadline=None)
def test_lists_merge_in_the_order_of_the_api(
    live: list[str], patched: list[str], gone: set[str], ordered: bool
) -> None:
    wanted = [each for each in patched if each not in gone]
    items = of(wanted, "v2") + [{"name": each, "$patch": "delete"} for each in sorted(gone)]
    kept = [each for each in live if each not in gone and each not in wanted]
    order = {"$setElementOrder/containers": [{"name": each} for each in wanted + kept]} if ordered else {}
    before, patch = holding(of(live, "v1")), holding(items, **order)
    assert strategic_merge(before, patch) == strategic.strategic_merge(before, patch, DEPLOYMENT)


@given(last=lists, live=lists, wanted=lists)
@settings(max_examples=300, deadline=None)
def test_an_apply_leaves_what_was_applied_and_what_others_added(
    last: list[str], live: list[str], wanted: list[str]
) -> None:
    patch = apply_patch(holding(of(last, "v1")), holding(of(wanted, "v2")))
    before = holding(of(live, "v0"))
    merged = strategic_merge(before, patch)
    assert merged == strategic.strategic_merge(before, patch, DEPLOYMENT)
    found = [each["name"] for each in merged["spec"]["template"]["spec"]["containers"]]
    assert set(found) == set(wanted) | (set(live) - set(last))
    assert [each for each in found if each in wanted] == wanted
