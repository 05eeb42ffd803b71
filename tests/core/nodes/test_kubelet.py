"""A pod's life as its image's behaviour says: what happens when, and in the kubelet's words."""

from typing import Any

import pytest

from cluster.core.controllers.replicaset import terminate
from cluster.core.nodes import kubelet, scheduler
from cluster.core.nodes.probes import Probe
from cluster.core.objects import Change, Create, Event, ImageBehaviour, Manifest, Node, Pod, ReplicaSet, Update
from cluster.core.state import State

TEMPLATE: Any = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "x:1"}]}}


def cluster(template: Manifest = TEMPLATE, **behaviour: Any) -> State:
    owner = ReplicaSet(uid="set", name="set", template=template)
    pod = Pod(uid="pod", name="set-abcde", owner_uid="set", labels={"app": "x"})
    return State([Node(name="node-1"), owner, pod], {"": (ImageBehaviour(pattern="*", **behaviour),)})


def live(state: State, until: float) -> list[tuple[float, str]]:
    """(time, event reason) of every due time."""
    seen: list[tuple[float, str]] = []
    now: float | None = 0.0
    while now is not None and now <= until:
        changes = move(state, now)
        seen += [(now, each.reason) for each in changes if isinstance(each, Event)]
        due = state.pod_times.next()
        now = None if due is None else round(max(due, now), 3)
    return seen


def move(state: State, now: float) -> list[Change]:
    """The scheduler's changes and the kubelet's."""
    bound = scheduler.schedule(state, now)
    state.apply(bound)
    waiting = [pod for pod in state.pods.values() if pod.next_at is not None and pod.next_at <= now]
    moved = kubelet.advance(state, now, waiting)
    state.apply(moved)
    return [*bound, *moved]


@pytest.mark.parametrize(
    ("behaviour", "until", "expected"),
    [
        pytest.param(
            {"pull_seconds": 2.0, "start_seconds": 1.0, "ready_seconds": 3.0}, 60,
            [(0, "Scheduled"), (0, "Pulling"), (2, "Pulled"), (3, "Created"), (3, "Started")], id="a healthy pod",
        ),
        pytest.param(
            {"pull_seconds": 1.0, "failure": "image-not-found"}, 12,
            [(0, "Scheduled"), (0, "Pulling"), (1, "Failed"), (1, "Failed"), (2, "BackOff"), (2, "Failed"),
             (12, "Pulling")], id="an image that is not there",
        ),
        pytest.param(
            {"failure": "crash-loop", "fails_after_seconds": 1.0}, 13,
            [(0, "Scheduled"), (0, "Pulling"), (0, "Pulled"), (0, "Created"), (0, "Started"), (1, "Pulled"), (1, "Created"),
             (1, "Started"), (2, "BackOff"), (12, "Pulled"), (12, "Created"), (12, "Started"), (13, "BackOff")],
            id="a crash loop",
        ),
        pytest.param(
            {"failure": "never-ready"}, 20,
            [(0, "Scheduled"), (0, "Pulling"), (0, "Pulled"), (0, "Created"), (0, "Started"), (10, "Unhealthy"),
             (20, "Unhealthy")], id="a probe that never succeeds",
        ),
    ],
)  # fmt: skip
def test_a_life_goes_as_its_image_says(behaviour: dict[str, Any], until: float, expected: list[Any]) -> None:
    assert live(cluster(**behaviour), until) == expected


def test_a_pod_is_ready_at_the_probe_s_first_tick_after_it_could_be() -> None:
    probed = {**TEMPLATE["spec"]["containers"][0], "readinessProbe": {"initialDelaySeconds": 5, "periodSeconds": 10}}
    state = cluster({**TEMPLATE, "spec": {"containers": [probed]}}, ready_seconds=7.0)
    live(state, 60)
    assert state.pods["pod"].ready_since == 15.0


def test_a_terminating_pod_stops_as_slowly_as_its_image_but_no_slower_than_its_grace() -> None:
    state = cluster(stop_seconds=90.0)
    live(state, 1)
    assert state.pods["pod"].ready
    state.apply(terminate(state.pods["pod"], 100.0))
    assert [each.reason for each in move(state, 100.0) if isinstance(each, Event)] == ["Killing"]
    assert state.pods["pod"].next_at == 130.0
    move(state, 130.0)
    assert not state.pods


@pytest.mark.parametrize(
    ("ready", "delay", "period", "successes", "expected"),
    [
        pytest.param(0.0, 5, 10, 1, 5.0, id="ready before the first tick"),
        pytest.param(5.0, 5, 10, 1, 5.0, id="ready at the first tick"),
        pytest.param(5.1, 5, 10, 1, 15.0, id="ready just after it"),
        pytest.param(25.0, 5, 10, 3, 45.0, id="three in a row"),
        pytest.param(1e13, 0, 1, 1, 1e13, id="ready very late"),
    ],
)
def test_a_probes_tick_is_computed(ready: float, delay: int, period: int, successes: int, expected: float) -> None:
    probe = Probe(delay=delay, period=period, successes=successes)
    assert probe.passes(0.0, ready) == expected


def test_a_second_pod_on_the_node_finds_the_image_there() -> None:
    state = cluster(pull_seconds=5.0)
    live(state, 10)
    assert state.nodes["node-1"].images == ("x:1",)
    state.apply([Create(object=Pod(uid="second", name="set-fghij", owner_uid="set"))])
    assert "Pulling" not in [reason for _, reason in live(state, 10)]


def test_a_namespace_s_own_behaviours_come_before_the_cluster_s() -> None:
    state = cluster(ready_seconds=None)
    state.set_behaviours("default", (ImageBehaviour(pattern="x:*"),))
    live(state, 1)
    assert state.pods["pod"].ready


@pytest.mark.parametrize(
    ("namespace", "looked_at"),
    [
        pytest.param("", ["a", "b"], id="the cluster's"),
        pytest.param("b", ["b"], id="a namespace's"),
    ],
)
def test_running_pods_are_looked_at_again_where_behaviours_have_changed(namespace: str, looked_at: list[str]) -> None:
    pods = [
        Pod(uid=name, name=name, namespace=name, node="node-1", stage="living", started_at=1.0, next_at=None)
        for name in "ab"
    ]
    changes = kubelet.look_again(State(pods), 5.0, namespace)
    assert [each.object.name for each in changes if isinstance(each, Update)] == looked_at


def test_pods_without_owner_or_spec_behave_as_in_their_namespace() -> None:
    pods = [Pod(uid=name, name=name, namespace=name, node="node-1", stage="scheduled") for name in "ab"]
    slow, quick = ImageBehaviour(pattern="*", pull_seconds=5.0), ImageBehaviour(pattern="*")
    state = State([Node(name="node-1"), *pods], {"a": (slow,), "b": (quick,)})
    move(state, 0.0)
    assert (state.pods["a"].containers[0].stage, state.pods["b"].ready) == ("pulling", True)
