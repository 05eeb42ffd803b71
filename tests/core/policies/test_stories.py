"""Stories with quotas, limit ranges and disruption budgets."""

from typing import Any

import pytest

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import StoryError

QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": 3}}}
BUDGET = {
    "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
    "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
}  # fmt: skip
MANIFEST = {
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
    "spec": {
        "replicas": 3, "progressDeadlineSeconds": 60, "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]},
        },
    },
}  # fmt: skip


def played(objects: list[Any], *steps: Any, nodes: int = 3) -> Rehearsed:
    data = {
        "manifest": MANIFEST, "objects": objects, "steps": [{"apply": "manifest"}, {"wait": "complete"}, *steps],
        "behaviours": [{"image": "*", "ready": "4s"}], "nodes": [{"name": f"n{number}"} for number in range(nodes)],
    }  # fmt: skip
    return rehearse(read_story(data, name="story"))


def test_a_quota_that_is_full_stops_an_update_until_it_is_raised() -> None:
    raised = {**QUOTA, "spec": {"hard": {"pods": 4}}}
    stuck = played([QUOTA], {"set-image": "nginx:2"}, {"wait": "failed"})
    assert stuck.outcome == "deadline exceeded"
    state = stuck.after_step["3"]
    assert state["conditions"]["ReplicaFailure"] == ["True", "FailedCreate"]
    assert state["conditions"]["Progressing"] == ["False", "ProgressDeadlineExceeded"]
    going_on = played([QUOTA], {"set-image": "nginx:2"}, {"wait": "failed"}, {"apply": raised}, {"wait": "300s"})
    assert (going_on.outcome, going_on.problem) == ("settled", "")


def test_a_drain_waits_for_the_budget_and_holds_the_floor() -> None:
    """Both pods of one node: the second goes when the first has been replaced."""
    free = played([], {"drain": "n1"}, {"wait": "60s"}, nodes=2)
    held = played([BUDGET], {"drain": "n1"}, {"wait": "60s"}, nodes=2)
    assert (free.min_available, held.min_available) == (1, 2)
    waits = [line.text for line in held.lines if line.kind == "trouble"]
    assert waits == ["The drain of n1 waits: The disruption budget web needs 2 healthy pods and has 3 currently"]
    assert held.outcome == "settled"


def test_a_budget_holds_no_rollout() -> None:
    never = {**BUDGET, "spec": {**BUDGET["spec"], "minAvailable": 3}}  # type: ignore[dict-item]
    assert played([never], {"set-image": "nginx:2"}, {"wait": "complete"}).outcome == "settled"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({}, "objects: expected a list, found a mapping", id="no list"),
        pytest.param(
            [MANIFEST],
            "objects[0]: expected one of ResourceQuota, LimitRange, PodDisruptionBudget, Service, with its apiVersion, found",
            id="kind",
        ),
        pytest.param([{**QUOTA, "metadata": {}}], "objects[0]: metadata.name: Required value", id="name"),
        pytest.param(
            [{**QUOTA, "spec": {"hard": {"pods": "x"}}}], "objects[0]: spec.hard[pods]: quantities must", id="quantity"
        ),
        pytest.param(
            [{**BUDGET, "spec": {"minAvailable": "120%"}}],
            "objects[0]: spec.minAvailable: '120%' is neither",
            id="percent",
        ),
        pytest.param(
            [{**BUDGET, "spec": {}}],
            "objects[0]: spec: expected one of minAvailable and maxUnavailable, found none",
            id="neither",
        ),
    ],
)
def test_objects_that_cannot_be_read(given: Any, words: str) -> None:
    with pytest.raises(StoryError) as error:
        read_story({"manifest": MANIFEST, "objects": given, "steps": [{"apply": "manifest"}]}, name="story")
    assert words in str(error.value)
