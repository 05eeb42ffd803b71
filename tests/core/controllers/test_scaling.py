"""Sizes and the annotations that remember them (pkg/controller/deployment/sync.go)."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.controllers import deployment as controller
from cluster.core.controllers.conditions import PROGRESSING, find
from cluster.core.controllers.replicaset import terminate
from cluster.core.controllers.revisions import DESIRED_REPLICAS, MAX_REPLICAS, REVISION
from cluster.core.controllers.status import UPDATED
from cluster.core.controllers.step import Conflict
from cluster.core.manifests import edits
from cluster.core.objects import Change, Create, ImageBehaviour, ReplicaSet, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core.builders import (
    NOW,
    SELECTOR,
    cluster,
    deployment,
    edit,
    messages,
    owner_of,
    pod,
    replicaset,
    running,
    template,
)

BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)


def annotated(name: str, replicas: int, *, desired: Any = 10, most: Any = 13, **fields: Any) -> ReplicaSet:
    notes = {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(most), REVISION: str(fields.get("number", 1))}
    return replicaset(name, replicas, annotations=notes, selector=SELECTOR, **fields)


def one_pass(state: State) -> list[Change]:
    """What a pass of the Deployment's controller decides, until it ends or the API server refuses a write."""
    try:
        return controller.sync(state, "d", NOW + 100)
    except Conflict as conflict:
        return conflict.changes


def decided(state: State) -> list[ReplicaSet]:
    """The ReplicaSets that it changes, as it leaves them."""
    return [each.object for each in one_pass(state) if isinstance(each, Update) and isinstance(each.object, ReplicaSet)]


def test_another_surge_alone_leaves_the_annotation_until_a_size_changes() -> None:
    """scaleReplicaSetAndRecordEvent does nothing where the size stays; only proportional scaling refreshes annotations."""
    state = running(deployment(4, max_surge=1, max_unavailable=0))
    state.set_behaviours("", (BY_HAND,))
    reconcile(edit(state, edits.set_images(owner_of(state), {"nginx": "nginx:v2"})), NOW + 1)
    reconcile(edit(state, edits.tune(owner_of(state), max_surge="25%")), NOW + 2)
    reconcile(edit(state, edits.tune(owner_of(state), max_surge=1, max_unavailable=2)), NOW + 3)
    reconcile(edit(state, edits.tune(owner_of(state), max_surge="30%", max_unavailable=0)), NOW + 4)
    assert [each.annotations[MAX_REPLICAS] for each in state.replicasets.values()] == ["5", "6"]


@pytest.mark.parametrize("strategy", ["RollingUpdate", "Recreate"])
def test_a_settled_deployment_with_another_strategy_keeps_its_annotations(strategy: str) -> None:
    state = running(deployment(4, max_surge=2))
    reconcile(edit(state, edits.tune(owner_of(state), strategy=strategy, max_surge=3)), NOW + 1)
    assert [each.annotations[MAX_REPLICAS] for each in state.replicasets.values()] == ["6"]


def test_a_saturated_new_replicaset_drops_the_others_newest_first() -> None:
    """FindActiveOrLatest turns the old ones round before they are looped over."""
    sets = (
        annotated("v1", 2, desired=9, number=1),
        annotated("v2", 2, number=2),
        annotated("v3", 10, available=10, number=3),
    )
    owner = deployment(10, template=template("nginx:v3"), replicasets_created=3)
    changed = decided(cluster(owner, replicasets=sets))
    assert [(each.name, each.replicas) for each in changed if each.replicas == 0] == [("v2", 0), ("v1", 0)]


def test_a_deployment_scaled_while_recreate_finds_several_with_pods_stands_still() -> None:
    """Upstream's own trap (kubernetes/kubernetes#125568): for ever a scaling event, and only rolling updates are shared out."""
    sets = (annotated("v1", 6, available=6, number=1), annotated("v2", 7, number=2))
    owner = deployment(11, strategy="Recreate", template=template("nginx:v2"), replicasets_created=2)
    assert [each for each in decided(cluster(owner, replicasets=sets)) if each.replicas not in (6, 7)] == []
    rolling = edits.tune(owner, strategy="RollingUpdate")
    assert sum(each.replicas for each in decided(cluster(rolling, replicasets=sets))) == 11 + 3


def test_a_deadline_that_runs_out_in_the_trap_is_not_due_for_ever() -> None:
    sets = (annotated("v1", 6, available=6, number=1), annotated("v2", 7, number=2))
    owner = deployment(11, strategy="Recreate", template=template("nginx:v2"), replicasets_created=2)
    state = cluster(owner, replicasets=sets, behaviour=BY_HAND)
    first = reconcile(state, NOW)
    assert first.due is not None
    assert reconcile(state, first.due).due is None


def test_an_empty_replicaset_scaled_while_paused_without_history_is_deleted_at_once() -> None:
    """sync cleans up by what it read before it scaled."""
    empty = annotated("v1", 0, desired=0, most=0)
    owner = deployment(6, paused=True, revision_history_limit=0, template=template("nginx:v2"), replicasets_created=1)
    state = cluster(owner, replicasets=[empty])
    reconcile(state, NOW)
    assert not state.replicasets


@pytest.mark.parametrize("noted", ["", "many", "1.5", "١٠"])
def test_an_annotation_that_is_no_number_is_no_scaling_event(noted: str) -> None:
    """getIntFromAnnotation."""
    sets = (annotated("v1", 10, desired=noted, most=noted, available=10),)
    owner = deployment(10, template=template("nginx:v1"), replicasets_created=1)
    assert not [each for each in decided(cluster(owner, replicasets=sets)) if each.replicas != 10]


def test_a_revision_that_somebody_has_made_unreadable_is_left_alone() -> None:
    """SetNewReplicaSetAnnotations."""
    broken = annotated("v1", 3, desired=3, available=3)
    broken = replace(broken, annotations={**broken.annotations, REVISION: "first"})
    owner = deployment(3, template=template("nginx:v1"), replicasets_created=1, annotations={"note": "hello"})
    assert decided(cluster(owner, replicasets=[broken])) == []


def test_each_share_of_a_share_out_is_told_by_its_own_direction() -> None:
    """With annotations that lie one ReplicaSet shrinks while pods are added (1.36, scaleReplicaSet)."""
    sets = (annotated("v1", 8, most=13, number=1), annotated("v2", 5, most=100, number=2))
    owner = deployment(15, max_surge=3, max_unavailable=2, template=template("nginx:v2"), replicasets_created=2)
    assert messages(one_pass(cluster(owner, replicasets=sets)), "Deployment") == [
        "Scaled up replica set v1 from 8 to 17",
        "Scaled down replica set v2 from 5 to 1",
    ]


def test_a_return_to_an_older_template_in_a_share_out_that_changes_no_size_is_progress() -> None:
    """The pass that scales has written the revision, so that its status is refused, and the next pass sees more updated pods
    than before (1.36.2, 8 of 8)."""
    state = cluster(deployment(10, max_surge=3, max_unavailable=0), behaviour=BY_HAND)
    reconcile(state, NOW)
    ready = list(state.pods.values())[:8]
    state.apply([Update(object=replace(each, ready=True, ready_since=NOW)) for each in ready])
    reconcile(edit(state, edits.set_images(owner_of(state), {"nginx": "nginx:v2"})), NOW + 1)
    former, newer = state.replicasets.values()
    assert (former.replicas, newer.replicas) == (10, 3)
    returned = edits.tune(edits.scale(owner_of(state), 11), max_surge=2)
    reconcile(edit(state, edits.set_images(returned, {"nginx": "nginx:v1"})), NOW + 2)
    assert [each.replicas for each in state.replicasets.values()] == [10, 3]
    progressing = find(owner_of(state).status.conditions, PROGRESSING)
    assert progressing is not None
    assert (progressing.reason, progressing.message) == (UPDATED, f'ReplicaSet "{former.name}" is progressing.')


def test_a_dying_pod_of_an_old_replicaset_is_progress() -> None:
    """Its ReplicaSet's status is written from the pods as they were before the replacement (1.36.2, 8 of 8)."""
    state = running(deployment(3, max_surge=1, max_unavailable=0))
    state.set_behaviours("", (BY_HAND,))
    reconcile(edit(state, edits.set_images(owner_of(state), {"nginx": "nginx:v2"})), NOW + 1)
    reconcile(edit(state, edits.pause(owner_of(state))), NOW + 2)
    reconcile(edit(state, edits.resume(owner_of(state))), NOW + 3)
    state.apply(terminate(next(iter(state.pods.values())), NOW + 4))
    reconcile(state, NOW + 4)
    found = [(each.type, each.reason) for each in owner_of(state).status.conditions]
    assert found == [("Available", "MinimumReplicasUnavailable"), ("Progressing", UPDATED)]


def test_a_deployment_that_waits_for_its_deletion_still_counts_its_new_pods() -> None:
    """syncStatusOnly."""
    state = running(deployment(3))
    owner = owner_of(state)
    gone = replace(owner, deleted_at=NOW, status=replace(owner.status, updated_replicas=0))
    (change,) = controller.sync(edit(state, gone), "d", NOW + 1)
    assert isinstance(change, Update)
    assert change.object.status.updated_replicas == 3  # type: ignore[union-attr]


def test_what_waits_for_its_deletion_neither_adopts_nor_releases() -> None:
    """ClaimObject, controller_ref_manager.go."""
    stranger = annotated("v2", 1, labels={"app": "other"}, number=2, template=template("nginx:v2"))
    orphan = annotated("v3", 1, owner_uid=None, number=3, template=template("nginx:v3"))
    held = ("example.com/hold",)
    owner = deployment(1, deleted_at=NOW, finalizers=held, template=template("nginx:v1"), replicasets_created=3)
    assert decided(cluster(owner, replicasets=[stranger, orphan])) == []
    dying = replace(annotated("v1", 1), deleted_at=NOW, finalizers=held)
    pods = [pod("p", labels={"app": "other"}), pod("q", owner_uid=None)]
    state = cluster(owner, replicasets=[dying], pods=pods, behaviour=BY_HAND)
    result = reconcile(state, NOW)
    assert {each.uid: each.owner_uid for each in state.pods.values()} == {"p": "v1", "q": None}
    assert not [each for each in result.changes if isinstance(each, Create)]
