"""A team server on its own PostgreSQL: transitions a second over 8 clusters in rollout with 1, 2 and 4 workers, and API requests
a second with 1 and 8 clients.

    .venv/bin/python -m bench.team [PODS]
"""

import http.client
import itertools
import json
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.outside import chaos, servers
from tests.outside.process import HOST, wait_until
from tests.soaking import MERGE, manifest

PODS, CLUSTERS, ROLLOUTS = 100, 8, 3
WORKERS, CLIENTS = (1, 2, 4), (1, 8)
SECONDS = 4.0
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def main(arguments: list[str]) -> None:
    if not servers.CAN_RUN:
        print("Skipped: needs PostgreSQL's programs (on Debian: apt-get install postgresql).")
        return
    pods = int(arguments[0]) if arguments else PODS
    for workers in WORKERS:
        inside(lambda team, workers=workers: transitions(team, workers, pods), clusters=CLUSTERS, workers=workers)
    inside(rates, clusters=1, workers=1)


def inside(measure: Callable[[chaos.Team], None], *, clusters: int, workers: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="rollstage-bench-"))
    try:
        with chaos.team(folder, clusters=clusters, webs=1, workers=workers, with_redis=False, seconds=0) as team:
            measure(team)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def transitions(team: chaos.Team, workers: int, pods: int) -> None:
    for cluster in team.clusters:
        team.create(cluster, pods)
    complete(team)
    before, began = head(team), time.perf_counter()
    for number in range(ROLLOUTS):
        for cluster in team.clusters:
            team.set_image(cluster, f"nginx:{number}")
        complete(team)
    took = time.perf_counter() - began
    count = head(team) - before
    print(
        f"{workers} workers: {count / took:.0f} transitions a second over {CLUSTERS} clusters ({count} in {took:.1f} s)"
    )


def complete(team: chaos.Team) -> None:
    for cluster in team.clusters:
        wait_until(lambda cluster=cluster: team.is_complete(cluster), 300, f"the rollout of {cluster}")  # type: ignore[misc]


def head(team: chaos.Team) -> int:
    with team.postgres.connect() as connection:
        return int(connection.execute("SELECT sum(head) FROM cluster_cluster").fetchone()[0])  # type: ignore[index]


def rates(team: chaos.Team) -> None:
    team.create("c0", 0)
    numbers = itertools.count()
    base = f"/clusters/c0{DEPLOYMENTS}"
    calls: dict[str, Callable[[], tuple[str, str, Any, str]]] = {
        "gets": lambda: ("GET", f"{base}/{chaos.NAME}", None, MERGE),
        "patches": lambda: (
            "PATCH", f"{base}/{chaos.NAME}", {"metadata": {"labels": {"n": str(next(numbers))}}}, MERGE,
        ),
        "creates": lambda: ("POST", base, manifest(f"n{next(numbers)}", 0), "application/json"),
    }  # fmt: skip
    for (name, call), clients in itertools.product(calls.items(), CLIENTS):
        counts: list[int] = []
        threads = [threading.Thread(target=client, args=(team, call, counts)) for _ in range(clients)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        print(f"{name} of a Deployment, {clients} clients, PostgreSQL: {sum(counts) / SECONDS:.0f} a second")


def client(team: chaos.Team, call: Callable[[], tuple[str, str, Any, str]], counts: list[int]) -> None:
    connection, count = http.client.HTTPConnection(HOST, team.ports[0], timeout=30), 0
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        method, path, body, kind = call()
        headers = {"Authorization": f"Bearer {team.token}", "Content-Type": kind}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        assert answer.status < 300, answer.read()
        answer.read()
        count += 1
    counts.append(count)


if __name__ == "__main__":
    main(sys.argv[1:])
