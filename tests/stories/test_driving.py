"""A worker takes a story's steps: each once, whoever looks and whoever dies, without a lock while a wait lasts."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from cluster import models
from cluster.live import worker
from cluster.models import Playing
from cluster.records import journal
from cluster.spaces import Space
from cluster.stories import driving, playing, plays, staging, story_files
from cluster.stories.driving import Driver
from cluster.writing import actions, clusters, pacing
from tests.live.test_two_workers import alongside
from tests.stories import small_story
from tests.stories.small_story import NAME, with_steps

Work = Callable[[], int]
SPACE = Space(NAME, "default")
SAID = ["Two pods run.", "Three pods run."]
PATIENCE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch)


def look() -> None:
    """As a worker does whose time has come."""
    for row in driving.under_way():
        driving.drive(row)


def pass_time(seconds: float) -> None:
    """On the clocks of all clusters."""
    models.Cluster.objects.update(clock_sim=F("clock_sim") + seconds, due=0.0)


def said() -> list[str]:
    return [each["text"] for each in models.Change.objects.filter(kind="Say").values_list("state", flat=True)]


def row() -> Playing:
    return Playing.objects.get()


def play_to_the_end(work: Work) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while row().state != Playing.OVER:
        assert time.monotonic() < end, row().shown
        look()
        work()
        pass_time(1.0)


@pytest.mark.usefixtures("cluster")
def test_a_story_plays_by_itself_to_its_end(work: Work) -> None:
    plays.begin(NAME, None)
    play_to_the_end(work)
    assert said() == SAID
    assert models.Pod.objects.filter(ready=True).count() == 3
    assert (row().shown["state"], row().shown["step"], row().shown["waits"]) == ("over", 7, False)
    steps = [each["step"] for each in models.Change.objects.filter(kind="Story").values_list("state", flat=True)]
    assert steps == sorted(steps)
    assert {*steps} == {*range(8)}


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    "name",
    [
        "typo-and-undo",
        *(
            pytest.param(name, marks=pytest.mark.on_sqlite)
            for name in ("flapping-readiness", "drain-and-budget", "lost-requests")
        ),
    ],
)
def test_stories_that_come_with_the_server_play_to_their_end(
    name: str, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    known = story_files.library()[name]
    small_story.quicken(monkeypatch)
    plays.begin(name, None)
    play_to_the_end(work)
    assert said() == [step.value for step in known.steps if step.verb == "say"]
    deployment = models.Deployment.objects.get()
    assert deployment.status["available_replicas"] == deployment.status["updated_replicas"] == deployment.replicas


@pytest.mark.usefixtures("cluster")
def test_a_wait_lasts_until_it_is_over_and_writes_nothing(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps("[wait: 10s, scale: 3]")})
    plays.begin(NAME, None)
    look()
    work()
    head = journal.head(NAME)
    with monkeypatch.context() as locked:
        locked.setattr(plays, "opened", lambda _: pytest.fail("the cluster is locked"))
        pass_time(8.0)
        look()
        look()
    assert (row().next, row().began is not None, journal.head(NAME)) == (0, True, head)
    pass_time(8.0)
    look()
    assert (row().next, row().began) == (1, None)


@pytest.mark.usefixtures("cluster")
def test_while_somebody_has_paused_the_clock_no_wait_begins(monkeypatch: pytest.MonkeyPatch, work: Work) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps("[wait: complete, scale: 3]")})
    plays.begin(NAME, None)
    pacing.set_pace(NAME, 0.0, actor="ann")
    look()
    assert (row().next, row().began, row().problem) == (0, None, "")
    pacing.set_pace(NAME, 1.0, actor="ann")
    play_to_the_end(work)


@pytest.mark.usefixtures("cluster")
def test_a_paused_story_stays_where_it_is(work: Work) -> None:
    plays.begin(NAME, None)
    plays.press(NAME, "pause")
    look()
    assert row().next == 0
    plays.press(NAME, "play")
    play_to_the_end(work)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(("steps", "seconds"), [("[scale: 3, scale: 4]", 1.0), ("[say: Read this., scale: 4]", 3.0)])
def test_each_step_is_seen_and_each_word_read(steps: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps(steps)})
    small_story.quicken(monkeypatch, 1.0, 3.0)
    plays.begin(NAME, None)
    look()
    look()
    assert row().next == 1
    for passed, steps_taken in ((seconds - 0.5, 1), (seconds, 2)):
        Playing.objects.update(since=time.time() - passed)
        look()
        assert row().next == steps_taken


@pytest.mark.usefixtures("cluster")
def test_a_wall_clock_that_is_set_back_holds_no_step_up(monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps("[scale: 3, scale: 4]")})
    small_story.quicken(monkeypatch, 1.0)
    plays.begin(NAME, None)
    look()
    Playing.objects.update(since=time.time() + 3600.0)
    look()
    assert row().next == 2


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("at", ["before", "after"])
def test_who_is_killed_in_the_middle_of_a_step_has_not_taken_it(
    at: str, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before what it does is written, and before how far it is."""
    plays.begin(NAME, None)
    while row().next < 3:
        look()
        work()

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    where = (journal, "_insert") if at == "before" else (Playing, "save")
    with monkeypatch.context() as killed:
        killed.setattr(*where, die)
        with pytest.raises(KeyboardInterrupt):
            look()
    assert (row().next, models.Deployment.objects.get().replicas) == (3, 2)
    look()
    assert (row().next, models.Deployment.objects.get().replicas) == (4, 3)
    play_to_the_end(work)
    assert said() == SAID


@pytest.mark.usefixtures("committed")
def test_two_workers_never_take_a_step_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = ", ".join(f"say: word {number}, scale: {number % 5 + 1}" for number in range(12))
    small_story.put_into_library(monkeypatch, {NAME: with_steps(f"[{steps}, wait: complete]")})
    plays.begin(NAME, None)
    failures: list[BaseException] = []

    def drive() -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while row().state != Playing.OVER:
            assert time.monotonic() < end
            look()
            worker.run_next({})

    workers = [alongside(drive, failures) for _ in range(2)]
    for each in workers:
        each.join(PATIENCE_SECONDS)
    assert failures == []
    assert said() == [f"word {number}" for number in range(12)]
    assert models.Deployment.objects.get().replicas == 2
    told = models.Change.objects.filter(kind="Story").order_by("rv").values_list("state", flat=True)
    assert [each["step"] for each in told] == [*range(26), 25]  # the wait is told when it begins and when it ends
    versions = list(models.Change.objects.filter(cluster__name=NAME).order_by("rv").values_list("rv", flat=True))
    assert versions == list(range(1, len(versions) + 1))


@pytest.mark.usefixtures("cluster")
def test_a_step_that_is_refused_stops_the_story_and_the_next_may_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps('[scale: 3, {drain: "node-7"}, wait: 9s, scale: 4]')})
    plays.begin(NAME, None)
    for _ in range(5):
        look()
    assert (row().state, row().next) == ("paused", 1)
    assert row().shown["problem"].startswith('nodes "node-7" not found')
    Playing.objects.update(next=2)  # the story is mended
    plays.press(NAME, "play")
    look()
    assert (row().state, row().shown["problem"], row().shown["step"]) == ("playing", "", 3)


@pytest.mark.usefixtures("cluster")
def test_a_wait_in_vain_is_told(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps("[wait: failed, scale: 3]")})
    plays.begin(NAME, None)
    for _ in range(3):
        look()
        work()
    assert (row().state, row().problem) == ("paused", "waited for failed, but the rollout is complete")
    plays.press(NAME, "next")
    assert models.Deployment.objects.get().replicas == 3


@pytest.mark.usefixtures("cluster")
def test_a_wait_for_what_never_moves_is_in_vain(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    small_story.put_into_library(monkeypatch, {NAME: with_steps("[pause, set-image: {web: 'web:2'}, wait: complete]")})
    plays.begin(NAME, None)
    while row().began is None:
        look()
        work()
    look()
    assert row().state == "playing"
    pass_time(playing.UNMOVED_SECONDS + 60.0)
    look()
    assert row().problem.startswith("waited for complete, but nothing has moved for 36")


BUDGET = "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b}, spec: {%s, selector: {matchLabels: {app: web}}}}"


@pytest.mark.usefixtures("cluster")
def test_a_drain_asks_again_also_while_the_story_is_paused(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = with_steps(
        "[wait: complete, drain: node-1, say: One after another.]", objects=f"[{BUDGET % 'minAvailable: 2'}]"
    )
    small_story.put_into_library(monkeypatch, {NAME: steps})
    plays.begin(NAME, None)
    while row().next < 2:
        look()
        work()
    plays.press(NAME, "pause")
    assert list(row().draining) == ["node-1"]
    (held,) = story_files.load_stories(with_steps("[wait: 1s]", objects=f"[{BUDGET % 'minAvailable: 0'}]"), name="b")
    staging.apply_rule(SPACE, held.objects[0], actor="ann")
    work()
    look()
    assert models.Pod.objects.filter(node="node-1", deleted_at=None).count() == 2
    pass_time(6.0)
    look()
    assert not models.Pod.objects.filter(node="node-1", deleted_at=None).exists()
    assert row().draining == {}


def leave_alone(seconds: float) -> None:
    models.Change.objects.update(wall=F("wall") - seconds)
    Playing.objects.update(since=F("since") - seconds)
    look()


@pytest.mark.usefixtures("cluster")
def test_a_story_that_is_over_and_left_alone_goes_and_nothing_else() -> None:
    ann = User.objects.create_user("ann")
    clusters.found("own", ann)
    plays.begin(NAME, ann)
    for _ in range(7):
        plays.press(NAME, "next")
    leave_alone(driving.LEFT_SECONDS - 5)
    assert models.Cluster.objects.filter(name=NAME).exists()
    leave_alone(10)
    assert list(models.Cluster.objects.values_list("name", flat=True)) == ["demo", "own"]
    assert not Playing.objects.exists()


@pytest.mark.usefixtures("cluster")
def test_who_still_works_on_the_stage_keeps_it() -> None:
    plays.begin(NAME, None)
    for _ in range(7):
        plays.press(NAME, "next")
    leave_alone(driving.LEFT_SECONDS - 5)
    actions.act(SPACE, "web", "scale", 4, actor="anonymous")
    leave_alone(10)
    assert models.Cluster.objects.filter(name=NAME).exists()
    leave_alone(driving.LEFT_SECONDS)
    assert not models.Cluster.objects.filter(name=NAME).exists()


@pytest.mark.usefixtures("cluster")
def test_one_that_is_not_over_is_kept_for_a_day() -> None:
    plays.begin(NAME, None)
    plays.press(NAME, "pause")
    leave_alone(driving.FORGOTTEN_SECONDS - 5)
    assert Playing.objects.exists()
    leave_alone(10)
    assert not models.Cluster.objects.filter(name=NAME).exists()


@pytest.mark.usefixtures("cluster")
def test_a_story_that_the_library_has_no_more_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    plays.begin(NAME, None)
    monkeypatch.setattr(story_files, "library", dict)
    look()
    assert row().state == Playing.OVER
    leave_alone(driving.LEFT_SECONDS + 5)
    assert not models.Cluster.objects.filter(name=NAME).exists()


@pytest.mark.usefixtures("cluster")
def test_one_that_fails_holds_up_no_other_and_is_tried_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = {NAME: small_story.TEXT, "bad": with_steps("[scale: 3, scale: 4]")}
    small_story.put_into_library(monkeypatch, texts)
    plays.begin("bad", None)
    plays.begin(NAME, None)
    take = driving.take

    def failing(found: Playing) -> None:
        if found.story == "bad":
            raise RuntimeError("broken")
        take(found)

    driver = Driver()
    with monkeypatch.context() as broken:
        broken.setattr(driving, "take", failing)
        assert 0 < driver.look() <= driving.LOOK_SECONDS
        assert 0 < driver.look() <= driving.LOOK_SECONDS  # too early
    assert [each.getMessage() for each in caplog.records] == ["The story on the cluster bad failed; next try in 1 s"]
    assert dict(Playing.objects.values_list("story", "next")) == {NAME: 1, "bad": 0}
    driver.at = 0.0
    driver.look()
    assert Playing.objects.get(story="bad").next == 0
    driver.at, driver.not_before = 0.0, {}
    driver.look()
    assert Playing.objects.get(story="bad").next == 1


@pytest.mark.usefixtures("cluster")
def test_a_worker_looks_in_each_round_and_seldom_where_nothing_is_played() -> None:
    driver = Driver()
    looked: list[float] = []
    reconciler = worker.Reconciler(errand=lambda: looked.append(driver.look()) or looked[-1])
    reconciler.round()
    assert looked[0] > driving.LOOK_SECONDS
    plays.begin(NAME, None)
    driver.at = 0.0
    _, seconds = reconciler.round()
    assert seconds <= driving.LOOK_SECONDS
    assert row().next == 1
