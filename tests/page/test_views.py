"""Pages and the JSON behind their buttons: who gets in, and what is refused."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from cluster import models
from cluster.core.reconcile import SYNCS
from cluster.page import forecasting, sharing, views
from cluster.writing import actions, limits
from tests.spaces import DEFAULT, demo, grant
from tests.writing.test_actions import manifest

BASE = "/clusters/demo/namespaces/default/"
SCALE = f"{BASE}deployments/nginx-deployment/scale/"


@pytest.fixture
def book(cluster: None) -> None:  # noqa: ARG001
    actions.example(DEFAULT, actor="me")


@pytest.fixture(autouse=True)
def open_to(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.ANONYMOUS = getattr(request, "param", "admin")


def post(client: Client, path: str, body: object) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


@pytest.mark.usefixtures("book")
def test_pages_answer_under_a_strict_policy(client: Client) -> None:
    for path in (BASE, f"{BASE}deployments/nginx-deployment/", "/fidelity/", "/login/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "style=" not in answer.content.decode()
    assert client.get(f"{BASE}deployments/other/").status_code == 404


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("open_to", ["none"], indirect=True)
def test_a_stranger_gets_nowhere(client: Client) -> None:
    assert client.get(BASE)["Location"].startswith("/login/")
    assert client.get(f"{BASE}deployments/nginx-deployment/")["Location"].startswith("/login/")
    assert client.get(f"{BASE}deployments/nginx-deployment/yaml/").status_code == 401
    assert post(client, SCALE, {"replicas": 9}).status_code == 401
    assert models.Deployment.objects.get().replicas == 3


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("open_to", ["none"], indirect=True)
@pytest.mark.parametrize(
    ("group", "reading", "acting"),
    [
        pytest.param("default:view", 200, 403, id="viewers look"),
        pytest.param("default:edit", 200, 200, id="editors act"),
        pytest.param("other:edit", 403, 403, id="another namespace's editors do neither"),
    ],
)
def test_groups_give_their_members_a_namespace(client: Client, group: str, reading: int, acting: int) -> None:
    user = User.objects.create_user("ann")
    grant(user, group)
    client.force_login(user)
    assert client.get(f"{BASE}deployments/nginx-deployment/yaml/").status_code == reading
    assert post(client, SCALE, {"replicas": 4}).status_code == acting


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("action", "body", "code", "part"),
    [
        pytest.param("scale", {}, 400, "replicas: Required value", id="missing"),
        pytest.param("scale", {"replicas": "5"}, 400, "replicas: Invalid value", id="wrong type"),
        pytest.param("scale", {"replicas": True}, 400, "replicas: Invalid value", id="a bool is no number"),
        pytest.param("scale", {"replicas": -5}, 422, "must be greater than or equal to 0", id="negative"),
        pytest.param("tune", {"colour": "red"}, 400, "colour: unknown field", id="unknown"),
        pytest.param("tune", {"max_surge": "abc"}, 422, "a valid percent string", id="no percentage"),
        pytest.param("set-image", {"images": {"sidecar": "x"}}, 400, 'container named "sidecar"', id="no container"),
        pytest.param("undo", {"to_revision": 7}, 400, "unable to find specified revision 7", id="no revision"),
        pytest.param("resume", {}, 400, "is not paused", id="not paused"),
        pytest.param("edit", {"yaml": "a: [", "resource_version": 1}, 400, "yaml: line", id="no YAML"),
        pytest.param(
            "edit", {"yaml": "apiVersion: apps/v1\nkind: Deployment\n"}, 400, "name of the object ()", id="no name"
        ),
    ],
)
def test_a_refusal_is_a_status_that_names_its_field(
    client: Client, action: str, body: dict[str, Any], code: int, part: str
) -> None:
    answer = post(client, f"{BASE}deployments/nginx-deployment/{action}/", body)
    assert (answer.status_code, answer.json()["kind"]) == (code, "Status")
    assert part in answer.json()["message"]


@pytest.mark.usefixtures("book")
def test_actions_want_the_csrf_token() -> None:
    assert post(Client(enforce_csrf_checks=True), SCALE, {"replicas": 9}).status_code == 403


FORECAST = f"{BASE}deployments/nginx-deployment/forecast/"


@pytest.mark.usefixtures("book")
def test_a_forecast_tells_what_an_edit_would_do_and_changes_nothing(client: Client, work: Any) -> None:
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    work()
    before = models.Change.objects.count()
    body = {"action": "set-image", "body": {"images": {"nginx": "nginx:1.9.1"}}}
    variants = [{}, {"max_surge": 0, "max_unavailable": 1, "ready_seconds": 5}]
    found = post(client, FORECAST, {**body, "variants": variants}).json()["forecasts"]
    assert [(each["outcome"], each["peak_pods"], each["min_available"]) for each in found] == [
        ("settled", 4, 3),
        ("settled", 3, 2),
    ]
    assert round(found[1]["duration_seconds"]) == 15
    sizes = [(each["counts"].get("1", 0), each["counts"].get("2", 0)) for each in found[0]["frames"]]
    assert list(dict.fromkeys(sizes)) == [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
    assert models.Change.objects.count() == before


@pytest.mark.usefixtures("book")
def test_a_forecast_of_edited_yaml_and_of_what_is_still_to_come(client: Client, work: Any) -> None:
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*", ready_seconds=5)
    work()
    text = client.get(f"{BASE}deployments/nginx-deployment/yaml/").json()["yaml"]
    edited = text.replace("replicas: 3", "replicas: 5")
    (found,) = post(client, FORECAST, {"action": "edit", "body": {"yaml": edited}}).json()["forecasts"]
    assert (found["peak_pods"], found["frames"][-1]["counts"]) == (5, {"1": 5})
    (ahead,) = post(client, FORECAST, {"action": "go-on", "body": {}}).json()["forecasts"]
    assert (ahead["outcome"], ahead["peak_pods"]) == ("settled", 3)


def test_the_page_of_fidelity_is_of_the_proof(client: Client) -> None:
    proof = json.loads((site.BASE_DIR / "docs" / "fidelity.json").read_text())
    page = client.get("/fidelity/").content.decode()
    assert f"{sum(each['cases'] for each in proof['compared']):,}" in page
    for each in proof["compared"]:
        assert escape(each["what"]) in page
    for each in proof["differences"]:
        assert escape(each["reason"]) in page


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"action": "dance", "body": {}}, "Unsupported value: 'dance'", id="unknown action"),
        pytest.param({"action": "scale", "body": {"replicas": "many"}}, "expected int", id="wrong type"),
        pytest.param(
            {"action": "scale", "body": {"replicas": -1}}, "must be greater than or equal to 0", id="negative"
        ),
        pytest.param({"action": "scale", "body": {"replicas": 9999}}, "use manage.py rehearse", id="too many"),
        pytest.param({"action": "undo", "body": {}}, "no rollout history found", id="nothing to undo"),
        pytest.param(
            {"action": "edit", "body": {"yaml": "a: 1\n---\nb: 2"}},
            "expected one YAML document, found 2",
            id="two documents",
        ),
        pytest.param({"action": "edit", "body": {"yaml": manifest()}}, "the name of the object (web)", id="another's"),
        pytest.param({"action": "pause", "body": {}}, "Unsupported value: 'pause'", id="what is not foreseen"),
        pytest.param(
            {"action": "restart", "body": {}, "variants": [{"colour": 1}]}, "colour: unknown field", id="variant"
        ),
    ],
)
def test_a_forecast_is_refused_as_the_edit_would_be(client: Client, work: Any, body: Any, words: str) -> None:
    work()
    answer = post(client, FORECAST, body)
    assert answer.status_code in (400, 422)
    assert words in answer.json()["message"]


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("limit", "body", "words"),
    [
        pytest.param(
            ("MOST_PODS", 2), {"action": "go-on", "body": {}},
            "the Deployment asks for 4 pods, a forecast in the page takes 2 at most", id="the Deployment",
        ),
        pytest.param(
            ("MOST_PODS", 9), {"action": "scale", "body": {"replicas": 9}}, "the Deployment asks for 12 pods", id="the edit"
        ),
        pytest.param(
            ("MOST_PODS", 9), {"action": "restart", "body": {}, "variants": [{}, {"max_surge": 7}]},
            "the Deployment asks for 10 pods", id="a variant",
        ),
        pytest.param(
            ("MOST_PODS_BESIDE", 4), {"action": "restart", "body": {}},
            "beside the Deployment's the cluster has 5 pods, a forecast in the page takes 4 at most", id="its cluster",
        ),
    ],
)  # fmt: skip
def test_a_forecast_that_is_too_large_is_refused_before_the_cluster_is_loaded(
    client: Client, work: Any, monkeypatch: pytest.MonkeyPatch, limit: tuple[str, int], body: Any, words: str
) -> None:
    actions.create(DEFAULT, manifest(name="beside", replicas=5), actor="me")
    work()
    monkeypatch.setattr(forecasting, *limit)
    monkeypatch.setattr(forecasting.loading, "load", lambda _: pytest.fail("it was loaded"))
    answer = post(client, FORECAST, body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


@pytest.fixture(autouse=True)
def full_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "forecast_buckets", limits.Buckets())
    monkeypatch.setattr(forecasting, "shared", sharing.Shared())


RESTART = {"action": "restart", "body": {}}
PACE, TUNE, UNDO = (
    "/clusters/demo/pace/",
    f"{BASE}deployments/nginx-deployment/tune/",
    f"{BASE}deployments/nginx-deployment/undo/",
)
MOST_32 = "must be between -2147483648 and 2147483647"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("url", "body", "words"),
    [
        pytest.param(FORECAST, '"variants": [{"ready_seconds": NaN}]', "ready_seconds: Invalid value: nan", id="NaN"),
        pytest.param(FORECAST, '"variants": [{"ready_seconds": Infinity}]', "ready_seconds: Invalid value: inf", id="inf"),
        pytest.param(
            FORECAST, '"variants": [{"ready_seconds": -1}]',
            "ready_seconds: Invalid value: -1: must be between 0 and 86,400, inclusive", id="negative",
        ),
        pytest.param(FORECAST, '"variants": [{"ready_seconds": 1e13}]', "must be between 0 and 86,400", id="long"),
        pytest.param(FORECAST, '"variants": [{"max_surge": 9223372036854775807}]', f"max_surge: Invalid value: {MOST_32}",
                     id="surge of a variant"),
        pytest.param(PACE, '"pace": NaN', "pace: Invalid value: nan", id="pace"),
        pytest.param(PACE, f'"pace": 1{"0" * 400}', "pace: Invalid value", id="a pace that is no float"),
        pytest.param(SCALE, '"replicas": 2147483648', f"replicas: Invalid value: {MOST_32}", id="replicas"),
        pytest.param(SCALE, '"replicas": 1, "resource_version": 9223372036854775808', "resource_version", id="version"),
        pytest.param(TUNE, '"max_surge": 9223372036854775807', "max_surge: Invalid value", id="surge"),
        pytest.param(TUNE, '"max_surge": "100000000000000000%"', "max_surge: Too long", id="a long share"),
        pytest.param(TUNE, '"min_ready_seconds": 2147483648', "min_ready_seconds: Invalid value", id="min ready"),
        pytest.param(UNDO, '"to_revision": 9223372036854775808', "to_revision: Invalid value", id="revision"),
    ],
)  # fmt: skip
def test_numbers_are_bounded_and_named(client: Client, url: str, body: str, words: str) -> None:
    text = f'{{"action": "restart", "body": {{}}, {body}}}' if url == FORECAST else f"{{{body}}}"
    answer = client.post(url, text, content_type="application/json")
    assert answer.status_code == 400
    assert words in answer.json()["message"]


@pytest.mark.usefixtures("book")
def test_a_forecast_is_computed_once_for_a_state_and_anew_for_the_next(
    client: Client, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    compute = forecasting.compute

    def counted(*arguments: Any) -> Any:
        asked.append(arguments[2].action)
        return compute(*arguments)

    monkeypatch.setattr(forecasting, "compute", counted)
    work()
    for _ in range(2):
        assert post(client, FORECAST, RESTART).status_code == 200
    post(client, FORECAST, {"action": "go-on", "body": {}})
    post(client, SCALE, {"replicas": 4})
    post(client, FORECAST, RESTART)
    assert asked == ["restart", "go-on", "restart"]


@pytest.mark.usefixtures("book")
def test_a_forecast_that_takes_too_long_is_given_up(client: Client, work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    work()
    monkeypatch.setattr(forecasting, "BUDGET_SECONDS", -1.0)
    monkeypatch.setattr(forecasting, "shared", SimpleNamespace(get=lambda *given, **_: given[2]()))
    answer = post(client, FORECAST, RESTART)
    assert (answer.status_code, answer.json()["reason"]) == (504, "Timeout")


@pytest.mark.usefixtures("book")
def test_a_forecast_of_what_fails_in_its_controller_says_so(
    client: Client, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise LookupError

    work()
    monkeypatch.setattr(forecasting, "shared", SimpleNamespace(get=lambda *given, **_: given[2]()))
    monkeypatch.setitem(SYNCS, "Deployment", fail)
    answer = post(client, FORECAST, RESTART)
    assert (answer.status_code, answer.json()["details"]["name"]) == (500, "nginx-deployment")
    assert "fails in the hands of its controllers" in answer.json()["message"]


@pytest.mark.usefixtures("book")
def test_a_user_asks_for_few_forecasts_a_second(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "forecast_buckets", limits.Buckets(lambda: 0.0))
    codes = [post(client, FORECAST, RESTART).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
