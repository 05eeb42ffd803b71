"""Clusters side by side: made, renamed, reset and deleted; and that nothing of one is seen, or done, from another."""

import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from cluster import models
from cluster.api.auth import tokens
from cluster.api.watch import hubs
from cluster.live import feed, follower, worker
from cluster.records import doorbell, journal
from cluster.records.threads import in_thread
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import accounts, actions, clusters, namespaces, nodes, pacing
from tests.api.conftest import Api
from tests.api.conftest import manifest as api_manifest
from tests.api.watcher import Watcher
from tests.conftest import OpenSocket
from tests.live.test_consumers import closing_code, frame
from tests.spaces import DEFAULT, demo
from tests.viewing import until
from tests.writing.test_actions import manifest, refused

BLUE = Space("blue", "default")
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
Work = Callable[[], int]


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


@pytest.fixture
def two(cluster: None, work: Work) -> None:  # noqa: ARG001
    """The clusters demo and blue, each with a complete Deployment named as the cluster is, of one and of two pods."""
    make_two()
    work()


@pytest.fixture
def two_committed(committed: None) -> None:  # noqa: ARG001
    make_two()
    while worker.run_next({}):
        pass


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.02)


def make_two() -> None:
    clusters.create("blue")
    models.ImageBehaviour.objects.all().delete()
    for row in models.Cluster.objects.all():
        models.ImageBehaviour.objects.create(cluster=row, pattern="*")
    actions.create(DEFAULT, manifest(name="demo", replicas=1), actor="me")
    actions.create(BLUE, manifest(name="blue", replicas=2), actor="me")


def manage(*arguments: str) -> str:
    out = StringIO()
    call_command("cluster", *arguments, stdout=out)
    return out.getvalue()


def user_with(role: str, place: Space = BLUE, name: str = "") -> User:
    user = User.objects.create_user(name or f"{role}-of-{place.namespace or 'all'}")
    accounts.join(user, place, role)
    return user


def api_of(user: User) -> Api:
    return Api(tokens.make_token(user))


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def names(answer: dict[str, Any]) -> list[str]:
    return [each["metadata"]["name"] for each in answer["items"]]


def rows_of(key: int) -> dict[str, int]:
    """How many rows of each table are a cluster's."""
    inside = ("Pod", "ReplicaSet", "Deployment", "Event", "PinnedRollout")
    direct = ("Namespace", "Node", "ImageBehaviour", "Membership", "Change", "Blueprint")
    counts = {name: getattr(models, name).objects.filter(namespace__cluster=key).count() for name in inside}
    return counts | {name: getattr(models, name).objects.filter(cluster=key).count() for name in direct}


# Made, renamed, reset, deleted.


@pytest.mark.usefixtures("cluster")
def test_a_new_cluster_has_nodes_behaviours_and_the_namespace_default() -> None:
    row = clusters.create("blue")
    assert list(row.nodes.values_list("name", flat=True)) == ["node-1", "node-2", "node-3"]
    assert list(row.namespaces.values_list("name", flat=True)) == [*namespaces.KEPT_FOR_EVER]
    assert row.behaviours.count() == demo().behaviours.count() > 0
    versions = list(row.changes.values_list("rv", flat=True))
    assert versions == list(range(1, journal.head("blue") + 1)), "a journal of its own, from 1 on"
    assert journal.head(DEFAULT.cluster) == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("demo", 'clusters "demo" already exists', id="taken"),
        pytest.param("Blue", "metadata.name: Invalid value: 'Blue': a lowercase RFC 1123 label", id="capitals"),
        pytest.param("a.b", "metadata.name: Invalid value: 'a.b': must not contain dots", id="a dot"),
        pytest.param("", "metadata.name: Invalid value: ''", id="empty"),
        pytest.param("a" * 64, "must be no more than 63", id="too long"),
    ],
)
@pytest.mark.usefixtures("cluster")
def test_a_name_that_a_cluster_can_not_have_is_refused(name: str, message: str) -> None:
    clusters.create("green")
    for call in (lambda: clusters.create(name), lambda: clusters.rename("green", name)):
        assert message in str(refused(call)["message"])
    assert list(models.Cluster.objects.values_list("name", flat=True)) == ["demo", "green"]


@pytest.mark.usefixtures("cluster")
def test_the_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 2)
    monkeypatch.setattr(clusters, "MOST_ON_A_SERVER", 4)
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    clusters.create("a-1", owner=ann)
    clusters.create("a-2", owner=ann)
    answer = refused(lambda: clusters.create("a-3", owner=ann))
    assert (answer["code"], answer["message"]) == (403, "2 clusters are the most that one person may have")
    clusters.create("b-1", owner=bob)
    answer = refused(lambda: clusters.create("b-2", owner=bob))
    assert (answer["code"], answer["message"]) == (403, "4 clusters are the most that this server may have")
    assert models.Cluster.objects.count() == 4
    clusters.delete("a-1")
    clusters.create("b-2", owner=bob)


@pytest.mark.usefixtures("committed")
def test_two_that_are_made_at_once_are_both_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 1)
    ann, furnish = User.objects.create_user("ann"), clusters.furnish
    answers: list[dict[str, object]] = []
    rival: list[threading.Thread] = []

    def slowly(row: models.Cluster, stage: clusters.Stage) -> None:
        if not rival:
            rival.append(threading.Thread(target=make_another))
            rival[0].start()
            rival[0].join(0.3)  # it waits for this one, or would be counted without it
        furnish(row, stage)

    def make_another() -> None:
        try:
            answers.append(refused(lambda: clusters.create("a-2", owner=ann)))
        finally:
            connection.close()

    monkeypatch.setattr(clusters, "furnish", slowly)
    clusters.create("a-1", owner=ann)
    rival[0].join(20)
    assert [each["message"] for each in answers] == ["1 clusters are the most that one person may have"]
    assert models.Cluster.objects.filter(owner=ann).count() == 1


@pytest.mark.usefixtures("two")
def test_a_renamed_cluster_keeps_everything_and_works_on(work: Work) -> None:
    ann, before = user_with("edit"), rows_of(models.Cluster.objects.get(name="blue").pk)
    clusters.rename("blue", "navy")
    told = before["Change"] + 1
    assert rows_of(models.Cluster.objects.get(name="navy").pk) == before | {"Change": told}
    api = api_of(ann)
    assert names(api.get(f"/clusters/navy{DEPLOYMENTS}")) == ["blue"]
    assert api("GET", f"/clusters/blue{DEPLOYMENTS}").status_code in (403, 404)
    assert page_of(ann).get("/clusters/navy/namespaces/default/").status_code == 200
    assert page_of(ann).get("/clusters/blue/namespaces/default/").status_code == 404
    actions.act(Space("navy", "default"), "blue", "scale", 4, actor="me")
    work()
    assert models.Pod.objects.filter(namespace__cluster__name="navy", ready=True).count() == 4


@pytest.mark.usefixtures("two")
def test_a_reset_cluster_is_as_a_new_one_with_its_members(work: Work) -> None:
    ann = user_with("admin", Space("blue", ""))
    user_with("edit", BLUE)
    namespaces.create("blue", "extra", actor="me")
    nodes.delete("blue", "node-2", actor="me")
    pacing.set_pace("blue", 0.0, actor="me")
    key, head = models.Cluster.objects.get(name="blue").pk, journal.head("blue")
    other = rows_of(demo().pk)
    clusters.reset("blue")
    row = models.Cluster.objects.get(name="blue")
    new = rows_of(clusters.create("green").pk)
    assert (row.pk, row.pace, row.tail) == (key, 1.0, head + 1)
    kept = {"Membership", "Change", "Blueprint"}
    assert {k: v for k, v in rows_of(key).items() if k not in kept} == {k: v for k, v in new.items() if k not in kept}
    assert list(row.memberships.values_list("user__username", "namespace")) == [(ann.username, "")]
    assert rows_of(demo().pk) == other
    with pytest.raises(journal.Gone):
        journal.changes_since("blue", "default", head, 10)
    versions = list(
        models.Change.objects.filter(cluster=row, rv__gt=row.tail).order_by("rv").values_list("rv", flat=True)
    )
    assert versions == list(range(row.tail + 1, row.head + 1))
    models.ImageBehaviour.objects.create(cluster=row, pattern="*", order=1)
    actions.create(BLUE, manifest(name="again"), actor="me")
    work()
    assert models.Pod.objects.filter(namespace__cluster=row, ready=True).count() == 3


@pytest.mark.usefixtures("two")
def test_a_deleted_cluster_leaves_no_row_and_touches_no_other() -> None:
    user_with("admin", Space("blue", ""))
    user_with("view", BLUE)
    key, other = models.Cluster.objects.get(name="blue").pk, rows_of(demo().pk)
    assert min(rows_of(key)[name] for name in ("Pod", "ReplicaSet", "Deployment", "Event", "Change", "Blueprint")) > 0
    clusters.delete("blue")
    assert not any(rows_of(key).values())
    assert rows_of(demo().pk) == other
    assert list(models.Cluster.objects.values_list("name", flat=True)) == ["demo"]


@pytest.mark.parametrize("call", [clusters.reset, clusters.delete, lambda name: clusters.rename(name, "new")])
@pytest.mark.usefixtures("cluster")
def test_a_cluster_that_is_not_there_is_not_found(call: Callable[[str], None]) -> None:
    answer = refused(lambda: call("blue"))
    assert (answer["code"], answer["message"]) == (404, 'clusters "blue" not found')


@pytest.mark.usefixtures("cluster")
def test_the_command_does_it_all() -> None:
    User.objects.create_user("ann")
    assert manage("create", "blue", "--owner", "ann", "--example") == "cluster/blue created\n"
    assert manage("list") == "blue\tann\ndemo\t-\n"
    assert models.Deployment.objects.get().namespace.cluster.name == "blue"
    assert models.Membership.objects.get().role == "admin"
    assert manage("rename", "blue", "navy") == "cluster/blue renamed to navy\n"
    assert manage("reset", "navy") == "cluster/navy reset\n"
    assert not models.Deployment.objects.exists()
    assert models.Membership.objects.get().role == "admin"
    assert manage("delete", "navy") == "cluster/navy deleted\n"
    assert manage("list") == "demo\t-\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("create", "demo"), 'clusters "demo" already exists', id="taken"),
        pytest.param(("create", "new", "--owner", "bob"), "there is no user 'bob'", id="nobody"),
        pytest.param(("create", "X"), "metadata.name: Invalid value: 'X'", id="bad name"),
        pytest.param(("delete", "gone"), 'clusters "gone" not found', id="delete what is not there"),
        pytest.param(("rename", "demo", "Y"), "metadata.name: Invalid value: 'Y'", id="bad new name"),
    ],
)
@pytest.mark.usefixtures("cluster")
def test_the_command_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        manage(*arguments)
    assert [each.name for each in models.Cluster.objects.all()] == ["demo"]


# Nothing of one is seen from another.


@pytest.mark.usefixtures("two")
def test_the_api_of_a_cluster_lists_its_own_and_the_root_is_demo_s() -> None:
    api = api_of(User.objects.create_superuser("root"))
    for prefix, own in (("", "demo"), ("/clusters/demo", "demo"), ("/clusters/blue", "blue")):
        assert names(api.get(f"{prefix}{DEPLOYMENTS}")) == [own]
        assert names(api.get(f"{prefix}/apis/apps/v1/deployments")) == [own]
        assert {each.split("-")[0] for each in names(api.get(f"{prefix}{PODS}"))} == {own}
        assert {each.split("-")[0] for each in names(api.get(f"{prefix}/apis/apps/v1/replicasets"))} == {own}
        about = {each["involvedObject"]["name"].split("-")[0] for each in api.get(f"{prefix}/api/v1/events")["items"]}
        assert about == {own}
        assert names(api.get(f"{prefix}/api/v1/nodes")) == ["node-1", "node-2", "node-3"]
    stranger = models.Pod.objects.filter(namespace__cluster__name="blue").values_list("name", flat=True)[0]
    assert api("GET", f"{PODS}/{stranger}").status_code == 404
    assert api("GET", f"/clusters/blue{PODS}/{stranger}").status_code == 200
    assert api("GET", f"{DEPLOYMENTS}/blue").status_code == 404


@pytest.mark.usefixtures("two")
def test_a_write_through_one_cluster_s_api_does_not_reach_another() -> None:
    api = api_of(User.objects.create_superuser("root"))
    before = rows_of(demo().pk), journal.head("demo")
    assert api("POST", f"/clusters/blue{DEPLOYMENTS}", api_manifest("demo")).status_code == 201
    patch = {"spec": {"unschedulable": True}}
    path = "/clusters/blue/api/v1/nodes/node-1"
    assert api("PATCH", path, patch, "application/merge-patch+json").status_code == 200
    assert api("DELETE", f"/clusters/blue{DEPLOYMENTS}/demo").status_code == 200
    assert api("POST", "/clusters/blue/api/v1/namespaces", {"metadata": {"name": "extra"}}).status_code == 201
    assert api("DELETE", "/clusters/blue/api/v1/nodes/node-2").status_code == 200
    assert (rows_of(demo().pk), journal.head("demo")) == before
    assert not demo().nodes.filter(unschedulable=True).exists()
    assert api("DELETE", f"{DEPLOYMENTS}/blue").status_code == 404


@pytest.mark.usefixtures("two")
def test_pages_show_their_own_cluster() -> None:
    client = page_of(User.objects.create_superuser("root"))
    for own, other in (("demo", "blue"), ("blue", "demo")):
        assert client.get(f"/clusters/{own}/namespaces/default/deployments/{own}/").status_code == 200
        assert client.get(f"/clusters/{own}/namespaces/default/deployments/{other}/").status_code == 404
        assert client.get(f"/clusters/{own}/namespaces/default/deployments/{other}/yaml/").status_code == 404
        body = client.get(f"/clusters/{own}/namespaces/default/deployments/{own}/rollouts/").json()
        rv = body["rollouts"][0]["id"]
        assert client.get(f"/clusters/{own}/rollouts/{rv}/film/").json()["rollout"]["deployment"] == own
    pod = models.Pod.objects.filter(namespace__cluster__name="blue").values_list("name", flat=True)[0]
    assert client.post(f"/clusters/demo/namespaces/default/pods/{pod}/delete/").status_code == 404
    assert models.Pod.objects.get(name=pod).deleted_at is None


@pytest.mark.usefixtures("two_committed", "often")
async def test_a_watch_hears_only_of_its_cluster() -> None:
    token = await in_thread(lambda: tokens.make_token(User.objects.create_superuser("root")))
    async with Watcher(f"/clusters/blue{DEPLOYMENTS}", "watch=1", token) as blue:
        await blue.until(lambda seen: len(seen) == 1)
        async with Watcher(DEPLOYMENTS, "watch=1", token) as root:
            await root.until(lambda seen: len(seen) == 1)
            await in_thread(lambda: actions.act(DEFAULT, "demo", "scale", 3, actor="me"))
            await root.until(lambda seen: len(seen) == 2)
            await in_thread(lambda: actions.act(BLUE, "blue", "scale", 3, actor="me"))
            await blue.until(lambda seen: len(seen) == 2)
            await in_thread(lambda: actions.act(DEFAULT, "demo", "scale", 4, actor="me"))
            await root.until(lambda seen: len(seen) == 3)
    assert [each["object"]["metadata"]["name"] for each in blue.events] == ["blue", "blue"]
    assert [each["object"]["metadata"]["name"] for each in root.events] == ["demo", "demo", "demo"]


@pytest.mark.usefixtures("two_committed", "often")
async def test_a_socket_hears_only_of_its_cluster(socket: OpenSocket) -> None:
    root = await in_thread(User.objects.create_superuser, "root")
    opened = await in_thread(lambda: socket(cluster="blue", user=root))
    await opened.connect()
    snapshot = await frame(opened, "snapshot")
    assert [each["name"] for each in snapshot["deployments"]] == ["blue"]
    assert {each["name"].split("-")[0] for each in snapshot["pods"]} == {"blue"}
    await in_thread(lambda: actions.act(DEFAULT, "demo", "scale", 3, actor="me"))
    await in_thread(lambda: actions.act(BLUE, "blue", "scale", 3, actor="me"))
    changes = await frame(opened, "changes")
    assert {each["state"]["name"] for each in changes["items"]} == {"blue"}
    await opened.disconnect()


# What who follows a cluster hears of a reset.


@pytest.mark.usefixtures("two_committed", "often")
async def test_a_reset_ends_watches_with_410_and_gives_viewers_a_snapshot(socket: OpenSocket) -> None:
    root = await in_thread(User.objects.create_superuser, "root")
    token = await in_thread(tokens.make_token, root)
    opened = await in_thread(lambda: socket(cluster="blue", user=root))
    await opened.connect()
    head = (await frame(opened, "snapshot"))["rv"]
    async with Watcher(f"/clusters/blue{PODS}", f"watch=1&resourceVersion={head}", token) as watcher:
        await in_thread(lambda: actions.act(BLUE, "blue", "scale", 1, actor="me"))
        await frame(opened, "changes")
        await in_thread(clusters.reset, "blue")
        events = await watcher.ends()
    assert (events[-1]["type"], events[-1]["object"]["code"]) == ("ERROR", 410)
    snapshot = await frame(opened, "snapshot")
    assert (snapshot["deployments"], snapshot["pods"]) == ([], [])
    assert snapshot["rv"] > head
    await opened.disconnect()
    async with Watcher(f"/clusters/blue{PODS}", f"watch=1&resourceVersion={head}", token) as late:
        events = await late.ends()
    assert [(each["type"], each["object"]["code"]) for each in events] == [("ERROR", 410)]


@pytest.mark.parametrize("end", [clusters.delete, lambda name: clusters.rename(name, "navy")], ids=["delete", "rename"])
@pytest.mark.usefixtures("two_committed", "often")
async def test_a_viewer_of_a_cluster_that_goes_is_dismissed(socket: OpenSocket, end: Callable[[str], None]) -> None:
    root = await in_thread(User.objects.create_superuser, "root")
    opened = await in_thread(lambda: socket(cluster="blue", user=root))
    await opened.connect()
    await frame(opened, "snapshot")
    await in_thread(end, "blue")
    assert (await frame(opened, "gone"))["reason"] == 'namespaces "default" not found'
    assert await closing_code(opened) == 4404


@pytest.mark.usefixtures("two_committed")
async def test_a_viewer_sees_the_new_cluster_of_an_old_name(
    socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)  # the feed never finds the name without a cluster
    root = await in_thread(User.objects.create_superuser, "root")
    opened = await in_thread(lambda: socket(cluster="blue", user=root))
    await opened.connect()
    head = (await frame(opened, "snapshot"))["rv"]
    await frame(opened, "presence")

    def make_anew() -> None:
        with transaction.atomic():
            clusters.delete("blue")
            clusters.create("blue")

    await in_thread(make_anew)
    snapshot = await frame(opened, "snapshot")
    assert (snapshot["deployments"], snapshot["rv"] < head) == ([], True)
    await in_thread(lambda: actions.create(BLUE, manifest(name="new"), actor="me"))
    changes = await frame(opened, "changes")
    assert [each["state"]["name"] for each in changes["items"]] == ["new"]
    await opened.disconnect()


def made_anew(head: int) -> None:
    """Another cluster blue, whose journal is longer than the old one's was."""
    with transaction.atomic():
        clusters.delete("blue")
        clusters.create("blue")
    actions.create(BLUE, manifest(name="new", replicas=1), actor="me")
    while journal.head("blue") <= head:
        actions.act(BLUE, "new", "scale", journal.head("blue"), actor="me")


@pytest.mark.usefixtures("two_committed")
async def test_nothing_goes_on_in_a_longer_journal_of_another_cluster_of_that_name(
    socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)
    monkeypatch.setattr(doorbell, "ring", lambda *_, **__: None)  # nobody looks in between
    root = await in_thread(User.objects.create_superuser, "root")
    token = await in_thread(tokens.make_token, root)
    opened = await in_thread(lambda: socket(cluster="blue", user=root))
    await opened.connect()
    old = await frame(opened, "snapshot")
    async with Watcher(f"/clusters/blue{PODS}", "watch=1", token) as watcher:
        await watcher.until(lambda seen: len(seen) == 2)
        await in_thread(made_anew, old["rv"])
        for each in (*feed.feeds.values(), *hubs.hubs.values()):
            each.bell.set()
        events = await watcher.ends()
    assert (events[-1]["type"], events[-1]["object"]["code"]) == ("ERROR", 410)
    snapshot = await frame(opened, "snapshot")
    assert [each["name"] for each in snapshot["deployments"]] == ["new"]
    assert snapshot["cluster"] != old["cluster"]
    await opened.disconnect()
    for of, kind in ((old["cluster"], "snapshot"), (snapshot["cluster"], "changes")):
        query = f"?since={old['rv']}&of={of}"
        again = await in_thread(lambda query=query: socket(cluster="blue", user=root, query=query))
        await again.connect()
        assert (await frame(again, kind))["cluster"] == snapshot["cluster"]
        await again.disconnect()
    await until(lambda: not feed.feeds and not hubs.hubs)


@pytest.mark.parametrize("end", [clusters.delete, lambda name: clusters.rename(name, "navy")], ids=["delete", "rename"])
@pytest.mark.usefixtures("two_committed", "often")
async def test_a_watch_of_a_cluster_that_goes_ends(end: Callable[[str], None]) -> None:
    token = await in_thread(lambda: tokens.make_token(User.objects.create_superuser("root")))
    async with Watcher(f"/clusters/blue{PODS}", "watch=1", token) as watcher:
        await watcher.until(lambda seen: len(seen) == 2)
        await in_thread(end, "blue")
        events = await watcher.ends()
    assert (events[-1]["type"], events[-1]["object"]["code"]) == ("ERROR", 404)
    assert events[-1]["object"]["message"] == 'clusters "blue" not found'


# Roles.

ALL = Space("blue", "")
ROLES = [
    pytest.param("", ALL, [], id="a stranger"),
    pytest.param("admin", Space("demo", ""), [], id="an admin of another cluster"),
    pytest.param("admin", Space("blue", "extra"), [], id="an admin of another namespace"),
    pytest.param("view", BLUE, ["see"], id="views the namespace"),
    pytest.param("edit", BLUE, ["see", "write"], id="edits the namespace"),
    pytest.param("admin", BLUE, ["see", "write"], id="administers the namespace"),
    pytest.param("view", ALL, ["see"], id="views the cluster"),
    pytest.param("edit", ALL, ["see", "write"], id="edits the cluster"),
    pytest.param("admin", ALL, ["see", "write", "turn", "node"], id="administers the cluster"),
]


@pytest.fixture
def somebody(two: None, role: str, place: Space) -> User:  # noqa: ARG001
    namespaces.create("blue", "extra", actor="me")
    user = User.objects.create_user("ann")
    if role:
        accounts.join(user, place, role)
    return user


@pytest.mark.parametrize(("role", "place", "allowed"), ROLES)
def test_roles_on_the_page(somebody: User, allowed: list[str]) -> None:
    client = page_of(somebody)
    base = "/clusters/blue/namespaces/default/"
    body: dict[str, Any] = {"content_type": "application/json"}
    got = {
        "see": client.get(base).status_code,
        "write": client.post(f"{base}deployments/blue/scale/", {"replicas": 5}, **body).status_code,
        "turn": client.post("/clusters/blue/pace/", {"pace": 2}, **body).status_code,
    }
    assert [verb for verb, code in got.items() if code == 200] == [each for each in allowed if each != "node"]
    assert {code for code in got.values() if code != 200} <= {403, 404}
    assert models.Deployment.objects.get(name="blue").replicas == (5 if "write" in allowed else 2)
    assert models.Cluster.objects.get(name="blue").pace == (2.0 if "turn" in allowed else 1.0)


@pytest.mark.parametrize(("role", "place", "allowed"), ROLES)
def test_roles_in_the_api(somebody: User, allowed: list[str]) -> None:
    api = api_of(somebody)
    merge, cordoned = "application/merge-patch+json", {"spec": {"unschedulable": True}}
    got = {
        "see": api("GET", f"/clusters/blue{PODS}").status_code,
        "write": api("PATCH", f"/clusters/blue{DEPLOYMENTS}/blue", {"spec": {"replicas": 5}}, merge).status_code,
        "node": api("PATCH", "/clusters/blue/api/v1/nodes/node-1", cordoned, merge).status_code,
    }
    assert [verb for verb, code in got.items() if code == 200] == [each for each in allowed if each != "turn"]
    assert {code for code in got.values() if code != 200} <= {403}
    assert models.Deployment.objects.get(name="blue").replicas == (5 if "write" in allowed else 2)
    assert models.Node.objects.filter(unschedulable=True).exists() == ("node" in allowed)


@pytest.mark.parametrize(("role", "place", "allowed"), ROLES)
@pytest.mark.usefixtures("two_committed")
async def test_roles_at_the_socket(socket: OpenSocket, role: str, place: Space, allowed: list[str]) -> None:
    def make() -> User:
        user = User.objects.create_user("ann")
        if role:
            accounts.join(user, place, role)
        return user

    user = await in_thread(make)
    opened = await in_thread(lambda: socket(cluster="blue", user=user))
    await opened.connect()
    if "see" in allowed:
        assert await frame(opened, "snapshot")
        await opened.disconnect()
    else:
        assert (await frame(opened, "gone"))["reason"] == "forbidden"
        assert await closing_code(opened) == 4403


@pytest.mark.usefixtures("two")
def test_a_member_of_blue_is_nobody_at_the_root() -> None:
    api = api_of(user_with("admin", ALL))
    assert api("GET", f"/clusters/blue{DEPLOYMENTS}").status_code == 200
    assert api("GET", DEPLOYMENTS).status_code == 403
    assert api("GET", f"/clusters/none{DEPLOYMENTS}").status_code == 403


@pytest.mark.usefixtures("two")
def test_a_kubeconfig_leads_into_its_cluster(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    user_with("edit", BLUE, "ann")
    for cluster, path in (("blue", "/clusters/blue"), ("demo", "")):
        out = StringIO()
        arguments = ("--cluster", cluster, "--server", "https://host:8443", "--public-ca")
        call_command("kubeconfig", "ann", *arguments, stdout=out)
        config = yaml.safe_load(out.getvalue())
        assert config["clusters"][0]["cluster"]["server"] == f"https://host:8443{path}"
    api = Api(config["users"][0]["user"]["token"])
    assert names(api.get(f"/clusters/blue{DEPLOYMENTS}")) == ["blue"]
    with pytest.raises(CommandError, match="there is no namespace 'default' in a cluster 'gone'"):
        call_command("kubeconfig", "ann", "--cluster", "gone", "--public-ca")


@pytest.mark.usefixtures("two")
def test_one_write_can_not_reach_into_a_second_cluster() -> None:
    with journal.exclusive("blue"), pytest.raises(RuntimeError, match="a write of cluster blue can't write to demo"):
        actions.act(DEFAULT, "demo", "scale", 9, actor="me")
    assert models.Deployment.objects.get(name="demo").replicas == 1


@pytest.mark.usefixtures("two")
def test_each_cluster_has_a_clock_of_its_own(work: Work) -> None:
    pacing.set_pace("blue", 0.0, actor="me")
    for place in (DEFAULT, BLUE):
        models.ImageBehaviour.objects.filter(cluster__name=place.cluster).update(start_seconds=0.0)
    actions.act(BLUE, "blue", "scale", 5, actor="me")
    actions.act(DEFAULT, "demo", "scale", 5, actor="me")
    work()
    assert demo().pace == 1.0
    assert models.Pod.objects.filter(namespace__cluster__name="demo", ready=True).count() == 5
    with pytest.raises(Refused, match="the clock runs at 1x"):
        pacing.step("demo", actor="me")
