"""A client of the API with a token, and what it writes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from cluster import actions, models
from cluster.api.auth import tokens

Work = Callable[[], int]


class Api:
    """A client with a token."""

    def __init__(self, token: str) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str) -> Any:
        data = json.dumps(body) if body is not None else ""
        return self.client.generic(method, path, data, content_type=kind, headers={**self.headers, **headers})

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers).json()


@pytest.fixture
def api() -> Api:
    return Api(tokens.make_token(User.objects.create_superuser("admin")))


@pytest.fixture
def member() -> Callable[[str], Api]:
    def made(group: str) -> Api:
        user = User.objects.create_user(f"of-{group}")
        user.groups.add(Group.objects.get_or_create(name=group)[0])
        return Api(tokens.make_token(user))

    return made


@pytest.fixture
def book(cluster: None, work: Work) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(order=1, pattern="*")
    actions.example("default", actor="me")
    work()


def manifest(name: str = "web", **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
    body = {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": body}
