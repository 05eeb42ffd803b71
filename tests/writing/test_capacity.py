"""Rollstage's own limits: what is counted is what is there, whatever was done, and refusals say whose limit it is."""

import json
import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import connection

from cluster import models
from cluster.api.auth import tokens
from cluster.core.manifests.deployments import deployment_manifest
from cluster.core.policies.asking import pods_asked
from cluster.live import worker
from cluster.records import loading
from cluster.statuses import Refused
from cluster.writing import actions, capacity, clusters, namespaces, nodes
from tests.api.conftest import Api, manifest
from tests.spaces import DEFAULT, demo, space
from tests.writing.test_actions import manifest as manifest_text

pytestmark = pytest.mark.usefixtures("cluster")
V1 = "/api/v1/namespaces/default"
APPS = "/apis/apps/v1/namespaces/default"
Limits = Callable[..., None]


@pytest.fixture(autouse=True)
def at_once(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Limits:
    """Smaller ones: counter=(of a cluster, on the server)."""

    usual = capacity.LIMITS

    def set_to(**wanted: tuple[int, int]) -> None:
        named = {key: (words, *wanted.get(key, most)) for key, (words, *most) in usual.items()}
        monkeypatch.setattr(capacity, "LIMITS", named)

    return set_to


@pytest.fixture
def api() -> Api:
    return Api(tokens.make_token(User.objects.create_superuser("admin")))


def run() -> None:
    for _ in range(20):
        if not worker.run_next({}):
            break


def check_counts() -> None:
    """The counters against the rows."""
    row = demo()
    loaded = loading.load(row)
    state = loaded.state
    asking = [*state.deployments.values(), *state.replicasets.values(), *state.pods.values()]
    for name in loaded.namespaces:
        asked = sum(pods_asked(each) for each in asking if each.namespace == name)
        assert models.Namespace.objects.get(cluster=row, name=name).pods_asked == asked, name
    kept = list(models.KeptObject.objects.filter(cluster=row).values_list("manifest", flat=True))
    objects = len(loaded.namespaces) + len(state.nodes) + len(state.deployments) + len(state.replicasets) + len(kept)
    assert (row.pods_asked, row.objects_count, row.kept_bytes) == (
        sum(pods_asked(each) for each in asking), objects, sum(len(orjson.dumps(each)) for each in kept),
    )  # fmt: skip


def config_map(name: str, text: str = "") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": text}}


def test_what_is_counted_is_what_is_there(api: Api) -> None:
    check_counts()
    api("POST", f"{APPS}/deployments", manifest("web", replicas=3))
    run()
    check_counts()
    api("PATCH", f"{APPS}/deployments/web/scale", {"spec": {"replicas": 5}}, "application/merge-patch+json")
    api("POST", f"{V1}/configmaps", config_map("a", "x" * 100))
    api("PATCH", f"{V1}/configmaps/a", {"data": {"key": "short"}}, "application/merge-patch+json")
    run()
    check_counts()
    bare = manifest("web")["spec"]["template"]
    api("POST", f"{V1}/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "solo"}, "spec": bare["spec"]})
    api("POST", f"{APPS}/replicasets", {**manifest("bare", replicas=2), "kind": "ReplicaSet"})
    run()
    check_counts()
    api("DELETE", f"{APPS}/deployments/web", {"propagationPolicy": "Orphan"})
    run()
    check_counts()
    api("DELETE", f"{APPS}/replicasets?labelSelector=a=b", {"propagationPolicy": "Orphan"})
    run()
    check_counts()
    api("DELETE", f"{V1}/pods")
    api("DELETE", f"{V1}/configmaps/a")
    run()
    check_counts()


def test_namespaces_nodes_and_resets_are_counted(api: Api) -> None:
    namespaces.create("demo", "blue", actor="me")
    nodes.create("demo", "extra", actor="me")
    actions.create(space("blue"), json.dumps(manifest()), actor="me")
    api("POST", "/api/v1/namespaces/blue/configmaps", config_map("a"))
    run()
    check_counts()
    namespaces.delete(space("blue"), actor="me")
    nodes.delete("demo", "extra", actor="me")
    run()
    check_counts()
    actions.create(DEFAULT, json.dumps(manifest()), actor="me")
    clusters.reset("demo")
    check_counts()


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.status["code"], error.value.status["reason"]) == (403, "Forbidden")
    return str(error.value.status["message"])


def test_a_refusal_names_the_limit_and_whose_it_is(limits: Limits) -> None:
    text = json.dumps(manifest(replicas=8))  # 2 more in a surge
    start = 'deployments.apps "web" is forbidden: Rollstage limit of '
    models.Namespace.objects.update(pod_quota=9)
    ending = "on pods: requested: 10, used: 0, limited: 9"
    assert refused(lambda: actions.create(DEFAULT, text, actor="me")) == f'{start}the namespace "default" {ending}'
    models.Namespace.objects.update(pod_quota=100)
    limits(pods_asked=(9, 100))
    assert refused(lambda: actions.create(DEFAULT, text, actor="me")) == f'{start}the cluster "demo" {ending}'
    limits(pods_asked=(100, 9))
    assert refused(lambda: actions.create(DEFAULT, text, actor="me")) == f"{start}this server {ending}"
    limits()
    actions.create(DEFAULT, text, actor="me")
    limits(pods_asked=(10, 100))
    actions.act(DEFAULT, "web", "scale", 7, actor="me")
    assert "used: 0, limited: 10" not in refused(lambda: actions.act(DEFAULT, "web", "scale", 9, actor="me"))


def test_other_clusters_count_for_the_server(limits: Limits) -> None:
    clusters.create("other")
    actions.create(DEFAULT, json.dumps(manifest(replicas=8)), actor="me")
    limits(pods_asked=(100, 12))
    other = DEFAULT._replace(cluster="other")
    message = refused(lambda: actions.create(other, json.dumps(manifest(replicas=2)), actor="me"))
    assert message.endswith("this server on pods: requested: 3, used: 10, limited: 12")


def test_several_of_one_write_count_together(limits: Limits) -> None:
    limits(objects_count=(demo().objects_count + 1, 10_000))
    text = "\n---\n".join(json.dumps(manifest(name)) for name in ("one", "two"))
    assert "on objects: requested: 1" in refused(lambda: actions.create(DEFAULT, text, actor="me"))
    assert not models.Deployment.objects.exists()


def test_kept_objects_are_limited_by_number_and_size(api: Api, limits: Limits) -> None:
    here = demo()
    limits(objects_count=(here.objects_count, 10_000))
    found = api("POST", f"{V1}/configmaps", config_map("a")).json()
    assert found["message"].startswith(
        'configmaps "a" is forbidden: Rollstage limit of the cluster "demo" on objects: '
    )
    limits(kept_bytes=(here.kept_bytes + 1000, 10**9))
    assert api("POST", f"{V1}/configmaps", config_map("a")).status_code == 201
    larger = {"data": {"key": "x" * 1000}}
    found = api("PATCH", f"{V1}/configmaps/a", larger, "application/merge-patch+json").json()
    assert 'Rollstage limit of the cluster "demo" on bytes of kept objects: ' in found["message"]
    assert api("PATCH", f"{V1}/configmaps/a", {"data": {"key": ""}}, "application/merge-patch+json").status_code == 200


def test_the_manifest_of_a_deployment_says_what_it_asks_for() -> None:
    actions.create(DEFAULT, json.dumps(manifest(replicas=4)), actor="me")
    value = next(iter(loading.load(demo()).state.deployments.values()))
    assert (pods_asked(value), deployment_manifest(value)["spec"]["replicas"]) == (5, 4)


@pytest.mark.usefixtures("committed")
def test_two_that_scale_at_once_keep_the_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, and is counted with it."""
    for name in ("a", "b"):
        actions.create(DEFAULT, manifest_text(name=name, replicas=1), actor="me")
    models.Namespace.objects.filter(name="default").update(pod_quota=12)
    check, refusals, rivals = capacity.check_pods, list[str](), list[threading.Thread]()

    def scale(name: str) -> None:
        try:
            actions.act(DEFAULT, name, "scale", 7, actor="me")
        except Refused as refused:
            refusals.append(refused.status["message"])
        finally:
            connection.close()

    def slowly(*args: Any, **named: Any) -> None:
        check(*args, **named)
        if not rivals:
            rivals.append(threading.Thread(target=scale, args=("b",)))
            rivals[0].start()
            rivals[0].join(0.3)

    monkeypatch.setattr(capacity, "check_pods", slowly)
    actions.act(DEFAULT, "a", "scale", 7, actor="me")
    rivals[0].join(20)
    assert len(refusals) == 1 and 'limit of the namespace "default" on pods' in refusals[0]
    assert sorted(models.Deployment.objects.values_list("replicas", flat=True)) == [1, 7]
