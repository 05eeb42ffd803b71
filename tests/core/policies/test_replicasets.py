"""A quota of ReplicaSets: the Deployment that can't have a new one says so (sync.go, getNewReplicaSet)."""

from dataclasses import replace

from cluster.core.controllers.conditions import PROGRESSING, find
from cluster.core.objects import Change, Create, Event, Update
from cluster.core.policies import reading
from cluster.core.reconcile import MOST_RETRIES, reconcile
from cluster.core.state import State
from tests.core import builders


def quota(number: int) -> reading.Kept:
    about = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}}
    return reading.read({**about, "spec": {"hard": {"count/replicasets.apps": str(number)}}}, "default")


def updated() -> tuple[State, list[Change]]:
    """A Deployment with another image and no room for its ReplicaSet."""
    state = builders.cluster()
    state.apply([Create(object=quota(1)), Create(object=builders.deployment())])
    builders.settle(state, builders.NOW)
    owner = builders.owner_of(state)
    state.apply([Update(object=replace(owner, template=builders.template("nginx:v2"), generation=2))])
    return state, reconcile(state, builders.NOW).changes


def refusals(changes: list[Change]) -> list[Event]:
    return [each for each in changes if isinstance(each, Event) and each.reason == "ReplicaSetCreateError"]


def test_the_deployment_says_why_it_has_no_new_replicaset() -> None:
    state, changes = updated()
    failed = find(builders.owner_of(state).status.conditions, PROGRESSING)
    assert failed is not None
    assert (failed.status, failed.reason) == ("False", "ReplicaSetCreateError")
    name = failed.message.split('"')[1]
    key = "count/replicasets.apps"
    assert failed.message == (
        f'Failed to create new replica set "{name}": replicasets.apps "{name}" is forbidden: exceeded quota: q, '
        f"requested: {key}=1, used: {key}=1, limited: {key}=1"
    )
    assert {(each.type, each.message) for each in refusals(changes)} == {("Warning", failed.message)}
    assert len(state.replicasets) == 1


def test_it_is_tried_again_for_some_time() -> None:
    state, changes = updated()
    found, last = builders.settle(state, builders.NOW)
    assert len(refusals([*changes, *found])) == MOST_RETRIES["Deployment"] + 1
    assert 80 < last - builders.NOW < 170  # 5 ms, doubled fourteen times


def test_room_lets_the_update_go_on_at_the_next_try() -> None:
    state, _ = updated()
    new = quota(2)
    state.apply([Update(object=reading.over(state.kept[new.uid], new))])
    builders.settle(state, builders.NOW + 1)
    owner = builders.owner_of(state)
    assert owner.status.updated_replicas == 3
    assert state.kept[new.uid].manifest["status"]["used"] == {"count/replicasets.apps": "2"}
