"""Every write of a client beside a pass of the worker: one waits for the other, neither for ever, and nothing of either is lost."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from cluster import models
from cluster.core.reconcile import reconcile
from cluster.live import worker
from cluster.page import rollouts
from cluster.records import journal
from cluster.records.memory import Memory
from cluster.spaces import Space
from cluster.stories import staging
from cluster.writing import actions, behaviours, clusters, namespaces, pacing
from tests.admin.test_side_by_side import begins
from tests.live.test_two_workers import alongside
from tests.records.test_memory import EXTRA, WRITES, check, instant, node, pod, settle
from tests.spaces import DEFAULT, demo
from tests.writing.test_actions import manifest

PROMPTLY_SECONDS = 10.0
OPEN_SECONDS = 0.15
MET_SECONDS = 0.05
pytestmark = pytest.mark.usefixtures("committed")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A write and what must be true once both are done."""

    write: Callable[[], Any]
    seen: Callable[[], bool]


def cordoned() -> bool:
    return node().unschedulable


def ready(count: int, namespace: str = "default") -> Callable[[], bool]:
    def seen() -> bool:
        pods = models.Pod.objects.filter(namespace__name=namespace, deleted_at=None)
        return pods.count() == pods.filter(ready=True).count() == count

    return seen


def there(model: Any, **fields: Any) -> Callable[[], bool]:
    return lambda: model.objects.filter(**fields).exists()


def gone(model: Any, **fields: Any) -> Callable[[], bool]:
    return lambda: not model.objects.filter(**fields).exists()


def newest_rollout() -> int:
    found = models.Change.objects.filter(kind="Deployment", namespace="default", verb="ADDED").order_by("rv").first()
    assert found is not None
    return found.rv


IN_WEB = {"namespace__name": "default", "name": "web"}
CASES: dict[str, Case] = {
    "page: scale": Case(write=WRITES["page: scale"], seen=ready(5)),
    "page: image": Case(
        write=WRITES["page: image"], seen=there(models.ReplicaSet, namespace__name="default", number=2)
    ),
    "page: delete": Case(write=WRITES["page: delete"], seen=gone(models.Pod, namespace__name="default")),
    "page: pace": Case(write=WRITES["page: pace"], seen=there(models.Cluster, pace=2.0)),
    "api: create": Case(write=WRITES["api: create"], seen=there(models.Pod, name__startswith="new-", ready=True)),
    "api: patch": Case(write=WRITES["api: patch"], seen=ready(1)),
    "api: delete": Case(write=WRITES["api: delete"], seen=gone(models.Pod, namespace__name="default")),
    "api: foreground": Case(write=WRITES["api: delete in the foreground"], seen=gone(models.Deployment, **IN_WEB)),
    "api: delete pods": Case(write=WRITES["api: delete pods"], seen=ready(4)),
    "api: cordon": Case(write=WRITES["api: cordon"], seen=cordoned),
    "api: delete node": Case(write=WRITES["api: delete node"], seen=gone(models.Node, name="node-1")),
    "api: create namespace": Case(write=WRITES["api: create namespace"], seen=there(models.Namespace, name="new")),
    "api: label namespace": Case(
        write=WRITES["api: label namespace"], seen=there(models.Namespace, name="extra", labels__x="y")
    ),
    "api: delete namespace": Case(write=WRITES["api: delete namespace"], seen=gone(models.Namespace, name="extra")),
    "admin: node": Case(write=WRITES["admin: node"], seen=there(models.Node, name="node-1", slots=77)),
    "admin: delete node": Case(write=WRITES["admin: delete node"], seen=gone(models.Node, name="node-1")),
    "admin: behaviour": Case(
        write=WRITES["admin: behaviour"], seen=there(models.ImageBehaviour, pattern="nginx:*", ready_seconds=3.0)
    ),
    "admin: delete behaviour": Case(
        write=WRITES["admin: delete behaviour"], seen=gone(models.ImageBehaviour, pattern="*")
    ),
    "admin: namespace": Case(write=WRITES["admin: namespace"], seen=there(models.Namespace, name="extra", pod_quota=7)),
    "admin: new namespace": Case(write=WRITES["admin: new namespace"], seen=there(models.Namespace, name="new")),
    "admin: delete namespace": Case(write=WRITES["admin: delete namespace"], seen=gone(models.Namespace, name="extra")),
    "story: break": Case(
        write=WRITES["story: break"], seen=there(models.ImageBehaviour, played=True, failure="crash-loop")
    ),
    "story: heal": Case(write=WRITES["story: heal"], seen=there(models.ImageBehaviour, played=True, failure="")),
    "story: drain": Case(
        write=lambda: staging.drain(DEFAULT, "node-1", actor="story"),
        seen=lambda: cordoned() and not models.Pod.objects.filter(namespace__name="default", node="node-1").exists(),
    ),
    "story: kill": Case(write=WRITES["story: kill"], seen=ready(4)),
    "story: say": Case(write=WRITES["story: say"], seen=there(models.Change, kind="Say")),
    "pin": Case(
        write=lambda: rollouts.pin(DEFAULT.cluster, newest_rollout(), actor="me"), seen=there(models.PinnedRollout)
    ),
    "reset": Case(write=WRITES["reset"], seen=gone(models.Pod)),
    "delete the pod": Case(
        write=lambda: actions.delete_pod(DEFAULT, pod().name, actor="me"),
        seen=ready(4),
    ),
}


@pytest.fixture
def remembering(committed: None) -> Memory:  # noqa: ARG001
    """Three pods run in default and two in extra; a pass that makes a fourth is due."""
    instant()
    namespaces.create(DEFAULT.cluster, "extra", actor="me")
    actions.create(DEFAULT, manifest(), actor="me")
    actions.create(EXTRA, manifest(replicas=2), actor="me")
    made = Memory()
    settle(made)
    actions.act(DEFAULT, "web", "scale", 4, actor="me")
    return made


@dataclass(kw_only=True)
class Meeting:
    """The second party begins while the first is in its transaction, and is given time to run into it."""

    second: Callable[[], Any]
    failures: list[BaseException] = field(default_factory=list)
    thread: threading.Thread | None = None

    def arrange(self) -> None:
        if self.thread is not None:
            return
        began = threading.Event()

        def run() -> None:
            with connection.execute_wrapper(begins(began)):
                self.second()

        self.thread = alongside(run, self.failures)
        began.wait(OPEN_SECONDS)  # on SQLite it queues before it begins
        self.thread.join(MET_SECONDS)  # the first is held open: either the second ends meanwhile or it waits

    def end(self) -> None:
        assert self.thread is not None, "they never met"
        self.thread.join(PROMPTLY_SECONDS)
        assert not self.thread.is_alive(), "it waits for ever"
        assert self.failures == []


@pytest.fixture
def promptly() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PROMPTLY_SECONDS


def sound(remembered: Memory) -> None:
    """The worker knows what is there, the journal has no gap and tells of every object, the nodes' counts are right."""
    check(remembered)
    row = demo()
    versions = list(row.changes.filter(rv__gt=row.tail).order_by("rv").values_list("rv", flat=True))
    assert versions == list(range(row.tail + 1, row.head + 1))
    for verb in ("ADDED", "DELETED"):
        told = row.changes.filter(verb=verb, rv__gt=row.tail).exclude(kind="Event").values_list("uid", flat=True)
        assert max(Counter(told).values(), default=1) == 1, verb
    for kind in (models.Deployment, models.ReplicaSet, models.Pod, models.Namespace, models.Node):
        rows: Any = kind
        for each in rows.objects.all():
            newest = row.changes.filter(kind=kind.__name__, uid=each.uid).order_by("-rv").first()
            if newest is not None:  # what a fixture made is not told of
                assert (newest.verb != "DELETED", newest.rv) == (True, each.resource_version)


def finish(remembered: Memory, seen: Callable[[], bool]) -> None:
    end = time.monotonic() + PROMPTLY_SECONDS
    settle(remembered)
    while not seen():
        assert time.monotonic() < end, "it was lost"
        settle(remembered)
    sound(remembered)


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize("name", CASES)
def test_a_write_comes_while_a_pass_is_under_way(
    remembering: Memory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Between the worker's decision and its writing."""
    case = CASES[name]
    meeting = Meeting(second=case.write)

    def decided(*arguments: Any, **named: Any) -> Any:
        result = reconcile(*arguments, **named)
        meeting.arrange()
        return result

    monkeypatch.setattr(worker, "reconcile", decided)
    assert worker.run_next({}, remembering)
    meeting.end()
    finish(remembering, case.seen)


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize("name", CASES)
def test_a_pass_comes_while_a_write_is_under_way(
    remembering: Memory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Once the client's transaction has read and locked what it needs and has begun to write."""
    case = CASES[name]
    meeting = Meeting(second=lambda: worker.run_next({}, remembering))
    insert, me = journal._insert, threading.get_ident()

    def inserting(rows: Any) -> None:
        insert(rows)
        if threading.get_ident() == me:
            meeting.arrange()

    pin = models.PinnedRollout.objects.update_or_create

    def pinning(**named: Any) -> Any:
        pinned = pin(**named)
        meeting.arrange()
        return pinned

    monkeypatch.setattr(models.PinnedRollout.objects, "update_or_create", pinning)
    monkeypatch.setattr(journal, "_insert", inserting)
    case.write()
    meeting.end()
    finish(remembering, case.seen)


def test_a_step_comes_while_a_pass_is_under_way(remembering: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paused clock: the step goes to the time that the pass has found, or to that before, never beyond."""
    models.ImageBehaviour.objects.update(ready_seconds=5.0)
    behaviours.changed(Space(DEFAULT.cluster, ""), actor="me")
    settle(remembering)
    pacing.set_pace(DEFAULT.cluster, 0.0, actor="me")
    meeting = Meeting(second=lambda: pacing.step(DEFAULT.cluster, actor="me"))

    def decided(*arguments: Any, **named: Any) -> Any:
        result = reconcile(*arguments, **named)
        meeting.arrange()
        return result

    monkeypatch.setattr(worker, "reconcile", decided)
    before = demo().clock_sim
    assert worker.run_next({}, remembering)
    meeting.end()
    settle(remembering)
    assert before < demo().clock_sim <= before + 5.0
    sound(remembering)


def test_writes_of_many_clients_beside_two_workers() -> None:
    """Each client scales a Deployment of its own up step by step; none of the steps is lost."""
    instant()
    for number in range(3):
        actions.create(DEFAULT, manifest(name=f"web-{number}", replicas=1), actor="me")
    failures: list[BaseException] = []
    stopped = threading.Event()
    memories = [Memory(), Memory()]

    def client(number: int) -> None:
        for replicas in range(2, 7):
            actions.act(DEFAULT, f"web-{number}", "scale", replicas, actor=f"client-{number}")

    def work(remembered: Memory) -> None:
        while not stopped.is_set():
            if not worker.run_next({}, remembered):
                stopped.wait(0.005)

    workers = [alongside(lambda each=each: work(each), failures) for each in memories]  # type: ignore[misc]
    clients = [alongside(lambda number=number: client(number), failures) for number in range(3)]  # type: ignore[misc]
    for each in clients:
        each.join(2 * PROMPTLY_SECONDS)
    stopped.set()
    for each in workers:
        each.join(PROMPTLY_SECONDS)
    assert not any(each.is_alive() for each in (*clients, *workers))
    assert failures == []
    settle(*memories)
    finish(memories[0], ready(18))
    check(memories[1])
    edits = models.Change.objects.filter(kind="Deployment", actor__startswith="client-")
    assert edits.count() == 15


def test_two_clusters_are_written_side_by_side() -> None:
    """Where the database can (PostgreSQL), a write of one cluster does not wait for a write of another."""
    clusters.create("blue")
    done = threading.Event()
    failures: list[BaseException] = []

    def other() -> None:
        namespaces.create("blue", "extra", actor="me")
        done.set()

    with journal.exclusive(DEFAULT.cluster):
        thread = alongside(other, failures)
        met = done.wait(PROMPTLY_SECONDS if connection.vendor == "postgresql" else OPEN_SECONDS)
    thread.join(PROMPTLY_SECONDS)
    assert failures == []
    assert (met, done.is_set()) == (connection.vendor == "postgresql", True)
