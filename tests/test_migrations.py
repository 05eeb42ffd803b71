"""A data folder of the first release is taken along: what was there is there, moves on, and can be edited."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from cluster import actions, feed, journal, models, snapshot
from cluster.core import defaults
from tests.spaces import DEFAULT, demo
from tests.test_actions import manifest

FIRST = ("cluster", "0001_initial")


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def old_apps(transactional_db: None) -> Iterator[Any]:  # noqa: ARG001
    newest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "cluster"]
    yield migrate(FIRST)
    migrate(*newest)


def test_what_the_first_release_wrote_goes_on(old_apps: Any, work: Callable[[], int]) -> None:
    fill(old_apps)
    newest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "cluster"]
    migrate(*newest)
    frame = snapshot.namespace_snapshot(DEFAULT)
    assert [each["name"] for each in frame["deployments"]] == ["web"]
    assert frame["rv"] == 7
    assert [each["rv"] for each in journal.changes_since(*DEFAULT, 6, 10)] == [7]
    assert feed.Feed(DEFAULT).read_frame(6)["items"][0]["state"]["name"] == "web"
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")
    work()
    pods = models.Pod.objects.filter(ready=True)
    assert pods.count() == 3
    actions.set_images(DEFAULT, "web", {"web": "nginx:2"}, actor="me", resource_version=7)
    work()
    assert models.Deployment.objects.get().status["updated_replicas"] == 3
    assert models.Event.objects.filter(reason="ScalingReplicaSet").count() > 1


def fill(apps: Any) -> None:
    """The rows of a Deployment that was just created."""
    from cluster.documents import load_documents

    full = defaults.default_deployment(load_documents(manifest())[0].manifest)
    now, spec = timezone.now(), full["spec"]
    of = {
        name: apps.get_model("cluster", name)
        for name in ("Namespace", "Family", "Deployment", "Node", "Change", "Journal")
    }
    space = of["Namespace"].objects.create(
        name="default", uid="n", created=now, clock_wall=time.time(), clock_sim=time.time()
    )
    family = of["Family"].objects.create(namespace=space, due=0.0)
    of["Deployment"].objects.create(
        uid="d", family=family, namespace=space, name="web", resource_version=7, created=now, created_at=time.time(),
        replicas=3, selector=spec["selector"], template=spec["template"], status={},
    )  # fmt: skip
    of["Node"].objects.create(name="node-1", uid="node", created=now)
    state = {"uid": "d", "name": "web", "generation": 1, "labels": {}, "annotations": {}, "rv": 7}
    of["Change"].objects.create(
        id=7, namespace="default", family_id=family.pk, kind="Deployment", uid="d", name="web", verb="ADDED",
        at=time.time(), wall=time.time(), state=state,
    )  # fmt: skip
    of["Journal"].objects.create(pk=1, head=7, tail=6)
