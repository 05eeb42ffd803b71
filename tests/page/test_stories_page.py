"""Stories are played by who may make clusters, and turned by the admins of the cluster that was made for them."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster import models
from cluster.models import Playing
from cluster.writing import clusters
from tests.stories import small_story
from tests.stories.small_story import NAME

pytestmark = pytest.mark.usefixtures("cluster")
PLAY = f"/stories/{NAME}/play/"
STAGE = f"/clusters/{NAME}/namespaces/default/deployments/web/"


@pytest.fixture(autouse=True)
def closed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ANONYMOUS = "none"
    small_story.put_into_library(monkeypatch)


def page_of(name: str = "ann") -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name))
    return client


def post(client: Client, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(path, body, content_type="application/json")
    return answer.status_code, json.loads(answer.content) if answer["Content-Type"] == "application/json" else {}


def press(client: Client, verb: str, cluster: str = NAME) -> int:
    return post(client, f"/clusters/{cluster}/story/{verb}/")[0]


def test_play_leads_to_the_stage() -> None:
    ann = page_of()
    assert post(ann, PLAY) == (200, {"message": "cluster/small created", "address": STAGE})
    assert models.Cluster.objects.get(name=NAME).owner == User.objects.get()
    page = ann.get(STAGE)
    assert (page.status_code, page.context["can_turn"]) == (200, True)


def test_the_buttons_turn_the_story() -> None:
    ann = page_of()
    post(ann, PLAY)
    assert [press(ann, verb) for verb in ("pause", "next", "back", "start", "play")] == [200] * 5
    assert (Playing.objects.get().state, press(ann, "dance")) == ("playing", 404)
    assert post(ann, f"/clusters/{NAME}/story/next/", step=1)[0] == 409
    assert post(ann, f"/clusters/{NAME}/story/next/", step="1")[1]["message"].startswith("step: ")
    assert post(ann, f"/clusters/{NAME}/story/end/") == (200, {"message": "cluster/small deleted"})
    assert not models.Cluster.objects.filter(name=NAME).exists()


def test_strangers_get_nowhere() -> None:
    assert post(Client(), PLAY)[0] == 401
    post(page_of(), PLAY)
    before = Playing.objects.values().get()
    for verb in ("play", "pause", "next", "back", "start", "end"):
        assert press(Client(), verb) == 401
        assert press(page_of(f"ben-{verb}"), verb) == 403
    assert Playing.objects.values().get() == before
    assert Client().get(STAGE)["Location"].startswith("/login/")
    assert page_of("cid").get(STAGE).status_code == 404


def test_who_may_only_look_on_turns_nothing() -> None:
    post(page_of(), PLAY)
    from cluster.spaces import Space
    from cluster.writing import accounts

    ben = page_of("ben")
    accounts.join(User.objects.get(username="ben"), Space(NAME, ""), "edit")
    assert (press(ben, "end"), ben.get(STAGE).context["can_turn"]) == (403, False)


def test_no_story_no_button() -> None:
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert post(root, "/stories/none/play/")[0] == 404
    assert press(root, "end", cluster="demo") == 404
    assert models.Cluster.objects.get().name == "demo"


def test_visitors_play_where_they_may_make_clusters_and_as_many(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ANONYMOUS = "view"
    assert post(Client(), PLAY)[0] == 401
    settings.ANONYMOUS = "admin"
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 2)
    assert post(Client(), PLAY)[0] == 200
    assert post(Client(), PLAY)[1]["message"] == "2 clusters are the most that visitors may have; log in to make more"
    assert press(Client(), "end") == 200


def test_it_wants_the_pages_token(settings: Any) -> None:
    settings.ANONYMOUS = "admin"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(PLAY, "{}", content_type="application/json").status_code == 403
    assert strict.get(PLAY).status_code == 405
    assert models.Cluster.objects.count() == 1
