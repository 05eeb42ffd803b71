"""A lesson without a class: the cluster is set up as the lesson says, and the lesson is over when the cluster is reset or deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster.classroom import lesson_files, studying
from cluster.classroom.watching import StudyWatch
from cluster.core.lessons.run import Run
from cluster.models import Change, Cluster, Deployment, Membership, Node, SelfStudy
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import actions, clusters, pacing

pytestmark = pytest.mark.usefixtures("cluster")
LESSON, NAME, WEB = "10-progress-deadline", "progress-deadline", "nginx-deployment"
SPACE = Space(NAME, "default")


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


def run_of(row: SelfStudy) -> Run:
    """What another process finds."""
    watch = StudyWatch(row.pk)
    watch.look()
    run = watch.followers[row.pk].run
    assert run is not None
    return run


def refused(act: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.status


def do_the_first_task() -> None:
    actions.act(SPACE, WEB, "tune", {"progress_deadline_seconds": 20}, actor="ann")


def test_the_cluster_is_the_persons_and_as_the_lesson_wants_it(ann: User) -> None:
    row = studying.begin("12-no-room", ann)
    assert (row.cluster.name, row.cluster.owner) == ("no-room", ann)
    assert Membership.objects.get(cluster=row.cluster).role == "admin"
    slots = list(Node.objects.filter(cluster=row.cluster).values_list("name", "slots"))
    assert slots == [("node-1", 2), ("node-2", 2)]
    assert Deployment.objects.get(namespace__cluster=row.cluster).replicas == 4
    assert (run_of(row).number, row.text) == (0, lesson_files.shipped()["12-no-room"])


def test_a_lesson_whose_first_task_is_to_make_the_deployment_begins_without() -> None:
    row = studying.begin("01-create-and-look", None)
    assert (row.cluster.owner, Deployment.objects.count()) == (None, 0)
    actions.example(Space("create-and-look", "default"), actor="anonymous")
    assert [each.met for each in run_of(row).verdicts()] == [False, True]


@pytest.mark.parametrize("name", lesson_files.shipped())
def test_every_lesson_can_be_begun(name: str) -> None:
    row = studying.begin(name, None)
    assert (run_of(row).number, row.start >= row.base) == (0, True)


def test_tasks_are_done_by_what_happens_in_the_cluster_and_kept(ann: User) -> None:
    row = studying.begin(LESSON, ann)
    do_the_first_task()
    run = run_of(row)
    assert (run.number, run.records[0].edits) == (1, 1)
    row.refresh_from_db()
    assert [each["done"] is not None for each in row.records] == [True, False]


def test_what_the_journal_has_forgotten_is_in_the_row(ann: User) -> None:
    row = studying.begin(LESSON, ann)
    do_the_first_task()
    before = run_of(row).records
    Change.objects.filter(cluster=row.cluster).delete()
    Cluster.objects.filter(pk=row.cluster.pk).update(tail=Cluster.objects.get(pk=row.cluster.pk).head)
    assert run_of(row).records == before


def test_start_over_is_a_new_cluster_and_the_first_task(ann: User) -> None:
    row = studying.begin(LESSON, ann)
    watch = StudyWatch(row.pk)
    do_the_first_task()
    watch.look()
    pacing.set_pace(NAME, 0, actor="ann")
    actions.act(SPACE, WEB, "scale", 9, actor="ann")
    studying.start_over(NAME)
    assert (run_of(row).number, Cluster.objects.get(name=NAME).pace) == (0, 1)
    assert Deployment.objects.get(namespace__cluster__name=NAME).replicas != 9
    again = SelfStudy.objects.get()
    assert (again.pk, again.resets, [each["done"] for each in again.records]) == (row.pk, 1, [None])
    assert Membership.objects.get(cluster__name=NAME).user == ann
    assert watch.look() == {row.pk}
    followed = watch.followers[row.pk].run
    assert followed and followed.number == 0


def test_the_end_leaves_nothing_behind(ann: User) -> None:
    before = rows()
    studying.begin(LESSON, ann)
    do_the_first_task()
    studying.end(NAME)
    assert rows() == before


def rows() -> dict[str, int]:
    from django.apps import apps

    counts = {model.__name__: model._default_manager.count() for model in apps.get_app_config("cluster").get_models()}
    return {**counts, "Blueprint": 0}


@pytest.mark.parametrize("away", [clusters.reset, clusters.delete], ids=["reset", "deleted"])
def test_it_is_over_when_its_cluster_is_made_anew_or_goes(ann: User, away: Callable[[str], None]) -> None:
    row = studying.begin(LESSON, ann)
    watch = StudyWatch(row.pk)
    watch.look()
    away(NAME)
    assert not SelfStudy.objects.exists()
    with pytest.raises(SelfStudy.DoesNotExist):
        watch.look()
    for act in (studying.start_over, studying.end):
        assert refused(lambda act=act: act(NAME))["code"] == 404
    assert Cluster.objects.filter(name=NAME).exists() == (away is clusters.reset)


def test_a_renamed_cluster_keeps_its_lesson(ann: User) -> None:
    row = studying.begin(LESSON, ann)
    do_the_first_task()
    clusters.rename(NAME, "mine")
    assert run_of(row).number == 1
    studying.start_over("mine")
    assert run_of(row).number == 0


def test_the_second_gets_a_name_of_its_own() -> None:
    names = [studying.begin(LESSON, None).cluster.name for _ in range(3)]
    assert names == [NAME, f"{NAME}-2", f"{NAME}-3"]


def test_a_lesson_counts_among_the_clusters_of_a_person(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 1)
    studying.begin(LESSON, ann)
    before = rows()
    answer = refused(lambda: studying.begin(LESSON, ann))
    assert (answer["code"], answer["message"]) == (403, "1 clusters are the most that one person may have")
    assert rows() == before


@pytest.mark.parametrize("name", ["99-nothing", "own-1", "../settings", "progress-deadline"])
def test_a_lesson_that_is_none_is_not_found(name: str) -> None:
    assert refused(lambda: studying.begin(name, None))["code"] == 404
    assert Cluster.objects.count() == 1


def test_a_story_or_a_class_has_no_lesson_to_end() -> None:
    assert refused(lambda: studying.end("demo"))["code"] == 404


def test_a_look_without_news_costs_two_queries(ann: User, django_assert_num_queries: Any) -> None:
    row = studying.begin(LESSON, ann)
    watch = StudyWatch(row.pk)
    watch.look()
    with django_assert_num_queries(2):
        assert watch.look() == set()
