"""Requests in the page's forecast: with a Service, with other numbers of the model, and as if pods had a preStop hook."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cluster import models
from cluster.core.traffic.model import ASSUMPTIONS, Model
from cluster.live.worker import run_next
from cluster.page import traffic
from cluster.stories import staging
from cluster.writing import actions
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.usefixtures("book")
UPDATE = {"action": "set-image", "body": {"images": {"nginx": "nginx:1.9.1"}}}
FORECAST = "/clusters/demo/namespaces/default/deployments/nginx-deployment/forecast/"
SURGE = {"max_surge": 1, "max_unavailable": 0}


def expose(labels: dict[str, str] | None = None) -> None:
    spec = {"selector": labels or {"app": "nginx"}, "ports": [{"port": 80}]}
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    staging.apply_rule(DEFAULT, manifest, actor="me")


@pytest.fixture
def book(cluster: None) -> None:  # noqa: ARG001
    actions.example(DEFAULT, actor="me")


@pytest.fixture(autouse=True)
def open_to_all(settings: Any) -> None:
    settings.ANONYMOUS = "admin"


@pytest.fixture
def exposed(book: None, work: Any) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*", ready_seconds=2.0, stop_seconds=1.0)
    expose()
    work()
    models.Cluster.objects.update(clock_wall=demo().clock_wall - 60)
    while run_next({}):
        pass


def ask(client: Client, more: Any) -> Any:
    return client.post(FORECAST, json.dumps({**UPDATE, **more}), content_type="application/json")


def foreseen(client: Client, **more: Any) -> list[Any]:
    answer = ask(client, more)
    assert answer.status_code == 200, answer.json()
    return [each["traffic"] for each in answer.json()["forecasts"]]


@pytest.mark.usefixtures("exposed")
def test_a_hook_of_five_seconds_loses_nothing(client: Client) -> None:
    without, with_hook = foreseen(client, variants=[SURGE, {**SURGE, "pre_stop_seconds": 5}])
    assert without["service"] == "web"
    assert (without["refused"], without["broken"]) == (100, 0)
    assert (with_hook["lost"], with_hook["requests"] > 0) == (0, True)
    times = [each["at"] for each in without["rates"]]
    assert times == sorted(times) and times[-1] < without["end"]


@pytest.mark.usefixtures("exposed")
def test_the_models_numbers_are_the_askers(client: Client) -> None:
    numbers = {"requests_per_second": 10, "belief_delay_seconds": 2.0, "request_seconds": 0.0}
    (found,) = foreseen(client, variants=[SURGE], traffic=numbers)
    assert (found["model"], found["refused"]) == (numbers, 20)


def test_no_service_no_lane(client: Client, work: Any) -> None:
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    expose({"app": "other"})
    work()
    assert foreseen(client) == [None]
    expose()
    work()
    assert foreseen(client)[0]["service"] == "web"  # not the answer of before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param({"traffic": {"requests": 1}}, "traffic.requests: unknown field; allowed are", id="unknown"),
        pytest.param(
            {"traffic": {"request_seconds": -1}},
            "traffic.request_seconds: Invalid value: -1: must be between 0 and 3,600, inclusive", id="below nothing",
        ),
        pytest.param({"traffic": {"request_seconds": True}}, "traffic.request_seconds: Invalid value: True", id="no number"),
        pytest.param({"variants": [{"pre_stop_seconds": 1.5}]}, "pre_stop_seconds", id="half a second"),
        pytest.param(
            {"variants": [{"pre_stop_seconds": 90}]}, "must be non-negative and less than terminationGracePeriodSeconds (30)",
            id="longer than the grace period",
        ),
    ],
)  # fmt: skip
def test_refusals(client: Client, work: Any, more: Any, words: str) -> None:
    work()
    answer = ask(client, more)
    assert answer.status_code in (400, 422)
    assert words in str(answer.json())


def test_the_page_says_what_the_model_assumes() -> None:
    module = (Path(traffic.__file__).parents[2] / "static" / "js" / "model" / "traffic.js").read_text()
    assert [each for each in ASSUMPTIONS if f'"{each}"' not in module] == []
    assert [key for key in traffic.MOST if key not in module] == []
    assert set(traffic.MOST) == {each.name for each in fields(Model)}
