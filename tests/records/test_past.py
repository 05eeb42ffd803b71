"""What was there at a resource version, and the changes since: worked out afterwards, it is what was seen then."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cluster import models
from cluster.core.objects import Pod
from cluster.core.services.index import RESOURCES, SERVICE, SLICE
from cluster.core.state import State
from cluster.records import journal, loading, past
from cluster.stories import staging
from cluster.writing import actions
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.usefixtures("cluster")
BOOK = "nginx-deployment"
Work = Callable[[], int]


def untold(pod: Pod) -> Pod:
    """Without what the journal does not tell of pods."""
    return replace(pod, attempts=0, stage="", next_at=None)


def seen(state: State) -> dict[str, Any]:
    kept = [
        each
        for each in state.kept.values()
        if each.resource in (SERVICE, SLICE) and each.namespace == DEFAULT.namespace
    ]
    return {
        "deployments": dict(state.deployments),
        "replicasets": dict(state.replicasets),
        "pods": {uid: untold(pod) for uid, pod in state.pods.items()},
        "kept": {each.uid: each.manifest for each in kept},
    }


def place(**more: Any) -> past.Place:
    return past.Place(cluster=demo(), namespace=DEFAULT.namespace, **more)


@pytest.fixture
def moments(cluster: None, work: Work) -> list[tuple[int, dict[str, Any]]]:  # noqa: ARG001
    """(resource version, what was there) before, between and after the edits of a Deployment behind a Service, while pods come and go."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    spec = {"selector": {"app": "nginx"}, "ports": [{"port": 80}]}
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    staging.apply_rule(DEFAULT, manifest, actor="me")
    edits: list[tuple[str, Any]] = [("scale", 4), ("set-image", {"nginx": "nginx:2"}), ("scale", 1), ("restart", None)]
    found = []
    for action, value in edits:
        work()
        found.append(now())
        actions.act(DEFAULT, BOOK, action, value, actor="me")
        found.append(now())
    work()
    return [*found, now()]


def now() -> tuple[int, dict[str, Any]]:
    return journal.head(DEFAULT.cluster), seen(loading.load(demo()).state)


def test_what_was_there_is_worked_out_afterwards(moments: list[tuple[int, dict[str, Any]]]) -> None:
    for rv, there in moments:
        assert seen(past.state_at(place(), rv)) == there


def test_the_changes_lead_from_one_moment_to_every_later_one(moments: list[tuple[int, dict[str, Any]]]) -> None:
    (since, _), *later = moments
    state = past.state_at(place(), since)
    for rv, there in later:
        for _, _, change in past.changes_between(place(), since, rv):
            state.apply([change])
        since = rv
        assert seen(state) == there


@pytest.mark.usefixtures("moments")
def test_changes_are_read_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    head = journal.head(DEFAULT.cluster)
    whole = [rv for rv, _, _ in past.changes_between(place(), 0, head)]
    monkeypatch.setattr(past, "CHUNK", 7)
    assert [rv for rv, _, _ in past.changes_between(place(), 0, head)] == whole == sorted(whole)


def test_other_namespaces_and_kinds_are_left_out(moments: list[tuple[int, dict[str, Any]]]) -> None:
    assert set(place().changes.values_list("namespace", "kind")) == {
        ("default", kind) for kind in ("Deployment", "ReplicaSet", "Pod", RESOURCES[SERVICE], RESOURCES[SLICE])
    }
    first = past.Place(cluster=demo(), kinds=("Node", "Pod"))
    assert set(first.changes.values_list("kind", flat=True)) <= {"Node", "Pod"}
    assert moments[0][0] < moments[-1][0]
