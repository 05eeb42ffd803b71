"""An update of three replicas as Kubernetes 1.36.1 made it (tests/golden/trace-...txt), write by write: terminating pods are
counted apart, and each object goes through the same states.

The writes of one object are compared whole, and those of the Deployment's controller in their common order. Between the
ReplicaSet's controller and the Deployment's the recording shows a race: both answer the same write."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cluster.core.manifests import edits
from cluster.core.objects import Change, Create, Delete, Deployment, Event, ImageBehaviour, Pod, ReplicaSet, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import owner_of

TRACE = Path(__file__).parent.parent / "golden" / "trace-1.36.1-3-replicas-defaults.txt"
KINDS = {"D": "the Deployment", "RS": "its ReplicaSets", "P": "their pods"}
STARTED_BEFORE = ImageBehaviour(pattern="*:v1", stop_seconds=0.1)
PULLED_ONCE = ImageBehaviour(pattern="*", pull_seconds=2.7, start_seconds=0.4, stop_seconds=0.1)


class Write(NamedTuple):
    """`state` of a Deployment: counts, then conditions; of a ReplicaSet: spec and counts; of a pod: phase, stopping, ready."""

    kind: str
    name: str
    state: tuple[Any, ...]


def recorded() -> list[Write]:
    """Without the edit that started it, which is a user's write."""
    lines = TRACE.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if " RS ADDED " in line)
    return [read(line) for line in lines[first:] if " P DELETED " not in line]


def read(line: str) -> Write:
    _, kind, _, *rest = line.split(maxsplit=3)
    text = rest[0]
    if kind == "D":
        conditions = re.findall(r"\('(\w+)', '(\w+)', '(\w+)'\)", text)
        return Write(kind, "", (*numbers(text, "upd", "rep", "rdy", "av", "unav", "term"), *conditions))
    name = text.split()[0]
    if kind == "RS":
        return Write(kind, name, numbers(text, "spec", "st", "ready", "avail", "term"))
    return Write(kind, name, (text.split()[1], " del " in text, "['True']" in text))


def numbers(text: str, *names: str) -> tuple[int, ...]:
    """0 where the recording has None: the API omits zero."""
    found = (re.search(rf"\b{name} (\w+)", text) for name in names)
    return tuple(int(each[1]) if each and each[1] != "None" else 0 for each in found)


def told(change: Change) -> Write | None:
    if isinstance(change, Event | Delete):
        return None
    thing = change.object
    if isinstance(thing, Deployment):
        s = thing.status
        counts = (s.updated_replicas, s.replicas, s.ready_replicas, s.available_replicas, s.unavailable_replicas)
        conditions = ((each.type, each.status, each.reason) for each in s.conditions)
        return Write("D", "", (*counts, s.terminating_replicas, *conditions))
    if isinstance(thing, ReplicaSet):
        r = thing.status
        counts = (r.replicas, r.ready_replicas, r.available_replicas, r.terminating_replicas)
        return Write("RS", thing.name, (thing.replicas, *counts))
    if isinstance(thing, Pod):
        return Write("P", thing.name, (thing.phase, thing.deleted_at is not None, thing.ready))
    return None


@pytest.fixture(scope="module")
def changes() -> list[Change]:
    state = builders.cluster(builders.deployment(3, name="api"), nodes=1)
    state.set_behaviours("", (STARTED_BEFORE, PULLED_ONCE))
    _, now = builders.settle(state, builders.NOW)
    return builders.settle(updated(state), now + 60)[0]


def updated(state: State) -> State:
    return builders.edit(state, edits.set_images(owner_of(state), {"nginx": "nginx:v2"}))


@pytest.fixture
def ours(changes: list[Change]) -> list[Write]:
    return [write for write in map(told, changes) if write]


def by_object(writes: Sequence[Write], kind: str) -> list[list[tuple[Any, ...]]]:
    """The states of each object of a kind, objects in the order of their first write."""
    names = dict.fromkeys(write.name for write in writes if write.kind == kind)
    return [[write.state for write in writes if write.kind == kind and write.name == name] for name in names]


def test_the_deployments_status_goes_through_the_same_states(ours: list[Write]) -> None:
    assert by_object(ours, "D") == by_object(recorded(), "D")


def test_each_replicaset_goes_through_the_same_states(ours: list[Write]) -> None:
    assert by_object(ours, "RS") == by_object(recorded(), "RS")


def test_the_deployments_controller_writes_in_the_same_order(ours: list[Write]) -> None:
    assert list(sizes_and_statuses(ours)) == list(sizes_and_statuses(recorded()))


def sizes_and_statuses(writes: list[Write]) -> Iterator[tuple[Any, ...]]:
    """Statuses of the Deployment, and sizes given to ReplicaSets (by number: 0 is the new one, it is written first)."""
    order = list(dict.fromkeys(write.name for write in writes if write.kind == "RS"))
    sizes: dict[str, int] = {}
    for write in writes:
        if write.kind == "D":
            yield write.state
        elif write.kind == "RS" and sizes.get(write.name) != write.state[0]:
            sizes[write.name] = write.state[0]
            yield order.index(write.name), write.state[0]


def test_each_pod_goes_through_the_same_states(ours: list[Write]) -> None:
    assert sorted(map(distinct, by_object(ours, "P"))) == sorted(map(distinct, by_object(recorded_pods(), "P")))


def recorded_pods() -> list[Write]:
    return [write for write in recorded() if write.kind == "P"]


def distinct(states: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [state for state, _ in groupby(states)]


def test_the_events_are_worded_as_today(changes: list[Change]) -> None:
    texts = [re.sub(r"api-\w+", "X", text) for text in builders.messages(changes, "Deployment")]
    assert texts == [
        "Scaled up replica set X from 0 to 1",
        "Scaled down replica set X from 3 to 2",
        "Scaled up replica set X from 1 to 2",
        "Scaled down replica set X from 2 to 1",
        "Scaled up replica set X from 2 to 3",
        "Scaled down replica set X from 1 to 0",
    ]


def test_pods_that_stop_slowly_are_counted_apart_and_replaced_at_once() -> None:
    """A pod that is asked to stop no longer counts among the replicas: its successor doesn't wait for it."""
    state = builders.cluster(builders.deployment(3), behaviour=ImageBehaviour(pattern="*", stop_seconds=20.0))
    _, now = builders.settle(state, builders.NOW)
    result = reconcile(updated(state), now + 60)
    status = owner_of(state).status
    counts = (status.replicas, status.updated_replicas, status.available_replicas, status.terminating_replicas)
    assert counts == (3, 3, 3, 3)
    assert len(state.pods) == 6
    assert result.due == now + 80


def test_terminating_pods_hold_recreate_back() -> None:
    owner = builders.deployment(3, strategy="Recreate")
    state = builders.cluster(owner, behaviour=ImageBehaviour(pattern="*", stop_seconds=20.0))
    _, now = builders.settle(state, builders.NOW)
    held = reconcile(updated(state), now + 60).changes
    assert [each.replicas for each in state.replicasets.values()] == [0]
    assert {pod.deleted_at for pod in state.pods.values()} == {now + 60}
    freed = reconcile(state, now + 80).changes
    assert [each.replicas for each in state.replicasets.values()] == [0, 3]
    assert len([each for each in freed if isinstance(each, Create) and isinstance(each.object, ReplicaSet)]) == 1
    assert any(isinstance(each, Update) and isinstance(each.object, Deployment) for each in held)
