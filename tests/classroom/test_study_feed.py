"""The socket of a lesson that is taken without a class: for the admins of the cluster, from the first frame to the last."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import study_feed, studying
from cluster.models import SelfStudy
from cluster.records.threads import in_thread
from cluster.spaces import Space
from cluster.writing import accounts, actions, clusters
from rollout_site.asgi import application
from tests.classroom.conftest import logged_in
from tests.viewing import until

LESSON, NAME, WEB = "10-progress-deadline", "progress-deadline", "nginx-deployment"
PATH = f"/ws/clusters/{NAME}/lesson/"
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"
    study_feed.feeds.clear()


@pytest.fixture
def ann(committed: None) -> User:  # noqa: ARG001 the database is there
    return User.objects.create_user("ann")


@pytest.fixture
def row(ann: User) -> SelfStudy:
    return studying.begin(LESSON, ann)


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[Client], WebsocketCommunicator]]:
    sockets: list[WebsocketCommunicator] = []

    def make(client: Client, path: str = PATH) -> WebsocketCommunicator:
        headers = [(b"origin", b"http://localhost"), (b"host", b"localhost")]
        if "sessionid" in client.cookies:
            headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
        sockets.append(WebsocketCommunicator(application, path, headers=headers))
        return sockets[-1]

    yield make
    for each in sockets:
        await each.disconnect()


async def frame_of(socket: WebsocketCommunicator) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await socket.receive_from(timeout=5))
    return found


def first_task() -> None:
    actions.act(Space(NAME, "default"), WEB, "tune", {"progress_deadline_seconds": 20}, actor="ann")


@pytest.fixture
def browser(ann: User) -> Client:
    return logged_in(ann)


async def test_it_tells_the_lesson_as_it_goes_on(row: SelfStudy, browser: Client, opened: Any) -> None:
    socket = opened(browser)
    await socket.connect()
    frame = await frame_of(socket)
    assert (frame["type"], frame["lesson"]["number"], frame["lesson"]["is_over"]) == ("study", 0, False)
    await in_thread(first_task)
    assert (await frame_of(socket))["lesson"]["number"] == 1
    await in_thread(studying.start_over, NAME)
    assert (await frame_of(socket))["lesson"]["number"] == 0
    assert study_feed.feeds.keys() == {row.pk}


@pytest.mark.parametrize("away", [clusters.reset, clusters.delete], ids=["reset", "deleted"])
@pytest.mark.usefixtures("row")
async def test_it_says_that_the_lesson_is_gone(browser: Client, opened: Any, away: Any) -> None:
    socket = opened(browser)
    await socket.connect()
    await frame_of(socket)
    await in_thread(away, NAME)
    assert await frame_of(socket) == {"type": "gone"}
    assert (await socket.receive_output(timeout=5))["code"] == 4404


@pytest.mark.usefixtures("row")
async def test_nothing_is_kept_for_nobody(browser: Client, opened: Any) -> None:
    first, second = opened(browser), opened(browser)
    for each in (first, second):
        await each.connect()
        await frame_of(each)
    (feed,) = study_feed.feeds.values()
    await first.disconnect()
    assert study_feed.feeds
    await second.disconnect()
    await until(lambda: not study_feed.feeds)
    assert feed.tasks == []


@pytest.fixture
def others(row: SelfStudy) -> dict[str, Client]:  # noqa: ARG001 the cluster is there
    users = {name: User.objects.create_user(name) for name in ("vic", "ed", "adam", "sam")}
    for name, role in (("vic", "view"), ("ed", "edit"), ("adam", "admin")):
        accounts.join(users[name], Space(NAME, ""), role)
    return {**{name: logged_in(user) for name, user in users.items()}, "nobody": Client()}


@pytest.mark.parametrize(("who", "code"), [("vic", 4403), ("ed", 4403), ("sam", 4403), ("nobody", 4401)])
async def test_strangers_are_told_nothing(others: dict[str, Client], opened: Any, who: str, code: int) -> None:
    socket = opened(others[who])
    await socket.connect()
    assert await socket.receive_output(timeout=5) == {"type": "websocket.close", "code": code}


async def test_every_admin_is_told(others: dict[str, Client], opened: Any) -> None:
    socket = opened(others["adam"])
    await socket.connect()
    assert (await frame_of(socket))["type"] == "study"


async def test_a_cluster_without_a_lesson_has_nothing_to_tell(others: dict[str, Client], opened: Any) -> None:
    await in_thread(clusters.reset, NAME)
    socket = opened(others["adam"])
    await socket.connect()
    assert (await socket.receive_output(timeout=5))["code"] == 4404


def test_tasks_ahead_are_told_without_how_to_act(row: SelfStudy) -> None:
    lesson = study_feed.StudyFeed(row).frame()["lesson"]
    assert len(lesson["texts"]) == lesson["tasks"] > 1
    assert [len(lesson["pages"]), len(lesson["commands"])] == [1, 1]
    assert [len(lesson["translations"]["zh-hans"][key]) for key in ("texts", "pages")] == [lesson["tasks"], 1]
    first_task()
    lesson = study_feed.StudyFeed(row).frame()["lesson"]
    assert [len(lesson["pages"]), len(lesson["commands"])] == [2, 2]
