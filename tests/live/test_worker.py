"""The worker: level-triggered, due not polled, one pass at a time; and the journal it writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import F

from cluster import models, statuses
from cluster.core.objects import Change
from cluster.core.reconcile import SYNCS
from cluster.core.state import State
from cluster.live import worker
from cluster.page import history
from cluster.records import journal, snapshot
from cluster.records.memory import Memory
from cluster.records.threads import in_thread
from cluster.spaces import Space
from cluster.writing import actions, clusters
from tests.spaces import DEFAULT, demo
from tests.viewing import until
from tests.writing.test_actions import manifest


@pytest.fixture
def instant(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")


@pytest.mark.usefixtures("instant")
def test_a_pass_that_dies_leaves_nothing_behind(work: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    before = journal.head(DEFAULT.cluster)

    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("cluster.records.rows.write_nodes", die)
        assert worker.run_next({})
    assert journal.head(DEFAULT.cluster) == before
    assert not models.Pod.objects.exists()
    models.Cluster.objects.update(due=0.0)
    work()
    assert models.Pod.objects.filter(ready=True).count() == 3


@pytest.mark.usefixtures("instant")
def test_one_poisoned_cluster_does_not_stop_the_others(work: Callable[[], int]) -> None:
    clusters.create("other")
    models.ImageBehaviour.objects.filter(cluster__name="other").delete()
    actions.create(DEFAULT, manifest(name="bad"), actor="me")
    actions.create(Space("other", "default"), manifest(name="good"), actor="me")
    models.Deployment.objects.filter(name="bad").update(max_surge="nonsense")
    work()
    bad = models.Cluster.objects.get(name=DEFAULT.cluster)
    assert bad.due is not None
    assert bad.due > time.time() - 60
    assert models.Deployment.objects.get(name="good").status["observed_generation"] == 1


@pytest.mark.usefixtures("instant")
def test_a_poisoned_cluster_waits_ever_longer_and_is_told_seldom_until_it_is_mended(
    work: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    worker.passes.counts.clear()
    actions.create(DEFAULT, manifest(name="bad"), actor="me")
    models.Deployment.objects.update(max_surge="nonsense")
    pauses = []
    for _ in range(4):
        models.Cluster.objects.update(due=0.0)
        began = time.time()
        work()
        due = models.Cluster.objects.get().due
        assert due is not None
        pauses.append(round(due - began))
    assert pauses == [1, 2, 4, 8]
    told = [each.getMessage() for each in caplog.records]
    assert told == [
        "The pass of cluster demo failed; next try in 1 s",
        "The pass of cluster demo failed 2 times in a row; next try in 2 s",
        "The pass of cluster demo failed 4 times in a row; next try in 8 s",
    ]
    models.Deployment.objects.update(max_surge="25%")
    models.Cluster.objects.update(due=0.0)
    work()
    assert models.Pod.objects.filter(ready=True).count() == 3
    assert caplog.records[-1].getMessage() == "The pass of cluster demo works again, after 4 failures"


@pytest.mark.usefixtures("instant")
def test_one_poisoned_deployment_does_not_stop_the_others_of_its_cluster(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "good", "better"):
        actions.create(DEFAULT, manifest(name=name), actor="me")
    bad, sync = models.Deployment.objects.get(name="bad"), SYNCS["Deployment"]

    def failing(state: State, uid: str, now: float) -> list[Change]:
        if uid == bad.uid:
            raise RuntimeError("poison")
        return sync(state, uid, now)

    memory = Memory()
    with monkeypatch.context() as patch:
        patch.setitem(SYNCS, "Deployment", failing)
        assert worker.run_next({}, memory)
        actions.act(DEFAULT, "good", "set-image", {"web": "nginx:2"}, actor="me")
        assert worker.run_next({}, memory)
    assert {
        each.name for each in models.Deployment.objects.exclude(status={}) if each.status["observed_generation"]
    } == {
        "good",
        "better",
    }
    assert models.Pod.objects.filter(ready=True).count() == 6
    row = models.Cluster.objects.get()
    assert row.due is not None
    assert caplog.records[0].getMessage() == "Deployment default/bad of cluster demo failed; next try in 0.005 s"
    assert caplog.records[0].exc_info
    assert not [each for each in caplog.records if "good" in each.getMessage() or "pass" in each.getMessage()]
    models.Cluster.objects.update(due=0.0, clock_sim=F("clock_sim") + 60)
    assert worker.run_next({}, memory)
    assert models.Pod.objects.filter(ready=True).count() == 9
    assert caplog.records[-1].getMessage().startswith("Deployment default/bad of cluster demo works again, after ")


@pytest.mark.usefixtures("instant")
def test_what_is_due_in_another_workers_hands_is_not_asked_for_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    monkeypatch.setattr(worker, "claim", lambda *_: None)
    _, seconds = worker.Reconciler().round()
    assert seconds >= worker.SHORTEST_SLEEP_SECONDS


@pytest.fixture
async def running(committed: None) -> AsyncIterator[worker.Reconciler]:  # noqa: ARG001
    """A worker as channels starts it."""
    await in_thread(make_instant)
    reconciler = worker.Reconciler()
    await reconciler.wake({"type": "wake"})
    yield reconciler
    assert reconciler.loop_task
    reconciler.loop_task.cancel()
    await asyncio.gather(reconciler.loop_task, return_exceptions=True)
    await reconciler._in_thread(worker.close_connection)


def make_instant() -> None:
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")


async def test_a_doorbell_that_nobody_hears_costs_a_moment(
    running: worker.Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ring", lambda *_: None)
    await until(lambda: not running.bell.is_set())
    await in_thread(create_web)
    await until_ready()


async def test_it_outlives_a_database_that_goes_away(
    running: worker.Reconciler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await until_true(journal.worker_alive)  # its first round is over
    work, away = worker.run_next, [3]

    def failing(*arguments: Any) -> bool:
        if away[0]:
            away[0] -= 1
            raise OperationalError("terminating connection due to administrator command")
        return work(*arguments)

    monkeypatch.setattr(running.troubles, "first_seconds", 0.01)
    monkeypatch.setattr(running.troubles, "longest_seconds", 0.01)
    monkeypatch.setattr(worker, "run_next", failing)
    await in_thread(create_web)
    running.bell.set()
    await until_ready()
    await until(lambda: "The worker works again, after 3 failures" in [each.getMessage() for each in caplog.records])
    assert away == [0]
    assert caplog.records[0].getMessage() == "A round of the worker failed; next try in 0.01 s"


async def test_the_worker_says_that_it_lives_only_after_a_round_that_worked(
    running: worker.Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until_true(journal.worker_alive)

    def failing(*_: Any) -> bool:
        raise OperationalError

    monkeypatch.setattr(worker, "run_next", failing)
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.0)
    await another_failure(running)  # of a round that had begun before, the beat may still come
    await in_thread(lambda: models.Heartbeat.objects.update(at=0.0))
    await another_failure(running)
    assert not await in_thread(journal.worker_alive)


async def another_failure(running: worker.Reconciler) -> None:
    failed = running.troubles.counts.get("round", 0)
    running.bell.set()
    await until(lambda: running.troubles.counts.get("round", 0) > failed)


def create_web() -> None:
    actions.create(DEFAULT, manifest(), actor="me")


async def until_ready() -> None:
    await until_true(lambda: models.Pod.objects.filter(ready=True).count() == 3)


async def until_true(find: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not await in_thread(find):
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


@pytest.mark.usefixtures("instant")
def test_snapshot_after_apply_is_the_state_that_was_decided(work: Callable[[], int]) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    frame = snapshot.namespace_snapshot(DEFAULT)
    newest: dict[str, Any] = {}
    for change in models.Change.objects.exclude(verb="DELETED").order_by("id"):
        newest[change.uid] = change.state
    for name in ("deployments", "replicasets", "pods"):
        for state in frame[name]:
            assert state == newest[state["uid"]]


@pytest.mark.usefixtures("instant")
@pytest.mark.usefixtures("cluster")
def test_repeated_events_are_counted() -> None:
    memory = Memory()
    models.Node.objects.update(slots=0)
    actions.create(DEFAULT, manifest(replicas=1), actor="me")
    while worker.run_next({}, memory):
        pass
    models.Cluster.objects.update(due=0.0, clock_sim=F("clock_sim") + 301)  # five minutes later it is tried again
    while worker.run_next({}, memory):
        pass
    event = models.Event.objects.get(reason="FailedScheduling")
    assert event.count == 2
    assert event.message == (
        "0/3 nodes are available: 3 Too many pods. no new claims to deallocate, "
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
    )


@pytest.mark.usefixtures("instant")
def test_compaction_keeps_the_newest_and_tells_old_readers(
    work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    monkeypatch.setattr(journal, "KEEP_CHANGES", 5)
    journal.compact(time.time())
    assert models.Change.objects.count() == 5
    with pytest.raises(journal.Gone):
        journal.changes_since(*DEFAULT, 1, 100)
    assert [each["rv"] for each in journal.changes_since(*DEFAULT, journal.tail(DEFAULT.cluster), 100)] == list(
        range(journal.tail(DEFAULT.cluster) + 1, journal.head(DEFAULT.cluster) + 1)
    )


@pytest.mark.usefixtures("instant")
def test_the_film_of_a_rollout_starts_with_the_edit(work: Callable[[], int]) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me")
    work()
    film = history.film(DEFAULT, "web")
    assert [each["replicas"] for each in film["start"]["replicasets"]] == [3]
    assert film["frames"][0]["kind"] == "Deployment"
    assert film["frames"][0]["state"]["containers"][0]["image"] == "nginx:2"
    steps = [
        (each["state"]["number"], each["state"]["replicas"]) for each in film["frames"] if each["kind"] == "ReplicaSet"
    ]
    assert steps[0] == (2, 1)
    assert steps[-1] in [(1, 0), (2, 3)]


@pytest.mark.usefixtures("instant")
def test_a_pass_over_very_many_pods_commits_in_between_and_an_edit_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_CHANGES", 1_000)
    actions.create(DEFAULT, manifest(), actor="me")
    models.Deployment.objects.update(replicas=2_147_483_647)  # as no edit may ask for
    models.Node.objects.update(slots=10_000)
    for _ in range(3):
        assert worker.run_next({})
    many = models.Pod.objects.count()
    assert 1_000 <= many <= 2_000
    assert models.Cluster.objects.filter(due__lte=time.time()).exists()
    actions.act(DEFAULT, "web", "scale", 2, actor="me")
    for _ in range(20):
        worker.run_next({})
    assert models.Pod.objects.count() == 2


QUOTA = 'deployments.apps "web" is forbidden: Rollstage limit of the namespace "default" on pods: requested: {:,}, used: 0, limited: 10'


@pytest.mark.usefixtures("instant")
@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        pytest.param({"max_surge": 7}, None, id="as many as there may be"),
        pytest.param({"max_surge": 8}, 11, id="one more"),
        pytest.param({"max_surge": 2_147_483_640}, 2_147_483_643, id="very many"),
        pytest.param({"max_surge": "300%"}, 12, id="a share"),
        pytest.param({"max_surge": 8, "strategy": "Recreate"}, None, id="without a surge"),
    ],
)
def test_the_quota_counts_the_surge(changes: dict[str, Any], asked: int | None) -> None:
    models.Namespace.objects.update(pod_quota=10)
    actions.create(DEFAULT, manifest(), actor="me")
    if asked is None:
        actions.act(DEFAULT, "web", "tune", changes, actor="me")
        return
    with pytest.raises(statuses.Refused) as refused:
        actions.act(DEFAULT, "web", "tune", changes, actor="me")
    assert refused.value.status["message"] == QUOTA.format(asked)


@pytest.mark.usefixtures("instant")
def test_an_edit_that_asks_for_no_more_than_before_is_within_any_quota() -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    models.Namespace.objects.update(pod_quota=1)
    actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me")
    actions.act(DEFAULT, "web", "scale", 2, actor="me")
    with pytest.raises(statuses.Refused, match="Rollstage limit"):
        actions.act(DEFAULT, "web", "scale", 3, actor="me")
