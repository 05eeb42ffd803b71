"""Two workers on one database: PostgreSQL lets them run different clusters at once, SQLite one after the other. Never the
same cluster at once, never a thing twice, never more pods on a node than it has slots."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cluster import models
from cluster.core.reconcile import reconcile
from cluster.live import worker
from cluster.spaces import Space
from cluster.writing import actions, clusters
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest

PATIENCE_SECONDS = 20.0


def instant() -> None:
    models.ImageBehaviour.objects.all().delete()
    for cluster in models.Cluster.objects.all():
        models.ImageBehaviour.objects.create(cluster=cluster, pattern="*")


def alongside(call: Callable[[], Any], failures: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            call()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def work_until_settled() -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while models.Cluster.objects.filter(due__lte=time.time()).exists():
        assert time.monotonic() < end
        if not worker.run_next({}):
            time.sleep(0.002)


@pytest.mark.usefixtures("committed")
def test_no_cluster_runs_twice_at_once_and_nothing_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    instant()
    for number in range(6):
        actions.create(DEFAULT, manifest(name=f"web-{number}", replicas=5), actor="me")
    running: Counter[int] = Counter()
    most: Counter[int] = Counter()
    passed = worker.run_pass

    def watched(row: models.Cluster, *arguments: Any) -> None:
        running[row.pk] += 1
        most[row.pk] = max(most[row.pk], running[row.pk])
        try:
            passed(row, *arguments)
        finally:
            running[row.pk] -= 1

    monkeypatch.setattr(worker, "run_pass", watched)
    failures: list[BaseException] = []
    for _ in range(2):
        workers = [alongside(work_until_settled, failures) for _ in range(2)]
        for each in workers:
            each.join(PATIENCE_SECONDS)
        for number in range(6):
            actions.act(DEFAULT, f"web-{number}", "set-image", {"web": "nginx:2"}, actor="me")
    work_until_settled()
    assert failures == []
    assert set(most.values()) == {1}
    assert models.Pod.objects.filter(ready=True).count() == models.Pod.objects.count() == 30
    assert models.ReplicaSet.objects.count() == 12
    added = models.Change.objects.filter(verb="ADDED").values_list("uid", flat=True)
    assert max(Counter(added).values()) == 1
    ids = list(models.Change.objects.order_by("rv").values_list("rv", flat=True))
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.usefixtures("committed")
def test_a_cluster_that_is_held_does_not_hold_up_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only PostgreSQL can show it: there the second worker finishes while the first is in its pass."""
    clusters.create("second")
    instant()
    for name in (DEFAULT.cluster, "second"):
        actions.create(Space(name, "default"), manifest(name=name), actor="me")
    rivals = meet_a_rival(monkeypatch)
    worker.run_next({})
    rivals.join()
    work_until_settled()
    assert rivals.failures == []
    assert rivals.finished_meanwhile == (connection.vendor == "postgresql")
    assert models.Pod.objects.filter(ready=True).count() == 6


@pytest.mark.usefixtures("committed")
def test_two_that_want_the_last_slots_do_not_overfill_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node has 4 slots and two Deployments want 3 each: the second pass waits for the first, and leaves 2 pods waiting."""
    instant()
    models.Node.objects.exclude(name="node-1").delete()
    models.Node.objects.update(slots=4)
    for name in ("first", "second"):
        actions.create(DEFAULT, manifest(name=name), actor="me")
    rivals = meet_a_rival(monkeypatch)
    assert worker.run_next({})
    rivals.join()
    work_until_settled()
    assert rivals.failures == []
    assert models.Pod.objects.filter(node="node-1").count() == 4
    waiting = models.Pod.objects.filter(node="")
    assert waiting.count() == 2
    assert all("0/1 nodes are available: 1 Too many pods" in pod.message for pod in waiting)
    bound = models.Event.objects.filter(reason="Scheduled")
    assert sum(bound.values_list("count", flat=True)) == 4


@pytest.mark.usefixtures("cluster")
def test_pods_that_go_are_written_however_full_the_node_is() -> None:
    """An admin has lowered the slots below the pods that are there."""
    instant()
    models.Node.objects.exclude(name="node-1").delete()
    actions.create(DEFAULT, manifest(), actor="me")
    work_until_settled()
    models.Node.objects.update(slots=0)
    actions.act(DEFAULT, "web", "scale", 1, actor="me")
    work_until_settled()
    assert models.Pod.objects.get().node == "node-1"


class Rivals:
    """A second worker that runs one pass between another's decision and its writing."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.raced = False
        self.thread: threading.Thread | None = None
        self.finished_meanwhile = False

    def race(self) -> None:
        if not self.raced:
            self.raced = True
            self.thread = alongside(lambda: worker.run_next({}), self.failures)
            # On SQLite it waits for us, however long we wait for it.
            self.thread.join(PATIENCE_SECONDS if connection.vendor == "postgresql" else 0.1)
            self.finished_meanwhile = not self.thread.is_alive()

    def join(self) -> None:
        assert self.thread is not None
        self.thread.join(PATIENCE_SECONDS)


def meet_a_rival(monkeypatch: pytest.MonkeyPatch) -> Rivals:
    rivals = Rivals()

    def decided(*arguments: Any, **named: Any) -> Any:
        result = reconcile(*arguments, **named)
        rivals.race()
        return result

    monkeypatch.setattr(worker, "reconcile", decided)
    return rivals
