"""The socket of a Deployment's nodes: all of them once, then those whose sums have changed, and nothing to who may not look."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User

from cluster import models
from cluster.core.scheduling.requested import Amount, Place
from cluster.live import follower
from cluster.live import nodes as feeds
from cluster.live.feed import MOST_UNACKNOWLEDGED
from cluster.live.nodes import NodesViewer
from cluster.records import requested
from cluster.records.requested import Known
from cluster.records.threads import in_thread
from cluster.stories import staging
from cluster.writing import actions, clusters, nodes
from tests.conftest import OpenSocket
from tests.live.test_consumers import closing_code, frame, member
from tests.records.test_requested import asking
from tests.spaces import DEFAULT, demo
from tests.stories.test_draining import budget
from tests.viewing import until

Work = Callable[[], int]
WEB = "deployments/web/nodes/"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def open_to(settings: Any) -> None:
    settings.ANONYMOUS = "view"


@pytest.fixture(autouse=True)
def by_bell(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Only the doorbell can bring a change."""
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


def begin(work: Work) -> None:
    actions.create(DEFAULT, asking("web"), actor="me")
    actions.create(DEFAULT, asking("other").replace("app: web", "app: other"), actor="me")
    work()


async def opened(socket: OpenSocket, **options: Any) -> WebsocketCommunicator:
    browser = socket(query=WEB, **options)
    await browser.connect()
    return browser


class Page:
    """What a browser knows after the frames that it was sent; each is acknowledged."""

    def __init__(self, browser: WebsocketCommunicator) -> None:
        self.browser = browser
        self.nodes: dict[str, Json] = {}
        self.asks: Json = {}
        self.budgets: list[Json] = []
        self.frames: list[Json] = []

    async def take(self) -> Json:
        found = await frame(self.browser, "nodes")
        if found.get("all"):
            self.nodes.clear()
        for name in found.get("gone", ()):
            self.nodes.pop(name, None)
        self.nodes |= {each["name"]: each for each in found.get("nodes", ())}
        self.asks, self.budgets = found.get("asks", self.asks), found.get("budgets", self.budgets)
        self.frames.append(found)
        await self.browser.send_to(json.dumps({"type": "ack", "rv": found["rv"]}))
        return found

    async def upto(self, rv: int) -> None:
        while not self.frames or self.frames[-1]["rv"] < rv:
            await self.take()


def expected() -> dict[str, Json]:
    known = requested.load("demo")
    asks = requested.asks(DEFAULT, "web")
    return {name: json.loads(json.dumps(feeds.row(known, name, asks))) for name in known.nodes}


async def test_all_nodes_first_then_only_what_changed(socket: OpenSocket, work: Work) -> None:
    await in_thread(begin, work)
    browser = await opened(socket)
    page = Page(browser)
    first = await page.take()
    assert first["all"] is True
    assert page.nodes == await in_thread(expected)
    own = [sum(each.get("own", {}).get(uid, [0, 0, 0])[2] for each in page.nodes.values()) for uid in page.asks]
    assert (own, sum(each["others"][2] for each in page.nodes.values())) == ([3], 3)
    await in_thread(lambda: nodes.change("demo", "node-2", actor="me", unschedulable=True))
    second = await page.take()
    assert ([each["name"] for each in second["nodes"]], second.keys()) == (["node-2"], {"type", "rv", "nodes"})
    await in_thread(lambda: nodes.create("demo", "node-4", actor="me"))
    assert [each["name"] for each in (await page.take())["nodes"]] == ["node-4"]
    await in_thread(lambda: nodes.delete("demo", "node-4", actor="me"))
    assert (await page.take())["gone"] == ["node-4"]
    await browser.disconnect()


def roll_out(work: Work) -> int:
    actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me")
    staging.drain(DEFAULT, "node-1", actor="me")
    work()
    return demo().head


async def test_what_a_page_knows_after_a_rollout_and_a_drain_is_what_is_there(socket: OpenSocket, work: Work) -> None:
    await in_thread(begin, work)
    browser = await opened(socket)
    page = Page(browser)
    await page.take()
    head = await in_thread(roll_out, work)
    wanted = await in_thread(expected)
    while page.nodes != wanted:
        assert not page.frames or page.frames[-1]["rv"] <= head
        await page.take()
    assert len(page.asks) == 2
    await browser.disconnect()


def budgeted(work: Work) -> None:
    staging.apply_rule(DEFAULT, budget(3), actor="me")
    work()


async def test_budgets_are_told_when_they_change(socket: OpenSocket, work: Work) -> None:
    await in_thread(begin, work)
    browser = await opened(socket)
    page = Page(browser)
    assert (await page.take())["budgets"] == []
    await in_thread(budgeted, work)
    while not page.budgets or not page.budgets[0]["healthy"]:
        await page.take()
    assert page.budgets == [{"name": "b", "allowed": 0, "healthy": 3, "desired": 3}]
    await browser.disconnect()


async def test_who_does_not_acknowledge_is_caught_up_later_in_one_frame(socket: OpenSocket, work: Work) -> None:
    await in_thread(begin, work)
    browser = await opened(socket)
    frames = [await frame(browser, "nodes")]
    for turn in range(MOST_UNACKNOWLEDGED - 1):
        await in_thread(lambda turn=turn: nodes.change("demo", "node-2", actor="me", unschedulable=turn % 2 == 0))
        frames.append(await frame(browser, "nodes"))
    viewer = next(iter(feeds.feeds["demo"].viewers))
    assert viewer.is_behind
    for name in ("node-1", "node-3"):
        await in_thread(lambda name=name: nodes.change("demo", name, actor="me", unschedulable=True))
    await until(lambda: viewer.touched == {"node-1", "node-3"})
    assert await browser.receive_nothing()
    await browser.send_to(json.dumps({"type": "ack", "rv": frames[-1]["rv"]}))
    assert [each["name"] for each in (await frame(browser, "nodes"))["nodes"]] == ["node-1", "node-3"]
    await browser.disconnect()


async def test_a_cluster_that_is_another_one_now_is_told_anew(socket: OpenSocket, work: Work) -> None:
    await in_thread(begin, work)
    browser = await opened(socket)
    page = Page(browser)
    await page.take()
    await in_thread(lambda: clusters.reset("demo"))
    await page.take()
    while not (page.frames[-1].get("all") and page.asks == {}):
        await page.take()
    assert page.nodes == await in_thread(expected)
    await browser.disconnect()


def test_nodes_are_told_again_when_a_replicaset_becomes_the_deployment_s() -> None:
    """Adopted: the pods do not change, but whose they are."""
    known = Known(key=1, rv=7, nodes={name: {"name": name} for name in ("node-1", "node-2")})
    known.requested.put("a", Place("node-1", "adopted", Amount(100, 5, 1)))
    viewer = NodesViewer(never, never, DEFAULT, "web")
    first = viewer.next_frame(known, ({}, []))
    assert first == {
        "type": "nodes",
        "rv": 7,
        "all": True,
        "asks": {},
        "budgets": [],
        "nodes": [{"name": "node-1", "others": [100, 5, 1]}, {"name": "node-2", "others": [0, 0, 0]}],
    }
    assert viewer.next_frame(known, ({}, [])) is None
    asks = {"adopted": Amount(100, 5, 1)}
    assert viewer.next_frame(known, (asks, [])) == {
        "type": "nodes",
        "rv": 7,
        "asks": {"adopted": [100, 5, 1]},
        "nodes": [{"name": "node-1", "others": [0, 0, 0], "own": {"adopted": [100, 5, 1]}}],
    }


async def never(_: object) -> None:
    raise AssertionError


async def test_who_may_not_see_the_namespace_is_refused(socket: OpenSocket, settings: Any) -> None:
    settings.ANONYMOUS = "none"
    ann: User = await in_thread(member, "other:view")
    for user, code in ((None, 4401), (ann, 4403)):
        browser = await in_thread(lambda user=user: socket(query=WEB, user=user))
        await browser.connect()
        assert await closing_code_after_gone(browser) == code
    assert feeds.feeds == {}


async def closing_code_after_gone(browser: WebsocketCommunicator) -> int:
    await frame(browser, "gone")
    return await closing_code(browser)


async def test_nothing_is_kept_when_the_last_one_has_left(socket: OpenSocket, work: Work) -> None:
    await in_thread(begin, work)
    browsers = [await opened(socket) for _ in range(2)]
    for each in browsers:
        await frame(each, "nodes")
    assert list(feeds.feeds) == ["demo"]
    for each in browsers:
        await each.disconnect()
    await until(lambda: not feeds.feeds)
