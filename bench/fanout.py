"""Viewers of a 100-pod rollout: does each get every transition, and how long after its commit does the last viewer have it? 200
viewers of a demo, or any number for a team's web processes over their own PostgreSQL. Two processes run beside the servers: the
viewers, and a clock that polls the journal's head in the database.

    .venv/bin/python -m bench.fanout [VIEWERS [WEB_PROCESSES]]
"""

import asyncio
import contextlib
import gzip
import json
import multiprocessing
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.outside import chaos
from tests.outside.process import Demo, is_complete, wait_until

VIEWERS = 200
REPLICAS = 100
NAME = "web"
QUIET_SECONDS = 3.0
CHANGES = re.compile(rb'\{"type":"changes","cluster":\d+,"from":\d+,"to":(\d+)')
POLL_SECONDS = 0.0005
AT_ONCE = 50
ACKNOWLEDGE_SECONDS = 0.1  # as the page does
MANIFEST = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {NAME}}}
spec:
  replicas: {REPLICAS}
  selector: {{matchLabels: {{app: {NAME}}}}}
  template:
    metadata: {{labels: {{app: {NAME}}}}}
    spec: {{containers: [{{name: nginx, image: "nginx:1.7.9"}}]}}
"""

Arrival = tuple[float, int]  # (time, the journal's head that the viewer then had)
Arrivals = list[list[Arrival]]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The server under test: the namespace `default` of a cluster, behind these ports. `database`: a PostgreSQL URL, or the path
    of the SQLite file."""

    cluster: str
    ports: list[int]
    database: str
    begin: Callable[[], None]
    is_over: Callable[[], bool]


def main(arguments: list[str]) -> None:
    viewers = int(arguments[0]) if arguments else VIEWERS
    webs = int(arguments[1]) if len(arguments) > 1 else 0
    with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL has a user of its own
        place = of_team(Path(folder), webs) if webs else of_demo(Path(folder))
        with place as stage:
            commits, (arrivals, counts) = watch(stage, viewers)
    report(commits, arrivals, counts)


@contextmanager
def of_demo(folder: Path) -> Iterator[Stage]:
    with running(Demo(folder)) as demo:
        demo.act("deployments/create/", {"yaml": MANIFEST})
        wait_until(lambda: is_complete(demo.deployment(NAME)), 120, "the Deployment")
        yield Stage(
            cluster="demo",
            ports=[demo.port],
            database=str(next(folder.glob("*.sqlite3"))),
            begin=lambda: demo.set_image("nginx:1.9.1", NAME),
            is_over=lambda: rolled_out(demo),
        )


@contextmanager
def of_team(folder: Path, webs: int) -> Iterator[Stage]:
    with chaos.team(folder, clusters=1, webs=webs, workers=1, with_redis=False) as team:
        team.create("c0", REPLICAS)
        wait_until(lambda: team.is_complete("c0"), 120, "the Deployment")
        yield Stage(
            cluster="c0",
            ports=team.ports,
            database=team.postgres.url,
            begin=lambda: team.set_image("c0", "nginx:1.9.1"),
            is_over=lambda: team.is_complete("c0"),
        )


@contextmanager
def running(demo: Demo) -> Iterator[Demo]:
    try:
        yield demo.start()
    finally:
        demo.stop()


def watch(stage: Stage, viewers: int) -> tuple[dict[int, float], tuple[Arrivals, list[int]]]:
    """(head -> time of its commit, (each viewer's arrivals, each viewer's number of transitions))."""
    began = time.monotonic()
    seats, viewing = beside(view, stage.cluster, stage.ports, viewers)
    assert seats.recv() == "seated"
    print(f"{viewers} viewers were seated in {time.monotonic() - began:.1f} s")
    clock, ticking = beside(time_commits, stage.cluster, stage.database)
    assert clock.recv() == "ticking"
    stage.begin()
    wait_until(stage.is_over, 120, "the rollout", poll=1.0)
    time.sleep(QUIET_SECONDS)
    seats.send("leave")
    seen = seats.recv()
    clock.send("stop")
    commits = clock.recv()
    viewing.join()
    ticking.join()
    return commits, seen


def beside(work: Callable[..., None], *arguments: Any) -> tuple[Connection, Any]:
    """Runs `work` in a separate process, with the other end of the connection as first argument."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *arguments))
    process.start()
    return ours, process


def rolled_out(demo: Demo) -> bool:
    deployment = demo.deployment(NAME)
    return deployment is not None and deployment["revision"] == "2" and is_complete(deployment)


def time_commits(pipe: Connection, cluster: str, database: str) -> None:
    """Notes when each new head is first visible to this process."""
    is_server = database.startswith("postgres")
    connection: Any = (
        psycopg.connect(database, autocommit=True)
        if is_server
        else sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    )
    commits: dict[int, float] = {}
    pipe.send("ticking")
    while not pipe.poll():
        head = connection.execute(f"SELECT head FROM cluster_cluster WHERE name = '{cluster}'").fetchone()[0]
        commits.setdefault(head, time.time())
        time.sleep(POLL_SECONDS)
    pipe.send(commits)


def view(pipe: Connection, cluster: str, ports: list[int], viewers: int) -> None:
    pipe.send(asyncio.run(sit(pipe, cluster, ports, viewers)))


async def sit(pipe: Connection, cluster: str, ports: list[int], viewers: int) -> tuple[Arrivals, list[int]]:
    """Connects the viewers, spread over the ports, at most AT_ONCE at a time, and follows until the pipe has a message."""
    door = asyncio.Semaphore(AT_ONCE)

    async def take(port: int) -> Any:
        url = f"ws://127.0.0.1:{port}/ws/clusters/{cluster}/namespaces/default/?packed=1"
        async with door:
            seat = await connect(url, origin=f"http://127.0.0.1:{port}", max_size=None, open_timeout=60)  # type: ignore[arg-type]
            await until_snapshot(seat)
        return seat

    seats = await asyncio.gather(*(take(ports[number % len(ports)]) for number in range(viewers)))
    pipe.send("seated")
    following = [asyncio.create_task(follow(seat)) for seat in seats]
    await asyncio.to_thread(pipe.recv)
    for seat in seats:
        await seat.close()
    seen = await asyncio.gather(*following)
    return [arrivals for arrivals, _ in seen], [count for _, count in seen]


async def until_snapshot(seat: Any) -> None:
    frame: dict[str, Any] = {}
    while frame.get("type") != "snapshot":
        frame = json.loads(unpacked(await seat.recv(decode=False)))
    await seat.send(json.dumps({"type": "ack", "rv": frame["rv"]}))


async def follow(seat: Any) -> tuple[list[Arrival], int]:
    """Receives frames until the seat is closed."""
    arrivals: list[Arrival] = []
    transitions = 0
    acknowledged = 0.0
    with contextlib.suppress(ConnectionClosed):
        while True:
            seen = glance(await seat.recv(decode=False))
            arrived = time.time()
            if seen:
                to, count = seen
                transitions += count
                arrivals.append((arrived, to))
                if arrived - acknowledged >= ACKNOWLEDGE_SECONDS:
                    acknowledged = arrived
                    await seat.send(json.dumps({"type": "ack", "rv": to}))
    return arrivals, transitions


@cache
def glance(data: bytes) -> tuple[int, int] | None:
    """(the head after a frame of changes, its transitions). Searched once and cached, not parsed 200 times: 200 pages would run
    on 200 machines, here there is one."""
    text = unpacked(data)
    found = CHANGES.match(text)
    return (int(found[1]), text.count(b'"verb":')) if found else None


def unpacked(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def report(commits: dict[int, float], arrivals: Arrivals, counts: list[int]) -> None:
    first, last = min(commits), max(commits)
    delays = sorted(delay for head, at in commits.items() if head > first for delay in [last_delay(head, at, arrivals)])
    complete = sum(count == last - first for count in counts)
    print(f"{complete} of {len(counts)} viewers got each of {last - first} transitions, in {len(commits) - 1} commits")
    p50, p99 = (delays[int(share * (len(delays) - 1))] * 1000 for share in (0.5, 0.99))
    print(f"commit -> last viewer: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {delays[-1] * 1000:.0f} ms")


def last_delay(head: int, committed: float, arrivals: Arrivals) -> float:
    return max(next((when for when, to in each if to >= head), float("inf")) for each in arrivals) - committed


if __name__ == "__main__":
    main(sys.argv[1:])
