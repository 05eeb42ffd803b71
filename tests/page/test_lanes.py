"""The lane of requests of a rollout that goes on or is recorded, and that it is the one that was foretold."""

import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from cluster import models
from cluster.core.traffic.model import Model
from cluster.live import worker
from cluster.page import forecasting, lanes, rollouts, sharing, views
from cluster.page.forecasting import Question
from cluster.records import journal
from cluster.stories import staging
from cluster.writing import actions, limits
from tests.spaces import DEFAULT, demo

BOOK = "nginx-deployment"
LIVE = f"/clusters/demo/namespaces/default/deployments/{BOOK}/traffic/"
UPDATE = {"images": {"nginx": "nginx:1.9.1"}}
Json = dict[str, Any]


class Clock:
    """The machine's, which moves only where a test moves it."""

    def __init__(self) -> None:
        self.now = time.time()

    def pass_by(self, seconds: float) -> None:
        """Each pass at the moment at which it is due."""
        end = self.now + seconds
        while (due := demo().due) is not None and due <= end:
            self.now = max(self.now, due)
            worker.run_next({})
        self.now = end


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", lambda: made.now)
    return made


@pytest.fixture(autouse=True)
def anew(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.ANONYMOUS = "admin"
    for module, name, made in (
        (views, "forecast_buckets", limits.Buckets()), (lanes, "buckets", limits.Buckets()), (lanes, "kept", lanes.Kept()),
        (forecasting, "shared", sharing.Shared()), (lanes, "shared", sharing.Shared(now=count(0, 100).__next__)),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, made)
    yield


@pytest.fixture
def exposed(cluster: None, clock: Clock) -> Clock:  # noqa: ARG001
    """The book's pods behind a Service, at rest; they take two seconds to become ready and one to stop."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*", ready_seconds=2.0, stop_seconds=1.0)
    actions.example(DEFAULT, actor="me")
    expose()
    clock.pass_by(60)
    return clock


def expose() -> None:
    spec = {"selector": {"app": "nginx"}, "ports": [{"port": 80}]}
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    staging.apply_rule(DEFAULT, manifest, actor="me")


def update() -> int:
    return actions.act(DEFAULT, BOOK, "set-image", UPDATE["images"], actor="me").rv


def live(client: Client, **numbers: float) -> Json:
    answer = client.get(LIVE, numbers)
    assert answer.status_code == 200, answer.content
    found: Json = answer.json()
    return found


def recorded(client: Client, rv: int, **numbers: float) -> Json:
    found: Json = client.get(f"/clusters/demo/rollouts/{rv}/traffic/", numbers).json()
    return found


def shape(traffic: Json, began: float) -> list[tuple[float, ...]]:
    """Rates with times from the beginning, to the millisecond."""
    spans = [(each["at"] - began, each["served"], each["refused"], each["broken"]) for each in traffic["rates"]]
    return [tuple(round(each, 3) for each in span) for span in (*spans, (traffic["end"] - began,))]


MODELS = [
    pytest.param({}, id="as usual"),
    pytest.param({"belief_delay_seconds": 3.0}, id="slow to believe"),
    pytest.param({"requests_per_second": 7.0, "request_seconds": 2.0}, id="long requests"),
]
LIMITS = [pytest.param((1, 0), id="surge"), pytest.param((0, 1), id="old pods first"), pytest.param((2, 2), id="both")]


@pytest.mark.parametrize("numbers", MODELS)
@pytest.mark.parametrize("surge_and_unavailable", LIMITS)
def test_what_happens_is_what_was_foretold(
    client: Client, exposed: Clock, numbers: dict[str, float], surge_and_unavailable: tuple[int, int]
) -> None:
    surge, unavailable = surge_and_unavailable
    actions.act(DEFAULT, BOOK, "tune", {"max_surge": surge, "max_unavailable": unavailable}, actor="me")
    exposed.pass_by(10)
    question = Question(action="set-image", body=UPDATE, model=Model(**numbers))
    (foretold,) = forecasting.foresee(DEFAULT, BOOK, question)
    rv = update()
    exposed.pass_by(120)
    expected = foretold.as_json()["traffic"]
    for found in (live(client, **numbers), recorded(client, rv, **numbers)):
        assert found["is_open"] is False
        assert shape(found["traffic"], found["began"]) == shape(expected, foretold.now)
        assert {key: found["traffic"][key] for key in ("requests", "served", "refused", "broken", "lost", "model")} == {
            key: expected[key] for key in ("requests", "served", "refused", "broken", "lost", "model")
        }
    assert expected["lost"] > 0


def test_the_lane_grows_with_the_rollout_and_with_the_time(client: Client, exposed: Clock) -> None:
    """Three seconds later nothing has been lost yet; what is computed then is gone on with."""
    update()
    exposed.pass_by(1)
    first = live(client)
    assert (first["is_open"], first["traffic"]["requests"], first["traffic"]["lost"]) == (True, 100, 0)
    exposed.pass_by(2.5)
    second = live(client)
    assert (second["traffic"]["end"] - second["began"], second["traffic"]["lost"] > 0) == (pytest.approx(3.5), True)
    exposed.pass_by(120)
    assert live(client) == recorded(client, rollouts.list_rollouts(DEFAULT, BOOK)[0]["id"])


def test_a_rollout_that_another_one_follows_ends_with_it(client: Client, exposed: Clock) -> None:
    rv = update()
    exposed.pass_by(3)
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.2"}, actor="me")
    exposed.pass_by(120)
    found = recorded(client, rv)
    assert (found["traffic"]["end"] - found["began"], found["is_open"]) == (pytest.approx(3.0), False)


@pytest.mark.usefixtures("cluster")
def test_without_a_service_there_is_nothing(client: Client, clock: Clock) -> None:
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    clock.pass_by(10)
    assert live(client)["traffic"] is None
    expose()
    clock.pass_by(10)
    assert live(client)["traffic"] is None, "the rollout was over before"
    update()
    clock.pass_by(10)
    found = live(client)["traffic"]
    assert (found["service"], found["requests"] > 0) == ("web", True)


def test_what_the_journal_has_forgotten_was_as_its_first_change_tells(client: Client, exposed: Clock) -> None:
    """A rollout after a quiet day: its old pods and the slice were written before the journal begins."""
    actions.act(DEFAULT, BOOK, "tune", {"max_surge": 1, "max_unavailable": 0}, actor="me")
    exposed.pass_by(2 * journal.KEEP_SECONDS)
    journal.compact(exposed.now)
    assert not models.Change.objects.filter(kind__in=("Pod", "EndpointSlice")).exists()
    (foretold,) = forecasting.foresee(DEFAULT, BOOK, Question(action="set-image", body=UPDATE))
    update()
    exposed.pass_by(120)
    found, expected = live(client), foretold.as_json()["traffic"]
    assert shape(found["traffic"], found["began"]) == shape(expected, foretold.now)


def test_a_pinned_rollout_keeps_its_lane_for_any_numbers(client: Client, exposed: Clock) -> None:
    rv = update()
    exposed.pass_by(120)
    before = [recorded(client, rv, **numbers) for numbers in ({}, {"belief_delay_seconds": 0.0})]
    assert client.post(f"/clusters/demo/rollouts/{rv}/pin/").status_code == 200
    exposed.pass_by(2 * journal.KEEP_SECONDS)
    journal.compact(exposed.now)
    assert [recorded(client, rv, **numbers) for numbers in ({}, {"belief_delay_seconds": 0.0})] == before
    assert "lane" not in client.get(f"/clusters/demo/rollouts/{rv}/film/").json()


def test_what_is_taken_away_has_the_lane(client: Client, exposed: Clock) -> None:
    rv = update()
    exposed.pass_by(120)
    base, query = f"/clusters/demo/rollouts/{rv}/", {"requests_per_second": 10}
    picture = client.get(f"{base}film.svg", query).content.decode()
    assert "requests, a model: " in picture and "10 a second to the Service web" in picture
    assert ElementTree.fromstring(picture).findall(".//{*}rect[@class='lost']")
    page = client.get(f"{base}film.html", query).content.decode()
    data = json.loads(page.split('id="film-data">')[1].split("</script>")[0])
    assert data["lane"]["traffic"]["model"]["requests_per_second"] == 10


@pytest.mark.usefixtures("exposed")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({"requests": 1}, "traffic.requests: unknown field", id="unknown"),
        pytest.param({"request_seconds": "x"}, "traffic.request_seconds: Invalid value: 'x'", id="no number"),
        pytest.param({"request_seconds": "nan"}, "traffic.request_seconds: Invalid value: nan", id="not a number"),
        pytest.param({"belief_delay_seconds": "-1"}, "must be between 0 and 3,600, inclusive", id="below nothing"),
    ],
)
def test_refusals(client: Client, query: Json, words: str) -> None:
    answer = client.get(LIVE, query)
    assert answer.status_code == 400 and words in answer.json()["message"]


@pytest.mark.usefixtures("exposed")
def test_who_asks_too_often_waits(client: Client) -> None:
    assert 429 in [client.get(LIVE).status_code for _ in range(30)]


def test_a_lane_of_too_many_changes_is_cut(client: Client, exposed: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_CHANGES", 20)
    update()
    exposed.pass_by(120)
    found = live(client)
    assert (found["is_cut"], found["is_open"]) == (True, False)
    assert found["traffic"]["end"] - found["began"] < 10


def test_only_what_is_new_is_read_again(
    client: Client, exposed: Clock, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    update()
    exposed.pass_by(5)
    live(client)
    watched = next(iter(lanes.kept.watched.values()))
    seen = watched.count
    exposed.pass_by(5)
    with django_assert_max_num_queries(20):
        live(client)
    assert lanes.kept.watched.popitem()[1] is watched and watched.count > seen
