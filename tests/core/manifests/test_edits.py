"""What kubectl's verbs make of a Deployment."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.controllers.revisions import REVISION
from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.manifests.edits import EditError
from cluster.core.objects import Deployment
from tests.core.builders import replicaset
from tests.core.rehearsals.stories.test_reading import MANIFEST

SIDECAR = {"spec": {"template": {"spec": {"containers": [{"name": "log", "image": "fluentd:1"}]}}}}


def applied(**spec: Any) -> Deployment:
    full = defaults.default_deployment(edits.with_last_applied(manifest(**spec)))
    return deployment_from_manifest(full, uid="d", now=0.0)


def manifest(**spec: Any) -> dict[str, Any]:
    return {**MANIFEST, "spec": {**MANIFEST["spec"], **spec}}  # type: ignore[dict-item]


def test_a_patched_in_container_gets_its_defaults_and_comes_first() -> None:
    containers = edits.patch(applied(), SIDECAR).template["spec"]["containers"]
    assert [each["name"] for each in containers] == ["log", "app"]
    assert containers[0]["terminationMessagePolicy"] == "File"


@pytest.mark.parametrize(
    ("patch", "field", "value"),
    [
        pytest.param({"progressDeadlineSeconds": None}, "progress_deadline_seconds", 600, id="deadline: default"),
        pytest.param({"revisionHistoryLimit": None}, "revision_history_limit", 10, id="history: default"),
        pytest.param({"replicas": None}, "replicas", 1, id="replicas: default"),
        pytest.param({"strategy": {"type": "Recreate", "rollingUpdate": None}}, "strategy", "Recreate", id="Recreate"),
        pytest.param({"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}, "strategy", "Recreate", id="retain"),
        pytest.param({"paused": True}, "paused", True, id="paused"),
    ],
)
def test_a_patch_is_defaulted_as_the_api_server_does(patch: dict[str, Any], field: str, value: Any) -> None:
    before = applied(replicas=4, progressDeadlineSeconds=5, revisionHistoryLimit=2)
    after = edits.patch(before, {"spec": patch})
    assert getattr(after, field) == value
    assert after.generation == before.generation + 1


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param({"metadata": {"labels": {"tier": "web"}}}, id="labels"),
        pytest.param({"spec": {"replicas": 4}}, id="the same replicas"),
        pytest.param(
            {"spec": {"template": {"spec": {"containers": [{"name": "app", "env": []}]}}}}, id="an empty list"
        ),
        pytest.param({"spec": {"template": {"metadata": {"annotations": {}}}}}, id="an empty map"),
    ],
)
def test_what_is_no_change_of_the_spec_is_no_new_generation(patch: dict[str, Any]) -> None:
    before = applied(replicas=4)
    after = edits.patch(before, patch)
    assert (after.generation, after.template) == (before.generation, before.template)


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        pytest.param(
            {"strategy": {"type": "Recreate"}}, "may not be specified when strategy", id="rollingUpdate stays"
        ),
        pytest.param({"selector": {"matchLabels": {"app": "other"}}}, "field is immutable", id="selector"),
        pytest.param({"replicas": -1}, "spec.replicas: Invalid value: -1", id="negative"),
        pytest.param({"replicas": "many"}, "cannot unmarshal string", id="text"),
        pytest.param({"replica": 3}, 'unknown field "spec.replica"', id="unknown field"),
        pytest.param({"template": {"spec": {"containers": None}}}, "containers: Required value", id="no container"),
    ],
)
def test_a_patch_that_the_api_server_would_refuse_is_refused_in_one_line(patch: dict[str, Any], words: str) -> None:
    with pytest.raises(EditError) as refused:
        edits.patch(applied(), {"spec": patch})
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("first", "then", "edit", "expected"),
    [
        pytest.param({}, {}, {"replicas": 7}, {"replicas": 7}, id="never applied: what was scaled stays"),
        pytest.param({"replicas": 3}, {"replicas": 3}, {"replicas": 7}, {"replicas": 3}, id="applied: put right"),
        pytest.param({"replicas": 3}, {}, {"replicas": 7}, {"replicas": 1}, id="applied no longer: default"),
        pytest.param({}, {}, {"paused": True}, {"paused": True}, id="a pause stays"),
        pytest.param({}, {"strategy": {"type": "Recreate"}}, {}, {"strategy": "Recreate"}, id="another strategy"),
        pytest.param({"minReadySeconds": 5}, {}, {}, {"min_ready_seconds": 0}, id="a field taken out"),
    ],
)
def test_apply_knows_what_it_applied_last(
    first: dict[str, Any], then: dict[str, Any], edit: dict[str, Any], expected: dict[str, Any]
) -> None:
    after = edits.apply(replace(applied(**first), **edit), manifest(**then))
    assert {key: getattr(after, key) for key in expected} == expected


def test_apply_leaves_a_restart_and_takes_back_a_set_image() -> None:
    restarted = edits.restart(edits.set_images(applied(), {"app": "nginx:9"}), "2026-01-01T00:00:00Z")
    template = edits.apply(restarted, manifest()).template
    assert template["spec"]["containers"][0]["image"] == "nginx:1.7.9"
    assert template["metadata"]["annotations"] == {edits.RESTARTED_AT: "2026-01-01T00:00:00Z"}


def test_applying_the_same_again_changes_nothing() -> None:
    before = applied(replicas=3, strategy={"rollingUpdate": {"maxSurge": 1}})
    assert edits.apply(before, manifest(replicas=3, strategy={"rollingUpdate": {"maxSurge": 1}})) == before


def test_a_second_restart_in_the_same_second_is_refused() -> None:
    restarted = edits.restart(applied(), "2026-01-01T00:00:00Z")
    with pytest.raises(EditError, match="within the past second"):
        edits.restart(restarted, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("image", "revisions", "expected"),
    [
        pytest.param("nginx:3", {"1": "1", "2": "2", "3": "3"}, "2", id="the one before the newest"),
        pytest.param("nginx:4", {"1": "1", "2": "2", "3": "3"}, "2", id="the edited template has no ReplicaSet yet"),
        pytest.param("nginx:3", {"1": "4", "2": "2", "3": "3"}, "3", id="the ReplicaSet of the template is not the newest"),
        pytest.param("nginx:3", {"1": "", "2": "none", "3": "3"}, "1", id="an unreadable revision does not count"),
    ],
)  # fmt: skip
def test_an_undo_takes_the_second_highest_revision(image: str, revisions: dict[str, str], expected: str) -> None:
    owner = edits.set_images(applied(), {"app": image})
    owned = [
        replicaset(f"rs-{each}", 0, number=int(each), annotations={REVISION: text} if text else {})
        for each, text in revisions.items()
    ]
    templates = {each: edits.set_images(owner, {"app": f"nginx:{each}"}).template for each in revisions}
    owned = [replace(found, template=templates[each]) for found, each in zip(owned, revisions, strict=True)]
    assert edits.undo(owner, owned).template == templates[expected]
