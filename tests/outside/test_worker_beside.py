"""The demo's worker is a process of its own: killed or frozen, the pages answer and the rollout completes; it leaves with the demo."""

import itertools
import json
import os
import signal
import sqlite3
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import Request

import pytest

from tests.outside import procfs
from tests.outside.process import BOOK, Demo, frames, is_complete, wait_until
from tests.soaking import manifest

pytestmark = pytest.mark.skipif(not procfs.IS_THERE, reason="finds processes in Linux's /proc")


def worker_of(demo: Demo) -> int:
    assert demo.process
    (found,) = procfs.children(demo.process.pid)
    return found


def complete(demo: Demo, image: str) -> None:
    demo.set_image(image)
    wait_until(lambda: is_complete(demo.deployment()), 30, "the rollout")


def test_a_rollout_completes_though_its_worker_was_killed(quick: Demo) -> None:
    with quick.socket() as viewer:
        next(frames(viewer, "snapshot"))
        quick.set_image("nginx:1.9.1")
        next(frames(viewer, "changes"))
    was = worker_of(quick)
    os.kill(was, signal.SIGKILL)
    wait_until(lambda: is_complete(quick.deployment()), 30, "the rollout")
    assert worker_of(quick) != was
    assert "The worker process ended with code -9; another one starts" in quick.output


def test_pages_and_writes_are_answered_while_the_worker_is_frozen(quick: Demo) -> None:
    """Frozen at rest: within a transaction it is killed when it has been silent for a while (tests/live/test_worker_process.py)."""
    complete(quick, "nginx:1.9.1")
    worker = worker_of(quick)
    os.kill(worker, signal.SIGSTOP)
    try:
        assert quick.get("readyz")[0] == 200
        quick.set_image("nginx:1.7.9")
    finally:
        os.kill(worker, signal.SIGCONT)
    wait_until(lambda: is_complete(quick.deployment()), 30, "the rollout")
    assert worker_of(quick) == worker, "it goes on"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_the_worker_ends_with_the_demo(quick: Demo, number: int) -> None:
    worker = worker_of(quick)
    quick.stop(number)
    wait_until(lambda: not procfs.is_alive(worker), 10, "the worker to be gone")


APPS, CORE = "apis/apps/v1", "api/v1"
MERGE = "application/merge-patch+json"


class Client:
    """Writes through the page and the API of a demo; each is answered within the opener's ten seconds."""

    def __init__(self, demo: Demo) -> None:
        self.demo, self.token = demo, demo.token

    def page(self, path: str, **body: Any) -> None:
        self.demo.act(path, body)

    def api(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.demo.url}clusters/demo/{path}"
        with urllib.request.urlopen(Request(url, data, headers, method=method), timeout=10) as response:
            return json.loads(response.read())


def named(name: str, **more: Any) -> Any:
    return {"metadata": {"name": name}, **more}


# Each kind of write, in this order; `web` is a Deployment of the test's own.
WRITES: dict[str, Callable[[Client], Any]] = {
    "create": lambda client: client.api("POST", f"{APPS}/namespaces/default/deployments", manifest("web", 2)),
    "patch": lambda client: client.api(
        "PATCH", f"{APPS}/namespaces/default/deployments/web", {"metadata": {"labels": {"a": "b"}}}, MERGE
    ),
    "scale": lambda client: client.page("deployments/web/scale/", replicas=3),
    "pause": lambda client: client.page("deployments/web/pause/"),
    "resume": lambda client: client.page("deployments/web/resume/"),
    "restart": lambda client: client.page("deployments/web/restart/"),
    "cordon": lambda client: client.api("PATCH", f"{CORE}/nodes/node-1", {"spec": {"unschedulable": True}}, MERGE),
    "a ConfigMap": lambda client: client.api("POST", f"{CORE}/namespaces/default/configmaps", named("kept", data={})),
    "a namespace": lambda client: client.api("POST", f"{CORE}/namespaces", named("more")),
    "its deletion": lambda client: client.api("DELETE", f"{CORE}/namespaces/more"),
    "pods deleted": lambda client: client.api("DELETE", f"{CORE}/namespaces/default/pods?labelSelector=app%3Dweb"),
    "the pace": lambda client: client.page("pace/", pace=2),
    "a command": lambda client: client.demo.manage("cluster", "create", "another"),
    "deletion": lambda client: client.api("DELETE", f"{APPS}/namespaces/default/deployments/web"),
}


def test_every_kind_of_write_is_answered_while_the_worker_writes_without_a_pause(quick: Demo) -> None:
    """A third process, the command, takes its turn too. Afterwards everything is as written, and the journal has no gap."""
    is_over = threading.Event()
    client, busy = Client(quick), Client(quick)

    def keep_busy() -> None:
        for number in itertools.count():
            if is_over.is_set():
                return
            image = {"spec": {"template": {"metadata": {"annotations": {"number": str(number)}}}}}
            busy.api("PATCH", f"{APPS}/namespaces/default/deployments/{BOOK}", image, MERGE)

    with ThreadPoolExecutor(3) as threads:
        keeping = [threads.submit(keep_busy) for _ in range(3)]
        try:
            for name, write in WRITES.items():
                try:
                    write(client)
                except Exception as error:
                    raise AssertionError(f"{name}: {error}") from error
        finally:
            is_over.set()
        for each in keeping:
            each.result()
    wait_until(lambda: is_complete(quick.deployment()), 60, "the rollout")
    wait_until(lambda: names(client, f"{CORE}/namespaces/default/pods?labelSelector=app%3Dweb") == [], 60, "no pods")
    wait_until(lambda: "more" not in names(client, f"{CORE}/namespaces"), 60, "the namespace to be gone")
    assert client.api("GET", f"{CORE}/nodes/node-1")["spec"]["unschedulable"] is True
    assert "kept" in names(client, f"{CORE}/namespaces/default/configmaps")
    quick.stop()
    with sqlite3.connect(quick.data / "rollstage.sqlite3") as database:
        rows = database.execute("SELECT name, tail, head, pace FROM cluster_cluster ORDER BY name").fetchall()
        assert [(name, pace) for name, _, _, pace in rows] == [("another", 1.0), ("demo", 2.0)]
        for name, tail, head, _ in rows:
            found = database.execute(
                "SELECT rv FROM cluster_change JOIN cluster_cluster c ON c.id = cluster_id "
                "WHERE c.name = ? AND rv > ? ORDER BY rv",
                (name, tail),
            ).fetchall()
            assert [rv for (rv,) in found] == list(range(tail + 1, head + 1))


def names(client: Client, path: str) -> list[str]:
    return [each["metadata"]["name"] for each in client.api("GET", path)["items"]]
