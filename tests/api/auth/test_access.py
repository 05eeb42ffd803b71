"""Who gets in and how often, what he is told he may not, and who is kept out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster import models
from cluster.api import targets
from cluster.api.auth import access, tokens
from cluster.writing import limits, namespaces
from tests.api.conftest import Api
from tests.spaces import DEFAULT, grant, space

pytestmark = pytest.mark.usefixtures("cluster")
Member = Callable[..., Api]


@pytest.fixture
def member() -> Member:
    def made(*groups: str, name: str = "ann") -> Api:
        user = User.objects.create_user(name)
        grant(user, *groups)
        return Api(tokens.make_token(user))

    return made


def test_a_stranger_is_told_what_kubectl_expects(client: Client) -> None:
    answer = client.get("/api/v1/pods", headers={"Authorization": "Bearer rs-wrong"})
    assert (answer.status_code, answer.json()) == (
        401,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": "Unauthorized",
            "reason": "Unauthorized",
            "code": 401,
        },
    )


APPS = "/apis/apps/v1/namespaces/default/deployments"


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        pytest.param(
            "GET",
            APPS,
            'deployments.apps is forbidden: User "ann" cannot list resource "deployments" in API group "apps" in the namespace "default"',
            id="list",
        ),
        pytest.param(
            "GET",
            "/apis/extensions/v1beta1/namespaces/default/deployments",
            'deployments.extensions is forbidden: User "ann" cannot list resource "deployments" in API group "extensions" '
            'in the namespace "default"',
            id="old group",
        ),
        pytest.param(
            "DELETE",
            f"{APPS}/web",
            'deployments.apps "web" is forbidden: User "ann" cannot delete resource "deployments" in API group "apps" '
            'in the namespace "default"',
            id="one",
        ),
        pytest.param(
            "PATCH",
            f"{APPS}/web/scale",
            'deployments.apps "web" is forbidden: User "ann" cannot patch resource "deployments/scale" in API group "apps" '
            'in the namespace "default"',
            id="subresource",
        ),
        pytest.param(
            "GET",
            "/api/v1/pods",
            'pods is forbidden: User "ann" cannot list resource "pods" in API group "" at the cluster scope',
            id="all namespaces",
        ),
        pytest.param(
            "PATCH",
            "/api/v1/nodes/node-1",
            'nodes "node-1" is forbidden: User "ann" cannot patch resource "nodes" in API group "" at the cluster scope',
            id="node",
        ),
        pytest.param(
            "DELETE",
            "/api/v1/namespaces/default",
            'namespaces "default" is forbidden: User "ann" cannot delete resource "namespaces" in API group "" '
            'in the namespace "default"',
            id="namespace",
        ),
    ],
)
def test_what_is_forbidden_is_told_in_upstreams_words(member: Member, method: str, path: str, message: str) -> None:
    answer = member()(method, path, {} if method == "PATCH" else None, "application/merge-patch+json")
    assert (answer.status_code, answer.json()["reason"], answer.json()["message"]) == (403, "Forbidden", message)


@pytest.mark.parametrize(
    ("group", "reads", "writes"),
    [
        pytest.param("default:view", True, False, id="view"),
        pytest.param("default:edit", True, True, id="edit"),
        pytest.param("default:admin", True, True, id="admin"),
        pytest.param("other:admin", False, False, id="of another namespace"),
    ],
)
def test_members_have_the_rights_that_they_have_on_the_page(
    member: Member, group: str, reads: bool, writes: bool
) -> None:
    one = member(group)
    assert (one("GET", APPS).status_code == 200) is reads
    assert (one("DELETE", APPS).status_code == 200) is writes
    assert one("GET", "/api/v1/pods").status_code == 403


def test_only_ones_own_namespaces_are_listed(member: Member) -> None:
    namespaces.ensure(space("other"), actor="seed")
    seen = member("other:view").get("/api/v1/namespaces")
    assert [each["metadata"]["name"] for each in seen["items"]] == ["other"]


@pytest.mark.parametrize(
    ("host", "origin", "code"),
    [
        pytest.param("testserver", "", 200, id="no browser"),
        pytest.param("testserver", "http://testserver", 200, id="our own page"),
        pytest.param("testserver", "https://evil.example", 403, id="another site"),
        pytest.param("testserver", "null", 403, id="a file, or a sandbox"),
        pytest.param("evil.example", "", 400, id="another name for this address"),
    ],
)
def test_another_sites_page_gets_nowhere(member: Member, host: str, origin: str, code: int) -> None:
    headers = {"Host": host, **({"Origin": origin} if origin else {})}
    assert member()("GET", "/version", **headers).status_code == code


def test_a_watch_looks_at_host_and_origin_itself() -> None:
    access.check_origin("localhost:8443", "")
    access.check_origin("", "http://127.0.0.1:8000")
    for host, origin in (("evil.example", ""), ("localhost", "http://evil.example"), ("localhost", "null")):
        with pytest.raises(access.Refused) as refused:
            access.check_origin(host, origin)
        assert refused.value.status["code"] == 403


def test_a_preflight_opens_nothing(client: Client) -> None:
    answer = client.options(APPS, headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "GET"})
    assert answer.status_code == 403
    assert not [each for each in answer.headers if each.startswith("Access-Control")]


def test_the_last_use_of_a_token_is_kept_to_a_minute(member: Member) -> None:
    one = member()
    one.get("/version")
    first = models.Token.objects.get().last_used
    one.get("/version")
    assert first is not None
    assert models.Token.objects.get().last_used == first
    models.Token.objects.update(last_used=timezone.now() - timedelta(minutes=2))
    one.get("/version")
    assert models.Token.objects.get().last_used >= first


def test_a_revoked_token_opens_nothing_any_more(member: Member) -> None:
    one = member()
    assert one("GET", "/version").status_code == 200
    models.Token.objects.all().delete()
    assert one("GET", "/version").status_code == 401


def test_a_user_who_asks_too_often_is_told_to_wait(member: Member, settings: Any, monkeypatch: Any) -> None:
    now = [0.0]
    monkeypatch.setattr(limits, "buckets", limits.Buckets(lambda: now[0]))
    settings.API_RATE = 2.0
    ann, bob = member(), member(name="bob")
    assert [ann("GET", "/version").status_code for _ in range(5)] == [200] * 4 + [429]
    refused = ann("GET", "/version")
    assert (refused.headers["Retry-After"], refused.json()["reason"]) == ("1", "TooManyRequests")
    assert refused.json()["message"] == "Too many requests, please try again later."
    assert bob("GET", "/version").status_code == 200
    now[0] += 1.0
    assert [ann("GET", "/version").status_code for _ in range(3)] == [200, 200, 429]


def test_a_body_larger_than_3_mib_is_refused(member: Member) -> None:
    one = member("default:edit")
    answer = one.client.generic(
        "POST", APPS, b" " * (3 * 1024 * 1024 + 1), content_type="application/json", headers=one.headers
    )
    assert (answer.status_code, answer.json()["reason"]) == (413, "RequestEntityTooLarge")
    assert answer.json()["message"] == "Request entity too large: limit is 3145728"


def test_who_may_no_longer_watch_is_found() -> None:
    user = User.objects.create_user("ann")
    grant(user, "default:view")
    tokens.make_token(user)
    digest = models.Token.objects.get().digest
    target = targets.parse("/api/v1/namespaces/default/pods")
    assert target
    assert access.refusals([(digest, target)]) == {}
    user.memberships.all().delete()
    assert access.refusals([(digest, target)])[digest, target]["code"] == 403
    models.Token.objects.update(expires=timezone.now())
    assert access.refusals([(digest, target)])[digest, target]["code"] == 401


@pytest.mark.usefixtures("cluster")
def test_the_rights_of_who_has_many_namespaces_cost_no_more_statements() -> None:
    user = User.objects.create_user("ann")
    api, counts = Api(tokens.make_token(user)), []
    for number in range(31):
        namespaces.create(DEFAULT.cluster, f"n{number}", actor="me")
        grant(user, f"n{number}:view")
        if number in (0, 30):
            api.get("/api/v1/namespaces/n0/pods")
            with CaptureQueriesContext(connection) as captured:
                assert api("GET", "/api/v1/namespaces/n0/pods").status_code == 200
            counts.append(len(captured))
    assert counts[0] == counts[1] < 10


@pytest.mark.usefixtures("cluster")
def test_a_namespace_is_told_to_its_members_only() -> None:
    namespaces.create(DEFAULT.cluster, "own", actor="me")
    user = grant(User.objects.create_user("ann"), "own:view")
    api = Api(tokens.make_token(user))
    assert [api("GET", f"/api/v1/namespaces/{name}").status_code for name in ("own", "default")] == [200, 403]
