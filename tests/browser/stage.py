"""What the tests do with a page: a namespace of their own on a demo that a file shares, with the book's Deployment complete."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.outside.process import BOOK, HOST, Demo, State, is_complete, wait_until

OLD, NEW = f"{BOOK}-4087004473", f"{BOOK}-3599678771"
FIGURE_3_8 = [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
ROLLOUT_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`namespace` on `demo`, seen through `page`."""

    demo: Demo
    namespace: str
    page: Page

    @property
    def overview(self) -> str:
        return f"{self.demo.url}clusters/demo/namespaces/{self.namespace}/"

    @property
    def address(self) -> str:
        return f"{self.overview}deployments/{BOOK}/"

    def wait(self) -> None:
        """For the book's Deployment to be complete."""
        wait_until(lambda: is_complete(self.deployment()), 60, "the book's Deployment")

    def open(self) -> Page:
        self.page.goto(self.address)
        expect(self.page.locator("#connection")).to_have_text("live")
        expect(self.page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)
        return self.page

    def act(self, path: str, body: State) -> State:
        return self.demo.act(path, body, self.namespace)

    def deployment(self) -> State | None:
        return self.demo.deployment(namespace=self.namespace)

    def set_image(self, image: str) -> None:
        """By hand, in the page."""
        form = self.page.locator("form[data-action=set-image]")
        form.locator("input[name=image]").fill(image)
        form.get_by_role("button", name="Set image").click()

    def is_said(self, text: str) -> None:
        """The Deployment's state in words."""
        expect(self.page.locator("#state")).to_have_text(text, timeout=ROLLOUT_MS)

    def cards(self, count: int) -> list[tuple[int, int]]:
        """(old, new) desired pods of each card of the film strip, from left to right, once there are so many."""
        shown = self.page.locator("#strip > li[data-frame]")
        expect(shown).to_have_count(count, timeout=ROLLOUT_MS)
        found = shown.evaluate_all("all => all.map(each => ({...each.dataset}))")
        assert [int(each["frame"]) for each in found] == list(range(len(found)))
        return [(int(each["old"]), int(each["new"])) for each in found]


class Complaints(list[str]):
    """What the page's console and its scripts complain of: Content-Security-Policy violations are among it."""

    def __init__(self) -> None:
        self.allowed: list[str] = []

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(f"page error: {error}"))
        page.on("console", lambda said: self.append(said.text) if said.type in ("error", "warning") else None)
        page.on(
            "response", lambda answer: self.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        )

    def allow(self, pattern: str) -> None:
        """What a test brings about on purpose: a refusal, a server that is gone."""
        self.allowed.append(pattern)

    def left(self) -> list[str]:
        return [each for each in self if not any(re.search(pattern, each) for pattern in self.allowed)]


def create_namespace(demo: Demo, name: str) -> None:
    """As `kubectl create namespace` does."""
    kubernetes(demo, "POST", "api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def kubernetes(demo: Demo, method: str, path: str, body: State | None = None) -> None:
    """A request to the Kubernetes API, as kubectl makes it; a PATCH is a merge patch."""
    kind = "merge-patch+json" if method == "PATCH" else "json"
    headers = {"Content-Type": f"application/{kind}", "Authorization": f"Bearer {demo.token}"}
    data = None if body is None else json.dumps(body).encode()
    address = f"https://{HOST}:{demo.api_port}/clusters/demo/{path}"
    request = urllib.request.Request(address, data=data, headers=headers, method=method)
    urllib.request.urlopen(request, context=demo.trust, timeout=10).close()


def show_stage_alone(page: Page) -> None:
    """Chromium loses keys while the page is becoming as large as the screen, until that is drawn."""
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(1)
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def form(page: Page, action: str) -> Locator:
    return page.locator(f"form[data-action={action}]")


def has_no_sideways_scroll(page: Page) -> bool:
    wide: Any = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return bool(wide[0] <= wide[1])


def step_until(step: Callable[[], None], happened: Callable[[], bool]) -> None:
    """Steps the paused clock; other namespaces of the cluster have events of their own on it."""
    for _ in range(50):
        step()
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            if happened():
                return
            time.sleep(0.02)
    raise AssertionError("it never happened")


LIVING = """names => names.map(name => {
  const set = document.querySelector(`svg.figure .replicaset[data-name="${name}"]`)
  const pods = set ? set.querySelectorAll(".pod[role]:not([data-state=terminating]):not(.leaving)").length : 0
  return [set ? Number(set.dataset.desired) : 0, pods]
})"""


def living(page: Page) -> tuple[int, int]:
    """(old, new) pods on the stage at one time, those that terminate left out; as many as each ReplicaSet says it desires."""
    old, new = page.evaluate(LIVING, [OLD, NEW])
    assert (old[0], new[0]) == (old[1], new[1])
    return old[1], new[1]
