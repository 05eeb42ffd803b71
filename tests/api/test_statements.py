"""What a request costs the database, in statements: all of it, its token and its rights included."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cluster.api.auth import tokens
from cluster.core.validation import apps
from cluster.writing import actions
from tests.api.conftest import manifest
from tests.spaces import DEFAULT, grant

pytestmark = pytest.mark.usefixtures("committed")
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
BOOK = f"{DEPLOYMENTS}/nginx-deployment"
PAGE = "/clusters/demo/namespaces/default/deployments/nginx-deployment"
STRATEGIC, MERGE = "application/strategic-merge-patch+json", "application/merge-patch+json"
Ask = Callable[..., Any]


def image(name: str) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": name}]}}}}


@pytest.fixture
def ask(committed: None, work: Callable[[], int]) -> Ask:  # noqa: ARG001
    """Requests of a member with the role edit, by token and by session; the book's Deployment is there."""
    actions.example(DEFAULT, actor="me")
    work()
    user = User.objects.create_user("ann")
    grant(user, f"{DEFAULT.namespace}:edit")
    headers = {"Authorization": f"Bearer {tokens.make_token(user)}"}
    client = Client()
    client.force_login(user)
    client.get(BOOK, headers=headers)  # the use of the token is noted once a minute

    def asked(method: str, path: str, body: Any = None, kind: str = "application/json") -> int:
        data = json.dumps(body) if body is not None else ""
        with CaptureQueriesContext(connection) as seen:
            answer = client.generic(method, path, data, content_type=kind, headers=headers)
        assert answer.status_code in (200, 201), answer.content
        return len(seen)

    return asked


WRITES = [
    pytest.param(("PATCH", BOOK, image("nginx:1.9.1"), STRATEGIC), 12, id="kubectl set image"),
    pytest.param(("POST", f"{PAGE}/set-image/", {"images": {"nginx": "nginx:1.9.1"}}), 11, id="the page's set image"),
    pytest.param(
        ("PATCH", BOOK, {"spec": {"replicas": 2}}, MERGE), 13, id="a patch that scales down, which is counted"
    ),
    pytest.param(("PATCH", f"{BOOK}/scale", {"spec": {"replicas": 9}}, MERGE), 16, id="kubectl scale, with the quota"),
    pytest.param(("POST", DEPLOYMENTS, manifest("web")), 17, id="kubectl create, with the quota"),
    pytest.param(("GET", BOOK), 3, id="kubectl get"),
]
YAML = json.dumps(
    {**manifest("nginx-deployment"), "spec": {**manifest()["spec"], "selector": {"matchLabels": {"app": "nginx"}}}}
)
EDIT = pytest.param(
    ("POST", f"{PAGE}/edit/", {"yaml": YAML.replace('{"a": "b"}', '{"app": "nginx"}')}),
    12,
    id="the page's YAML, which scales",
)


@pytest.mark.parametrize(("request_", "most"), [*WRITES, EDIT])
def test_a_request_takes_few_statements(ask: Ask, request_: tuple[Any, ...], most: int) -> None:
    assert ask(*request_) <= most


@pytest.mark.parametrize("request_", [pytest.param(each.values[0], id=each.id) for each in [*WRITES[:2], EDIT]])
def test_a_write_is_validated_once(ask: Ask, monkeypatch: pytest.MonkeyPatch, request_: tuple[Any, ...]) -> None:
    validate, validated = apps._deployment_spec, []

    def counting(spec: Any) -> Any:
        validated.append(spec)
        return validate(spec)

    monkeypatch.setattr(apps, "_deployment_spec", counting)
    ask(*request_)
    assert len(validated) == 1
