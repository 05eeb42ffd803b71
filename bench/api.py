"""The Kubernetes API over TLS: kubectl's wall time with 1,000 pods, requests a second, the cost of an idle watch, and the delay
until 500 watchers have a change. Server, worker and clients share the machine's cores.

    .venv/bin/python -m bench.api [PODS] [IDLE_WATCHES] [WATCHERS]
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from bench.fanout import beside, time_commits
from bench.wire import APPS, CORE, Api, Watch, ca_of, served
from tests.outside import procfs
from tests.outside.process import wait_until
from tests.soaking import MERGE, manifest

PODS, IDLE_WATCHES, WATCHERS = 1000, 2000, 500
CLIENTS = 8
RUNS = 9
SECONDS = 5.0
CHANGES = 150
PAUSE_SECONDS = 0.05
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
Call = Callable[[Api], tuple[int, bytes]]
KUBECTL = Path(sys.executable).parent / "kubectl"


def main(arguments: list[str]) -> None:
    given = [int(each) for each in arguments]
    pods, idle, watchers = [*given, *(PODS, IDLE_WATCHES, WATCHERS)[len(given) :]]
    with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder, served(Path(folder)) as api:
        fill(api, pods)
        wall_times(api, pods)
        rates(api, pods)
        change_seen(api, watchers)
    for secure in (False, True):  # each with its own server: freed memory would hide the growth
        with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder, served(Path(folder)) as api:
            asyncio.run(idle_watches(api, idle, secure=secure))


def fill(api: Api, pods: int) -> None:
    api("DELETE", f"{APPS}/deployments/nginx-deployment")
    code, answer = api("POST", f"{APPS}/deployments", manifest("web", pods))
    assert code == 201, answer
    wait_until(
        lambda: api("GET", f"{APPS}/deployments/web")[1]["status"].get("availableReplicas") == pods, 120, "the pods"
    )


def wall_times(api: Api, pods: int) -> None:
    variables = {**os.environ, "KUBECONFIG": str(api.kubeconfig)}

    def median(*arguments: str) -> float:
        took = []
        for _ in range(RUNS):
            began = time.perf_counter()
            subprocess.run([str(KUBECTL), *arguments], env=variables, check=True, capture_output=True)
            took.append(time.perf_counter() - began)
        return statistics.median(took) * 1000

    floor, got = median("version", "--client"), median("get", "pods")
    print(f"kubectl version --client: {floor:.0f} ms; kubectl get pods, {pods} pods: {got:.0f} ms, {got / floor:.2f} x")


def rates(api: Api, pods: int) -> None:
    number = iter(range(10_000_000))
    calls: dict[str, Call] = {
        f"lists of {pods} pods": lambda each: each.exchange("GET", f"{CORE}/pods"),
        f"lists of {pods} pods as a Table": lambda each: each.exchange("GET", f"{CORE}/pods", accept=TABLE),
        "gets of a Deployment": lambda each: each.exchange("GET", f"{APPS}/deployments/web"),
        "creates of a Deployment without pods": lambda each: each.exchange(
            "POST", f"{APPS}/deployments", manifest(f"n{next(number)}", 0)
        ),
        "patches of a Deployment's label": lambda each: each.exchange(
            "PATCH", f"{APPS}/deployments/n0", {"metadata": {"labels": {"n": str(next(number))}}}, MERGE
        ),
    }
    for name, call in calls.items():
        alone, together = (rate([api.beside() for _ in range(count)], call) for count in (1, CLIENTS))
        print(f"{name}: {alone:.0f} a second from one client, {together:.0f} from {CLIENTS}")


def rate(clients: list[Api], call: Call) -> float:
    """Responses a second to clients that each send the next request after the last response."""
    ends = time.perf_counter() + SECONDS

    def ask(client: Api) -> int:
        count = 0
        while time.perf_counter() < ends:
            code, answer = call(client)
            assert code < 300, answer
            count += 1
        return count

    with ThreadPoolExecutor(len(clients)) as threads:
        return sum(threads.map(ask, clients)) / SECONDS


async def idle_watches(api: Api, count: int, *, secure: bool) -> None:
    """Prints the growth of the server's resident memory per watch, and its use of a core."""
    since = api("GET", f"{CORE}/pods?limit=1")[1]["metadata"]["resourceVersion"]
    await asyncio.sleep(1)
    before = procfs.resident_kb(api.server)
    port, ca = (api.port, ca_of(api)) if secure else (api.demo.port, "")
    seats = [Watch(port, api.token, ca) for _ in range(count)]
    for start in range(0, count, 50):
        await asyncio.gather(
            *(each.open(f"{CORE}/pods", f"resourceVersion={since}") for each in seats[start : start + 50])
        )
    await asyncio.sleep(2)
    used = procfs.cpu_seconds(api.server)
    await asyncio.sleep(5)
    idle = (procfs.cpu_seconds(api.server) - used) / 5
    how, more = "TLS" if secure else "plain HTTP", procfs.resident_kb(api.server) - before
    print(f"{count} idle watches over {how}: {more / count:.1f} kB each; {idle:.1%} of a core")
    for each in seats:
        await each.close()
    await asyncio.sleep(2)


def change_seen(api: Api, watchers: int) -> None:
    """Changes one Deployment 20 times a second; measures from the commit, as seen by a third process, to the last watcher."""
    api("POST", f"{APPS}/deployments", manifest("still", 0))
    time.sleep(1)
    since = api("GET", f"{APPS}/deployments?limit=1")[1]["metadata"]["resourceVersion"]
    seats, viewing = beside(view, api.port, api.token, ca_of(api), watchers, since)
    assert seats.recv() == "seated"
    clock, ticking = beside(time_commits, "demo", str(api.demo.data / "rollstage.sqlite3"))
    assert clock.recv() == "ticking"
    written = set()
    for number in range(CHANGES):
        _, answer = api("PATCH", f"{APPS}/deployments/still", {"metadata": {"labels": {"n": str(number)}}}, MERGE)
        written.add(int(answer["metadata"]["resourceVersion"]))
        time.sleep(PAUSE_SECONDS)
    time.sleep(2)
    seats.send("leave")
    arrivals = seats.recv()
    clock.send("stop")
    commits = clock.recv()
    viewing.join()
    ticking.join()
    report(commits, arrivals, written, watchers)


def view(pipe: Connection, port: int, token: str, ca: str, watchers: int, since: str) -> None:
    async def sit() -> list[list[tuple[float, int]]]:
        seats = [Watch(port, token, ca) for _ in range(watchers)]
        for start in range(0, watchers, 50):
            query = f"resourceVersion={since}"
            await asyncio.gather(*(each.open(f"{APPS}/deployments", query) for each in seats[start : start + 50]))
        pipe.send("seated")
        following = [asyncio.create_task(each.follow()) for each in seats]
        await asyncio.to_thread(pipe.recv)
        for each in seats:
            each.writer.transport.abort()
        await asyncio.gather(*following)
        return [each.arrivals for each in seats]

    pipe.send(asyncio.run(sit()))


def report(
    commits: dict[int, float], arrivals: list[list[tuple[float, int]]], written: set[int], watchers: int
) -> None:
    seen = [{rv: when for when, rv in reversed(each)} for each in arrivals]
    complete = sum(written <= each.keys() for each in seen)
    known = sorted(written & commits.keys())
    delays = sorted(max(each.get(rv, float("inf")) for each in seen) - commits[rv] for rv in known)
    p50, p99 = (delays[int(share * (len(delays) - 1))] * 1000 for share in (0.5, 0.99))
    print(f"{complete} of {watchers} watchers were told each of {len(written)} changes")
    print(
        f"commit -> the last of {watchers} watchers: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {delays[-1] * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
