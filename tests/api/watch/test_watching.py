"""Watches: what is there, then what changes, through selectors, until the journal has forgotten."""

import asyncio
import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster import models
from cluster.api.auth import tokens
from cluster.api.watch import watching
from cluster.live import follower
from cluster.live.worker import run_next
from cluster.records import journal
from cluster.records.threads import in_thread
from cluster.writing import actions
from tests.api.watcher import Watcher
from tests.spaces import DEFAULT, demo
from tests.viewing import until

pytestmark = pytest.mark.usefixtures("committed")
BOOK = "nginx-deployment"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


@pytest.fixture(autouse=True)
def often(monkeypatch: Any) -> None:
    """Passes that a test runs itself ring no bell."""
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.02)


@pytest.fixture
def token(committed: None) -> str:  # noqa: ARG001
    return tokens.make_token(User.objects.create_superuser("admin"))


@pytest.fixture
def book(committed: None) -> int:  # noqa: ARG001
    """The head after the book's Deployment is complete."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()
    return journal.head(DEFAULT.cluster)


def work() -> None:
    end = time.monotonic() + 20
    while run_next({}) and time.monotonic() < end:
        pass


def update() -> None:
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
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
        events = await watcher.until(lambda seen: sum(each["type"] == "DELETED" for each in seen) == 3)
    assert sum(each["type"] == "ADDED" for each in events) == 3


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
    actions.edit(DEFAULT, BOOK, text, actor="me")


def journal_yaml() -> str:
    from cluster.page.history import manifest_yaml

    return manifest_yaml(DEFAULT, BOOK)[0]


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
        await until(lambda: bool(layer.groups))
    end = time.monotonic() + 10
    while layer.groups and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert not layer.groups


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param(
            "sendInitialEvents=true",
            "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            id="initial events alone",
        ),
        pytest.param(
            "resourceVersion=1&resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            id="match alone",
        ),
        pytest.param(
            "sendInitialEvents=true&resourceVersionMatch=Exact",
            "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, "
            'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
            id="exact",
        ),
        pytest.param(
            "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&continue=x",
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
            id="a page",
        ),
    ],
)
async def test_options_that_do_not_go_together_are_invalid(token: str, query: str, message: str) -> None:
    async with Watcher(PODS, f"watch=true&{query}", token) as watcher:
        body = json.loads((await watcher.communicator.receive_output(10))["body"])
    assert (watcher.status, body["message"]) == (422, f'ListOptions.meta.k8s.io "" is invalid: {message}')


async def test_a_version_that_is_no_number_is_invalid(token: str) -> None:
    async with Watcher(PODS, "watch=true&resourceVersion=x", token) as watcher:
        body = json.loads((await watcher.communicator.receive_output(10))["body"])
    assert (watcher.status, body["message"]) == (
        422,
        'pods "" is invalid: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    )


async def test_initial_events_of_the_future_are_an_error(token: str, book: int) -> None:
    query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999"
    async with Watcher(PODS, query, token) as watcher:
        events = await watcher.until(lambda seen: bool(seen))
    assert (watcher.status, events[0]["type"], events[0]["object"]["reason"]) == (200, "ERROR", "Timeout")
    assert events[0]["object"]["message"] == f"Timeout: Too large resource version: 999999, current: {book}"


async def test_without_initial_events_only_news_are_told(token: str, book: int) -> None:
    query = (
        "watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1"
    )
    async with Watcher(PODS, query, token) as watcher:
        events = await watcher.until(lambda seen: bool(seen))
    assert events == [
        {
            "type": "BOOKMARK",
            "object": {
                "kind": "Pod",
                "apiVersion": "v1",
                "metadata": {"resourceVersion": str(book), "creationTimestamp": None},
            },
        }
    ]


async def test_bookmarks_tell_how_far_a_watch_has_come(token: str, book: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(watching, "BOOKMARK_SECONDS", 0.05)
    query = f"watch=1&resourceVersion={book}&allowWatchBookmarks=true"
    async with Watcher(DEPLOYMENTS, query, token) as watcher:
        await in_thread(update)
        head = await in_thread(journal.head, DEFAULT.cluster)
        events = await watcher.until(
            lambda seen: (
                bool(seen)
                and seen[-1]["type"] == "BOOKMARK"
                and seen[-1]["object"]["metadata"]["resourceVersion"] == str(head)
            )
        )
    versions = [int(each["object"]["metadata"]["resourceVersion"]) for each in events]
    assert versions == sorted(versions)
