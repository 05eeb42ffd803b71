"""An image update of 100, 1,000, 2,000 and 10,000 replicas in the demo, from the edit until a viewer has the complete status:
readiness at once, 25 %/25 %, everything stored. The viewer is a socket of the page's kind, the demo's server and worker are two
processes.

    .venv/bin/python -m bench.rollout [REPLICAS ...]
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection

from bench.api import fill
from bench.wire import APPS, Api, served
from tests.outside import procfs
from tests.outside.process import is_complete

REAL_SECONDS = {100: 0.75, 1000: 4.4, 2000: 7.2}
SIZES = (100, 1000, 2000, 10_000)
RUNS = 3
NAME = "web"
STRATEGIC = "application/strategic-merge-patch+json"
ROOM = """
from cluster.models import Namespace, Node
Namespace.objects.update(pod_quota={pods})
Node.objects.update(slots={pods})
"""


def main(arguments: list[str]) -> None:
    print(
        f"{'replicas':>8} {'seconds':>8} {'of cpu':>8} {'peak MB':>8} {'changes':>8}   against the real control plane"
    )
    for replicas in [int(each) for each in arguments] or SIZES:
        room = ROOM.format(pods=3 * replicas + 10)
        with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder, served(Path(folder), more=room) as api:
            measure(api, replicas)


def measure(api: Api, replicas: int) -> None:
    """Prints the quickest of RUNS updates."""
    fill(api, replicas)
    seconds, used, changes = min(update(api, f"nginx:1.9.{run}") for run in range(RUNS))
    real = REAL_SECONDS.get(replicas)
    ratio = f"{real} s there: {real / seconds:.1f} times as fast" if real else ""
    peak = procfs.peak_kb(api.server) / 1024
    print(f"{replicas:8} {seconds:8.2f} {used:8.2f} {peak:8.0f} {changes:8}   {ratio}", flush=True)


def update(api: Api, image: str) -> tuple[float, float, int]:
    """Wall seconds, processor seconds of both processes, and the number of changes."""
    with api.demo.socket() as viewer:
        since = newest(viewer)["rv"]
        began, used = time.perf_counter(), procfs.cpu_seconds(api.server)
        template = {"spec": {"containers": [{"name": "c", "image": image}]}}
        api("PATCH", f"{APPS}/deployments/{NAME}", {"spec": {"template": template}}, STRATEGIC)
        frame = newest(viewer)
        while not any(map(is_rolled_out, deployments(frame))):
            frame = newest(viewer)
        head = frame["rv"] if frame["type"] == "snapshot" else frame["to"]
        return time.perf_counter() - began, procfs.cpu_seconds(api.server) - used, head - since


def newest(viewer: ClientConnection) -> dict[str, Any]:
    """The next snapshot or changes (who is far behind gets a snapshot), acknowledged as the page does."""
    while True:
        frame: dict[str, Any] = json.loads(viewer.recv(timeout=300))
        rv = frame.get("to") if frame["type"] == "changes" else frame.get("rv")
        if frame["type"] in ("snapshot", "changes"):
            viewer.send(json.dumps({"type": "ack", "rv": rv}))
            return frame


def deployments(frame: dict[str, Any]) -> list[dict[str, Any]]:
    if frame["type"] == "snapshot":
        return frame["deployments"]  # type: ignore[no-any-return]
    return [each["state"] for each in frame["items"] if each["kind"] == "Deployment"]


def is_rolled_out(state: dict[str, Any]) -> bool:
    return state["name"] == NAME and is_complete(state)


if __name__ == "__main__":
    main(sys.argv[1:])
