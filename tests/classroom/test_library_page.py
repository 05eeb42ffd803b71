"""The page of stories and lessons: all of them, in the reader's language, with a button for who may play."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import lesson_files, studying
from cluster.stories import plays, story_files
from cluster.writing import clusters

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


@pytest.fixture
def ann() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann"))
    return client


def told(client: Client, language: str = "en") -> str:
    return client.get("/stories/", headers={"accept-language": language}).content.decode()


def test_every_story_and_every_lesson_is_there(ann: Client) -> None:
    page = ann.get("/stories/")
    stories = {each.name: each for each in page.context["stories"]}
    assert set(stories) == set(story_files.library())
    full = stories["full-nodes"]
    assert (full.steps, full.reason) == (4, "2 Insufficient cpu")
    assert full.expected == "The rollout never completes. The floor holds."
    assert stories["book"].expected == "The rollout completes."
    assert len(page.context["lessons"]) == len(lesson_files.shipped())


def test_the_texts_are_in_the_readers_language(ann: Client) -> None:
    english, chinese = told(ann), told(ann, "zh-hans")
    book = story_files.library()["book"]
    assert "Full nodes" in english
    assert "节点已满" in chinese
    assert book.translations["zh-hans"].purpose in chinese
    assert book.purpose not in chinese
    assert lesson_files.load(lesson_files.shipped()["02-rolling-update"]).translations["zh-hans"].title in chinese


def test_a_button_for_who_may_play_else_how_to(ann: Client, settings: Any) -> None:
    assert 'data-play="book"' in told(ann)
    assert "data-play" not in told(Client())
    assert "/login/?next=/stories/" in told(Client())
    settings.ANONYMOUS = "admin"
    assert 'data-play="book"' in told(Client())


def test_what_is_played_is_found_again_by_who_may_see_it(ann: Client) -> None:
    plays.begin("book", User.objects.get())
    link = "/clusters/book/namespaces/default/deployments/nginx-deployment/"
    assert link in told(ann)
    assert link not in told(Client())


def test_the_page_is_reached_from_every_page(ann: Client) -> None:
    assert 'href="/stories/"' in ann.get("/clusters/").content.decode()


def test_a_lesson_is_begun_and_then_gone_on_with(ann: Client) -> None:
    assert 'data-begin="02-rolling-update"' in told(ann)
    studying.begin("02-rolling-update", User.objects.get())
    page = told(ann)
    assert 'href="/clusters/rolling-update/namespaces/default/deployments/nginx-deployment/"' in page
    assert 'data-begin="02-rolling-update"' not in page
    assert 'data-begin="04-failing-image"' in page
    clusters.reset("rolling-update")
    assert 'data-begin="02-rolling-update"' in told(ann)


def test_what_others_have_begun_is_theirs(ann: Client, settings: Any) -> None:
    studying.begin("02-rolling-update", User.objects.create_user("ben"))
    studying.begin("04-failing-image", None)
    assert "Go on" not in told(ann)
    assert "Go on" not in told(Client())
    settings.ANONYMOUS = "admin"
    assert "/clusters/failing-image/" in told(Client())
    assert "/clusters/rolling-update/" not in told(Client())


def test_no_button_for_who_may_make_no_cluster(ann: Client, settings: Any) -> None:
    assert "data-begin" in told(ann)
    assert "data-begin" not in told(Client())
    settings.ANONYMOUS = "admin"
    assert "data-begin" in told(Client())
