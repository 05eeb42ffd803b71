"""Doorbells by LISTEN and NOTIFY: from process to process over one connection of each, which may be lost."""

import asyncio
import os
import subprocess
import sys
import urllib.parse
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from django.db import connection

from cluster.live import postgres_layer
from cluster.live.postgres_layer import PostgresLayer
from tests.outside.process import ROOT
from tests.viewing import until

pytestmark = [pytest.mark.on_postgres, pytest.mark.django_db(transaction=True)]

RINGS = """
import django
django.setup()
from cluster.records import doorbell
for head in range(1, {count} + 1):
    doorbell.ring({{"demo": head}}, wake_worker=True)
"""


@pytest_asyncio.fixture
async def layer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostgresLayer]:
    monkeypatch.setattr(postgres_layer, "FIRST_RETRY_SECONDS", 0.01)
    made = PostgresLayer()
    made.line.start()
    await until(lambda: made.line.backend is not None)
    yield made
    await asyncio.to_thread(made.line.close)


async def ring_elsewhere(count: int) -> None:
    """Another process, which ends at once after its bells."""
    url = urllib.parse.urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    variables = {**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "rollout_site.settings"}
    variables.pop("REDIS_URL", None)
    command = [sys.executable, "-c", RINGS.format(count=count)]
    done: Any = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=variables, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


async def received(layer: PostgresLayer, channel: str) -> dict[str, Any]:
    return await asyncio.wait_for(layer.receive(channel), 10)


async def drained(layer: PostgresLayer, *channels: str) -> None:
    """Past the bells that a connection begins with."""
    for channel in channels:
        layer._queue(channel)
    layer._heard_all()
    for channel in channels:
        await received(layer, channel)
        while not layer._queue(channel).empty():
            await received(layer, channel)


async def test_a_bell_of_another_process_arrives_with_its_number(layer: PostgresLayer) -> None:
    await layer.group_add("cluster.demo", "a!1")
    await drained(layer, "a!1", "reconciler")
    await ring_elsewhere(5)
    while (message := await received(layer, "a!1"))["head"] != 5:
        assert message["type"] == "journal.changed"
    assert await received(layer, "reconciler") == {"type": "wake"}


async def test_one_s_own_bells_need_no_database(layer: PostgresLayer) -> None:
    await layer.group_add("cluster.demo", "a!1")
    await drained(layer, "a!1")
    layer.ring({"cluster.demo": 7})
    assert layer.queues["a!1"].get_nowait() == {"type": "journal.changed", "head": 7}
    other = PostgresLayer()
    other.ring({"cluster.demo": 8})
    assert (await received(layer, "a!1"))["head"] == 8, "nothing of one's own comes back"
    await asyncio.to_thread(other.line.close)


async def test_a_connection_that_is_cut_is_made_anew_and_everybody_looks(layer: PostgresLayer) -> None:
    await layer.group_add("cluster.demo", "a!1")
    await drained(layer, "a!1")
    first = layer.line.backend
    await asyncio.to_thread(cut, first)
    assert (await received(layer, "a!1"))["head"] == 0, "for what was missed"
    assert layer.line.backend not in (None, first)
    other = PostgresLayer()
    other.ring({"cluster.demo": 9})
    assert (await received(layer, "a!1"))["head"] == 9
    await asyncio.to_thread(other.line.close)


async def test_any_number_of_bells_takes_one_connection(layer: PostgresLayer) -> None:
    before = await asyncio.to_thread(lines)
    for head in range(1000):
        layer.ring({"cluster.demo": head}, channel="reconciler")
    await until(lambda: not layer.line.waiting)
    assert await asyncio.to_thread(lines) == before


def cut(backend: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    connection.close()


def lines() -> int:
    with psycopg.connect(**postgres_layer.parameters()) as asking:
        asking.execute("SET application_name = 'asking'")
        count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rollstage doorbell' AND datname = %s"
        return int(asking.execute(count, [connection.settings_dict["NAME"]]).fetchone()[0])  # type: ignore[index]
