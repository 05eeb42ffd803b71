"""Requests past Django's middleware: what they are answered, whatever happens to them."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User
from django.db import connection, transaction

from cluster.api import bodies, serving, views
from cluster.api.auth import tokens
from cluster.models import Token
from cluster.records import threads
from cluster.statuses import INTERNAL
from rollout_site.asgi import application

pytestmark = pytest.mark.usefixtures("committed")
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


@pytest.fixture
def token(committed: None) -> str:  # noqa: ARG001
    return tokens.make_token(User.objects.create_superuser("admin"))


@pytest.fixture(autouse=True)
def thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor]:
    """One, whose connection does not outlive the test's database."""
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(threads, "api_reads", pool)
        monkeypatch.setattr(threads, "api_writes", pool)
        yield pool
        pool.submit(lambda: connection.close()).result()


async def ask(
    method: str, path: str, token: str, *body: bytes, host: str = "localhost"
) -> tuple[int, dict[str, str], bytes]:
    """(code, headers, body) of a request whose body comes in these parts."""
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", host.encode())]
    if method == "PATCH":
        headers.append((b"content-type", b"application/merge-patch+json"))
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    communicator = ApplicationCommunicator(application, scope)
    for place, part in enumerate(body or (b"",), start=1):
        await communicator.send_input({"type": "http.request", "body": part, "more_body": place < len(body)})
    start = await communicator.receive_output(10)
    content = (await communicator.receive_output(10))["body"]
    return start["status"], {key.decode(): value.decode() for key, value in start["headers"]}, content


async def test_a_request_is_answered_by_a_thread_that_keeps_its_connection(
    token: str, thread: ThreadPoolExecutor
) -> None:
    code, headers, content = await ask("GET", DEPLOYMENTS, token)
    assert (code, json.loads(content)["kind"], headers["content-length"]) == (200, "DeploymentList", str(len(content)))
    kept = thread.submit(lambda: connection.connection).result()
    await ask("GET", "/version", token)
    assert kept is not None
    assert thread.submit(lambda: connection.connection).result() is kept


@pytest.mark.on_sqlite
async def test_an_object_is_read_at_once_while_somebody_writes(
    token: str, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note that the token was used waits for the writer, the response does not; of three uses there is one note."""
    writing, read = threading.Event(), threading.Event()
    notes = []
    write_use = tokens.write_use
    monkeypatch.setattr(tokens, "write_use", lambda *given: (notes.append(given), write_use(*given)))

    def write() -> None:
        with transaction.atomic():
            writing.set()
            assert read.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as other:
        done = other.submit(write)
        assert writing.wait(20)
        answers = [await ask("GET", "/api/v1/namespaces/default", token) for _ in range(3)]
        read.set()
        done.result()
    assert [(code, json.loads(content)["kind"]) for code, _, content in answers] == [(200, "Namespace")] * 3
    noted = thread.submit(lambda: Token.objects.get().last_used).result()
    assert (noted is not None, len(notes)) == (True, 1)


async def test_a_body_in_parts_is_one_body(token: str) -> None:
    code, _, content = await ask("POST", DEPLOYMENTS, token, b'{"kind": "Pod', b'", "x": 1}')
    assert (code, json.loads(content)["reason"]) == (400, "BadRequest")


async def test_of_a_body_that_is_too_large_little_is_kept(token: str) -> None:
    part = b" " * (bodies.LARGEST_BYTES // 2)
    code, _, content = await ask("POST", DEPLOYMENTS, token, *([part] * 8))
    assert (code, json.loads(content)["reason"]) == (413, "RequestEntityTooLarge")


async def test_a_head_has_no_body(token: str) -> None:
    code, _, content = await ask("HEAD", DEPLOYMENTS, token)
    assert (code, content) == (405, b"")


async def test_another_servers_name_is_refused(token: str) -> None:
    code, _, content = await ask("GET", "/version", token, host="evil.example")
    assert (code, json.loads(content)["kind"]) == (400, "Status")


async def test_what_goes_wrong_inside_is_told_as_a_status_and_costs_the_connection(
    token: str, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("GET", DEPLOYMENTS, token)

    def broken(request: Any) -> Any:
        raise RuntimeError(f"no {request.path}")

    monkeypatch.setattr(views, "entry", broken)
    code, _, content = await ask("GET", "/version", token)
    assert (code, json.loads(content)["message"]) == (500, INTERNAL)
    assert thread.submit(lambda: connection.connection).result() is None


async def test_a_client_that_is_gone_is_answered_nothing(token: str) -> None:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "POST", "path": DEPLOYMENTS, "query_string": b"", "headers": headers}
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.disconnect"})
    await communicator.wait(10)
    assert communicator.output_queue.empty()


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [("/api", True), ("/apis/apps/v1", True), ("/version", True), ("/openapi/v3", True), ("/", False), ("/apix", False), ("", False)],
)  # fmt: skip
def test_only_the_apis_paths_go_past_django(path: str, is_ours: bool) -> None:
    assert serving.is_request({"path": path}) is is_ours
