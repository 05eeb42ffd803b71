"""The board of clusters: who sees what, what is found, and that what moves is sent once a second at most."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.live import board
from cluster.live.board import Viewer
from cluster.live.feed import in_thread
from cluster.spaces import Space
from cluster.writing import accounts, actions, clusters, memberships, namespaces, pacing
from rollout_site.asgi import application
from tests.spaces import DEFAULT, grant
from tests.writing.test_actions import manifest

BLUE = Space("blue", "default")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


@pytest.fixture
def three(cluster: None) -> None:  # noqa: ARG001
    make_three()


def make_three() -> None:
    """demo with a Deployment in default and one in extra, blue with one, and an empty one."""
    for name in ("blue", "green"):
        clusters.create(name)
    namespaces.create("demo", "extra", actor="me")
    actions.create(DEFAULT, manifest(name="web"), actor="me")
    actions.create(DEFAULT._replace(namespace="extra"), manifest(name="hidden"), actor="me")
    actions.create(BLUE, manifest(name="api"), actor="me")


def seen(user: Any, text: str = "") -> dict[str, list[str]]:
    """Cluster -> its Deployments as they are shown."""
    return {each["name"]: [one["name"] for one in each["deployments"]] for each in board.whole(user, text)[0]["rows"]}


@pytest.mark.usefixtures("three")
def test_everybody_sees_what_is_open_to_them() -> None:
    ann = grant(User.objects.create_user("ann"), "default:view")
    ben = User.objects.create_user("ben")
    accounts.join(ben, Space("blue", ""), "admin")
    assert seen(User.objects.create_superuser("root")) == {"blue": ["api"], "demo": ["web", "hidden"], "green": []}
    assert seen(ann) == {"demo": ["web"]}, "nothing of a namespace that is closed to her"
    assert seen(ben) == {"blue": ["api"]}
    assert seen(AnonymousUser()) == {}
    assert [each["admin"] for each in board.whole(ben)[0]["rows"]] == [True]
    assert [each["admin"] for each in board.whole(ann)[0]["rows"]] == [False]


@pytest.mark.usefixtures("three")
def test_visitors_see_what_the_setting_opens(settings: Any) -> None:
    settings.ANONYMOUS = "view"
    assert set(seen(AnonymousUser())) == {"blue", "demo", "green"}


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        pytest.param("blu", ["blue"], [], id="a cluster"),
        pytest.param("EXTRA", ["demo"], ["extra"], id="a namespace"),
        pytest.param("e", ["blue", "demo", "green"], ["default", "default", "extra", "default"], id="both"),
        pytest.param("nothing", [], [], id="nothing"),
    ],
)
@pytest.mark.usefixtures("three")
def test_clusters_and_namespaces_are_found(text: str, names: list[str], found: list[str]) -> None:
    rows = board.whole(User.objects.create_superuser("root"), text)[0]["rows"]
    assert [each["name"] for each in rows] == names
    assert [name for each in rows for name in each["namespaces"]] == found


@pytest.mark.usefixtures("three")
def test_a_namespace_that_is_closed_is_not_found() -> None:
    ann = grant(User.objects.create_user("ann"), "default:view")
    assert seen(ann, "extra") == {}


@pytest.mark.usefixtures("cluster")
def test_a_page_is_bounded_however_much_there_is(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    monkeypatch.setattr(board, "MOST_CLUSTERS", 3)
    monkeypatch.setattr(board, "MOST_DEPLOYMENTS", 2)
    for place in range(5):
        clusters.create(f"c-{place}")
    for place in range(4):
        actions.create(Space("c-0", "default"), manifest(name=f"web-{place}", replicas=0), actor="me")
    root = User.objects.create_superuser("root")
    with django_assert_max_num_queries(8):
        frame, _, _ = board.whole(root)
    assert ([each["name"] for each in frame["rows"]], frame["total"]) == (["c-0", "c-1", "c-2"], 6)
    first = frame["rows"][0]
    assert ([each["name"] for each in first["deployments"]], first["more"]) == (["web-0", "web-1"], 2)


class Page:
    """A viewer who keeps what it is sent."""

    def __init__(self, user: Any) -> None:
        self.frames: list[dict[str, Any]] = []
        self.viewer = Viewer(user=user, send=self.take)

    async def take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)

    def told(self) -> list[tuple[str, list[str]]]:
        return [(each["type"], [row["name"] for row in each["rows"]]) for each in self.frames]


@pytest.fixture
def root(committed: None) -> User:  # noqa: ARG001
    make_three()
    return User.objects.create_superuser("root")


async def joined(page: Page) -> board.Board:
    """A board that is looked at by hand."""
    found = board.Board()
    await found.list_anew(page.viewer)
    found.viewers.add(page.viewer)
    return found


async def test_what_moves_is_told_once_a_tick(root: User) -> None:
    page = Page(root)
    found = await joined(page)
    for replicas in (4, 5, 6):
        await in_thread(lambda replicas=replicas: actions.act(BLUE, "api", "scale", replicas, actor="me"))
    await found.tick()
    await found.tick()
    assert page.told() == [("board", ["blue", "demo", "green"]), ("rows", ["blue"])]
    (row,) = page.frames[-1]["rows"]
    assert row["deployments"][0] | {"state": ""} == {
        "namespace": "default", "name": "api", "paused": False, "replicas": 6, "available": 0, "updated": 0, "state": "",
    }  # fmt: skip


async def test_two_who_see_alike_share_what_is_read(root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Page(root), Page(root)
    found = await joined(one)
    await found.list_anew(other.viewer)
    found.viewers.add(other.viewer)
    read: list[list[str]] = []
    before = board.read
    monkeypatch.setattr(board, "read", lambda names, visible: read.append(names) or before(names, visible))
    await in_thread(lambda: pacing.set_pace("blue", 0.0, actor="me"))
    await found.tick()
    assert read == [["blue"]]
    assert [page.frames[-1]["rows"][0]["pace"] for page in (one, other)] == [0.0, 0.0]


async def test_who_does_not_acknowledge_is_spared_and_gets_the_newest(root: User) -> None:
    page = Page(root)
    found = await joined(page)
    for replicas in range(10, 20):
        await in_thread(lambda replicas=replicas: actions.act(BLUE, "api", "scale", replicas, actor="me"))
        await found.tick()
    assert len(page.frames) == board.MOST_UNACKNOWLEDGED
    page.viewer.unacknowledged = 0
    await found.tick()
    assert page.frames[-1]["rows"][0]["deployments"][0]["replicas"] == 19


async def test_clusters_that_come_and_go_are_told(root: User) -> None:
    page = Page(root)
    found = await joined(page)
    await in_thread(lambda: (clusters.create("red"), clusters.delete("green"), clusters.rename("blue", "navy")))
    page.viewer.listed_at = -board.RELIST_SECONDS * 1e6
    await found.tick()
    assert page.told()[-1] == ("board", ["demo", "navy", "red"])
    await in_thread(lambda: clusters.delete("red"))
    await found.tick()
    assert page.told()[-1] == ("board", ["demo", "navy", "red"]), "a cluster that is gone is no row"


async def test_who_loses_a_role_loses_the_cluster(root: User) -> None:
    ann = await in_thread(lambda: grant(User.objects.create_user("ann"), ":view"))
    page = Page(ann)
    found = await joined(page)
    await in_thread(lambda: memberships.revoke(Space("demo", ""), ann, actor="me"))
    page.viewer.listed_at = -board.RELIST_SECONDS * 1e6
    await found.tick()
    assert page.told() == [("board", ["demo"]), ("board", [])]
    assert root.is_superuser


def opened(user: User) -> WebsocketCommunicator:
    client = Client()
    client.force_login(user)
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie)]
    return WebsocketCommunicator(application, "/ws/clusters/", headers=headers)


async def frame(socket: WebsocketCommunicator) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await socket.receive_from(timeout=10))
    return found


async def test_the_socket_follows_and_searches(root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "TICK_SECONDS", 0.02)
    socket = await in_thread(opened, root)
    await socket.connect()
    assert [each["name"] for each in (await frame(socket))["rows"]] == ["blue", "demo", "green"]
    await in_thread(lambda: actions.act(BLUE, "api", "scale", 9, actor="me"))
    assert [each["name"] for each in (await frame(socket))["rows"]] == ["blue"]
    await socket.send_to(text_data=json.dumps({"type": "filter", "text": "gre"}))
    assert [each["name"] for each in (await frame(socket))["rows"]] == ["green"]
    for odd in ("[]", "{", '{"type": "filter", "text": 7}', "x" * 10_000):
        await socket.send_to(text_data=odd)
    assert [each["name"] for each in (await frame(socket))["rows"]] == ["blue", "demo", "green"]
    await socket.disconnect()
    assert board.board.viewers == set()
    assert board.board.task is None
    await asyncio.sleep(0)


async def test_a_visitor_may_look_at_nothing_where_all_is_closed(committed: None) -> None:  # noqa: ARG001
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost")]
    socket = WebsocketCommunicator(application, "/ws/clusters/", headers=headers)
    await socket.connect()
    assert (await frame(socket))["rows"] == []
    await socket.disconnect()
    assert await in_thread(models.Cluster.objects.count) == 1
