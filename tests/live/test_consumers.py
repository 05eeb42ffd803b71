"""The browser's socket: who gets in, what is sent, and that nothing is left behind."""

import asyncio
import json
from typing import Any

import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.utils import timezone

from cluster import models
from cluster.live import attendance, consumers, follower
from cluster.live import feed as feeds
from cluster.live.feed import feed_of
from cluster.records.threads import in_thread
from cluster.writing import namespaces
from rollout_site.asgi import application
from tests.conftest import OpenSocket
from tests.spaces import DEFAULT, grant, space
from tests.viewing import grow, until


@pytest.fixture(autouse=True)
def open_to(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.ANONYMOUS = getattr(request, "param", "view")


async def frame(socket: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    """The next frame of a kind; others are passed over."""
    while True:
        found: dict[str, Any] = json.loads(await socket.receive_from(timeout=5))
        if found["type"] == kind:
            return found


async def closing_code(socket: WebsocketCommunicator) -> int:
    message = await socket.receive_output(timeout=5)
    assert message["type"] == "websocket.close", message
    code: int = message["code"]
    return code


async def end(socket: WebsocketCommunicator) -> None:
    await socket.disconnect()


def member(*groups: str, **fields: Any) -> User:
    user = User.objects.create_user("ann", **fields)
    grant(user, *groups)
    return user


async def test_a_socket_is_sent_a_snapshot_and_rung_for_changes(
    socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)  # only the doorbell can bring the change
    browser = socket()
    await browser.connect()
    snapshot = await frame(browser, "snapshot")
    assert [node["name"] for node in snapshot["nodes"]] == ["node-1", "node-2", "node-3"]
    assert (await frame(browser, "presence"))["viewers"] == 1
    before = snapshot["rv"]
    for _ in range(3):
        head = await grow(2)
        changes = await frame(browser, "changes")
        assert (changes["from"], changes["to"]) == (before, head)
        before = head
    await end(browser)


async def test_a_socket_resumes(socket: OpenSocket) -> None:
    await grow(9)
    browser = socket(query="?since=7")
    await browser.connect()
    assert [each["rv"] for each in (await frame(browser, "changes"))["items"]] == [8, 9]
    await end(browser)


@pytest.mark.parametrize("since", ["", "x", "-1", "1.5", "9" * 19, "9" * 5_000])
async def test_a_since_that_is_no_version_is_a_snapshot(socket: OpenSocket, since: str) -> None:
    browser = socket(query=f"?since={since}")
    await browser.connect()
    assert (await frame(browser, "snapshot"))["rv"] == 0
    await end(browser)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[" * 100_000,
        "[]",
        "null",
        '{"type": "ack"}',
        '{"type": "ack", "rv": "9"}',
        '{"type": "ack", "rv": null}',
    ],
)
async def test_a_text_that_is_no_acknowledgement_is_passed_over(socket: OpenSocket, text: str) -> None:
    browser = socket()
    await browser.connect()
    await frame(browser, "snapshot")
    await browser.send_to(text)
    await grow(1)
    await frame(browser, "changes")
    assert [len(each.unacknowledged) for each in feed_of(DEFAULT).viewers] == [2]
    await end(browser)


async def test_bytes_are_passed_over(socket: OpenSocket) -> None:
    browser = socket()
    await browser.connect()
    await frame(browser, "presence")  # it follows from here on
    await browser.send_to(bytes_data=b"\xff\x00")
    await grow(1)
    await frame(browser, "changes")
    await end(browser)


async def test_a_socket_that_stalls_is_caught_up_by_its_acknowledgement(socket: OpenSocket) -> None:
    stalled, lively = socket(), socket()
    for each in (stalled, lively):
        await each.connect()
        await frame(each, "presence")
    for _ in range(10):
        await grow(1)
        newest = await frame(lively, "changes")
        await lively.send_to(json.dumps({"type": "ack", "rv": newest["to"]}))
    seen = [(await frame(stalled, "changes"))["to"] for _ in range(feeds.MOST_UNACKNOWLEDGED - 1)]
    assert await stalled.receive_nothing(timeout=0.05)
    await stalled.send_to(json.dumps({"type": "ack", "rv": seen[-1]}))
    missed = await frame(stalled, "changes")
    assert (missed["from"], missed["to"]) == (seen[-1], 10)
    await end(stalled)
    await end(lively)


@pytest.mark.parametrize(
    ("open_to", "groups", "fields", "namespace", "code"),
    [
        pytest.param("none", None, {}, "default", 4401, id="a stranger"),
        pytest.param("none", None, {}, "nowhere", 4401, id="a stranger learns no names"),
        pytest.param("view", None, {}, "default", None, id="a stranger, open to look"),
        pytest.param("edit", None, {}, "default", None, id="a stranger, open to act"),
        pytest.param("view", None, {}, "nowhere", 4404, id="no such namespace"),
        pytest.param("none", [], {}, "default", 4403, id="a user without a group"),
        pytest.param("none", [], {}, "nowhere", 4403, id="a user learns no names"),
        pytest.param("none", ["default:view"], {}, "default", None, id="a viewer"),
        pytest.param("none", ["default:edit"], {}, "default", None, id="an editor"),
        pytest.param("none", ["default:admin"], {}, "default", None, id="an admin"),
        pytest.param("none", ["other:admin"], {}, "default", 4403, id="another namespace's admin"),
        pytest.param("none", ["nowhere:view"], {}, "nowhere", 4404, id="a viewer of what is gone"),
        pytest.param("none", ["default:admin"], {"is_active": False}, "default", 4401, id="an inactive admin"),
        pytest.param("none", [], {"is_superuser": True}, "default", None, id="a superuser"),
        pytest.param(
            "none", [], {"is_superuser": True, "is_active": False}, "default", 4401, id="an inactive superuser"
        ),
    ],
    indirect=["open_to"],
)
async def test_who_gets_in(
    socket: OpenSocket, groups: list[str] | None, fields: dict[str, Any], namespace: str, code: int | None
) -> None:
    def opened() -> WebsocketCommunicator:
        return socket(namespace, user=None if groups is None else member(*groups, **fields))

    browser = await in_thread(opened)
    await browser.connect()
    first = json.loads(await browser.receive_from())
    if code is None:
        assert first["type"] == "snapshot"
        await end(browser)
    else:
        assert first["type"] == "gone"
        assert await closing_code(browser) == code
        await grow(1)
        assert await browser.receive_nothing(timeout=0.02)
        assert namespace not in feeds.feeds


async def test_a_page_from_elsewhere_is_refused(socket: OpenSocket) -> None:
    browser = socket(origin="http://evil.example")
    connected, _ = await browser.connect()
    assert not connected


WITHDRAWN = [
    pytest.param(lambda user: user.memberships.all().delete(), id="removed"),
    pytest.param(lambda user: user.memberships.update(ends=timezone.now()), id="ended"),
]


@pytest.mark.parametrize("withdraw", WITHDRAWN)
async def test_withdrawn_access_ends_the_socket(
    socket: OpenSocket, settings: Any, monkeypatch: Any, withdraw: Any
) -> None:
    settings.ANONYMOUS = "none"
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.0)
    monkeypatch.setattr(attendance, "TICK_SECONDS", 3600.0)
    user = await in_thread(member, "default:view")
    browser = await in_thread(lambda: socket(user=user))
    await browser.connect()
    rv = (await frame(browser, "snapshot"))["rv"]
    await browser.send_to(json.dumps({"type": "ack", "rv": rv}))
    await grow(1)
    await frame(browser, "changes")
    await in_thread(withdraw, user)
    await browser.send_to(json.dumps({"type": "ack", "rv": rv + 1}))
    await frame(browser, "gone")
    assert await closing_code(browser) == consumers.NOT_ALLOWED


@pytest.mark.parametrize("withdraw", WITHDRAWN)
async def test_a_socket_that_says_nothing_is_ended_too(
    socket: OpenSocket, settings: Any, monkeypatch: Any, withdraw: Any
) -> None:
    settings.ANONYMOUS = "none"
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.0)
    monkeypatch.setattr(attendance, "TICK_SECONDS", 0.01)
    user = await in_thread(member, "default:view")
    browser = await in_thread(lambda: socket(user=user))
    await browser.connect()
    await frame(browser, "snapshot")
    await in_thread(withdraw, user)
    await frame(browser, "gone")
    assert await closing_code(browser) == consumers.NOT_ALLOWED
    await until(lambda: not attendance.attendance.sockets)
    await end(browser)
    assert attendance.attendance.task is None


async def test_a_deleted_namespace_ends_its_sockets(socket: OpenSocket) -> None:
    await in_thread(lambda: namespaces.ensure(space("brief"), actor="seed"))
    browser = socket("brief")
    await browser.connect()
    await frame(browser, "presence")
    await in_thread(delete_namespace, "brief")
    feed_of(space("brief")).bell.set()
    assert (await frame(browser, "gone"))["reason"] == 'namespaces "brief" not found'
    assert await closing_code(browser) == consumers.NOT_FOUND


def delete_namespace(name: str) -> None:
    models.Namespace.objects.filter(name=name).delete()


@pytest.mark.parametrize("open_to", ["none", "view"], indirect=True)
async def test_nothing_of_a_closed_socket_is_left(socket: OpenSocket) -> None:
    layer: Any = get_channel_layer()
    browsers = [socket() for _ in range(5)]
    for each in browsers:
        await each.connect()
        await each.receive_from()
    for each in browsers:
        await end(each)
    await until(lambda: not feed_of(DEFAULT).viewers)
    await until(lambda: (dict(layer.groups), layer.queues) == ({}, {}))
    assert feed_of(DEFAULT).tasks == []


async def test_a_socket_whose_snapshot_fails_leaves_nothing(
    socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(feeds, "namespace_snapshot", fail)
    browser = socket()
    await browser.connect()
    with pytest.raises(OSError, match="away"):
        await browser.receive_from()
    layer: Any = get_channel_layer()
    await until(lambda: not layer.groups)
    assert not feed_of(DEFAULT).viewers


async def test_presence_is_told_to_all(socket: OpenSocket) -> None:
    first, second = socket(), socket()
    await first.connect()
    assert (await frame(first, "presence"))["viewers"] == 1
    await second.connect()
    assert (await frame(first, "presence"))["viewers"] == 2
    await end(second)
    assert (await frame(first, "presence"))["viewers"] == 1
    await end(first)
    await asyncio.sleep(0)


@pytest.mark.parametrize("path", ["/ws/namespaces//", "/ws/clusters/demo/namespaces//", "/ws/nothing/"])
async def test_a_socket_that_leads_nowhere_is_not_found(committed: None, path: str) -> None:  # noqa: ARG001
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost")]
    socket = WebsocketCommunicator(application, path, headers=headers)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(5))["status"] == 404
