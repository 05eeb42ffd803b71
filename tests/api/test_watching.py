"""Watches: what is there, then what changes, through selectors, until the journal has forgotten."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User

from cluster import actions, journal, models
from cluster.api import tokens, watching
from cluster.feed import in_thread
from cluster.worker import run_next

pytestmark = pytest.mark.usefixtures("committed")
BOOK = "nginx-deployment"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


class Watcher:
    """One open watch, read line by line."""

    def __init__(self, path: str, query: str, token: str, accept: str = "application/json") -> None:
        headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept", accept.encode())]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
        self.communicator = ApplicationCommunicator(watching.application, scope)
        self.events: list[dict[str, Any]] = []
        self.status = 0

    async def __aenter__(self) -> "Watcher":
        await self.communicator.send_input({"type": "http.request"})
        self.status = (await self.communicator.receive_output(10))["status"]
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.communicator.send_input({"type": "http.disconnect"})
        await self.communicator.wait(10)

    async def until(self, done: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        while not done(self.events):
            body = (await self.communicator.receive_output(10))["body"]
            self.events += [json.loads(line) for line in body.splitlines()]
        return self.events


@pytest.fixture
def token(committed: None) -> str:  # noqa: ARG001
    return tokens.make_token(User.objects.create_superuser("admin"))


@pytest.fixture
def book(committed: None) -> int:  # noqa: ARG001
    """The head after the book's Deployment is complete."""
    models.ImageBehaviour.objects.create(order=1, pattern="*")
    actions.example("default", actor="me")
    work()
    return journal.head()


def work() -> None:
    end = time.monotonic() + 20
    while run_next({}) and time.monotonic() < end:
        pass


def update() -> None:
    actions.set_images("default", BOOK, {"nginx": "nginx:1.9.1"}, actor="me")
    work()


async def test_a_watch_from_now_begins_with_what_is_there(token: str, book: int) -> None:
    async with Watcher(PODS, "watch=true", token) as watcher:
        events = await watcher.until(lambda seen: len(seen) == 3)
        await in_thread(update)
        await watcher.until(lambda seen: sum(each["type"] == "DELETED" for each in seen) == 3)
    assert watcher.status == 200
    assert [each["type"] for each in events[:3]] == ["ADDED"] * 3
    versions = [int(each["object"]["metadata"]["resourceVersion"]) for each in events]
    assert min(versions[3:]) > book
    living = {each["object"]["metadata"]["name"] for each in events if each["type"] != "DELETED"}
    assert len(living) == 6


async def test_a_watch_from_a_version_gets_only_what_comes_after(token: str, book: int) -> None:
    async with Watcher(DEPLOYMENTS, f"watch=1&resourceVersion={book}", token) as watcher:
        await in_thread(update)
        events = await watcher.until(
            lambda seen: bool(seen) and seen[-1]["object"]["status"].get("updatedReplicas") == 3
        )
    assert {each["type"] for each in events} == {"MODIFIED"}


async def test_what_happened_between_a_list_and_its_watch_is_not_lost(token: str, book: int) -> None:
    """kubectl lists, then watches from there; pods that went meanwhile are deletions, a Deployment that was known is no new one."""
    await in_thread(update)
    async with Watcher(DEPLOYMENTS, f"watch=1&resourceVersion={book}", token) as watcher:
        events = await watcher.until(bool)
    assert {each["type"] for each in events} == {"MODIFIED"}
    async with Watcher(PODS, f"watch=1&resourceVersion={book}&labelSelector=app=nginx", token) as watcher:
        events = await watcher.until(lambda seen: len(seen) >= 6)
    assert sorted(each["type"] for each in events) == ["ADDED"] * 3 + ["DELETED"] * 3


async def test_the_end_of_the_initial_list_is_marked(token: str, book: int) -> None:  # noqa: ARG001
    query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with Watcher(PODS, query, token) as watcher:
        events = await watcher.until(lambda seen: bool(seen) and seen[-1]["type"] == "BOOKMARK")
    assert [each["type"] for each in events] == ["ADDED", "ADDED", "ADDED", "BOOKMARK"]
    assert events[-1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_an_object_that_no_longer_fits_a_selector_is_gone_for_its_watcher(token: str, book: int) -> None:
    query = f"watch=true&resourceVersion={book - 1000 if book > 1000 else 0}&labelSelector=stage=one"
    async with Watcher(DEPLOYMENTS, query, token) as watcher:
        await in_thread(label, "one")
        await watcher.until(lambda seen: len(seen) == 1)
        await in_thread(label, "two")
        events = await watcher.until(lambda seen: len(seen) == 2)
    assert [each["type"] for each in events] == ["ADDED", "DELETED"]


def label(value: str) -> None:
    text = journal_yaml().replace(
        "labels:\n    app: nginx\n  name:", f"labels:\n    app: nginx\n    stage: {value}\n  name:"
    )
    text = text if f"stage: {value}" in text else text.replace("stage: one", f"stage: {value}")
    actions.edit("default", BOOK, text, actor="me")


def journal_yaml() -> str:
    from cluster.history import manifest_yaml

    return manifest_yaml("default", BOOK)[0]


async def test_a_watch_from_before_the_journal_is_expired(token: str, book: int) -> None:
    await in_thread(journal.compact, time.time() + 2 * journal.KEEP_SECONDS)
    async with Watcher(PODS, "watch=true&resourceVersion=1", token) as watcher:
        events = await watcher.until(lambda seen: bool(seen))
    assert (events[0]["type"], events[0]["object"]["code"], events[0]["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert book > 1


async def test_a_watch_for_tables_gets_tables(token: str, book: int) -> None:  # noqa: ARG001
    async with Watcher(PODS, "watch=true", token, "application/json;as=Table;v=v1;g=meta.k8s.io") as watcher:
        events = await watcher.until(lambda seen: len(seen) == 3)
    assert {each["object"]["kind"] for each in events} == {"Table"}
    assert [each["object"]["rows"][0]["cells"][1] for each in events] == ["1/1"] * 3


async def test_a_watch_ends_when_its_time_is_over(token: str, book: int) -> None:  # noqa: ARG001
    async with Watcher(PODS, "watch=true&timeoutSeconds=1", token) as watcher:
        await watcher.until(lambda seen: len(seen) == 3)
        last = await watcher.communicator.receive_output(10)
    assert last["more_body"] is False


@pytest.mark.parametrize(
    ("path", "token_text", "code"),
    [
        pytest.param(PODS, "rs-wrong", 401, id="stranger"),
        pytest.param("/apis/apps/v1/namespaces/default/jobs", None, 404, id="not served"),
    ],
)
async def test_a_watch_is_refused_with_a_status(token: str, path: str, token_text: str | None, code: int) -> None:
    async with Watcher(path, "watch=true", token_text or token) as watcher:
        assert watcher.status == code


async def test_a_closed_watch_leaves_nothing_behind(token: str, book: int) -> None:  # noqa: ARG001
    from channels.layers import get_channel_layer

    layer: Any = get_channel_layer()
    async with Watcher(PODS, "watch=true", token) as watcher:
        await watcher.until(lambda seen: len(seen) == 3)
        assert layer.groups
    end = time.monotonic() + 10
    while layer.groups and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert not layer.groups
