"""The journal tells whole objects: each change is, to the letter, what a reader would have been given then."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster import models
from cluster.api import reading
from cluster.api.watch import changes
from cluster.live.worker import run_next
from cluster.records import journal
from cluster.writing import actions
from tests.api.conftest import target_of
from tests.spaces import DEFAULT, demo

BOOK = "nginx-deployment"
WATCHED = ("deployments", "replicasets", "pods", "events")
Work = Callable[[], int]


def step(seen: dict[str, int]) -> None:
    """Compares what was written since with what is now read; `seen`: kind -> the version it was compared up to."""
    for plural in WATCHED:
        target = target_of(plural)
        items, seen[plural] = changes.since(target, seen.get(plural, 0), limit=100_000)
        last = {each.manifest["metadata"]["uid"]: each for each in items}
        living = {uid: each.manifest for uid, each in last.items() if each.verb != "DELETED"}
        read = {each["metadata"]["uid"]: each for each in reading.read(target, uids=list(last))}
        assert living == read
        assert [int(each.manifest["metadata"]["resourceVersion"]) for each in items] == [each.rv for each in items]


@pytest.fixture
def quick(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="nginx:1.91", failure="image-not-found")
    models.ImageBehaviour.objects.create(cluster=demo(), order=2, pattern="*")


@pytest.mark.usefixtures("quick")
def test_every_change_is_the_object_that_a_reader_saw() -> None:
    seen: dict[str, int] = {}
    edits: list[Callable[[], Any]] = [
        lambda: actions.example(DEFAULT, actor="me"),
        lambda: actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me"),
        lambda: actions.act(DEFAULT, BOOK, "scale", 5, actor="me"),
        lambda: actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.91"}, actor="me"),
        lambda: actions.act(DEFAULT, BOOK, "undo", actor="me"),
        lambda: actions.act(DEFAULT, BOOK, "pause", actor="me"),
        lambda: actions.delete(DEFAULT, BOOK, actor="me"),
    ]
    for edit in edits:
        edit()
        step(seen)
        while run_next({}):
            step(seen)
    assert not models.Pod.objects.exists()


@pytest.mark.usefixtures("quick")
def test_what_is_deleted_is_told_in_its_last_whole_state(work: Work) -> None:
    actions.example(DEFAULT, actor="me")
    work()
    before = {
        each["metadata"]["uid"]: each
        for plural in ("deployments", "replicasets")
        for each in reading.read(target_of(plural))
    }
    head = journal.head(DEFAULT.cluster)
    actions.delete(DEFAULT, BOOK, actor="me")
    work()
    for plural in ("deployments", "replicasets"):
        items, _ = changes.since(target_of(plural), head)
        gone = [each.manifest for each in items if each.verb == "DELETED"]
        assert [each["spec"]["template"] for each in gone] == [
            before[each["metadata"]["uid"]]["spec"]["template"] for each in gone
        ]
        assert len(gone) == 1


@pytest.mark.usefixtures("quick")
def test_a_moment_of_the_past_is_the_list_that_was_read_then(work: Work) -> None:
    moments: dict[int, dict[str, Any]] = {}

    def remember() -> None:
        moments[journal.head(DEFAULT.cluster)] = {plural: reading.read(target_of(plural)) for plural in WATCHED[:3]}

    actions.example(DEFAULT, actor="me")
    remember()
    work()
    remember()
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    remember()
    while run_next({}):
        remember()
    actions.delete(DEFAULT, BOOK, actor="me")
    work()
    assert len(moments) > 3
    for rv, lists in moments.items():
        for plural, read in lists.items():
            assert changes.at(target_of(plural), rv) == read


@pytest.mark.usefixtures("quick")
def test_pods_share_a_blueprint_and_compaction_takes_it(work: Work) -> None:
    actions.example(DEFAULT, actor="me")
    work()
    pods = models.Change.objects.filter(kind="Pod").values_list("blueprint", flat=True)
    assert (len(pods) > 3, len(set(pods))) == (True, 1)
    actions.delete(DEFAULT, BOOK, actor="me")
    work()
    wall = models.Change.objects.order_by("-id").values_list("wall", flat=True)[0]
    journal.compact(wall + journal.KEEP_SECONDS + 1)
    assert not models.Blueprint.objects.exists()
    with pytest.raises(journal.Gone):
        changes.since(target_of("pods"), 1)


@pytest.mark.usefixtures("quick")
def test_what_a_selector_saw_before_is_kept(work: Work) -> None:
    actions.example(DEFAULT, actor="me")
    work()
    items, _ = changes.since(target_of("pods"), 0, selected=True)
    pod = items[0].manifest["metadata"]["uid"]
    mine = [each for each in items if each.manifest["metadata"]["uid"] == pod]
    assert [each.before for each in mine if each.before] == [
        {"fields": {"spec.nodeName": ""}},
        {"fields": {"status.phase": "Pending", "status.podIP": ""}},
    ]
    for before, after in zip(mine, mine[1:], strict=False):
        assert after.previous == (before.manifest if after.before else None)
