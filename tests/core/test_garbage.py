"""Deletion's three policies, and what becomes of what a deleted object owned."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core import garbage
from cluster.core.family import apply_changes
from cluster.core.objects import Delete, Event, Family, ImageBehaviour, Pod, ReplicaSet, Update
from cluster.core.podgroups import PodGroups
from cluster.core.reconcile import Reconciled, reconcile
from cluster.core.replicaset import terminate
from tests.core import builders

NOW = builders.NOW
STOPS_SLOWLY = ImageBehaviour(pattern="*", stop_seconds=5.0)


def settled(**deployment: Any) -> Family:
    family = builders.family(builders.deployment(**deployment), behaviour=STOPS_SLOWLY)
    return reconcile(family, NOW).family


def changed(family: Family, *changes: Any, now: float = NOW + 1) -> Reconciled:
    return reconcile(apply_changes(family, changes), now)


def order(result: Reconciled) -> list[str]:
    return [type(each.object).__name__ for each in result.changes if isinstance(each, Delete)]


def of(family: Family) -> Any:
    assert family.deployment
    return family.deployment


def test_in_the_background_the_owner_goes_first_and_its_pods_keep_their_spec() -> None:
    family = settled(replicas=2)
    result = changed(family, garbage.delete(of(family), "Background", NOW + 1))
    assert (result.family.deployment, dict(result.family.replicasets)) == (None, {})
    (replicaset,) = family.replicasets.values()
    assert {pod.deleted_at for pod in result.family.pods.values()} == {NOW + 1}
    assert all(pod.spec == replicaset.template["spec"] for pod in result.family.pods.values())
    assert not reconcile(result.family, NOW + 7).family.pods


def test_in_the_foreground_the_owner_goes_last() -> None:
    family = settled(replicas=2)
    begun = changed(family, garbage.delete(of(family), "Foreground", NOW + 1)).family
    assert of(begun).finalizers == (garbage.FOREGROUND,)
    assert of(begun).generation == of(family).generation + 1
    assert [each.finalizers for each in begun.replicasets.values()] == [(garbage.FOREGROUND,)]
    assert len(begun.pods) == 2
    ended = reconcile(begun, NOW + 7)
    assert order(ended) == ["Pod", "Pod", "ReplicaSet", "Deployment"]
    assert (ended.family.deployment, dict(ended.family.replicasets), dict(ended.family.pods)) == (None, {}, {})


def test_what_is_orphaned_stays_as_it_is() -> None:
    family = settled(replicas=2)
    result = changed(family, garbage.delete(of(family), "Orphan", NOW + 1))
    assert result.family.deployment is None
    assert [each.owner_uid for each in result.family.replicasets.values()] == [None]
    assert result.family.pods.keys() == family.pods.keys()
    assert all(pod.ready and pod.deleted_at is None for pod in result.family.pods.values())


def test_orphaned_pods_keep_the_spec_that_their_replicaset_gave_them() -> None:
    family = settled(replicas=2)
    alone = replace(family, deployment=None, replicasets={
        uid: replace(each, owner_uid=None) for uid, each in family.replicasets.items()
    })  # fmt: skip
    (replicaset,) = alone.replicasets.values()
    result = changed(alone, garbage.delete(replicaset, "Orphan", NOW + 1))
    assert not result.family.replicasets
    assert {(pod.owner_uid, pod.deleted_at) for pod in result.family.pods.values()} == {(None, None)}
    assert all(pod.spec == replicaset.template["spec"] for pod in result.family.pods.values())


def test_a_finalizer_of_somebody_holds_an_object_until_it_is_taken_away() -> None:
    family = settled(replicas=1)
    held = replace(of(family), finalizers=("example.com/hold",))
    waiting = changed(replace(family, deployment=held), garbage.delete(held, "Background", NOW + 1)).family
    assert of(waiting).deleted_at == NOW + 1
    assert len(waiting.pods) == 1
    gone = changed(waiting, Update(object=replace(of(waiting), finalizers=()))).family
    assert gone.deployment is None
    assert not gone.replicasets


def test_a_pod_with_a_finalizer_stops_and_stays() -> None:
    family = settled(replicas=1)
    (pod,) = family.pods.values()
    held = replace(pod, finalizers=("example.com/hold",))
    begun = changed(family, *terminate(held, NOW + 1)).family
    stopped = reconcile(begun, NOW + 60).family.pods[pod.uid]
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
    family = settled(replicas=1)
    (pod,) = family.pods.values()
    begun = changed(family, *terminate(pod, NOW + 1, grace)).family
    assert begun.pods[pod.uid].next_at == stops_at


def test_a_bare_pod_lives_by_its_own_spec() -> None:
    spec = {"containers": [{"name": "alone", "image": "slow:1"}], "terminationGracePeriodSeconds": 1}
    pod = Pod(uid="1", name="alone", created_at=NOW, next_at=NOW, spec=spec)
    behaviour = ImageBehaviour(pattern="slow:*", pull_seconds=0.0, stop_seconds=9.0)
    family = replace(builders.family(None, behaviour=behaviour), pods={"1": pod})
    running = reconcile(family, NOW)
    assert running.family.pods["1"].ready
    assert 'Pulling image "slow:1"' in [each.message for each in running.changes if isinstance(each, Event)]
    assert changed(running.family, *terminate(running.family.pods["1"], NOW + 1)).family.pods["1"].next_at == NOW + 2


def test_a_settled_family_has_nothing_to_collect() -> None:
    family = settled(replicas=2)
    assert garbage.collect(family, NOW, PodGroups(family.pods.values())) == []


def test_a_replicaset_that_is_deleted_creates_no_pods() -> None:
    family = settled(replicas=2)
    (replicaset,) = family.replicasets.values()
    waiting = replace(replicaset, owner_uid=None, deleted_at=NOW, finalizers=("example.com/hold",), replicas=5)
    alone: dict[str, ReplicaSet] = {waiting.uid: waiting}
    assert len(reconcile(replace(family, deployment=None, replicasets=alone), NOW + 1).family.pods) == 2
