"""A client of the API with a token, and what it writes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster import models
from cluster.api.auth import tokens
from cluster.api.kinds import BY_PLURAL
from cluster.api.targets import Target
from cluster.writing import actions
from tests.spaces import DEFAULT, demo, grant

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
        grant(user, group)
        return Api(tokens.make_token(user))

    return made


@pytest.fixture
def book(cluster: None, work: Work) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()


def manifest(name: str = "web", **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
    body = {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": body}


def target_of(plural: str, namespace: str = DEFAULT.namespace) -> Target:
    """The collection of a kind in a namespace of the default cluster."""
    return Target(cluster=DEFAULT.cluster, group="", version="v1", kind=BY_PLURAL[plural], namespace=namespace)
