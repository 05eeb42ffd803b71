"""A team server: PostgreSQL alone or with Redis, a web process and two workers. Servers go away for a moment, a worker for good."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis

from tests.outside.conftest import QUICK
from tests.outside.process import BOOK, ROOT, Demo, frames, is_complete, manage, new_session, wait_until

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
REDIS = os.environ.get("TEST_REDIS_URL", "")
DATABASE = f"rollstage_team_{os.getpid()}"
REDIS_DATABASE = 7
SERVER = POSTGRES.replace("postgres:", "postgresql:", 1)
WORKER = ("runworker", "reconciler")
STEPS = [(3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]

pytestmark = pytest.mark.skipif(
    not (POSTGRES and REDIS), reason="needs the servers that TEST_POSTGRES_URL and TEST_REDIS_URL name"
)


@pytest.fixture(scope="module", params=["PostgreSQL alone", "with Redis"])
def variables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
        url = urllib.parse.urlsplit(POSTGRES)._replace(path=f"/{DATABASE}").geturl()
        own = {
            "DATABASE_URL": url,
            "REDIS_URL": f"{REDIS}/{REDIS_DATABASE}" if request.param == "with Redis" else "",
            "ROLLSTAGE_DATA": str(tmp_path_factory.mktemp("team")),
            "ROLLSTAGE_ANONYMOUS": "edit",
        }
        yield {**os.environ, **own}
        connection.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')


@pytest.fixture(scope="module")
def workers(variables: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    subprocess.run(manage("shell", "-c", QUICK), cwd=ROOT, env=variables, check=True, capture_output=True, timeout=60)
    subprocess.run(manage("seed", "--example"), cwd=ROOT, env=variables, check=True, capture_output=True, timeout=60)
    started = [subprocess.Popen(manage(*WORKER), cwd=ROOT, env=variables) for _ in range(2)]
    yield started
    for each in started:
        each.kill()
        each.wait()


@pytest.fixture(scope="module")
def server(
    variables: dict[str, str],
    workers: list[subprocess.Popen[bytes]],  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Demo]:
    """Its web process."""
    found = Demo(tmp_path_factory.mktemp("web"))
    found.opener = new_session()
    process = subprocess.Popen(manage("serve", "--port", str(found.port)), cwd=ROOT, env=variables)
    try:
        wait_until(lambda: answers(found), 60, lambda: "the server to be ready")
        wait_until(lambda: complete(found, 1), 60, lambda: "the first pods")
        yield found
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def test_a_database_and_a_redis_that_go_away_for_a_moment_cost_a_moment(
    server: Demo, workers: list[subprocess.Popen[bytes]]
) -> None:
    """A viewer who was there before sees the rollout to its end, and every process is the one that it was."""
    with server.socket() as viewer:
        next(frames(viewer, "snapshot"))
        server.set_image("nginx:1.9.1")
        wait_until(lambda: len(desired(server)) == 2, 30, lambda: "the new ReplicaSet")
        be_away()
        wait_until(lambda: complete(server, 2), 60, lambda: f"the update to complete: {desired(server)}")
        items = (item for frame in frames(viewer, "changes") for item in frame["items"])
        assert next(item for item in items if rolled_out(item, "2"))
    assert strip(film_of(server), old=1, new=2) == STEPS
    assert [each.poll() for each in workers] == [None, None]
    assert server.get("readyz")[0] == 200


def test_two_workers_share_a_rollout_and_one_may_die(server: Demo, workers: list[subprocess.Popen[bytes]]) -> None:
    server.set_image("nginx:1.25")
    wait_until(lambda: len(desired(server)) == 3, 30, lambda: "the new ReplicaSet")
    workers[0].send_signal(signal.SIGKILL)
    wait_until(lambda: complete(server, 3), 60, lambda: f"the update to complete: {desired(server)}")
    assert strip(film_of(server), old=2, new=3) == STEPS


def be_away() -> None:
    """Both servers cut every connection, and PostgreSQL accepts no new one for a moment."""
    with psycopg.connect(SERVER, autocommit=True) as connection, redis.Redis.from_url(REDIS) as doorbells:
        connection.execute(f'ALTER DATABASE "{DATABASE}" ALLOW_CONNECTIONS false')
        try:
            for _ in range(10):
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (DATABASE,)
                )
                for client in doorbells.client_list():
                    if client["db"] == str(REDIS_DATABASE):
                        with contextlib.suppress(redis.ResponseError):  # it has gone by itself
                            doorbells.client_kill_filter(_id=client["id"])
                time.sleep(0.1)
        finally:
            connection.execute(f'ALTER DATABASE "{DATABASE}" ALLOW_CONNECTIONS true')


def answers(server: Demo) -> bool:
    try:
        return server.get("readyz")[0] == 200
    except OSError:
        return False


def desired(server: Demo) -> list[str]:
    found = server.get_json(f"clusters/demo/namespaces/default/deployments/{BOOK}/revisions/")["revisions"]
    return [each["replicaset"] for each in found]


def film_of(server: Demo) -> dict[str, Any]:
    found: dict[str, Any] = server.get_json(f"clusters/demo/namespaces/default/deployments/{BOOK}/film/")
    return found


def rolled_out(item: dict[str, Any], revision: str) -> bool:
    return item["kind"] == "Deployment" and item["state"]["revision"] == revision and is_complete(item["state"])


def complete(server: Demo, revision: int) -> bool:
    film = film_of(server)
    states = [each["state"] for each in film["frames"] if each["kind"] == "Deployment"]
    reasons = {each["type"]: each["reason"] for each in states[-1]["status"]["conditions"]} if states else {}
    return reasons.get("Progressing") == "NewReplicaSetAvailable" and states[-1]["revision"] == str(revision)


def strip(film: dict[str, Any], *, old: int, new: int) -> list[tuple[int, int]]:
    """(old, new) desired counts after each scaling step."""
    sizes = {old: 3, new: 0}
    steps: list[tuple[int, int]] = []
    for item in film["frames"]:
        number = item["state"].get("number")
        if item["kind"] == "ReplicaSet" and number in sizes and sizes[number] != item["state"]["replicas"]:
            sizes[number] = item["state"]["replicas"]
            steps.append((sizes[old], sizes[new]))
    return steps
