"""A sync creates and deletes 500 pods at most, and a pass of limited length is followed by others to the same end."""

from dataclasses import replace

import pytest

from cluster.core import replicaset
from cluster.core.objects import Create, Delete, Family, ImageBehaviour, Node, Pod
from cluster.core.podgroups import PodGroups
from cluster.core.reconcile import Reconciled, reconcile
from tests.core import builders
from tests.core.builders import NOW

INSTANT = (ImageBehaviour(pattern="*"),)
NODES = {"node-1": Node(name="node-1", slots=10_000)}
MOST = 2_147_483_647


def family(replicas: int, pods: int) -> Family:
    """One ReplicaSet of `replicas` that has `pods` unscheduled pods."""
    owner = builders.replicaset("v1", replicas)
    made = [Pod(uid=f"p{n}", name=f"p{n}", namespace="", owner_uid="v1", labels=builders.LABELS) for n in range(pods)]
    return Family(deployment=None, replicasets={"v1": owner}, pods={each.uid: each for each in made})


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
    given = family(replicas, pods)
    changes = replicaset.sync(given, given.replicasets["v1"], PodGroups(given.pods.values()), NOW)
    found = [type(each) for each in changes if not hasattr(each, "reason") and isinstance(each.object, Pod)]
    assert (found.count(Create), found.count(Delete)) == (created, deleted)


def passes(start: Family, most_changes: int) -> list[Reconciled]:
    """One pass after another until one is quiet."""
    done = [reconcile(start, NOW, most_changes=most_changes)]
    while not done[-1].is_quiet:
        done.append(reconcile(done[-1].family, NOW, most_changes=most_changes))
    return done


def test_short_passes_come_to_the_same_end_as_one() -> None:
    start = Family(deployment=builders.deployment(1_200), nodes=NODES, behaviours=INSTANT)
    whole, short = reconcile(start, NOW), passes(start, 1_000)
    assert len(short) > 2
    assert all(each.due == NOW for each in short[:-1])
    assert len(short[-1].family.pods) == len(whole.family.pods) == 1_200
    assert short[-1].due == whole.due


def test_a_size_without_end_is_taken_back_by_the_deployment_controller_after_one_pass() -> None:
    start = Family(deployment=builders.deployment(3), nodes=NODES, behaviours=INSTANT)
    settled = reconcile(start, NOW).family
    owned = next(iter(settled.replicasets.values()))
    blown = settled.replicasets | {owned.uid: replace(owned, replicas=MOST)}
    first = reconcile(replace(settled, replicasets=blown), NOW + 1, most_changes=1_000)
    assert not first.is_quiet
    assert len(first.family.pods) < 2_000
    assert first.family.replicasets[owned.uid].replicas == 3
