"""A story on a cluster of its own: who gets what, what the buttons do, and that nothing is left at its end."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.contrib.auth.models import User

from cluster import models
from cluster.models import Playing
from cluster.records import journal, snapshot
from cluster.spaces import Space
from cluster.stories import plays, story_files
from cluster.writing import clusters
from tests.stories import small_story
from tests.stories.small_story import NAME, with_steps
from tests.writing.test_actions import refused

pytestmark = pytest.mark.usefixtures("cluster")
Work = Callable[[], int]
SPACE = Space(NAME, "default")


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch)


@pytest.fixture
def ann(db: None) -> User:  # noqa: ARG001
    return User.objects.create_user("ann")


def rows() -> dict[str, int]:
    """How many there are in every table."""
    return {each._meta.label: each._base_manager.count() for each in apps.get_models()}


def press(*verbs: str) -> dict[str, Any]:
    """What viewers are told then."""
    for each in verbs:
        plays.press(NAME, each)
    return Playing.objects.get().shown


def place() -> tuple[str, int, bool]:
    told = Playing.objects.get().shown
    return told["state"], told["step"], told["waits"]


def test_play_makes_a_cluster_of_ones_own_as_the_story_has_it(ann: User) -> None:
    row = plays.begin(NAME, ann)
    made = models.Cluster.objects.get(name=NAME)
    assert (row.cluster, made.owner) == (made, ann)
    assert list(made.memberships.values_list("user__username", "namespace", "role")) == [("ann", "", "admin")]
    nodes = made.nodes.order_by("name")
    assert [(each.labels, each.allocatable["cpu"], each.taints) for each in nodes] == [
        ({"disk": "ssd"}, "4", []),
        ({}, "64", [{"key": "dedicated", "value": "db", "effect": "NoSchedule"}]),
    ]
    assert models.Deployment.objects.get().replicas == 2
    assert models.KeptObject.objects.get(cluster=made, resource="resourcequotas").name == "q"


def test_the_second_gets_a_name_of_its_own() -> None:
    names = [plays.begin(NAME, None).cluster.name for _ in range(3)]
    assert names == ["small", "small-2", "small-3"]


def test_who_was_quicker_with_a_name_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(["demo", "small"])
    monkeypatch.setattr(clusters, "free_name", lambda _: next(names))
    assert plays.begin(NAME, None).cluster.name == "small"


def test_a_story_counts_among_the_clusters_of_a_person(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 1)
    plays.begin(NAME, ann)
    before = rows()
    answer = refused(lambda: plays.begin(NAME, ann))
    assert (answer["code"], answer["message"]) == (403, "1 clusters are the most that one person may have")
    assert rows() == before


def test_a_story_that_is_not_there_is_not_found() -> None:
    assert refused(lambda: plays.begin("../secrets", None))["code"] == 404
    assert refused(lambda: plays.press("demo", "next"))["code"] == 404


def test_viewers_are_told_what_is_played_in_their_language_and_who_comes_late_too() -> None:
    plays.begin(NAME, None)
    head = journal.head(NAME)
    told = press("pause", "next", "next", "next")
    assert told == snapshot.namespace_snapshot(SPACE)["story"]
    items = [each for each in journal.changes_since(*SPACE, head, 100) if each["kind"] == "Story"]
    assert items[-1]["state"] == told
    assert (told["title"], told["titles"]) == ("Two become three", {"zh-hans": "两个变三个"})
    assert (told["step"], told["steps"], told["now"]) == (3, 7, {"verb": "say", "value": "Two pods run."})
    assert (told["caption"], told["captions"]) == ("Two pods run.", {"zh-hans": "两个 Pod 在运行。"})
    assert snapshot.namespace_snapshot(Space("demo", "default"))["story"] is None


def test_next_takes_one_step_at_a_time_and_ends_a_wait() -> None:
    plays.begin(NAME, None)
    press("pause")
    seen = []
    for _ in range(8):
        press("next")
        seen.append(place())
    assert seen == [
        ("paused", 1, False), ("paused", 2, True), ("paused", 3, False), ("paused", 4, False), ("paused", 5, True),
        ("paused", 6, True), ("over", 7, False), ("over", 7, False),
    ]  # fmt: skip
    assert models.Deployment.objects.get().replicas == 3
    assert models.Change.objects.filter(kind="Say").count() == 2


def test_two_who_press_the_same_button_take_one_step() -> None:
    plays.begin(NAME, None)
    press("pause")
    plays.press(NAME, "next", step=0)
    again = refused(lambda: plays.press(NAME, "next", step=0))
    assert (again["code"], again["message"].rpartition(": ")[2]) == (409, "the story is at step 1, not at step 0")
    assert refused(lambda: plays.press(NAME, "back", step=2))["code"] == 409
    plays.press(NAME, "play", step=0)
    assert place() == ("playing", 1, False)


def test_a_step_that_is_refused_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps('[wait: 9s, {drain: "node-7"}]')})
    plays.begin(NAME, None)
    press("pause", "next")
    head = journal.head(NAME)
    assert refused(lambda: plays.press(NAME, "next"))["message"].startswith('nodes "node-7" not found')
    assert (place(), journal.head(NAME)) == (("paused", 1, True), head)


def test_back_goes_where_nothing_has_to_be_undone() -> None:
    plays.begin(NAME, None)
    press("pause", "next", "next", "next")
    assert press("back")["caption"] == ""
    assert place() == ("paused", 2, False)
    press("next", "next")
    assert press("next", "back")["back"] is False
    assert refused(lambda: plays.press(NAME, "back"))["message"].startswith("what the last step has changed")
    assert place() == ("paused", 4, False)


def test_back_over_the_first_step_that_changes_anything_makes_the_stage_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps("[say: Look., scale: 5, scale: 6]")})
    plays.begin(NAME, None)
    press("pause", "next", "next")
    assert press("back")["step"] == 1
    assert models.Deployment.objects.get().replicas == 2
    assert models.KeptObject.objects.filter(resource="resourcequotas").count() == 1
    assert press("next", "next")["back"] is False


@pytest.mark.parametrize(("before", "after"), [("play", "playing"), ("pause", "paused")])
def test_back_to_the_start_goes_on_as_it_was(before: str, after: str) -> None:
    plays.begin(NAME, None)
    press("next", "next", "next", "next", before, "start")
    assert place() == (after, 0, False)
    assert models.Deployment.objects.get().replicas == 2
    assert snapshot.namespace_snapshot(SPACE)["story"]["step"] == 0


def test_a_story_that_is_over_can_begin_anew_but_not_go_on() -> None:
    plays.begin(NAME, None)
    press(*["next"] * 7)
    assert refused(lambda: plays.press(NAME, "play"))["message"] == "the story is over; go back to the start"
    press("pause", "start")
    assert place() == ("paused", 0, False)


def test_nothing_is_left_of_a_story(ann: User, work: Work) -> None:
    before = rows()
    plays.begin(NAME, ann)
    press("next", "next", "next", "next")
    work()
    assert models.Pod.objects.count() == 3
    plays.press(NAME, "end")
    assert rows() == before


def test_a_cluster_that_somebody_resets_is_their_own_from_then_on(work: Work) -> None:
    plays.begin(NAME, None)
    clusters.reset(NAME, clusters.example(), actor="ann")
    assert not Playing.objects.exists()
    assert snapshot.namespace_snapshot(SPACE)["story"] is None
    work()
    assert refused(lambda: plays.press(NAME, "end"))["code"] == 404


@pytest.mark.parametrize("name", ["drain", "typo-and-undo", "full-nodes", "lost-requests"])
def test_stories_that_come_with_the_server_can_be_played(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    row = plays.begin(name, None)
    story = story_files.library()[name]
    assert (row.cluster.name, row.shown["steps"]) == (name, len(story.steps))
    assert row.cluster.kept_objects.filter(resource="services", name="web").count() == len(story.objects)


@pytest.mark.parametrize("name", [*story_files.library()])
def test_every_step_can_be_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for step in story_files.library()[name].steps:
        told = plays.told(step)
        assert (told["verb"], orjson.loads(orjson.dumps(told))) == (step.verb, told)
