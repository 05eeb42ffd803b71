"""A sync creates and deletes 500 pods at most, and a pass of limited length is followed by others to the same end."""

from dataclasses import replace

import pytest

from cluster.core.controllers import replicaset
from cluster.core.objects import Create, Delete, ImageBehaviour, Node, Object, Pod, Update
from cluster.core.reconcile import Reconciled, reconcile
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import NOW

INSTANT = {"": (ImageBehaviour(pattern="*"),)}
NODE = Node(name="node-1", slots=10_000)
MOST = 2_147_483_647


def cluster(replicas: int, pods: int) -> State:
    """One ReplicaSet of `replicas` that has `pods` unscheduled pods."""
    owner = builders.replicaset("v1", replicas)
    made: list[Object] = [
        Pod(uid=f"p{n}", name=f"p{n}", namespace=owner.namespace, owner_uid="v1", labels=builders.LABELS)
        for n in range(pods)
    ]
    return State([owner, *made])


@pytest.mark.parametrize(
    ("replicas", "pods", "created", "deleted"),
    [
        pytest.param(499, 0, 499, 0, id="below the burst"),
        pytest.param(501, 0, 500, 0, id="above it"),
        pytest.param(MOST, 3, 500, 0, id="the most replicas that there can be"),
        pytest.param(0, 501, 0, 500, id="fewer above it"),
        pytest.param(2, 501, 0, 499, id="fewer below it"),
    ],
)
def test_a_sync_creates_and_deletes_500_pods_at_most(replicas: int, pods: int, created: int, deleted: int) -> None:
    changes = replicaset.sync(cluster(replicas, pods), "v1", NOW)
    found = [type(each) for each in changes if not hasattr(each, "reason") and isinstance(each.object, Pod)]
    assert (found.count(Create), found.count(Delete)) == (created, deleted)


def passes(state: State, most_changes: int, now: float = NOW) -> list[Reconciled]:
    """One pass after another until nothing waits."""
    done = [reconcile(state, now, most_changes=most_changes)]
    while done[-1].due == now:
        done.append(reconcile(state, now, most_changes=most_changes))
    return done


def test_short_passes_come_to_the_same_end_as_one() -> None:
    one, other = (State([builders.deployment(1_200), NODE], INSTANT) for _ in range(2))
    whole, short = reconcile(one, NOW), passes(other, 1_000)
    assert len(short) > 2
    assert len(other.pods) == len(one.pods) == 1_200
    assert short[-1].due == whole.due


def test_a_size_without_end_is_taken_back_by_the_deployment_controller_before_it_is_reached() -> None:
    state = State([builders.deployment(3), NODE], INSTANT)
    reconcile(state, NOW)
    owned = next(iter(state.replicasets.values()))
    state.apply([Update(object=replace(owned, replicas=MOST))])
    passes(state, 1_000, NOW + 1)
    assert state.replicasets[owned.uid].replicas == 3
    assert len([each for each in state.pods.values() if each.deleted_at is None]) == 3
