"""What one may do, as one is told when one asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster.api.auth import tokens
from tests.api.conftest import Api
from tests.spaces import grant

pytestmark = pytest.mark.usefixtures("cluster")
Member = Callable[..., Api]
AUTHORIZATION = "/apis/authorization.k8s.io/v1"


@pytest.fixture
def member() -> Member:
    def made(*groups: str, name: str = "ann") -> Api:
        user = User.objects.create_user(name)
        grant(user, *groups)
        return Api(tokens.make_token(user))

    return made


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        pytest.param({"verb": "list", "resource": "pods", "namespace": "default"}, True, id="reading"),
        pytest.param({"verb": "list", "resource": "pods"}, False, id="all namespaces"),
        pytest.param({"verb": "get", "resource": "pods", "subresource": "log", "namespace": "default"}, True, id="log"),
        pytest.param(
            {"verb": "patch", "group": "apps", "resource": "deployments", "namespace": "default"}, False, id="writing"
        ),
        pytest.param({"verb": "list", "resource": "nodes"}, True, id="nodes"),
        pytest.param({"verb": "list", "resource": "deployments", "namespace": "default"}, False, id="wrong group"),
        pytest.param({"verb": "list", "resource": "secrets", "namespace": "default"}, False, id="not served"),
        pytest.param({"verb": "*", "resource": "*", "namespace": "default"}, False, id="everything"),
    ],
)
def test_what_one_can_do_is_told(member: Member, asked: dict[str, Any], allowed: bool) -> None:
    answer = member("default:view")(
        "POST", f"{AUTHORIZATION}/selfsubjectaccessreviews", {"spec": {"resourceAttributes": asked}}
    )
    assert (answer.status_code, answer.json()["status"]) == (201, {"allowed": allowed})


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        pytest.param({"path": "/version", "verb": "get"}, True, id="version"),
        pytest.param({"path": "/openapi/v3/api/v1", "verb": "get"}, True, id="below"),
        pytest.param({"path": "/metrics", "verb": "get"}, False, id="other"),
        pytest.param({"path": "/version", "verb": "post"}, False, id="verb"),
    ],
)
def test_paths_that_one_can_visit_are_told(member: Member, asked: dict[str, Any], allowed: bool) -> None:
    body = {"spec": {"nonResourceAttributes": asked}}
    assert member()("POST", f"{AUTHORIZATION}/selfsubjectaccessreviews", body).json()["status"] == {"allowed": allowed}


@pytest.mark.parametrize(
    "spec", [{}, "x", {"resourceAttributes": {}, "nonResourceAttributes": {}}, {"resourceAttributes": []}]
)
def test_a_question_that_is_none_is_refused(member: Member, spec: Any) -> None:
    assert member()("POST", f"{AUTHORIZATION}/selfsubjectaccessreviews", {"spec": spec}).status_code == 400


def verbs_for(told: dict[str, Any], resource: str) -> set[str]:
    return {verb for each in told["resourceRules"] if resource in each["resources"] for verb in each["verbs"]}


def test_ones_rules_are_listed(member: Member) -> None:
    one = member("default:edit")
    told = one("POST", f"{AUTHORIZATION}/selfsubjectrulesreviews", {"spec": {"namespace": "default"}}).json()["status"]
    assert "create" in verbs_for(told, "deployments")
    assert verbs_for(told, "nodes") == {"get", "list", "watch"}
    assert verbs_for(told, "selfsubjectaccessreviews") == {"create"}
    assert verbs_for(told, "resourcequotas") == {"get", "list", "watch"}
    elsewhere = one("POST", f"{AUTHORIZATION}/selfsubjectrulesreviews", {"spec": {"namespace": "other"}}).json()[
        "status"
    ]
    assert not verbs_for(elsewhere, "deployments")
    assert one("POST", f"{AUTHORIZATION}/selfsubjectrulesreviews", {"spec": {}}).status_code == 400
