"""What apply writes, load reads: the same values, in a number of queries that does not grow with the pods."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from cluster import models
from cluster.core.controllers import replicaset
from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.objects import Change, Create, Delete, Deployment, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from cluster.live import worker
from cluster.records import journal, loading, rows
from cluster.records.apply import apply
from cluster.records.loading import Loaded, catch_up, load
from cluster.writing import actions
from tests.spaces import DEFAULT, demo
from tests.writing.test_actions import manifest

START = 1_000_000.0
IMAGES = ("good:1", "good:2", "missing:1", "crashing:1", "flapping:1", "stuck:1")
BEHAVIOURS: tuple[dict[str, Any], ...] = (
    {"pattern": "good:*", "pull_seconds": 1.0, "ready_seconds": 2.0, "stop_seconds": 3.0, "jitter": 0.4},
    {"pattern": "missing:*", "failure": "image-not-found", "affected_share": 0.7},
    {"pattern": "crashing:*", "failure": "crash-loop", "start_seconds": 0.1},
    {"pattern": "flapping:*", "failure": "ready-then-fails", "fails_after_seconds": 2.0},
    {"pattern": "stuck:*", "ready_seconds": None},
)

Step = tuple[str, Any, float]
STEPS = st.lists(
    st.tuples(
        st.one_of(
            st.tuples(st.just("image"), st.sampled_from(IMAGES)),
            st.tuples(st.just("scale"), st.integers(0, 7)),
            st.tuples(st.just("surge"), st.sampled_from([1, "40%", "100%"])),
            st.tuples(st.just("pause"), st.none()),
            st.tuples(st.just("resume"), st.none()),
            st.tuples(st.just("strategy"), st.sampled_from(["Recreate", "RollingUpdate"])),
            st.tuples(st.just("kill"), st.integers(0, 6)),
            st.tuples(st.just("delete"), st.none()),
            st.tuples(st.just("wait"), st.none()),
        ),
        st.sampled_from([0.0, 0.5, 3.0, 30.0, 700.0]),
    ),
    max_size=8,
)

EXAMPLES = 40 if connection.vendor == "sqlite" else 10  # what they look for does not depend on the database


@pytest.mark.usefixtures("cluster")
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS, replicas=st.integers(0, 5), slots=st.sampled_from([1, 3, 100]))
def test_load_after_apply_is_the_identity(steps: list[Any], replicas: int, slots: int) -> None:
    with transaction.atomic():
        models.ImageBehaviour.objects.all().delete()
        for order, each in enumerate(BEHAVIOURS):
            models.ImageBehaviour.objects.create(cluster=demo(), order=order, **each)
        models.Node.objects.update(slots=slots)
        play(steps, replicas)
        transaction.set_rollback(True)


def play(steps: list[Any], replicas: int) -> None:
    """After every edit of somebody else and every pass of its own, what a worker remembers is what a new one would load."""
    remembered = load(demo())
    now = START
    for (name, value), seconds in ((("create", replicas), 0.0), *steps):
        now += seconds
        write(load(demo()), edit(name, value, remembered.state, now))
        catch_up(remembered, demo())
        check(remembered)
        remembered.state.before.clear()
        write(remembered, reconcile(remembered.state, now).changes)
        remembered.rv = demo().head
        check(remembered)


def write(loaded: Loaded, changes: list[Change]) -> None:
    with journal.write(*DEFAULT, actor="", wall=START) as writer:
        apply(loaded, changes, writer)


def check(remembered: Loaded) -> None:
    fresh = load(demo())
    for name in ("deployments", "replicasets", "pods", "nodes", "behaviours"):
        assert getattr(remembered.state, name) == getattr(fresh.state, name)
    for uid in fresh.state.replicasets:
        one, other = remembered.state.group(uid), fresh.state.group(uid)
        assert (one.active, one.ready, one.terminating) == (other.active, other.ready, other.terminating)
    assert (remembered.created, remembered.owners) == (fresh.created, fresh.owners)


def edit(name: str, value: Any, state: State, now: float) -> list[Change]:
    deployment = next(iter(state.deployments.values()), None)
    if name == "create":
        return [Create(object=book(value, now))]
    if name == "kill":
        pods = list(state.pods.values())
        return list(replicaset.terminate(pods[value], now)) if value < len(pods) else []
    if deployment is None or name == "wait":
        return []
    if name == "delete":
        return [Delete(object=deployment)]
    after = EDITS[name](deployment, value)
    return [Update(object=after)] if after != deployment else []


def book(replicas: int, now: float) -> Deployment:
    template = {
        "metadata": {"labels": {"app": "web"}, "annotations": {"note": "x"}},
        "spec": {"containers": [{"name": "web", "image": "good:1"}]},
    }
    spec = {
        "replicas": replicas,
        "minReadySeconds": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": template,
    }
    metadata = {"name": "web", "namespace": "default", "labels": {"a": "b"}}
    given = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    full = defaults.default_deployment(given)
    return replace(deployment_from_manifest(full, uid=str(uuid.UUID(int=7)), now=now), namespace="default")


def unless_refused(make: Callable[[Deployment], Deployment]) -> Callable[[Deployment, Any], Deployment]:
    """Pausing what is paused is refused, which is no edit."""

    def made(deployment: Deployment, _: Any) -> Deployment:
        try:
            return make(deployment)
        except edits.EditError:
            return deployment

    return made


EDITS: dict[str, Callable[[Deployment, Any], Deployment]] = {
    "image": lambda deployment, image: edits.set_images(deployment, {"web": image}),
    "scale": lambda deployment, replicas: edits.scale(deployment, replicas),
    "surge": lambda deployment, surge: edits.tune(deployment, max_surge=surge),
    "strategy": lambda deployment, strategy: edits.tune(deployment, strategy=strategy),
    "pause": unless_refused(edits.pause),
    "resume": unless_refused(edits.resume),
}


@pytest.mark.usefixtures("cluster")
def test_what_has_changed_is_read_again_in_chunks_of_every_kind(
    work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement of SQLite names 250,000 values at most."""
    names = [f"web-{number}" for number in range(5)]
    remembered = load(demo())
    for name in names:
        actions.create(DEFAULT, manifest(name=name, replicas=2), actor="me")
    work()
    actions.delete(DEFAULT, names.pop(), actor="me")
    work()
    monkeypatch.setattr(loading, "QUERY_CHUNK", 2)
    with CaptureQueriesContext(connection) as captured:
        catch_up(remembered, demo())
    check(remembered)
    for kind, objects in (("deployment", 5), ("replicaset", 5), ("pod", 10)):
        read = [each["sql"] for each in captured if f'FROM "cluster_{kind}"' in each["sql"]]
        asked = [sql.split(" IN (")[1].split(")")[0].split(",") for sql in read]
        assert max(len(each) for each in asked) <= 2
        assert len({uid.strip() for each in asked for uid in each}) == objects


@pytest.mark.usefixtures("cluster")
def test_queries_do_not_grow_with_the_pods(work: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 10_000)  # all inserts of a pass into a table are one query here
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")
    models.Node.objects.exclude(name="node-1").delete()  # each node that an image comes to is one query
    counted(work, "first", 1)  # pulls the image
    few, many = counted(work, "few", 3), counted(work, "many", 300)
    assert few == many
    assert few["load"] <= 11


def counted(work: Callable[[], int], name: str, replicas: int) -> dict[str, int]:
    """Queries of loading a cluster, of a pass that finds nothing to do, of a pass in which one pod moves, and of a
    pass that creates them all."""
    actions.create(DEFAULT, manifest(name=name, replicas=replicas, label="web"), actor="me")
    creating = queries(lambda: worker.run_next({}))
    work()
    mine = models.Pod.objects.filter(name__startswith=f"{name}-")
    assert mine.filter(ready=True).count() == replicas
    found = {"creating": creating, "load": queries(lambda: load(demo()))}
    models.Cluster.objects.update(due=0.0)
    found["quiet"] = queries(lambda: worker.run_next({}))
    pod = mine.first()
    assert pod is not None
    actions.delete_pod(DEFAULT, pod.name, actor="me")
    found["moving"] = queries(lambda: worker.run_next({}))
    work()
    return found


def queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)
