"""Recorded rollouts: found in the journal, kept for good where they are pinned, and taken away as pictures."""

import json
import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from django.db import connection
from django.test import Client

from cluster import models, statuses
from cluster.page import history, rollouts
from cluster.records import journal, snapshot
from cluster.writing import actions, namespaces
from tests.spaces import DEFAULT, demo, space

pytestmark = pytest.mark.usefixtures("cluster")
BOOK = "nginx-deployment"
Work = Callable[[], int]


@pytest.fixture(autouse=True)
def open_to(settings: Any) -> None:
    settings.ANONYMOUS = "edit"


@pytest.fixture
def update(cluster: None, work: Work) -> int:  # noqa: ARG001
    """The id of the book's update, complete."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()
    rv = actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="you").rv
    work()
    return rv


def test_every_edit_of_the_template_begins_a_rollout(client: Client, update: int, work: Work) -> None:
    actions.act(DEFAULT, BOOK, "scale", 4, actor="me")
    work()
    found = client.get(f"/clusters/demo/namespaces/default/deployments/{BOOK}/rollouts/").json()["rollouts"]
    assert [(each["images"], each["actor"]) for each in found] == [(["nginx:1.9.1"], "you"), (["nginx:1.7.9"], "me")]
    assert found[0]["id"] == update


@pytest.mark.usefixtures("update")
def test_the_starts_of_rollouts_are_found_by_their_marks(work: Work) -> None:
    """However many changes of pods there are between them."""
    for number in range(3):
        actions.act(DEFAULT, BOOK, "set-image", {"nginx": f"nginx:1.9.{number}"}, actor="you")
        work()
    row = models.Deployment.objects.get()
    newest = models.Change.objects.filter(kind="Deployment", actor="you").order_by("-rv")[0].rv
    assert history.rollout_start(row) == newest - 1
    assert list(rollouts.begun(row.namespace.cluster_id, row.uid).values_list("rv", flat=True)) == [
        each.rv for each in models.Change.objects.filter(kind="Deployment", actor__in=("me", "you"))
    ]
    marked = models.Change.objects.exclude(mark=None)
    assert [each.state["revision"] for each in marked.filter(kind="ReplicaSet")] == ["1", "2", "3", "4", "5"]
    assert {each.kind for each in marked} == {"Deployment", "ReplicaSet"}
    if connection.vendor == "sqlite":
        assert "INDEX change_marked" in rollouts.begun(row.namespace.cluster_id, row.uid).order_by("-rv").explain()


def test_a_film_holds_one_rollout_and_the_state_before_it(client: Client, update: int) -> None:
    film = client.get(f"/clusters/demo/rollouts/{update}/film/").json()
    assert len(film["start"]["pods"]) == 3
    assert film["start"]["deployment"]["containers"][0]["image"] == "nginx:1.7.9"
    assert (film["frames"][0]["rv"], film["is_open"]) == (update, False)
    first = client.get("/clusters/demo/rollouts/1/film/").json()
    assert first["frames"][-1]["rv"] < update


def test_a_film_after_a_quiet_day_begins_with_what_was_there(client: Client, update: int, work: Work) -> None:
    """The journal has forgotten how the old pods and ReplicaSets came to be; a part of them stays as it is."""
    before = client.get(f"/clusters/demo/rollouts/{update}/film/").json()["frames"][-1]
    journal.compact(time.time() + 2 * journal.KEEP_SECONDS)
    rv = actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.2"}, actor="you").rv
    work()
    for path in (f"rollouts/{rv}/film/", f"namespaces/default/deployments/{BOOK}/film/"):
        start = client.get(f"/clusters/demo/{path}").json()["start"]
        assert (start["deployment"]["name"], [each["replicas"] for each in start["replicasets"]]) == (BOOK, [0, 3])
        assert [(each["deleted_at"], each["ready"], each["status"]) for each in start["pods"]] == [
            (None, True, "Running")
        ] * 3
        assert all(each["rv"] > before["rv"] for each in start["pods"]), "as their first changes tell"
    shown = rollouts.as_rehearsed(rollouts.film(DEFAULT.cluster, rv))
    assert (shown.points[0].available, list(shown.frames[0].counts.values())) == (3, [0, 3])


def test_a_rollout_that_goes_on_is_open(client: Client, update: int, work: Work) -> None:
    models.ImageBehaviour.objects.create(cluster=demo(), order=0, pattern="*:slow", ready_seconds=60)
    rv = actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:slow"}, actor="you").rv
    work()
    assert client.get(f"/clusters/demo/rollouts/{rv}/film/").json()["is_open"]
    assert not client.get(f"/clusters/demo/rollouts/{update}/film/").json()["is_open"]


def test_a_pinned_rollout_outlives_the_journal(client: Client, update: int) -> None:
    before = client.get(f"/clusters/demo/rollouts/{update}/film/").json()["frames"]
    assert client.post(f"/clusters/demo/rollouts/{update}/pin/").status_code == 200
    journal.compact(time.time() + 2 * journal.KEEP_SECONDS)
    assert client.get(f"/clusters/demo/rollouts/{update}/film/").json()["frames"] == before
    listed = client.get(f"/clusters/demo/namespaces/default/deployments/{BOOK}/rollouts/").json()["rollouts"]
    assert [(each["id"], each["pinned"]) for each in listed] == [(update, True)]
    client.post(f"/clusters/demo/rollouts/{update}/unpin/")
    assert client.get(f"/clusters/demo/rollouts/{update}/film/").status_code == 404
    assert client.get(f"/clusters/demo/rollouts/{update}/").status_code == 404


def test_the_film_strip_is_a_picture(client: Client, update: int) -> None:
    answer = client.get(f"/clusters/demo/rollouts/{update}/film.svg")
    assert "attachment" in answer["Content-Disposition"]
    root = ElementTree.fromstring(answer.content)
    assert len([each for each in root.iter("{http://www.w3.org/2000/svg}rect") if each.get("class") == "card"]) == 7


def test_the_offline_page_asks_for_nothing(client: Client, update: int) -> None:
    text = client.get(f"/clusters/demo/rollouts/{update}/film.html").content.decode()
    assert not [word for word in ("import {", "src=", "href=") if word in text]
    data = text.split('id="film-data">')[1].split("</script>")[0]
    assert json.loads(data)["rollout"]["id"] == update


@pytest.mark.parametrize("path", ["film/", "film.svg", "film.html"])
def test_a_stranger_sees_no_rollout(client: Client, update: int, settings: Any, path: str) -> None:
    settings.ANONYMOUS = "none"
    assert client.get(f"/clusters/demo/rollouts/{update}/{path}").status_code == 401
    assert client.get(f"/clusters/demo/rollouts/{update}/").status_code == 302


def test_who_may_only_look_pins_nothing(client: Client, update: int, settings: Any) -> None:
    settings.ANONYMOUS = "view"
    assert client.post(f"/clusters/demo/rollouts/{update}/pin/").status_code == 401
    assert not models.PinnedRollout.objects.exists()


def test_there_is_a_limit_to_pins(update: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollouts, "MOST_PINNED", 1)
    rollouts.pin(DEFAULT.cluster, update, actor="me")
    rollouts.pin(DEFAULT.cluster, update, actor="me")
    with pytest.raises(statuses.Refused, match="1 rollouts are pinned in this namespace; unpin one first"):
        rollouts.pin(DEFAULT.cluster, 1, actor="me")


def test_pinned_rollouts_of_a_cluster_have_so_much_room(update: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rollouts.pin(DEFAULT.cluster, update, actor="me")
    size = len(orjson.dumps(models.PinnedRollout.objects.get().film))
    monkeypatch.setattr(rollouts, "MOST_PINNED_BYTES", size + 10)
    rollouts.pin(DEFAULT.cluster, update, actor="me")
    with pytest.raises(statuses.Refused, match="the pinned rollouts of a cluster may hold .*; unpin one first"):
        rollouts.pin(DEFAULT.cluster, 1, actor="me")


def test_the_page_of_a_rollout_leads_to_its_deployment(client: Client, update: int, settings: Any) -> None:
    settings.ANONYMOUS = "view"
    page = client.get(f"/clusters/demo/rollouts/{update}/")
    assert page.status_code == 200
    assert 'href="/clusters/demo/namespaces/default/deployments/nginx-deployment/"' in page.content.decode()


def test_an_address_from_before_clusters_leads_to_the_default_one(client: Client, update: int) -> None:
    answer = client.get(f"/rollouts/{update}/?t=1.5")
    assert answer.headers["Location"] == f"/clusters/demo/rollouts/{update}/?t=1.5"


@pytest.mark.usefixtures("update")
def test_a_namespace_of_that_name_has_nothing_of_its_predecessor(client: Client, work: Work) -> None:
    place = space("blue")
    namespaces.ensure(place, actor="me")
    actions.example(place, actor="me")
    work()
    url = f"/clusters/demo/namespaces/blue/deployments/{BOOK}"
    (old,) = client.get(f"{url}/rollouts/").json()["rollouts"]
    namespaces.delete(place, actor="me")
    work()
    assert not models.Namespace.objects.filter(name="blue").exists()
    namespaces.ensure(place, actor="me")
    frame = snapshot.namespace_snapshot(place)
    assert (frame["deployments"], frame["replicasets"], frame["pods"], frame["events"]) == ([], [], [], [])
    assert client.get(f"{url}/").status_code == 404
    actions.example(place, actor="me")
    work()
    (new,) = client.get(f"{url}/rollouts/").json()["rollouts"]
    assert new["id"] > old["id"]
    film = client.get(f"/clusters/demo/rollouts/{new['id']}/film/").content.decode()
    assert models.Deployment.objects.get(namespace__name="blue").uid in film
