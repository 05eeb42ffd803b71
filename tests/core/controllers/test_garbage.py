"""Deletion's three policies, and what becomes of what a deleted object owned."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.controllers import garbage
from cluster.core.controllers.replicaset import terminate
from cluster.core.objects import Change, Delete, Event, ImageBehaviour, Pod, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import only, owner_of

NOW = builders.NOW
STOPS_SLOWLY = ImageBehaviour(pattern="*", stop_seconds=5.0)


def settled(**deployment: Any) -> State:
    state = builders.cluster(builders.deployment(**deployment), behaviour=STOPS_SLOWLY)
    reconcile(state, NOW)
    return state


def change(state: State, *changes: Change) -> list[Change]:
    """What follows from the changes at NOW + 1."""
    state.apply(changes)
    return reconcile(state, NOW + 1).changes


def order(changes: list[Change]) -> list[str]:
    return [type(each.object).__name__ for each in changes if isinstance(each, Delete)]


def test_in_the_background_the_owner_goes_first_and_its_pods_keep_their_spec() -> None:
    state = settled(replicas=2)
    spec = only(state.replicasets).template["spec"]
    change(state, garbage.delete(owner_of(state), "Background", NOW + 1))
    assert (state.deployments, state.replicasets) == ({}, {})
    assert {pod.deleted_at for pod in state.pods.values()} == {NOW + 1}
    assert all(pod.spec == spec for pod in state.pods.values())
    reconcile(state, NOW + 7)
    assert not state.pods


def test_in_the_foreground_the_owner_goes_last() -> None:
    state = settled(replicas=2)
    generation = owner_of(state).generation
    change(state, garbage.delete(owner_of(state), "Foreground", NOW + 1))
    assert owner_of(state).finalizers == (garbage.FOREGROUND,)
    assert owner_of(state).generation == generation + 1
    assert only(state.replicasets).finalizers == (garbage.FOREGROUND,)
    assert len(state.pods) == 2
    assert order(reconcile(state, NOW + 7).changes) == ["Pod", "Pod", "ReplicaSet", "Deployment"]
    assert (state.deployments, state.replicasets, state.pods) == ({}, {}, {})


def test_what_is_orphaned_stays_as_it_is() -> None:
    state = settled(replicas=2)
    pods = set(state.pods)
    change(state, garbage.delete(owner_of(state), "Orphan", NOW + 1))
    assert not state.deployments
    assert only(state.replicasets).owner_uid is None
    assert set(state.pods) == pods
    assert all(pod.ready and pod.deleted_at is None for pod in state.pods.values())


def test_orphaned_pods_keep_the_spec_that_their_replicaset_gave_them() -> None:
    state = settled(replicas=2)
    replicaset = replace(only(state.replicasets), owner_uid=None)
    change(state, Update(object=replicaset), Delete(object=owner_of(state)))
    change(state, garbage.delete(replicaset, "Orphan", NOW + 1))
    assert not state.replicasets
    assert {(pod.owner_uid, pod.deleted_at) for pod in state.pods.values()} == {(None, None)}
    assert all(pod.spec == replicaset.template["spec"] for pod in state.pods.values())


def test_a_finalizer_of_somebody_holds_an_object_until_it_is_taken_away() -> None:
    state = settled(replicas=1)
    held = replace(owner_of(state), finalizers=("example.com/hold",))
    change(state, garbage.delete(held, "Background", NOW + 1))
    assert owner_of(state).deleted_at == NOW + 1
    assert len(state.pods) == 1
    change(state, Update(object=replace(owner_of(state), finalizers=())))
    assert (state.deployments, state.replicasets) == ({}, {})


def test_a_pod_with_a_finalizer_stops_and_stays() -> None:
    state = settled(replicas=1)
    held = replace(only(state.pods), finalizers=("example.com/hold",))
    change(state, *terminate(held, NOW + 1))
    reconcile(state, NOW + 60)
    stopped = state.pods[held.uid]
    assert (stopped.ready, stopped.next_at, stopped.deleted_at) == (False, None, NOW + 1)


@pytest.mark.parametrize(
    ("grace", "stops_at"),
    [
        pytest.param(None, NOW + 6, id="the spec's 30 s are enough"),
        pytest.param(2.0, NOW + 3, id="shorter than it needs"),
        pytest.param(60.0, NOW + 6, id="longer than it needs"),
    ],
)
def test_a_pod_stops_within_the_grace_that_its_deletion_gives(grace: float | None, stops_at: float) -> None:
    state = settled(replicas=1)
    pod = only(state.pods)
    change(state, *terminate(pod, NOW + 1, grace))
    assert state.pods[pod.uid].next_at == stops_at


def test_a_bare_pod_lives_by_its_own_spec() -> None:
    spec = {"containers": [{"name": "alone", "image": "slow:1"}], "terminationGracePeriodSeconds": 5}
    pod = Pod(uid="1", name="alone", created_at=NOW, next_at=NOW, spec=spec)
    state = builders.cluster(behaviour=ImageBehaviour(pattern="slow:*", stop_seconds=9.0), pods=[pod])
    changes = reconcile(state, NOW).changes
    assert state.pods["1"].ready
    assert 'Pulling image "slow:1"' in [each.message for each in changes if isinstance(each, Event)]
    change(state, *terminate(state.pods["1"], NOW + 1))
    assert state.pods["1"].next_at == NOW + 6


def test_what_is_settled_leaves_nothing_to_collect() -> None:
    state = settled(replicas=2)
    owners = [*state.deployments, *state.replicasets]
    assert [garbage.collect(state, uid, NOW) for uid in owners] == [[], []]


def test_finished_pods_go_with_their_owner() -> None:
    state = settled(replicas=2)
    first = next(iter(state.pods.values()))
    change(state, Update(object=replace(first, phase="Succeeded")))
    change(state, Delete(object=owner_of(state)))
    reconcile(state, NOW + 60)
    assert not state.pods


def test_a_replicaset_that_is_deleted_creates_no_pods() -> None:
    state = settled(replicas=2)
    found = replace(only(state.replicasets), owner_uid=None, deleted_at=NOW, finalizers=("example.com/hold",))
    change(state, Update(object=replace(found, replicas=5)), Delete(object=owner_of(state)))
    assert len(state.pods) == 2
