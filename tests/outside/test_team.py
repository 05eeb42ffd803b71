"""A team server: PostgreSQL, Redis, a web process and two workers, of which one is killed."""

import os
import signal
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.outside.process import BOOK, HOST, ROOT, Demo, free_port, manage, new_session, wait_until

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
REDIS = os.environ.get("TEST_REDIS_URL", "")
DATABASE = f"rollstage_team_{os.getpid()}"
WORKER = ("runworker", "reconciler")

pytestmark = pytest.mark.skipif(
    not (POSTGRES and REDIS), reason="needs the servers that TEST_POSTGRES_URL and TEST_REDIS_URL name"
)


@pytest.fixture
def variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    server = POSTGRES.replace("postgres:", "postgresql:", 1)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
        url = urllib.parse.urlsplit(POSTGRES)._replace(path=f"/{DATABASE}").geturl()
        own = {
            "DATABASE_URL": url,
            "REDIS_URL": f"{REDIS}/7",
            "ROLLSTAGE_DATA": str(tmp_path),
            "ROLLSTAGE_ANONYMOUS": "edit",
        }
        yield {**os.environ, **own}
        connection.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')


@pytest.fixture
def processes(variables: dict[str, str]) -> Iterator[tuple[int, list[subprocess.Popen[bytes]]]]:
    for command in (("migrate", "-v0"), ("seed", "--example")):
        subprocess.run(manage(*command), cwd=ROOT, env=variables, check=True, capture_output=True, timeout=60)
    port = free_port()
    web = [manage()[0], "-m", "daphne", "-b", HOST, "-p", str(port), "rollout_site.asgi:application"]
    started = [subprocess.Popen(each, cwd=ROOT, env=variables) for each in (web, manage(*WORKER), manage(*WORKER))]
    yield port, started
    for each in started:
        each.kill()
        each.wait()


def test_two_workers_share_a_rollout_and_one_may_die(
    processes: tuple[int, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    port, (_, first, _) = processes
    server = Demo(tmp_path, port)
    server.opener = new_session()
    wait_until(lambda: answers(server), 60, lambda: "the server to be ready")
    wait_until(lambda: complete(server, 1), 60, lambda: "the first pods")
    server.set_image("nginx:1.9.1")
    wait_until(lambda: len(desired(server)) == 2, 30, lambda: "the new ReplicaSet")
    first.send_signal(signal.SIGKILL)
    wait_until(lambda: complete(server, 2), 60, lambda: f"the update to complete: {desired(server)}")
    film = server.get_json(f"namespaces/default/deployments/{BOOK}/film/")
    assert strip(film) == [(3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]


def answers(server: Demo) -> bool:
    try:
        return server.get("readyz")[0] == 200
    except OSError:
        return False


def desired(server: Demo) -> list[str]:
    found = server.get_json(f"namespaces/default/deployments/{BOOK}/revisions/")["revisions"]
    return [each["replicaset"] for each in found]


def complete(server: Demo, revision: int) -> bool:
    film = server.get_json(f"namespaces/default/deployments/{BOOK}/film/")
    states = [each["state"] for each in film["frames"] if each["kind"] == "Deployment"]
    reasons = {each["type"]: each["reason"] for each in states[-1]["status"]["conditions"]} if states else {}
    return reasons.get("Progressing") == "NewReplicaSetAvailable" and states[-1]["revision"] == str(revision)


def strip(film: dict[str, object]) -> list[tuple[int, int]]:
    """(old, new) desired counts after each scaling step."""
    sizes = {1: 3, 2: 0}
    frames: list[tuple[int, int]] = []
    for item in film["frames"]:  # type: ignore[attr-defined]
        if item["kind"] == "ReplicaSet" and sizes[item["state"]["number"]] != item["state"]["replicas"]:
            sizes[item["state"]["number"]] = item["state"]["replicas"]
            frames.append((sizes[1], sizes[2]))
    return frames
