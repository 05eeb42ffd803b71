"""200 watches and 20 writers for some seconds: each watcher is told the journal, byte for byte (bench/soak.py: for a minute, over TLS)."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from cluster import models
from cluster.api.auth import tokens
from cluster.api.watch import hubs, watching
from cluster.live.worker import run_next
from cluster.records import journal
from cluster.records.threads import in_thread
from cluster.writing import actions
from tests import soaking
from tests.spaces import DEFAULT, demo
from tests.viewing import until

pytestmark = pytest.mark.usefixtures("committed")
WATCHES = 200
WRITERS = 20
SECONDS = 4.0
LATE = 0.2  # the share of watches that come while it is written


class Wire:
    """The client's end of one watch."""

    def __init__(self, token: str, path: str, query: str, since: int) -> None:
        self.path, self.query, self.since = path, query, since
        self.body = b""
        self.gone = asyncio.Event()
        headers = [(b"authorization", f"Bearer {token}".encode())]
        asked = f"watch=1&resourceVersion={since}&{query}".encode()
        scope = {"type": "http", "method": "GET", "path": path, "query_string": asked, "headers": headers}
        self.task = asyncio.create_task(watching.application(scope, self.receive, self.send))

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200
        self.body += message.get("body", b"")


@pytest.fixture
def token(committed: None, settings: Any) -> str:  # noqa: ARG001
    settings.API_RATE = 0
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    return tokens.make_token(User.objects.create_superuser("admin"))


@pytest.fixture
def crew(token: str) -> Iterator[tuple[list[soaking.Writer], threading.Event]]:
    """Writers and a worker in threads, who go on until they are stopped."""
    stop = threading.Event()
    writers = [soaking.Writer(caller(token), seed) for seed in range(WRITERS)]
    threads = [threading.Thread(target=closing, args=(each.run, stop)) for each in writers]
    threads.append(threading.Thread(target=closing, args=(work, stop)))
    for each in threads:
        each.start()
    yield writers, stop
    stop.set()
    for each in threads:
        each.join()


def caller(token: str) -> soaking.Call:
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def call(method: str, path: str, body: Any, kind: str) -> tuple[int, Any]:
        answer = client.generic(method, path, json.dumps(body) if body else "", content_type=kind)
        return answer.status_code, answer.json()

    return call


def closing(run: Any, stop: threading.Event) -> None:
    try:
        run(stop)
    finally:
        connection.close()


def work(stop: threading.Event) -> None:
    while not stop.is_set():
        run_next({})
        stop.wait(0.01)


async def test_watches_lose_and_reorder_nothing(token: str, crew: Any) -> None:
    writers, stop = crew
    chance = random.Random(1)
    wires = [Wire(token, *chance.choice(soaking.WATCHED), since=1) for _ in range(int(WATCHES * (1 - LATE)))]
    began = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - began < SECONDS:
        await asyncio.sleep(SECONDS / (WATCHES * LATE))
        since = await in_thread(journal.head, DEFAULT.cluster)
        wires.append(Wire(token, *chance.choice(soaking.WATCHED), since=chance.choice((since, since // 2 + 1))))
    stop.set()
    head = await settled()
    await until(lambda: all(watcher.since >= head for hub in hubs.hubs.values() for watcher in hub.watchers))
    await until(lambda: not any(watcher.pending for hub in hubs.hubs.values() for watcher in hub.watchers))
    for wire in wires:
        wire.gone.set()
    await asyncio.gather(*(wire.task for wire in wires))
    assert [each.problems for each in writers if each.problems] == []
    await in_thread(compare, wires, writers)


async def settled() -> int:
    """The head once nobody writes any more."""
    head = -1
    while head != (head := await in_thread(journal.head, DEFAULT.cluster)):
        await asyncio.sleep(0.3)
    return head


def compare(wires: list[Wire], writers: list[soaking.Writer]) -> None:
    told: dict[tuple[str, str, int], bytes] = {}
    for wire in wires:
        key = (wire.path, wire.query, wire.since)
        if key not in told:
            told[key] = soaking.expected(*key)
        assert soaking.versions(wire.body) == soaking.versions(told[key])
        assert wire.body == told[key]
    written = {each for writer in writers for each in writer.done}
    assert len(written) > WRITERS
    assert written <= set(soaking.objects(soaking.expected(f"{soaking.APPS}/deployments", "", 1)))
