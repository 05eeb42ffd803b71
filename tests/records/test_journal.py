"""The journal: one order, committed in that order; what is read is neither early nor lost, and old readers are told."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.records import journal
from cluster.writing import actions, clusters
from tests.spaces import DEFAULT, space
from tests.viewing import another_namespace, write_changes
from tests.writing.test_actions import manifest


def elsewhere(call: Callable[[], Any]) -> Any:
    """What another connection sees."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return found[0]


def ids(namespace: str = "default", since: int = 0) -> list[int]:
    return [each["rv"] for each in journal.changes_since(DEFAULT.cluster, namespace, since, 10_000)]


def write_at(wall: float, count: int = 1) -> int:
    with journal.write(*DEFAULT, actor="me", wall=wall) as writer:
        for _ in range(count):
            writer.append("MODIFIED", "Pod", {"uid": "p"}, name="p")
    return writer.head


@pytest.mark.usefixtures("committed")
def test_writers_at_once_make_one_order_that_no_reader_sees_a_hole_in() -> None:
    another_namespace("other")
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(12):
                write_changes(1 + turn % 3, namespace=("default", "other")[(number + turn) % 2], uid=f"{number}-{turn}")
                if turn % 4 == 0:
                    with pytest.raises(ZeroDivisionError):
                        give_up()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(each,)) for each in range(4)]
    for each in writers:
        each.start()
    read: list[int] = []
    while any(each.is_alive() for each in writers):
        newest = models.Change.objects.filter(rv__gt=read[-1] if read else 0).values_list("rv", flat=True)
        read += list(newest)
        time.sleep(0.002)  # leaves the writers their turn
    read += list(models.Change.objects.filter(rv__gt=read[-1] if read else 0).values_list("rv", flat=True))
    assert not failures
    assert read == list(range(1, 4 * 24 + 1))
    assert journal.head(DEFAULT.cluster) == read[-1]
    assert sorted(ids() + ids("other")) == read


def give_up() -> None:
    with journal.write(*DEFAULT, actor="me") as writer:
        writer.append("MODIFIED", "Pod", {"uid": "never"}, name="never")
        raise ZeroDivisionError


@pytest.mark.usefixtures("committed")
def test_nothing_is_seen_or_announced_before_it_is_committed() -> None:
    told: list[tuple[str, int, int]] = []

    def announce(namespace: str, head: int) -> None:
        told.append((namespace, head, elsewhere(lambda: journal.head(DEFAULT.cluster))))

    with journal.exclusive(DEFAULT.cluster):
        with journal.write(*DEFAULT, actor="me", announce=announce) as writer:
            writer.append("ADDED", "Pod", {"uid": "p"}, name="p")
        assert (journal.head(DEFAULT.cluster), ids()) == (1, [1])
        assert elsewhere(lambda: journal.head(DEFAULT.cluster)) == 0
        assert elsewhere(ids) == []
        assert told == []
    assert told == [("demo", 1, 1)], "announced once, when others can see it"


@pytest.mark.usefixtures("committed")
def test_what_is_rolled_back_leaves_neither_hole_nor_announcement() -> None:
    told: list[int] = []
    write_changes(2)
    with (
        pytest.raises(ZeroDivisionError),
        journal.write(*DEFAULT, actor="me", announce=lambda _, head: told.append(head)) as writer,
    ):
        writer.append("ADDED", "Pod", {"uid": "p"}, name="p")
        raise ZeroDivisionError
    assert (told, journal.head(DEFAULT.cluster)) == ([], 2)
    assert write_changes(1) == 3
    assert ids() == [1, 2, 3]


@pytest.mark.usefixtures("committed")
def test_a_write_without_changes_is_not_announced() -> None:
    told: list[int] = []
    with journal.write(*DEFAULT, actor="me", announce=lambda _, head: told.append(head)):
        pass
    assert (told, journal.head(DEFAULT.cluster)) == ([], 0)


@pytest.mark.usefixtures("committed")
def test_a_doorbell_that_fails_does_not_undo_or_refuse_the_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(journal, "ring", broken)
    result = actions.create(DEFAULT, manifest(), actor="me")
    assert result.message == "deployment.apps/web created"
    assert ids() == list(range(1, result.rv + 1))


@pytest.mark.usefixtures("cluster")
def test_a_change_tells_who_did_what_to_which() -> None:
    another_namespace("other")
    actions.create(space("other"), manifest(), actor="ann")
    (item,) = journal.changes_since(*space("other"), 0, 10)
    assert {key: item[key] for key in ("rv", "verb", "kind", "actor")} == {
        "rv": 1,
        "verb": "ADDED",
        "kind": "Deployment",
        "actor": "ann",
    }
    assert (item["state"]["name"], item["state"]["rv"]) == ("web", 1)
    assert journal.changes_since(*DEFAULT, 0, 10) == []


@pytest.mark.usefixtures("cluster")
def test_reading_is_limited_below_and_above() -> None:
    write_changes(10)
    assert [each["rv"] for each in journal.changes_since(*DEFAULT, 2, 3)] == [3, 4, 5]
    assert [each["rv"] for each in journal.changes_since(*DEFAULT, 2, 100, upto=4)] == [3, 4]
    assert journal.changes_since(*DEFAULT, 10, 100) == []


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("keep_changes", "keep_seconds", "tail"),
    [
        pytest.param(100, 1_000.0, 0, id="young and few: all are kept"),
        pytest.param(4, 1_000.0, 6, id="by count"),
        pytest.param(100, 45.0, 6, id="by age"),
        pytest.param(3, 45.0, 7, id="the stricter is the count"),
        pytest.param(8, 15.0, 9, id="the stricter is the age"),
        pytest.param(100, 5.0, 10, id="everything is old"),
    ],
)
def test_compaction_by_count_and_by_age(
    monkeypatch: pytest.MonkeyPatch, keep_changes: int, keep_seconds: float, tail: int
) -> None:
    """Ten changes, of 100, 90 ... 10 seconds ago."""
    monkeypatch.setattr(journal, "KEEP_CHANGES", keep_changes)
    monkeypatch.setattr(journal, "KEEP_SECONDS", keep_seconds)
    now = 1_000_000.0
    for age in range(100, 0, -10):
        write_at(now - age)
    assert journal.compact(now) == tail
    assert (journal.tail(DEFAULT.cluster), journal.head(DEFAULT.cluster)) == (tail, 10)
    assert list(models.Change.objects.values_list("rv", flat=True)) == list(range(tail + 1, 11))
    for since in range(12):
        if tail <= since <= 10:
            assert ids(since=since) == list(range(since + 1, 11))
        else:
            with pytest.raises(journal.Gone, match=f"resource version {since} is (older|newer)"):
                ids(since=since)
    assert journal.compact(now) == 0
    assert write_at(now) == 11


@pytest.mark.usefixtures("cluster")
def test_clusters_with_nothing_to_forget_cost_one_query_together() -> None:
    for number in range(5):
        clusters.create(f"idle-{number}")
    with CaptureQueriesContext(connection) as captured:
        assert journal.compact(time.time()) == 0
    assert len(captured) == 1
    write_at(time.time() - 2 * journal.KEEP_SECONDS)
    assert journal.compact(time.time()) == 1
    assert journal.forgetful(time.time()) == []


@pytest.mark.usefixtures("cluster")
def test_events_go_with_the_changes_that_told_of_them(work: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    versions = sorted(models.Event.objects.values_list("resource_version", flat=True))
    middle = versions[len(versions) // 2]
    monkeypatch.setattr(journal, "KEEP_CHANGES", journal.head(DEFAULT.cluster) - middle)
    journal.compact(time.time())
    assert sorted(models.Event.objects.values_list("resource_version", flat=True)) == [
        v for v in versions if v > middle
    ]
    assert models.Pod.objects.count() == 3, "what lives stays, however old"


@pytest.mark.usefixtures("committed")
def test_two_that_compact_at_once_never_bring_the_tail_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has looked and then waits would promise changes that the other has removed."""
    write_changes(10)
    monkeypatch.setattr(journal, "KEEP_CHANGES", 5)
    look = journal._newest_before
    rival: list[threading.Thread] = []

    def slow(wall: float, row: models.Cluster) -> int:
        if not rival:
            rival.append(threading.Thread(target=compact_more))
            rival[0].start()
            rival[0].join(0.2)  # it is kept waiting by our lock, or would overtake us here
        return look(wall, row)

    def compact_more() -> None:
        try:
            write_changes(3)
            journal.compact(time.time())
        finally:
            connection.close()

    monkeypatch.setattr(journal, "_newest_before", slow)
    journal.compact(time.time())
    rival[0].join(20)
    assert journal.tail(DEFAULT.cluster) == 8
    assert models.Change.objects.order_by("id").values_list("rv", flat=True)[0] == 9


@pytest.mark.django_db
def test_a_change_is_written_into_few_indexes() -> None:
    """Each of them costs every change."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, models.Change._meta.db_table)
    indexed = {tuple(each["columns"]) for each in found.values() if each["index"] or each["unique"]}
    assert indexed - {("id",)} == {("cluster_id", "rv"), ("root", "rv"), ("root", "mark", "rv")}
