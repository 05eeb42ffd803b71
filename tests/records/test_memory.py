"""What a worker remembers of its clusters is what it would load, whoever wrote meanwhile; and forgetting is safe."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cluster import models
from cluster.api.auth import tokens
from cluster.core.objects import ImageBehaviour
from cluster.live import worker
from cluster.records import apply as applying
from cluster.records import journal, loading, memory
from cluster.records.loading import load
from cluster.records.memory import Memory
from cluster.records.rows import node_value
from cluster.spaces import Space
from cluster.stories import staging
from cluster.writing import actions, behaviours, clusters, namespaces, nodes, pacing, writes
from tests.api.conftest import Api
from tests.api.conftest import manifest as api_manifest
from tests.spaces import DEFAULT, demo, space
from tests.writing.test_actions import manifest

EXTRA = space("extra")
Write = Callable[[], Any]
BROKEN = (ImageBehaviour(pattern="nginx:*", failure="crash-loop"),)
MERGE = "application/merge-patch+json"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture
def remembering(cluster: None) -> Memory:  # noqa: ARG001
    """Of a worker that has done all there was to do for two Deployments in two namespaces."""
    instant()
    namespaces.create(DEFAULT.cluster, "extra", actor="me")
    models.ImageBehaviour.objects.create(
        cluster=demo(), namespace=models.Namespace.objects.get(name="extra"), pattern="own:*"
    )
    behaviours.changed(Space(DEFAULT.cluster, ""), actor="me")
    actions.create(DEFAULT, manifest(), actor="me")
    actions.create(EXTRA, manifest(), actor="me")
    made = Memory()
    settle(made)
    return made


def instant() -> None:
    models.ImageBehaviour.objects.all().delete()
    for row in models.Cluster.objects.all():
        models.ImageBehaviour.objects.create(cluster=row, pattern="*", order=500)


def settle(*workers: Memory) -> None:
    """Workers take turns until nothing is due."""
    for _ in range(200):
        for each in workers:
            if not worker.run_next({}, each):
                return
    raise AssertionError("it never came to rest")


def check(remembered: Memory, cluster: models.Cluster | None = None) -> None:
    """What is remembered, caught up, equals a fresh load."""
    row = cluster or demo()
    loaded, fresh = remembered.recall(row), load(row)
    for name in ("deployments", "replicasets", "pods", "nodes"):
        assert getattr(loaded.state, name) == getattr(fresh.state, name), name
    told = {name: found for name, found in loaded.state.behaviours.items() if found}
    assert told == {name: found for name, found in fresh.state.behaviours.items() if found}
    for uid in fresh.state.replicasets:
        one, other = loaded.state.group(uid), fresh.state.group(uid)
        assert (one.active, one.ready, one.terminating) == (other.active, other.ready, other.terminating)
    assert (loaded.created, loaded.owners) == (fresh.created, fresh.owners)
    assert (loaded.namespaces, loaded.rv) == (fresh.namespaces, row.head)


def pod(place: Space = DEFAULT) -> models.Pod:
    found = models.Pod.objects.filter(namespace__name=place.namespace).first()
    assert found is not None
    return found


def by_api(method: str, path: str, body: Any = None, kind: str = "application/json") -> Write:
    def write() -> None:
        answer = Api(tokens.make_token(User.objects.create_superuser("root")))(method, path, body, kind)
        assert answer.status_code in (200, 201), answer.content

    return write


def by_page(path: str, body: Any = None) -> Write:
    def write() -> None:
        client = Client()
        client.force_login(User.objects.create_superuser("root"))
        answer = client.post(f"/clusters/demo/{path}", json.dumps(body or {}), content_type="application/json")
        assert answer.status_code == 200, answer.content

    return write


def by_admin(kind: str, verb: str, row: Callable[[], Any], **fields: Any) -> Write:
    """`verb`: add, change or delete."""

    def write() -> None:
        client = Client()
        client.force_login(User.objects.create_superuser("root"))
        arguments = () if verb == "add" else (row().pk,)
        body = {"post": "yes"} if verb == "delete" else fields
        cluster = {"cluster": demo().pk} if verb != "delete" else {}
        answer = client.post(reverse(f"admin:cluster_{kind}_{verb}", args=arguments), {**cluster, **body})
        assert answer.status_code == 302, answer.content

    return write


def in_turn(*steps: Write) -> Write:
    def write() -> None:
        for step in steps:
            step()

    return write


def node(name: str = "node-1") -> models.Node:
    return models.Node.objects.get(name=name)


BEHAVIOUR = {
    "order": 1, "pattern": "nginx:*", "pull_seconds": 0, "start_seconds": 0, "ready_seconds": 3, "stop_seconds": 0,
    "jitter": 0, "failure": "", "fails_after_seconds": 0, "affected_share": 1,
}  # fmt: skip
WRITES: dict[str, Write] = {
    "nothing": lambda: None,
    "page: scale": by_page("namespaces/default/deployments/web/scale/", {"replicas": 5}),
    "page: image": by_page("namespaces/default/deployments/web/set-image/", {"images": {"web": "nginx:2"}}),
    "page: pause": by_page("namespaces/default/deployments/web/pause/"),
    "page: restart": by_page("namespaces/default/deployments/web/restart/"),
    "page: example": by_page("namespaces/default/deployments/example/"),
    "page: delete": by_page("namespaces/default/deployments/web/delete/"),
    "page: pace": by_page("pace/", {"pace": 2}),
    "api: create": by_api("POST", DEPLOYMENTS, api_manifest("new")),
    "api: patch": by_api("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"replicas": 1}}, MERGE),
    "api: label": by_api("PATCH", f"{DEPLOYMENTS}/web", {"metadata": {"labels": {"x": "y"}}}, MERGE),
    "api: delete": by_api("DELETE", f"{DEPLOYMENTS}/web"),
    "api: delete in the foreground": by_api("DELETE", f"{DEPLOYMENTS}/web?propagationPolicy=Foreground"),
    "api: delete and orphan": by_api("DELETE", f"{DEPLOYMENTS}/web?propagationPolicy=Orphan"),
    "api: delete pods": by_api("DELETE", "/api/v1/namespaces/default/pods"),
    "api: cordon": by_api("PATCH", "/api/v1/nodes/node-1", {"spec": {"unschedulable": True}}, MERGE),
    "api: delete node": by_api("DELETE", "/api/v1/nodes/node-1"),
    "api: create namespace": by_api("POST", "/api/v1/namespaces", {"metadata": {"name": "new"}}),
    "api: label namespace": by_api("PATCH", "/api/v1/namespaces/extra", {"metadata": {"labels": {"x": "y"}}}, MERGE),
    "api: delete namespace": by_api("DELETE", "/api/v1/namespaces/extra"),
    "admin: node": by_admin("node", "change", node, slots=77),
    "admin: new node": by_admin("node", "add", node, name="node-9", slots=5),
    "admin: delete node": by_admin("node", "delete", node),
    "admin: new behaviour": by_admin("imagebehaviour", "add", node, **BEHAVIOUR),
    "admin: behaviour": by_admin(
        "imagebehaviour", "change", lambda: models.ImageBehaviour.objects.get(pattern="*"), **BEHAVIOUR
    ),
    "admin: delete behaviour": by_admin(
        "imagebehaviour", "delete", lambda: models.ImageBehaviour.objects.get(pattern="*")
    ),
    "admin: namespace": by_admin(
        "namespace", "change", lambda: models.Namespace.objects.get(name="extra"), pod_quota=7
    ),
    "admin: new namespace": by_admin("namespace", "add", node, name="new", pod_quota=7),
    "admin: delete namespace": by_admin("namespace", "delete", lambda: models.Namespace.objects.get(name="extra")),
    "story: break": lambda: staging.break_images(DEFAULT, BROKEN, actor="story"),
    "story: heal": lambda: staging.heal_image(EXTRA, "nginx:1", actor="story"),
    "story: drain": lambda: staging.drain(DEFAULT, pod().node, actor="story"),
    "story: unready": lambda: staging.turn(DEFAULT, "web", {0: 2}, ready=False, actor="story"),
    "story: kill": lambda: staging.delete_pods(DEFAULT, "web", {0: 2}, actor="story"),
    "story: say": lambda: staging.say(DEFAULT, "look", actor="story"),
    "a namespace made anew": in_turn(
        lambda: namespaces.remove(writes.find_namespace(EXTRA), actor="me"),
        lambda: namespaces.create(*EXTRA, actor="me"),
        lambda: actions.create(EXTRA, manifest(replicas=1), actor="me"),
    ),
    "a node made anew": in_turn(
        lambda: nodes.delete(DEFAULT.cluster, "node-1", actor="me"),
        lambda: nodes.create(DEFAULT.cluster, "node-1", actor="me", slots=9),
    ),
    "a Deployment made anew": lambda: (
        actions.delete(DEFAULT, "web", actor="me"),
        actions.create(DEFAULT, manifest(replicas=1), actor="me"),
    ),
    "a pace and back": lambda: (
        pacing.set_pace(DEFAULT.cluster, 0.0, actor="me"),
        pacing.set_pace(DEFAULT.cluster, 1.0, actor="me"),
    ),
    "reset": lambda: clusters.reset(DEFAULT.cluster),
    "rename and back": in_turn(lambda: clusters.rename("demo", "other"), lambda: clusters.rename("other", "demo")),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_is_remembered_is_what_is_there(remembering: Memory, name: str) -> None:
    """After the write, after each pass over what it caused, and by a worker that slept meanwhile."""
    sleeper = Memory()
    sleeper.recall(demo())
    WRITES[name]()
    check(remembering)
    while worker.run_next({}, remembering):
        check(remembering)
    check(sleeper)


@pytest.mark.parametrize("name", [each for each in WRITES if each != "nothing"])
def test_two_workers_that_take_turns_do_nothing_twice(remembering: Memory, name: str) -> None:
    """One is stopped while the other works, then goes on with what it remembers."""
    other = Memory()
    models.Cluster.objects.update(due=0.0)
    worker.run_next({}, other)
    WRITES[name]()
    settle(remembering, other)
    actions.create(DEFAULT, manifest(name="late", replicas=2), actor="me")
    settle(other, remembering)
    check(remembering)
    check(other)
    for verb in ("ADDED", "DELETED"):
        uids = models.Change.objects.filter(verb=verb, rv__gt=demo().tail).exclude(kind="Event")
        assert max(Counter(uids.values_list("uid", flat=True)).values(), default=1) == 1, verb
    versions = list(models.Change.objects.filter(rv__gt=demo().tail).order_by("rv").values_list("rv", flat=True))
    assert versions == list(range(demo().tail + 1, demo().head + 1))
    for row in models.ReplicaSet.objects.all():
        assert models.Pod.objects.filter(owner_uid=row.uid, deleted_at=None).count() == row.replicas


def test_a_pass_of_what_is_remembered_does_not_load(remembering: Memory) -> None:
    actions.act(DEFAULT, "web", "scale", 4, actor="me")
    with CaptureQueriesContext(connection) as captured:
        worker.run_next({}, remembering)
    reads = [each["sql"] for each in captured if each["sql"].startswith("SELECT") and "cluster_pod" in each["sql"]]
    assert [
        sql for sql in reads if '"cluster_pod"."uid" IN' not in sql and "cluster_pod" in sql.split("WHERE")[0]
    ] == []
    settle(remembering)
    assert models.Pod.objects.filter(namespace__name="default", ready=True).count() == 4


def test_a_pod_s_change_costs_its_own_node(remembering: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        nodes.create(DEFAULT.cluster, f"more-{number}", actor="me")
    settle(remembering)
    read: list[str] = []

    def counted(row: models.Node) -> Any:
        read.append(row.name)
        return node_value(row)

    found = pod()
    by_api("DELETE", f"/api/v1/namespaces/default/pods/{found.name}")()
    monkeypatch.setattr(loading, "node_value", counted)
    remembering.recall(demo())
    assert read == [found.node]
    read.clear()
    nodes.change(DEFAULT.cluster, "more-7", actor="me", unschedulable=True)
    remembering.recall(demo())
    assert read == ["more-7"]
    check(remembering)


def test_a_pass_that_fails_is_forgotten_with_all_it_decided(
    remembering: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.act(DEFAULT, "web", "scale", 5, actor="me")
    head, apply = journal.head(DEFAULT.cluster), applying.apply

    def failing(*arguments: Any) -> None:
        apply(*arguments)
        raise ConnectionError("the database is away")

    monkeypatch.setattr(worker, "apply", failing)
    assert worker.run_next({}, remembering)
    assert (journal.head(DEFAULT.cluster), dict(remembering.clusters)) == (head, {})
    assert models.Pod.objects.filter(namespace__name="default").count() == 3
    monkeypatch.setattr(worker, "apply", apply)
    models.Cluster.objects.update(due=0.0)
    settle(remembering)
    check(remembering)
    assert models.Pod.objects.filter(namespace__name="default", ready=True).count() == 5
    worker.passes.over(demo().pk, "the pass")


def test_a_pass_that_is_killed_is_forgotten(remembering: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    actions.act(DEFAULT, "web", "scale", 5, actor="me")
    monkeypatch.setattr(worker, "apply", killed)
    with pytest.raises(KeyboardInterrupt):
        worker.run_next({}, remembering)
    assert not remembering.clusters


def test_the_least_recently_used_is_forgotten_beyond_the_bound() -> None:
    names = ["a", "b", "c"]
    for name in names:
        clusters.create(name)
    instant()
    for name in names:
        actions.create(Space(name, "default"), manifest(replicas=4), actor="me")
    small = Memory(most_objects=12)  # each is a Deployment, a ReplicaSet and 4 pods
    settle(small)
    keys = {row.name: row.pk for row in models.Cluster.objects.all()}
    for name, remembered in (("a", ["a"]), ("b", ["a", "b"]), ("a", ["b", "a"]), ("c", ["a", "c"]), ("b", ["c", "b"])):
        models.Cluster.objects.update(due=None)
        models.Cluster.objects.filter(name=name).update(due=0.0)
        small.forget(keys["demo"])
        if name == remembered[0]:
            small.clusters.clear()
        assert worker.run_next({}, small)
        assert list(small.clusters) == [keys[each] for each in remembered]


def test_one_cluster_is_remembered_however_large() -> None:
    instant()
    small = Memory(most_objects=1)
    actions.create(DEFAULT, manifest(replicas=9), actor="me")
    settle(small)
    assert list(small.clusters) == [demo().pk]
    check(small)


def test_a_reset_cluster_is_loaded_anew(remembering: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def counted(row: models.Cluster) -> Any:
        loads.append(row.name)
        return load(row)

    monkeypatch.setattr(memory, "load", counted)
    remembering.recall(demo())
    assert loads == []
    clusters.reset(DEFAULT.cluster)
    assert not remembering.recall(demo()).state.pods
    assert loads == ["demo"]
    check(remembering)


def test_a_compacted_journal_makes_a_worker_load_anew(remembering: Memory) -> None:
    """What it missed can no longer be read there."""
    actions.act(DEFAULT, "web", "scale", 5, actor="me")
    settle(Memory())
    models.Change.objects.all().delete()
    models.Cluster.objects.update(tail=journal.head(DEFAULT.cluster))
    check(remembering)


def test_a_deleted_cluster_is_of_no_harm(remembering: Memory) -> None:
    clusters.create("blue")
    settle(remembering)
    clusters.delete(DEFAULT.cluster)
    clusters.create(DEFAULT.cluster)
    settle(remembering)
    check(remembering)
