"""Whatever JSON a client sends, a patch or an apply ends in an object or in a refusal, never in a crash."""

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.machinery import schemas
from cluster.machinery.apply import ApplyConflict, apply
from cluster.machinery.managed_fields import after_update
from cluster.machinery.patches import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, apply_patch
from cluster.machinery.strategic import BadPatch

LIVE = json.loads((Path(__file__).parents[1] / "golden" / "ownership.json").read_text())["updates"][0]["before"]
DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")

NAMES = st.sampled_from(
    [
        "apiVersion",
        "metadata",
        "labels",
        "finalizers",
        "managedFields",
        "spec",
        "template",
        "containers",
        "name",
        "ports",
        "containerPort",
        "strategy",
        "rollingUpdate",
        "status",
        "nosuch",
        "$patch",
        "$retainKeys",
        "$setElementOrder/containers",
        "$setElementOrder/finalizers",
        "$setElementOrder",
        "$deleteFromPrimitiveList/finalizers",
        "$deleteFromPrimitiveList/containers",
    ]
)
SCALARS = st.sampled_from([None, True, 0, 80, 1.5, "", "nginx", "delete", "replace", "merge", "name"])
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))


def around(inner: Any) -> Any:
    """The same junk in the places where it matters."""
    template = {"spec": {"template": {"spec": inner}}}
    return st.sampled_from([inner, {"spec": inner}, {"metadata": inner}, template, {"spec": {"strategy": inner}}])


JUNK = ANYTHING.flatmap(around)
POINTERS = st.sampled_from(
    ["", "/", "/spec", "/spec/replicas", "/metadata/labels/app", "/nosuch/0", "/spec/template/-", "~2"]
)
OPERATION = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "", None, []]),
        "path": POINTERS | SCALARS,
        "from": POINTERS | SCALARS,
        "value": ANYTHING,
    },
)


def owners_after(new: Any) -> None:
    entries = after_update(LIVE, new, schema=DEPLOYMENT, manager="m", api_version="apps/v1", now="2026-01-01T00:00:00Z")
    assert isinstance(entries, list)


@settings(max_examples=400, deadline=None)
@given(content_type=st.sampled_from([MERGE_PATCH, STRATEGIC_PATCH]), patch=JUNK)
def test_any_merge_is_merged_or_refused(content_type: str, patch: Any) -> None:
    with contextlib.suppress(BadPatch):
        owners_after(apply_patch(content_type, LIVE, patch, DEPLOYMENT))


@settings(max_examples=300, deadline=None)
@given(operations=st.lists(OPERATION, min_size=1, max_size=3))
def test_any_json_patch_is_carried_out_or_refused(operations: Any) -> None:
    with contextlib.suppress(BadPatch):
        owners_after(apply_patch(JSON_PATCH, LIVE, operations, DEPLOYMENT))


@settings(max_examples=400, deadline=None)
@given(config=JUNK.filter(lambda value: isinstance(value, dict)), force=st.booleans())
def test_any_configuration_is_applied_or_refused(config: Any, force: bool) -> None:
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", **config}
    with contextlib.suppress(BadPatch, ApplyConflict):
        applied = apply(LIVE, wanted, schema=DEPLOYMENT, manager="kubectl", now="2026-01-01T00:00:00Z", force=force)
        owners_after(applied)
