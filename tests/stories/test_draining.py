"""What a story does to a running cluster: objects that it brings along, and a drain through budgets."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster import models
from cluster.stories import staging
from cluster.stories.playing import Player
from cluster.stories.story_files import load_stories
from cluster.writing import actions
from tests.spaces import DEFAULT, demo
from tests.writing.test_actions import manifest

pytestmark = pytest.mark.usefixtures("cluster")
Work = Callable[[], int]
QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "9"}}}


def budget(least: int) -> dict[str, Any]:
    about = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}}
    return {**about, "spec": {"minAvailable": least, "selector": {"matchLabels": {"app": "web"}}}}


@pytest.fixture
def web(cluster: None, work: Work) -> None:  # noqa: ARG001
    """Three ready pods on one node."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    models.Node.objects.exclude(name="node-1").update(unschedulable=True)
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    models.Node.objects.update(unschedulable=False)
    assert models.Pod.objects.filter(node="node-1", ready=True).count() == 3


def test_an_object_of_a_story_is_made_and_changed_and_acts(web: None, work: Work) -> None:  # noqa: ARG001
    staging.apply_rule(DEFAULT, QUOTA, actor="story")
    work()
    row = models.KeptObject.objects.get(resource="resourcequotas")
    assert row.manifest["status"] == {"hard": {"pods": "9"}, "used": {"pods": "3"}}
    staging.apply_rule(DEFAULT, {**QUOTA, "spec": {"hard": {"pods": "12"}}}, actor="story")
    work()
    row.refresh_from_db()
    assert row.manifest["status"]["hard"] == {"pods": "12"}
    assert row.manifest["metadata"]["generation"] == 2
    assert models.Namespace.objects.get(name="default").limited


def test_a_drain_takes_what_the_budget_allows_and_asks_again(web: None, work: Work) -> None:  # noqa: ARG001
    staging.apply_rule(DEFAULT, budget(2), actor="story")
    work()
    held = []
    for _ in range(3):
        held.append(staging.drain(DEFAULT, "node-1", actor="story"))
        work()
        assert models.Pod.objects.filter(ready=True).count() == 3
    assert held == [2, 1, 0]
    assert not models.Pod.objects.filter(node="node-1").exists()


def test_a_player_asks_again_when_it_is_time(web: None, work: Work) -> None:  # noqa: ARG001
    text = "manifest: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, "
    text += "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}}}\nsteps: [{drain: node-1}]"
    player = Player(load_stories(text, name="s")[0], DEFAULT, print)
    staging.apply_rule(DEFAULT, budget(3), actor="story")
    work()
    player.verbs["drain"]("node-1")
    assert list(player.draining) == ["node-1"]
    player.drain_again()
    assert models.Pod.objects.filter(node="node-1", deleted_at=None).count() == 3
    staging.apply_rule(DEFAULT, budget(0), actor="story")
    work()
    player.draining["node-1"] = 0.0
    player.drain_again()
    assert not player.draining
    assert not models.Pod.objects.filter(node="node-1", deleted_at=None).exists()


@pytest.mark.usefixtures("web")
def test_a_cordon_is_a_change_that_watches_hear_of() -> None:
    staging.drain(DEFAULT, "node-1", actor="me")
    told = models.Change.objects.filter(kind="Node", name="node-1", verb="MODIFIED")
    assert [each.state["unschedulable"] for each in told] == [True]
