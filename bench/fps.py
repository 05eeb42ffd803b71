"""The Deployment page with 1,000 pods in Chromium: frames per second while a quarter of them changes each second. The page is the
demo's own; its socket is simulated, so that the server's use of the machine does not count.

    .venv/bin/python -m bench.fps [PODS]
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect, sync_playwright

from bench.fanout import running
from tests.outside.process import WITH_BOOK, Demo, behaviour, wait_until

PODS = 1000
SECONDS = 10
BATCHES_PER_SECOND = 5
SHARE = 0.25
NAME = "web"
READY_AT_ONCE = WITH_BOOK + behaviour(1, "*")
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {pods}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: nginx, image: "nginx:1.7.9"}}]}}
"""
COUNT_FRAMES = """seconds => new Promise(done => {
  const began = performance.now(); let frames = 0, longest = 0, last = began;
  const tick = now => {
    frames += 1; longest = Math.max(longest, now - last); last = now;
    if (now - began < seconds * 1000) requestAnimationFrame(tick);
    else done([frames / (now - began) * 1000, longest]);
  };
  requestAnimationFrame(tick);
})"""


def main(arguments: list[str]) -> None:
    pods = int(arguments[0]) if arguments else PODS
    with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder:
        demo = Demo(Path(folder))
        demo.manage("migrate", "--verbosity=0")
        demo.manage("shell", "-c", READY_AT_ONCE)
        with running(demo):
            demo.act("deployments/create/", {"yaml": MANIFEST.format(pods=pods)})
            wait_until(lambda: is_ready(demo, pods), 120, "the pods", poll=1.0)
            rate, longest = measure(demo, Script(demo.snapshot()))
    print(f"{pods} pods, {SHARE:.0%} changing each second: {rate:.1f} frames/s, longest frame {longest:.0f} ms")


def is_ready(demo: Demo, pods: int) -> bool:
    deployment = demo.deployment(NAME)
    return deployment is not None and deployment["status"]["ready_replicas"] == pods


class Script:
    """The simulated frames: the real snapshot, then batches in which the next pods turn unready, or ready again."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.snapshot = snapshot
        self.pods = [pod for pod in snapshot["pods"] if pod["name"].startswith(f"{NAME}-")]
        self.rv = snapshot["rv"]
        self.turn = 0
        self.began = time.monotonic()

    def batch(self) -> str:
        count = int(len(self.pods) * SHARE / BATCHES_PER_SECOND)
        before = self.rv
        items = [self.toggle(self.pods[(self.turn + each) % len(self.pods)]) for each in range(count)]
        self.turn += count
        return json.dumps({"type": "changes", "from": before, "to": self.rv, "now": self.now, "items": items})

    def toggle(self, pod: dict[str, Any]) -> dict[str, Any]:
        self.rv += 1
        pod |= {"rv": self.rv, "ready": not pod["ready"], "ready_since": None if pod["ready"] else self.now}
        return {"rv": self.rv, "verb": "MODIFIED", "kind": "Pod", "at": self.now, "state": dict(pod)}

    @property
    def now(self) -> float:
        return float(self.snapshot["now"]) + time.monotonic() - self.began


def measure(demo: Demo, script: Script) -> tuple[float, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        routes: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/**", lambda route: greet(route, routes, script))
        page.goto(f"{demo.url}clusters/demo/namespaces/default/deployments/{NAME}/")
        page.wait_for_selector("svg.figure .pod[data-state=available]")
        return play(page, routes, script)


def greet(route: WebSocketRoute, routes: list[WebSocketRoute], script: Script) -> None:
    route.send(json.dumps({"type": "snapshot", **script.snapshot}))
    routes.append(route)


def play(page: Page, routes: list[WebSocketRoute], script: Script) -> tuple[float, float]:
    """Warms up for a second, then counts browser frames while batches are sent."""
    page.evaluate(
        f"window.counted = null; setTimeout(() => ({COUNT_FRAMES})({SECONDS}).then(n => window.counted = n), 1000)"
    )
    while (counted := page.evaluate("window.counted")) is None:
        routes[-1].send(script.batch())
        page.wait_for_timeout(1000 / BATCHES_PER_SECOND)
    unready = sum(not pod["ready"] for pod in script.pods)
    expect(page.locator("svg.figure .pod[data-state=running]")).to_have_count(unready)
    return counted[0], counted[1]


if __name__ == "__main__":
    main(sys.argv[1:])
