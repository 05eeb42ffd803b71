"""A pod's life as its image's behaviour says: what happens when, and in the kubelet's words."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core import kubelet, scheduler
from cluster.core.family import apply_changes
from cluster.core.objects import Change, Delete, Event, Family, ImageBehaviour, Node, Pod, ReplicaSet, Update
from cluster.core.podgroups import PodGroups
from cluster.core.replicaset import terminate

TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "x:1"}]}}


def family(**behaviour: Any) -> Family:
    return Family(
        deployment=None,
        replicasets={"set": ReplicaSet(uid="set", name="set", template=TEMPLATE)},
        pods={"pod": Pod(uid="pod", name="set-abcde", owner_uid="set", labels={"app": "x"})},
        nodes={"node-1": Node(name="node-1")},
        behaviours=(ImageBehaviour(pattern="*", **behaviour),),
    )


def live(start: Family, until: float) -> tuple[list[tuple[float, str]], Family]:
    """((time, event reason), the family) after following every due time."""
    seen: list[tuple[float, str]] = []
    now = 0.0
    while now <= until:
        changes: list[Change] = [*scheduler.schedule(start, now, due(start, now))]
        start = apply_changes(start, changes)
        more = kubelet.advance(start, now, due(start, now))
        start = apply_changes(start, more)
        seen += [(now, each.reason) for each in (*changes, *more) if isinstance(each, Event)]
        next_time = PodGroups(start.pods.values()).next_due()
        if next_time is None or (next_time <= now and not changes and not more):
            break
        now = round(max(next_time, now), 3)
    return seen, start


def due(start: Family, now: float) -> list[Pod]:
    return PodGroups(start.pods.values()).due(now)


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
            [(0, "Scheduled"), (0, "Pulling"), (0, "Pulled"), (0, "Created"), (0, "Started"), (1, "Created"),
             (1, "Started"), (2, "BackOff"), (12, "Created"), (12, "Started"), (13, "BackOff")], id="a crash loop",
        ),
        pytest.param(
            {"failure": "never-ready"}, 20,
            [(0, "Scheduled"), (0, "Pulling"), (0, "Pulled"), (0, "Created"), (0, "Started"), (10, "Unhealthy"),
             (20, "Unhealthy")], id="a probe that never succeeds",
        ),
    ],
)  # fmt: skip
def test_a_life_goes_as_its_image_says(behaviour: dict[str, Any], until: float, expected: list[Any]) -> None:
    assert live(family(**behaviour), until)[0] == expected


def test_a_pod_is_ready_at_the_probe_s_first_tick_after_it_could_be() -> None:
    probed = {**TEMPLATE["spec"]["containers"][0], "readinessProbe": {"initialDelaySeconds": 5, "periodSeconds": 10}}  # type: ignore[index]
    start = family(ready_seconds=7.0)
    template = {**TEMPLATE, "spec": {"containers": [probed]}}
    start = replace(start, replicasets={"set": replace(start.replicasets["set"], template=template)})
    assert live(start, 60)[1].pods["pod"].ready_since == 15.0


def test_a_terminating_pod_stops_as_slowly_as_its_image_but_no_slower_than_its_grace() -> None:
    running = live(family(stop_seconds=90.0), 1)[1]
    assert running.pods["pod"].ready
    update = terminate(running.pods["pod"], 100.0)[0]
    assert isinstance(update, Update)
    dying = replace(running, pods={"pod": update.object})
    first = kubelet.advance(dying, 100.0, due(dying, 100.0))
    assert [each.reason for each in first if isinstance(each, Event)] == ["Killing"]
    later = next(each.object for each in first if isinstance(each, Update) and isinstance(each.object, Pod))
    assert later.next_at == 130.0
    last = replace(dying, pods={"pod": later})
    assert any(isinstance(each, Delete) for each in kubelet.advance(last, 130.0, due(last, 130.0)))


def test_a_second_pod_on_the_node_finds_the_image_there() -> None:
    first = live(family(pull_seconds=5.0), 10)[1]
    assert first.nodes["node-1"].images == {"x:1"}
    again = replace(first, pods={"pod": Pod(uid="pod", name="set-abcde", owner_uid="set")})
    assert "Pulling" not in [reason for _, reason in live(again, 10)[0]]


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
    probe = {"initialDelaySeconds": delay, "periodSeconds": period, "successThreshold": successes}
    template = {"spec": {"containers": [{**TEMPLATE["spec"]["containers"][0], "readinessProbe": probe}]}}  # type: ignore[index]
    spec = kubelet.read_spec(template, (ImageBehaviour(pattern="*", ready_seconds=ready),))
    assert kubelet.Kubelet(family(), 0.0).ready_time(Pod(uid="p", name="p"), spec, 0.0) == expected
