"""Lessons are begun by who may make clusters, and done by the admins of the cluster that was made for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import study_feed, study_pages, studying
from cluster.classroom.watching import StudyWatch
from cluster.models import Cluster, SelfStudy
from cluster.spaces import Space
from cluster.writing import accounts, actions, clusters, limits
from tests.page.test_stories_page import page_of, post

pytestmark = pytest.mark.usefixtures("cluster")
NAME, WEB = "progress-deadline", "nginx-deployment"
BEGIN = "/lessons/10-progress-deadline/begin/"
STAGE = f"/clusters/{NAME}/namespaces/default/deployments/{WEB}/"
VERBS = ("hint", "answer", "reset", "end")


@pytest.fixture(autouse=True)
def closed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.ANONYMOUS = "none"
    monkeypatch.setattr(study_pages, "buckets", limits.Buckets())
    study_feed.feeds.clear()
    yield
    study_feed.feeds.clear()


def act(client: Client, verb: str, cluster: str = NAME, **body: Any) -> int:
    return post(client, f"/clusters/{cluster}/lesson/{verb}/", **body)[0]


def number() -> int:
    row = SelfStudy.objects.get()
    watch = StudyWatch(row.pk)
    watch.look()
    run = watch.followers[row.pk].run
    assert run is not None
    return run.number


def test_begin_leads_to_the_stage_with_the_lesson_beside_it() -> None:
    ann = page_of()
    assert post(ann, BEGIN) == (200, {"message": f"cluster/{NAME} created", "address": STAGE})
    assert Cluster.objects.get(name=NAME).owner == User.objects.get()
    page = ann.get(STAGE)
    assert (page.status_code, page.context["can_turn"]) == (200, True)


def test_begin_leads_to_the_list_where_there_is_no_deployment_yet() -> None:
    address = "/clusters/create-and-look/namespaces/default/"
    assert post(page_of(), "/lessons/01-create-and-look/begin/")[1]["address"] == address


def test_hints_answers_and_starting_over() -> None:
    ann = page_of()
    post(ann, "/lessons/04-failing-image/begin/")
    name = "failing-image"
    assert act(ann, "answer", name, value="3") == 409
    assert act(ann, "hint", name) == 200
    row = SelfStudy.objects.get()
    assert row.records[0]["hints"] == 1
    actor = row.cluster.changes.get(kind="Hint").actor
    assert actor == "ann"
    assert post(ann, f"/clusters/{name}/lesson/reset/")[1] == {
        "message": "Your cluster was reset.",
        "address": f"/clusters/{name}/namespaces/default/deployments/{WEB}/",
    }
    assert (SelfStudy.objects.get().records, number()) == ([], 0)
    assert act(ann, "dance", name) == 404


def test_answers_are_judged() -> None:
    ann = page_of()
    post(ann, "/lessons/07-surge-and-unavailable/begin/")
    path = "/clusters/surge-and-unavailable/lesson/answer/"
    assert post(ann, path, value="12")[1]["right"] is False
    assert post(ann, path, value="13")[1]["right"] is True
    assert number() == 1
    assert post(ann, path, side="left", replicas=1)[0] == 400
    assert post(ann, path)[0] == 400


def test_end_leaves_nothing() -> None:
    ann = page_of()
    post(ann, BEGIN)
    assert post(ann, f"/clusters/{NAME}/lesson/end/") == (200, {"message": f"cluster/{NAME} deleted"})
    assert not Cluster.objects.filter(name=NAME).exists()
    assert act(ann, "end") in (403, 404)


def test_strangers_get_nowhere() -> None:
    assert post(Client(), BEGIN)[0] == 401
    post(page_of(), BEGIN)
    before = SelfStudy.objects.values().get(), Cluster.objects.values().get(name=NAME)
    for verb in VERBS:
        assert act(Client(), verb) == 401
        assert act(page_of(f"ben-{verb}"), verb) == 403
    assert (SelfStudy.objects.values().get(), Cluster.objects.values().get(name=NAME)) == before
    assert Client().get(STAGE)["Location"].startswith("/login/")
    assert page_of("cid").get(STAGE).status_code == 404


@pytest.mark.parametrize("role", ["view", "edit"])
def test_who_does_not_administer_the_cluster_has_no_part_in_its_lesson(role: str) -> None:
    post(page_of(), BEGIN)
    ben = page_of("ben")
    accounts.join(User.objects.get(username="ben"), Space(NAME, ""), role)
    assert [act(ben, verb) for verb in VERBS] == [403] * 4
    assert 'id="lesson"' not in ben.get(STAGE).content.decode()


def test_another_admin_acts_under_their_own_name() -> None:
    post(page_of(), "/lessons/04-failing-image/begin/")
    ben = page_of("ben")
    accounts.join(User.objects.get(username="ben"), Space("failing-image", ""), "admin")
    assert 'id="lesson"' in ben.get(STAGE.replace(NAME, "failing-image")).content.decode()
    assert act(ben, "hint", "failing-image") == 200
    assert SelfStudy.objects.get().cluster.changes.get(kind="Hint").actor == "ben"


@pytest.mark.parametrize("verb", VERBS)
def test_no_lesson_no_panel(verb: str) -> None:
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert post(root, "/lessons/none/begin/")[0] == 404
    assert act(root, verb, "demo", value="1") == 404
    assert Cluster.objects.get().name == "demo"


def test_a_cluster_that_was_reset_has_no_lesson_any_more() -> None:
    ann = page_of()
    post(ann, BEGIN)
    assert post(ann, f"/clusters/{NAME}/reset/", stage="example")[0] == 200
    assert [act(ann, verb, value="1") for verb in VERBS] == [404] * 4
    page = ann.get(STAGE)
    assert (page.status_code, 'id="lesson"' in page.content.decode()) == (200, False)
    assert Cluster.objects.filter(name=NAME).exists()


def test_who_sits_in_a_class_begins_no_lesson_of_their_own() -> None:
    from cluster.classroom import classes, seats
    from tests.classroom.conftest import sat_down

    room = classes.create("Blue class", owner=User.objects.create_user("tess"))
    student = sat_down(seats.join(room.code, "Ada"))
    assert post(student, BEGIN)[0] == 401
    assert "data-begin" not in student.get("/stories/").content.decode()


def test_visitors_begin_where_they_may_make_clusters_and_as_many(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ANONYMOUS = "view"
    assert post(Client(), BEGIN)[0] == 401
    settings.ANONYMOUS = "admin"
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 2)
    assert post(Client(), BEGIN)[0] == 200
    assert post(Client(), BEGIN)[1]["message"] == "2 clusters are the most that visitors may have; log in to make more"
    assert (act(Client(), "hint"), act(Client(), "end")) == (200, 200)


def test_so_many_acts_a_second_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_pages, "ACTS_A_SECOND", 0.001)
    ann = page_of()
    post(ann, BEGIN)
    assert 429 in [act(ann, "hint") for _ in range(20)]


def test_it_wants_the_pages_token(settings: Any) -> None:
    settings.ANONYMOUS = "admin"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(BEGIN, "{}", content_type="application/json").status_code == 403
    assert strict.get(BEGIN).status_code == 405
    assert Cluster.objects.count() == 1


def test_where_somebody_looks_the_same_watch_answers() -> None:
    row = studying.begin("10-progress-deadline", None)
    assert study_feed.watch_of(row) is not study_feed.watch_of(row)
    feed = study_feed.feed_of(row)
    assert study_feed.watch_of(row) is feed.watch
    actions.act(Space(NAME, "default"), WEB, "tune", {"progress_deadline_seconds": 20}, actor="ann")
    assert feed.frame()["lesson"]["number"] == 1
