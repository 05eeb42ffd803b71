"""Requests past Django's middleware: what they are answered, whatever happens to them."""

import asyncio
import contextlib
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
from cluster.records import inline, threads
from cluster.statuses import INTERNAL
from rollout_site.asgi import application

pytestmark = pytest.mark.usefixtures("committed")
CORE = "/api/v1/namespaces/default"
CONFIG_MAPS = f"{CORE}/configmaps"
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


@contextlib.contextmanager
def turn_taken() -> Iterator[None]:
    """Another thread has the writer's turn meanwhile."""
    has_turn, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            has_turn.set()
            assert is_over.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as other:
        holding = other.submit(hold)
        assert has_turn.wait(20)
        try:
            yield
        finally:
            is_over.set()
            holding.result()


@pytest.mark.on_sqlite
async def test_an_object_is_read_while_somebody_writes(
    token: str, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note that the token was used waits for the writer, the response does not; of three uses there is one note."""
    notes = []
    write_use = tokens.write_use
    monkeypatch.setattr(tokens, "write_use", lambda *given: (notes.append(given), write_use(*given)))
    with turn_taken():
        answers = [await ask("GET", "/api/v1/namespaces/default", token) for _ in range(3)]
    assert [(code, json.loads(content)["kind"]) for code, _, content in answers] == [(200, "Namespace")] * 3
    noted = thread.submit(lambda: Token.objects.get().last_used).result()
    assert (noted is not None, len(notes)) == (True, 1)


@pytest.mark.on_sqlite
async def test_writes_that_wait_for_the_writer_hold_up_no_read(token: str) -> None:
    bodies = [json.dumps(config_map(f"c{number}")).encode() for number in range(3)]
    with turn_taken():
        writes = [asyncio.create_task(ask("POST", CONFIG_MAPS, token, body)) for body in bodies]
        for _ in range(3):
            assert (await ask("GET", "/api/v1/namespaces/default", token))[0] == 200
        assert not any(each.done() for each in writes)
    assert [code for code, _, _ in await asyncio.gather(*writes)] == [201] * 3
    versions = [json.loads((await ask("GET", f"{CONFIG_MAPS}/c{n}", token))[2])["metadata"] for n in range(3)]
    assert [int(each["resourceVersion"]) for each in versions] == sorted(int(e["resourceVersion"]) for e in versions)


@pytest.mark.on_sqlite
async def test_a_large_object_is_read_and_patched_by_a_thread(token: str, thread: ThreadPoolExecutor) -> None:
    large = json.dumps(config_map("large", "x" * (inline.LARGEST_ROW + 1))).encode()
    assert (await ask("POST", CONFIG_MAPS, token, large))[0] == 201
    kept = thread.submit(close_and_see_no_connection).result()
    assert kept is None
    code, _, content = await ask("PATCH", f"{CONFIG_MAPS}/large", token, b'{"metadata": {"labels": {"a": "b"}}}')
    assert (code, json.loads(content)["metadata"]["labels"]) == (200, {"a": "b"})
    assert thread.submit(lambda: connection.connection).result() is not None


def close_and_see_no_connection() -> object:
    connection.close()
    return connection.connection


def config_map(name: str, value: str = "") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}}


@pytest.mark.on_sqlite
@pytest.mark.parametrize(
    ("method", "path", "size", "kind", "is_small"),
    [
        pytest.param("GET", f"{DEPLOYMENTS}/a", 0, "", True, id="get"),
        pytest.param("GET", DEPLOYMENTS, 0, "", False, id="list"),
        pytest.param("GET", f"{DEPLOYMENTS}/a/scale", 0, "", False, id="subresource"),
        pytest.param("POST", DEPLOYMENTS, 8192, "application/json", True, id="create"),
        pytest.param("POST", DEPLOYMENTS, 8193, "application/json", False, id="create something large"),
        pytest.param("POST", f"{CORE}/pods/a/eviction", 100, "application/json", False, id="evict"),
        pytest.param("PUT", f"{DEPLOYMENTS}/a", 100, "application/json", True, id="update"),
        pytest.param("PATCH", f"{DEPLOYMENTS}/a", 100, "application/merge-patch+json", True, id="patch"),
        pytest.param("PATCH", f"{DEPLOYMENTS}/a", 100, "application/json-patch+json; a=b", False, id="JSON patch"),
        pytest.param("DELETE", f"{DEPLOYMENTS}/a", 0, "", False, id="delete"),
        pytest.param("DELETE", DEPLOYMENTS, 0, "", False, id="delete a collection"),
    ],
)
def test_what_the_event_loops_thread_responds_to(method: str, path: str, size: int, kind: str, is_small: bool) -> None:
    scope = {"method": method, "path": path, "headers": [(b"host", b"a"), (b"content-type", kind.encode())]}
    assert serving.is_small(scope, b" " * size) is is_small


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
