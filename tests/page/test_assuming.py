"""What a forecast assumes, kept as rules of the namespace, and what it says is not acted on."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster import models
from cluster.page import forecasting, sharing, views
from cluster.writing import actions, limits
from tests.spaces import DEFAULT, demo, grant
from tests.writing.test_actions import manifest

pytestmark = pytest.mark.usefixtures("cluster")
BASE = "/clusters/demo/namespaces/default/"
TYPED = {"nginx:1.7.9": {"ready_seconds": 30}}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ANONYMOUS = "none"
    monkeypatch.setattr(views, "forecast_buckets", limits.Buckets())
    monkeypatch.setattr(forecasting, "shared", sharing.Shared())


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def post(client: Client, path: str, body: object) -> Any:
    return client.post(BASE + path, json.dumps(body), content_type="application/json")


def forecast(client: Client) -> dict[str, Any]:
    answer = post(client, "deployments/nginx-deployment/forecast/", {"action": "restart", "body": {}})
    found: dict[str, Any] = answer.json()["forecasts"][0]
    return found


def test_typed_times_are_those_of_a_rule_from_now_on(client: Client) -> None:
    actions.example(DEFAULT, actor="me")
    assert forecast(client)["assumes"][0]["pattern"] == "*"
    assert post(client, "behaviours/", {"overrides": TYPED}).status_code == 200
    (assumed,) = forecast(client)["assumes"]
    assert (assumed["pattern"], assumed["times"]["ready_seconds"], assumed["jitter"]) == ("nginx:1.7.9", 30.0, 0.0)
    assert set(assumed["sources"].values()) == {"rule"}
    assert models.Change.objects.filter(kind="ImageBehaviour").latest("rv").actor == "root"


@pytest.mark.parametrize(
    ("role", "code"),
    [
        pytest.param(":edit", 403, id="edits the cluster"),
        pytest.param("default:admin", 403, id="admin of the namespace"),
        pytest.param(":admin", 200, id="admin of the cluster"),
    ],
)
def test_who_may_change_rules_may_keep_times(role: str, code: int) -> None:
    user = User.objects.create_user("ann")
    grant(user, role)
    client = Client()
    client.force_login(user)
    before = demo().behaviours.count()
    assert post(client, "behaviours/", {"overrides": TYPED}).status_code == code
    assert demo().behaviours.count() == before + (code == 200)


def test_times_that_are_none_are_refused(client: Client) -> None:
    for overrides, word in (({"a": {"odd": 1}}, "unknown field"), ({"a": {"pull_seconds": -1}}, "between 0")):
        answer = post(client, "behaviours/", {"overrides": overrides})
        assert (answer.status_code, word in answer.json()["message"]) == (400, True)
    assert post(Client(), "behaviours/", {"overrides": TYPED}).status_code == 401


def test_what_is_not_acted_on_is_listed_in_the_readers_language(client: Client) -> None:
    text = manifest(name="nginx-deployment").replace(
        "containers:", "readinessGates: [{conditionType: example.com/a}]\n      containers:"
    )
    actions.create(DEFAULT, text, actor="me")
    autoscaler = {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "nginx-deployment"}}}
    other = {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "other"}}}
    for name, kept in {"web": autoscaler, "other": other}.items():
        models.KeptObject.objects.create(
            uid=name, cluster=demo(), namespace="default", resource="horizontalpodautoscalers.autoscaling",
            name=name, manifest=kept,
        )  # fmt: skip
    assert forecast(client)["unacted"] == [
        {
            "places": ["readinessGates"],
            "text": "Clients set the conditions of readiness gates. A rehearsal counts the gates as met at once.",
        },
        {"places": ["HorizontalPodAutoscaler/web"], "text": "No autoscaler scales this Deployment."},
    ]
    client.cookies["django_language"] = "zh-hans"
    assert [each["text"] for each in forecast(client)["unacted"]] == [
        "就绪门控的状况由客户端设置；预演中视为立即满足。",
        "没有自动扩缩器调整这个 Deployment。",
    ]
