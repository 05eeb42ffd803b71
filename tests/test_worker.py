"""The worker: level-triggered, due not polled, one pass at a time; and the journal it writes."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from cluster import actions, history, journal, models, snapshot, worker
from tests.test_actions import manifest


@pytest.fixture
def instant(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(pattern="*")


@pytest.mark.usefixtures("instant")
def test_a_pass_that_dies_leaves_nothing_behind(work: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create("default", manifest(), actor="me")
    before = journal.head()

    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("cluster.apply._write_nodes", die)
        assert worker.run_next({})
    assert journal.head() == before
    assert not models.Pod.objects.exists()
    models.Family.objects.update(due=0.0)
    work()
    assert models.Pod.objects.filter(ready=True).count() == 3


@pytest.mark.usefixtures("instant")
def test_one_poisoned_family_does_not_stop_the_others(work: Callable[[], int]) -> None:
    actions.create("default", manifest(name="bad"), actor="me")
    actions.create("default", manifest(name="good"), actor="me")
    models.Deployment.objects.filter(name="bad").update(max_surge="nonsense")
    work()
    good = models.Deployment.objects.get(name="good")
    assert good.status["available_replicas"] == 3
    bad_family = models.Deployment.objects.get(name="bad").family
    assert bad_family.due is not None
    assert bad_family.due > time.time() - 60


@pytest.mark.usefixtures("instant")
def test_snapshot_after_apply_is_the_state_that_was_decided(work: Callable[[], int]) -> None:
    actions.create("default", manifest(), actor="me")
    work()
    frame = snapshot.namespace_snapshot("default")
    newest: dict[str, Any] = {}
    for change in models.Change.objects.exclude(verb="DELETED").order_by("id"):
        newest[change.uid] = change.state
    for name in ("deployments", "replicasets", "pods"):
        for state in frame[name]:
            assert state == newest[state["uid"]]


@pytest.mark.usefixtures("instant")
def test_repeated_events_are_counted(work: Callable[[], int]) -> None:
    models.Node.objects.update(slots=0)
    actions.create("default", manifest(replicas=1), actor="me")
    work()
    models.Pod.objects.update(next_at=0.0)
    models.Family.objects.update(due=0.0)
    work()
    event = models.Event.objects.get(reason="FailedScheduling")
    assert event.count == 2
    assert event.message == (
        "0/3 nodes are available: 3 Too many pods. "
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
    )


@pytest.mark.usefixtures("instant")
def test_compaction_keeps_the_newest_and_tells_old_readers(
    work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.create("default", manifest(), actor="me")
    work()
    monkeypatch.setattr(journal, "KEEP_CHANGES", 5)
    journal.compact(time.time())
    assert models.Change.objects.count() == 5
    with pytest.raises(journal.Gone):
        journal.changes_since("default", 1, 100)
    assert [each["rv"] for each in journal.changes_since("default", journal.tail(), 100)] == list(
        range(journal.tail() + 1, journal.head() + 1)
    )


@pytest.mark.usefixtures("instant")
def test_the_film_of_a_rollout_starts_with_the_edit(work: Callable[[], int]) -> None:
    actions.create("default", manifest(), actor="me")
    work()
    actions.set_images("default", "web", {"web": "nginx:2"}, actor="me")
    work()
    film = history.film("default", "web")
    assert [each["replicas"] for each in film["start"]["replicasets"]] == [3]
    assert film["frames"][0]["kind"] == "Deployment"
    assert film["frames"][0]["state"]["containers"][0]["image"] == "nginx:2"
    steps = [
        (each["state"]["number"], each["state"]["replicas"]) for each in film["frames"] if each["kind"] == "ReplicaSet"
    ]
    assert steps[0] == (2, 1)
    assert steps[-1] in [(1, 0), (2, 3)]
