"""A web process on PostgreSQL under many requests at once: all are answered, over a stated number of connections."""

import asyncio
import contextlib
import os
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cluster.records.threads import MOST_CONNECTIONS
from tests.outside.conftest import QUICK
from tests.outside.process import BOOK, HOST, ROOT, environment, free_port, manage, wait_until

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
SERVER = POSTGRES.replace("postgres:", "postgresql:", 1)
DATABASE = f"rollstage_many_{os.getpid()}"
AT_ONCE = 400
PAGE = f"/clusters/demo/namespaces/default/deployments/{BOOK}/"

pytestmark = pytest.mark.skipif(not POSTGRES, reason="needs the server that TEST_POSTGRES_URL names")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a web process on a database of its own."""
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
        try:
            with serving(tmp_path_factory.mktemp("many")) as found:
                yield found
        finally:
            connection.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')


@contextlib.contextmanager
def serving(data: Path) -> Iterator[int]:
    url = urllib.parse.urlsplit(POSTGRES)._replace(path=f"/{DATABASE}").geturl()
    own = {**environment(), "DATABASE_URL": url, "ROLLSTAGE_DATA": str(data), "ROLLSTAGE_ANONYMOUS": "edit"}
    subprocess.run(manage("shell", "-c", QUICK), cwd=ROOT, env=own, check=True, capture_output=True, timeout=60)
    found = free_port()
    process = subprocess.Popen(manage("serve", "--port", str(found)), cwd=ROOT, env=own)
    try:
        wait_until(lambda: asyncio.run(status(found, "/livez")) == 200, 60, lambda: "the server to serve")
        yield found
    finally:
        process.terminate()
        process.wait(10)


async def status(port: int, path: str) -> int:
    """0: not even a connection."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return 0
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def statuses(port: int, path: str, count: int) -> list[int]:
    return await asyncio.gather(*[status(port, path) for _ in range(count)])


def connections() -> int:
    with psycopg.connect(SERVER) as connection:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        return int(connection.execute(count, [DATABASE]).fetchone()[0])  # type: ignore[index]


def test_hundreds_of_page_requests_at_once_are_all_answered(port: int) -> None:
    assert asyncio.run(statuses(port, PAGE, AT_ONCE)) == [200] * AT_ONCE
    kept = connections()
    assert 0 < kept <= MOST_CONNECTIONS
    assert asyncio.run(statuses(port, PAGE, AT_ONCE)) == [200] * AT_ONCE
    assert connections() <= MOST_CONNECTIONS
