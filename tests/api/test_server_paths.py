"""What an API server answers beside objects: its paths, health with checks, metrics, plain 404s."""

import json
from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from cluster.api import checks, serving, views
from cluster.records import journal
from tests.api.conftest import Api

pytestmark = pytest.mark.usefixtures("cluster")


def ask(path: str, api: Api | None = None) -> tuple[int, str, str]:
    """(code, type, text) on a port of the API."""
    headers = {"Authorization": api.headers["Authorization"]} if api else {}
    response = views.entry(RequestFactory().get(path, headers=headers))
    return response.status_code, response["Content-Type"], response.content.decode()


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        pytest.param("/livez", 200, "ok", id="alive"),
        pytest.param("/livez?verbose", 200, "[+]ping ok\n[+]log ok\n[+]etcd ok\nlivez check passed\n", id="verbose"),
        pytest.param("/healthz/ping", 200, "ok", id="one check"),
        pytest.param("/readyz/etcd", 200, "ok", id="the store"),
        pytest.param("/clusters/demo/readyz/etcd", 200, "ok", id="below a cluster"),
        pytest.param("/readyz/nope", 404, "404 page not found\n", id="no such check"),
        pytest.param("/nope", 404, "404 page not found\n", id="no such path"),
        pytest.param("/openapi/v3/apis/nope.example/v1", 404, "404 page not found\n", id="no such schemas"),
        pytest.param("/apis/nope.example/v1", 404, "404 page not found\n", id="no such group"),
        pytest.param(
            "/livez?verbose&exclude=etcd&exclude=x",
            200,
            '[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\n'
            "livez check passed\n",
            id="excluded",
        ),
    ],
)
def test_plain_answers(api: Api, path: str, code: int, text: str) -> None:
    found = ask(path, api)
    assert (found[0], found[2]) == (code, text)
    assert found[1].startswith("text/plain")


def test_a_check_that_fails_is_named_without_its_reason(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "worker_alive", lambda: False)
    code, _, text = ask("/readyz", api)
    assert (code, text.splitlines()[3:]) == (
        500,
        ["[-]worker failed: reason withheld", "[+]shutdown ok", "readyz check failed"],
    )
    assert ask("/livez", api)[0] == 200


def test_the_index_names_the_paths_that_are_served(api: Api) -> None:
    listed = api_paths(api)
    assert {"/api/v1", "/apis/apps/v1", "/livez/ping", "/readyz/worker", "/openapi/v3/apis/apps/v1", "/metrics"} <= set(
        listed
    )
    assert listed == sorted(listed)
    assert {ask(each, api)[0] for each in listed if not each.startswith("/readyz")} == {200}


def api_paths(api: Api) -> list[str]:
    found: list[str] = json.loads(ask("/", api)[2])["paths"]
    return found


@pytest.mark.parametrize("path", ["/livez", "/healthz", "/version"])
def test_everybody_may_read_what_upstream_shows_to_all(path: str) -> None:
    assert ask(path)[0] == 200


@pytest.mark.parametrize("path", ["/", "/metrics", "/livez/ping", "/api/v1"])
def test_the_rest_wants_a_token(path: str) -> None:
    assert ask(path)[0] == 401


def test_a_member_reads_no_metrics(member: Callable[[str], Api]) -> None:
    code, _, text = ask("/metrics", member("default:edit"))
    assert (code, 'User "of-default:edit" cannot get path "/metrics"' in text.replace("\\", "")) == (403, True)


def test_metrics_count_requests(api: Api) -> None:
    api.get("/api/v1/namespaces/default/pods")
    text = ask("/metrics", api)[2]
    assert (
        'apiserver_request_total{code="200",group="",resource="pods",subresource="",verb="LIST",version="v1"}' in text
    )


def test_which_requests_are_the_apis() -> None:
    def fits(path: str, **more: object) -> bool:
        return serving.is_request({"type": "http", "path": path, **more})

    assert [fits("/"), fits("/livez"), fits("/fidelity/"), fits("/clusters/demo/")] == [False] * 4
    assert [fits("/clusters/demo/readyz"), fits("/api/v1"), fits("/clusters/demo/metrics")] == [True] * 3
    assert [fits(each, **{serving.ONLY_API: True}) for each in ("/", "/livez", "/fidelity/", "/nope")] == [True] * 4


def test_the_first_of_a_repeated_parameter_counts(api: Api, client: Client) -> None:
    answer = client.get("/api/v1/nodes?limit=1&limit=2", headers=api.headers)
    assert len(answer.json()["items"]) == 1


def test_checks_are_listed_by_path() -> None:
    assert checks.paths()[:4] == ["/healthz", "/healthz/ping", "/healthz/log", "/healthz/etcd"]
