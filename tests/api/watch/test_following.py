"""`kubectl logs -f`: what there is, then what comes, until the pod is gone."""

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User

from cluster import models
from cluster.api.auth import tokens
from cluster.api.watch import following
from cluster.records.threads import in_thread
from cluster.writing import actions
from tests.api.watch.test_watching import work
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.usefixtures("committed")
PODS = "/api/v1/namespaces/default/pods"
PATIENCE_SECONDS = 10


@pytest.fixture(autouse=True)
def often(monkeypatch: Any) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.02)


@pytest.fixture
def token(committed: None) -> str:  # noqa: ARG001
    return tokens.make_token(User.objects.create_superuser("admin"))


@pytest.fixture
def pod(committed: None) -> str:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()
    return models.Pod.objects.order_by("name")[0].name


def communicator(pod: str, query: str, token: str) -> ApplicationCommunicator:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"{PODS}/{pod}/log",
        "query_string": query.encode(),
        "headers": headers,
    }
    assert following.is_follow(scope)
    return ApplicationCommunicator(following.application, scope)


def delete(pod: str) -> None:
    actions.delete_pod(DEFAULT, pod, actor="me")
    work()


async def test_what_comes_is_told_until_the_pod_is_gone(token: str, pod: str) -> None:
    client = communicator(pod, "follow=true&tailLines=1", token)
    await client.send_input({"type": "http.request"})
    assert (await client.receive_output(PATIENCE_SECONDS))["status"] == 200
    first = await client.receive_output(PATIENCE_SECONDS)
    assert first["body"] == b"Started: Container started\n"
    await in_thread(delete, pod)
    text, message = b"", first
    while message.get("more_body"):
        message = await client.receive_output(PATIENCE_SECONDS)
        text += message["body"]
    assert text == b"Killing: Stopping container nginx\n"
    await client.wait(PATIENCE_SECONDS)


async def test_a_client_that_goes_ends_it(token: str, pod: str) -> None:
    client = communicator(pod, "follow=1&container=nginx", token)
    await client.send_input({"type": "http.request"})
    await client.receive_output(PATIENCE_SECONDS)
    await client.send_input({"type": "http.disconnect"})
    await client.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize(
    ("query", "secret", "code"),
    [
        pytest.param("follow=true", "wrong", 401, id="token"),
        pytest.param("follow=true&container=db", "", 400, id="container"),
        pytest.param("follow=true&tailLines=-1", "", 422, id="option"),
    ],
)
async def test_refusals_are_those_of_a_log(token: str, pod: str, query: str, secret: str, code: int) -> None:
    client = communicator(pod, query, secret or token)
    await client.send_input({"type": "http.request"})
    assert (await client.receive_output(PATIENCE_SECONDS))["status"] == code


@pytest.mark.parametrize(
    ("path", "query"),
    [
        pytest.param(f"{PODS}/p/log", "follow=false", id="not asked for"),
        pytest.param(f"{PODS}/p/log", "follow=true&previous=true", id="what is over"),
        pytest.param(f"{PODS}/log", "follow=true", id="a pod of that name"),
    ],
)
def test_the_rest_is_djangos(path: str, query: str) -> None:
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    assert not following.is_follow(scope)
