"""Hubs: each change read once for all watchers, told exactly, in order; and who is sent away."""

import asyncio
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster import models
from cluster.api import selectors, targets
from cluster.api.auth import tokens
from cluster.api.kinds import BY_PLURAL
from cluster.api.printers import negotiation
from cluster.api.watch import changes, hubs
from cluster.api.watch.watch_events import View
from cluster.live import follower
from cluster.live.worker import run_next
from cluster.records import journal
from cluster.records.threads import in_thread
from cluster.statuses import INTERNAL
from cluster.writing import actions, namespaces
from tests.api.conftest import target_of
from tests.api.watcher import Watcher
from tests.spaces import DEFAULT, demo, grant, space
from tests.viewing import until

pytestmark = pytest.mark.usefixtures("committed")
BOOK = "nginx-deployment"
PODS = "/api/v1/namespaces/default/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
Events = list[dict[str, Any]]


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


def work() -> int:
    while run_next({}):
        pass
    return journal.head(DEFAULT.cluster)


def update(image: str = "nginx:1.9.1") -> int:
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": image}, actor="me")
    return work()


def delete() -> None:
    actions.delete(DEFAULT, BOOK, actor="me")
    work()


def told(items: list[changes.Item]) -> Events:
    return [{"type": each.verb, "object": each.manifest} for each in items]


def last_version(seen: Events) -> int:
    return int(seen[-1]["object"]["metadata"]["resourceVersion"]) if seen else 0


@pytest.mark.parametrize("plural", ["deployments", "replicasets", "pods", "events"])
async def test_a_watch_is_the_journal_change_for_change(token: str, book: int, plural: str) -> None:
    kind = BY_PLURAL[plural]
    group = "apis/apps/v1" if kind.served[0][0] else "api/v1"
    async with Watcher(f"/{group}/namespaces/default/{plural}", f"watch=1&resourceVersion={book}", token) as watcher:
        await in_thread(update)
        await in_thread(delete)
        items, _ = await in_thread(changes.since, target_of(plural), book)
        events = await watcher.until(lambda seen: len(seen) >= len(items))
    assert events == told(items)
    assert len(items) > 3


async def test_from_any_version_on_a_watch_is_the_rest_of_the_journal(token: str, book: int) -> None:
    await in_thread(update)
    items, _ = await in_thread(changes.since, target_of("pods"), 0)
    async with Watcher(PODS, f"watch=1&resourceVersion={book}", token) as first:
        await first.until(lambda seen: last_version(seen) == items[-1].rv)
        for since in (items[0].rv, items[5].rv, items[-2].rv):
            async with Watcher(PODS, f"watch=1&resourceVersion={since}", token) as later:
                await later.until(lambda seen: last_version(seen) == items[-1].rv)
            assert later.events == told([each for each in items if each.rv > since])


async def test_a_watch_from_the_future_begins_there(token: str, book: int) -> None:
    async with Watcher(PODS, f"watch=1&resourceVersion={book + 5}", token) as watcher:
        await in_thread(update)
        items, _ = await in_thread(changes.since, target_of("pods"), book + 5)
        events = await watcher.until(lambda seen: len(seen) >= len(items))
    assert events == told(items)


async def test_who_leaves_a_selector_is_deleted_in_the_state_that_fitted(token: str, book: int) -> None:
    query = f"watch=1&resourceVersion={book}&fieldSelector=status.phase=Pending"
    async with Watcher(PODS, query, token) as watcher:
        head = await in_thread(update)
        items, _ = await in_thread(changes.since, target_of("pods"), book)
        events = await watcher.until(lambda seen: sum(each["type"] == "DELETED" for each in seen) == 3)
    assert last_version(events) <= head
    assert [each["type"] for each in events].count("ADDED") == 3
    gone = [each["object"] for each in events if each["type"] == "DELETED"]
    assert {each["status"]["phase"] for each in gone} == {"Pending"}
    left = [each for each in items if (each.before or {}).get("fields", {}).get("status.phase") == "Pending"]
    assert [each["metadata"]["resourceVersion"] for each in gone] == [str(each.rv) for each in left]


async def test_only_the_first_table_tells_its_columns(token: str, book: int) -> None:
    async with Watcher(PODS, "watch=1", token, TABLE) as watcher:
        await watcher.until(lambda seen: len(seen) == 3)
        await in_thread(update)
        events = await watcher.until(lambda seen: len(seen) > 6)
    assert [bool(each["object"]["columnDefinitions"]) for each in events] == [True] + [False] * (len(events) - 1)
    assert book


async def test_a_watch_of_all_namespaces_hears_of_new_ones(token: str, book: int) -> None:
    async with Watcher("/apis/apps/v1/deployments", f"watch=1&resourceVersion={book}", token) as watcher:
        await in_thread(lambda: namespaces.ensure(space("later"), actor="seed"))
        await in_thread(create_in, "later")
        events = await watcher.until(lambda seen: bool(seen))
    assert (events[0]["type"], events[0]["object"]["metadata"]["namespace"]) == ("ADDED", "later")


def create_in(namespace: str) -> None:
    actions.example(space(namespace), actor="me")


async def test_nodes_are_watched_by_what_they_were(token: str, book: int) -> None:
    query = f"watch=1&resourceVersion={book}&fieldSelector=spec.unschedulable%3Dtrue"
    async with Watcher("/api/v1/nodes", query, token) as watcher:
        for cordoned in (True, False):
            await in_thread(cordon, token, cordoned)
        events = await watcher.until(lambda seen: len(seen) == 2)
    assert [each["type"] for each in events] == ["ADDED", "DELETED"]
    assert [each["object"]["spec"].get("unschedulable") for each in events] == [True, True]


def cordon(token: str, cordoned: bool) -> None:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    patch = json.dumps({"spec": {"unschedulable": cordoned}})
    answer = client.patch("/api/v1/nodes/node-1", patch, content_type="application/merge-patch+json")
    assert answer.status_code == 200


async def test_500_watchers_read_and_encode_a_change_once(book: int) -> None:
    target = targets.parse(PODS)
    assert target
    view = View(target, negotiation.Format(), "Metadata", selectors.Selector())
    hub = hubs.Hub(target)
    watchers = [hubs.Watcher(view=view, key="", since=book) for _ in range(500)]
    hub.watchers, hub.head = set(watchers), book
    await in_thread(update)
    queries = await in_thread(count_queries, hub, book, view)
    await hub.publish()
    assert queries <= 6
    assert len({id(each.pending[0]) for each in watchers}) == 1
    assert {each.since for each in watchers} == {hub.head}


def count_queries(hub: hubs.Hub, since: int, view: View) -> int:
    with CaptureQueriesContext(connection) as captured:
        hub.read(since, None, {(view, False)})
    return len(captured)


@pytest.mark.parametrize(
    ("withdraw", "code"),
    [
        pytest.param(lambda: models.Token.objects.all().delete(), 401, id="revoked"),
        pytest.param(lambda: User.objects.update(is_active=False), 401, id="inactive"),
        pytest.param(lambda: models.Membership.objects.all().delete(), 403, id="no longer a member"),
        pytest.param(lambda: models.Membership.objects.update(ends=timezone.now()), 403, id="the membership has ended"),
    ],
)
async def test_who_may_no_longer_look_is_sent_away(book: int, withdraw: Any, code: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(hubs, "RECHECK_SECONDS", 0.0)
    secret = await in_thread(member)
    async with Watcher(PODS, f"watch=1&resourceVersion={book}", secret) as watcher:
        await until(lambda: any(hub.watchers for hub in hubs.hubs.values()))
        await in_thread(withdraw)
        events = await watcher.ends()
    assert [(each["type"], each["object"]["code"]) for each in events] == [("ERROR", code)]


def member() -> str:
    user = User.objects.create_user("ann")
    grant(user, "default:view")
    return tokens.make_token(user)


async def test_who_reads_too_slowly_is_cut_off(book: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(hubs, "MOST_PENDING_BYTES", 1000)
    target = targets.parse(PODS)
    assert target
    watcher = hubs.Watcher(View(target, negotiation.Format(), "Metadata", selectors.Selector()), "", book)
    cut: list[bool] = []
    watcher.cut = lambda: cut.append(True)
    watcher.take(b"x" * 5000, book + 1)
    assert not watcher.ended
    watcher.take(b"x", book + 2)
    assert (watcher.ended, watcher.pending, cut) == (True, [], [True])


async def test_a_stalled_client_costs_its_own_watch_only(token: str, book: int, monkeypatch: Any) -> None:
    """The stalled one's send never returns; the other gets everything."""
    from cluster.api.watch import watching

    monkeypatch.setattr(hubs, "MOST_PENDING_BYTES", 1000)
    stuck = asyncio.Event()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if message.get("body"):
            await stuck.wait()

    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "GET", "path": PODS, "headers": headers}
    scope["query_string"] = f"watch=1&resourceVersion={book}".encode()
    stalled = asyncio.create_task(watching.application(scope, asyncio.Event().wait, send))  # type: ignore[arg-type]
    async with Watcher(PODS, f"watch=1&resourceVersion={book}", token) as other:
        for image in ("nginx:1.9.1", "nginx:1.7.9", "nginx:1.9.1", "nginx:1.7.9"):
            await in_thread(update, image)
            items, _ = await in_thread(changes.since, target_of("pods"), book)
            newest = items[-1].rv
            await other.until(lambda seen, newest=newest: last_version(seen) == newest)  # type: ignore[misc]
        await asyncio.wait_for(stalled, 10)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_what_goes_wrong_at_the_opening_is_told_as_a_status(token: str, monkeypatch: Any) -> None:
    def broken(*arguments: Any) -> Any:  # noqa: ARG001
        raise RuntimeError("no journal")

    monkeypatch.setattr("cluster.api.watch.watching.begin", broken)
    async with Watcher(PODS, "watch=1", token) as watcher:
        body = json.loads((await watcher.communicator.receive_output(10))["body"])
    assert (watcher.status, body["message"]) == (500, INTERNAL)
