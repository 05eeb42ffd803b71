"""On PostgreSQL: a transaction that stalls while it holds the journal's head keeps nobody who reads, and writers not for ever."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import Client

from cluster import models, statuses
from cluster.api.auth import tokens
from cluster.records import journal, threads
from cluster.writing import actions
from tests.api.test_serving import DEPLOYMENTS, ask
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest

pytestmark = [pytest.mark.on_postgres, pytest.mark.usefixtures("committed", "stalled")]
THREADS = 4
LABEL = {"metadata": {"labels": {"a": "b"}}}
PROMPT = "-c lock_timeout=1s -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s"


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads of the test's own, whose connections do not outlive its database."""
    made = {name: ThreadPoolExecutor(THREADS) for name in ("api_reads", "api_writes")}
    for name, pool in made.items():
        monkeypatch.setattr(threads, name, pool)
    yield
    for pool in made.values():
        barrier = threading.Barrier(THREADS)
        list(pool.map(lambda _, barrier=barrier: (barrier.wait(10), connection.close()), range(THREADS)))
        pool.shutdown()


@pytest.fixture
def stalled(committed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001
    """Another thread holds the head row until the test is over; locks are waited for for a second."""
    actions.create(DEFAULT, manifest(), actor="me")
    monkeypatch.setitem(connections["default"].settings_dict["OPTIONS"], "options", PROMPT)
    connection.close()
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            models.Cluster.objects.select_for_update().get()
            held.set()
            over.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    yield
    over.set()
    thread.join()
    connection.close()


def test_readyz_and_the_page_answer(admin_client: Client) -> None:
    journal.beat(time.time())
    assert admin_client.get("/readyz").status_code == 200
    assert admin_client.get("/clusters/demo/namespaces/default/deployments/web/yaml/").status_code == 200


def test_the_page_tells_that_a_write_was_not_taken_in_time(admin_client: Client) -> None:
    answer: Any = admin_client.post(
        "/clusters/demo/namespaces/default/deployments/web/scale/",
        json.dumps({"replicas": 4}),
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["message"]) == (504, statuses.TIMED_OUT)
    assert models.Deployment.objects.get().replicas == 3


@pytest.mark.usefixtures("pools")
async def test_the_api_reads_while_every_writer_waits_and_refuses_what_waited_too_long() -> None:
    token = await asyncio.to_thread(make_token)
    body = json.dumps(LABEL).encode()
    waiting = [asyncio.create_task(ask("PATCH", f"{DEPLOYMENTS}/web", token, body)) for _ in range(THREADS)]
    code, _, content = await ask("GET", DEPLOYMENTS, token)
    assert (code, len(json.loads(content)["items"])) == (200, 1)
    assert not any(each.done() for each in waiting)
    answers = await asyncio.gather(*waiting)
    assert {(code, json.loads(content)["reason"]) for code, _, content in answers} == {(504, "Timeout")}


def make_token() -> str:
    try:
        return tokens.make_token(User.objects.create_superuser("ann"))
    finally:
        connection.close()
