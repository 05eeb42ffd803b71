"""The short form of bench/chaos.py: whatever is killed, frozen or cut off, no rollout, no change and no answer is lost."""

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside import chaos, servers
from tests.outside.process import wait_until

SEED = int(os.environ.get("ROLLSTAGE_CHAOS_SEED", "7"))
pytestmark = pytest.mark.skipif(not servers.CAN_RUN, reason="needs PostgreSQL's and Redis' programs")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Which PostgreSQL's own user can reach."""
    found = Path(tempfile.mkdtemp(prefix="rollstage-chaos-"))
    yield found
    shutil.rmtree(found, ignore_errors=True)


@pytest.mark.parametrize(
    "with_redis", [pytest.param(False, id="PostgreSQL alone"), pytest.param(True, id="with Redis")]
)
def test_kills_restarts_and_frozen_processes_lose_nothing(folder: Path, *, with_redis: bool) -> None:
    with chaos.team(folder, clusters=4, webs=2, workers=2, with_redis=with_redis) as team:
        followers = [make(team, each) for each in team.clusters[:2] for make in (chaos.Viewer, chaos.Watcher)]
        chance = random.Random(SEED)
        chaos.run(team, kills=5, pause_seconds=1.0, followers=followers, chance=chance)
        chaos.settle(team, followers, 60)
        assert chaos.violations(team, followers) == []


def test_a_worker_that_is_frozen_inside_a_transaction_holds_up_its_cluster_for_seconds_and_no_other(
    folder: Path,
) -> None:
    with chaos.team(folder, clusters=2, webs=1, workers=2, with_redis=False) as team:
        for cluster in team.clusters:
            team.create(cluster, 2)
            wait_until(lambda cluster=cluster: team.is_complete(cluster), 60, "the first pods")  # type: ignore[misc]
        frozen = freeze_inside(team, "c0")
        began = time.monotonic()
        team.set_image("c1", "nginx:2")
        wait_until(lambda: team.is_complete("c1"), 30, "the other cluster's rollout")
        assert team.ask("GET", "/clusters/c0/api/v1/namespaces/default/pods")[0] == 200
        team.set_image("c0", "nginx:2")
        assert time.monotonic() - began < 45, "its own writes wait for no more than the time-outs"
        wait_until(lambda: team.is_complete("c0"), 60, "its own rollout, by the other worker")
        os.kill(frozen, signal.SIGCONT)
        team.set_image("c0", "nginx:3")
        wait_until(lambda: team.is_complete("c0"), 60, "a rollout by whichever worker")
        assert chaos.violations(team, []) == []


def freeze_inside(team: chaos.Team, cluster: str) -> int:
    """Stops the worker that holds this cluster, in the middle of its transaction; returns its process."""
    path = f"/clusters/{cluster}/apis/apps/v1/namespaces/default/deployments/{chaos.NAME}/scale"
    team.insist("PATCH", path, {"spec": {"replicas": 400}}, "application/merge-patch+json")
    workers = [process.pid for name, (_, process) in team.processes.items() if name.startswith("worker")]
    end = time.monotonic() + 60
    for number in range(1_000_000):
        assert time.monotonic() < end, "no worker was in a transaction when it was stopped"
        if number % 40 == 39:
            team.set_image(cluster, f"nginx:1.{number}")
        worker = workers[number % len(workers)]
        os.kill(worker, signal.SIGSTOP)
        held = transactions(team)
        time.sleep(0.3 if held else 0)
        if held & transactions(team):
            return worker
        os.kill(worker, signal.SIGCONT)
        time.sleep(0.02)
    raise AssertionError


def transactions(team: chaos.Team) -> set[tuple[int, str]]:
    """Those that wait for their client: (backend, begin)."""
    query = (
        "SELECT pid, xact_start::text FROM pg_stat_activity WHERE state = 'idle in transaction' AND query <> 'BEGIN'"
    )
    with team.postgres.connect() as connection:
        return set(connection.execute(query).fetchall())
