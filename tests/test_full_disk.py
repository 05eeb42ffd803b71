"""A disk that is full: writes are refused in the client's own form, reads go on, and all goes on once there is room."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.test import Client

from cluster import models
from cluster.api import serving
from cluster.api.auth import tokens
from cluster.live import worker
from cluster.records.memory import Memory
from cluster.writing import actions
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest

PATH = "/api/v1/namespaces/default/configmaps"
LARGE = "x" * 900_000
CREATE = "/clusters/demo/namespaces/default/deployments/create/"
MOST_PAGES = 4_294_967_294  # SQLite's own
pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.on_sqlite]  # PRAGMA max_page_count is SQLite's


@pytest.fixture
def full(committed: None) -> Iterator[Callable[[bool], None]]:  # noqa: ARG001
    """Makes the disk full, or gives it room again, for every connection of this thread."""
    limits = [MOST_PAGES]

    def bound(connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {limits[-1]}")

    def put(is_full: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # what other tests have left is room too
        limits.append(1 if is_full else MOST_PAGES)  # never less than there are
        connection.close()

    connection_created.connect(bound)
    yield put
    connection_created.disconnect(bound)
    connection.close()


def ask(method: str, token: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """Of the API, with what a new token does not have yet: a note of its use."""
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"localhost")]
    scope = {"type": "http", "method": method, "path": PATH, "query_string": b"", "headers": headers}
    response = serving.respond(scope, json.dumps(body).encode() if body else b"")
    return response.status_code, json.loads(response.content)


def config(name: str, text: str = LARGE) -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": {"a": text}}


def test_the_api_answers_a_status_and_reads_go_on(full: Callable[[bool], None]) -> None:
    token = tokens.make_token(User.objects.create_superuser("admin"))
    full(True)
    code, status = ask("POST", token, config("large"))
    assert (code, status["kind"], status["reason"]) == (500, "Status", "InternalError")
    assert [ask("GET", each)[0] for each in (token, token)] == [200, 200]
    full(False)
    assert not models.KeptObject.objects.filter(name="large").exists()
    assert ask("POST", token, config("large"))[0] == 201


def test_a_token_is_good_even_where_its_use_can_t_be_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.make_token(User.objects.create_superuser("admin"))

    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", fail)
    assert ask("GET", token)[0] == 200


def test_the_page_is_answered_a_status_too(full: Callable[[bool], None]) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    noted = yaml.safe_load(manifest())
    noted["metadata"]["annotations"] = {"note": "x" * 250_000}
    full(True)
    answer = client.post(CREATE, json.dumps({"yaml": json.dumps(noted)}), content_type="application/json")
    assert (answer.status_code, answer.json()["reason"]) == (500, "InternalError")
    assert not models.Deployment.objects.exists()


def test_a_worker_goes_on_where_it_was(full: Callable[[bool], None]) -> None:
    models.ImageBehaviour.objects.create(cluster=models.Cluster.objects.get(), order=1, pattern="*")
    actions.create(DEFAULT, manifest(replicas=500), actor="me")
    memory = Memory()
    full(True)
    assert worker.run_next({}, memory)
    assert (models.Pod.objects.count(), dict(memory.clusters)) == (0, {})
    full(False)
    models.Cluster.objects.update(due=0.0)
    while worker.run_next({}, memory):
        pass
    assert models.Pod.objects.filter(ready=True).count() == 500
    worker.passes.over(models.Cluster.objects.get().pk, "the pass")
