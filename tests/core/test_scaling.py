"""Sizes and the annotations that remember them (pkg/controller/deployment/sync.go)."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core import deployment as controller
from cluster.core import edits
from cluster.core.objects import Create, Delete, Event, Family, ImageBehaviour, ReplicaSet, Update
from cluster.core.reconcile import reconcile
from cluster.core.revisions import DESIRED_REPLICAS, MAX_REPLICAS, REVISION
from tests.core.builders import NOW, SELECTOR, deployment, edit, family, pod, replicaset, settle, template

BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)


def annotated(name: str, replicas: int, *, desired: Any = 10, most: Any = 13, **fields: Any) -> ReplicaSet:
    notes = {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(most), REVISION: str(fields.get("number", 1))}
    return replicaset(name, replicas, annotations=notes, selector=SELECTOR, **fields)


def decided(start: Family) -> list[ReplicaSet]:
    """The ReplicaSets that one pass of the Deployment's controller changes, as it leaves them."""
    changes = controller.sync(start, NOW + 100)
    return [each.object for each in changes if isinstance(each, Update) and isinstance(each.object, ReplicaSet)]


def running(owner: Any, *, image: str = "nginx:v1") -> Family:
    """Settled with all pods ready."""
    return settle(family(replace(owner, template=template(image))), NOW)[0]


def test_another_surge_alone_leaves_the_annotation_until_a_size_changes() -> None:
    """scaleReplicaSetAndRecordEvent does nothing where the size stays; only proportional scaling refreshes annotations."""
    start = replace(running(deployment(4, max_surge=1, max_unavailable=0)), behaviours=(BY_HAND,))
    assert start.deployment is not None
    start = reconcile(edit(start, edits.set_images(start.deployment, {"nginx": "nginx:v2"})), NOW + 1).family
    assert start.deployment is not None
    start = reconcile(edit(start, edits.tune(start.deployment, max_surge="25%")), NOW + 2).family
    assert start.deployment is not None
    start = reconcile(edit(start, edits.tune(start.deployment, max_surge=1, max_unavailable=2)), NOW + 3).family
    start = reconcile(edit(start, replace(start.deployment, max_surge="30%", max_unavailable=0)), NOW + 4).family
    assert [each.annotations[MAX_REPLICAS] for each in start.replicasets.values()] == ["5", "6"]


@pytest.mark.parametrize("strategy", ["RollingUpdate", "Recreate"])
def test_a_settled_deployment_with_another_strategy_keeps_its_annotations(strategy: str) -> None:
    start = running(deployment(4, max_surge=2))
    assert start.deployment is not None
    start = reconcile(edit(start, edits.tune(start.deployment, strategy=strategy, max_surge=3)), NOW + 1).family
    assert [each.annotations[MAX_REPLICAS] for each in start.replicasets.values()] == ["6"]


def test_a_saturated_new_replicaset_drops_the_others_newest_first() -> None:
    """FindActiveOrLatest turns the old ones round before they are looped over."""
    sets = (
        annotated("v1", 2, desired=9, number=1),
        annotated("v2", 2, number=2),
        annotated("v3", 10, available=10, number=3),
    )
    owner = deployment(10, template=template("nginx:v3"), replicasets_created=3)
    changed = decided(family(owner, replicasets=sets))
    assert [(each.name, each.replicas) for each in changed if each.replicas == 0] == [("v2", 0), ("v1", 0)]


def test_a_deployment_scaled_while_recreate_finds_several_with_pods_stands_still() -> None:
    """Upstream's own trap (kubernetes/kubernetes#125568): for ever a scaling event, and only rolling updates are shared out."""
    sets = (annotated("v1", 6, available=6, number=1), annotated("v2", 7, number=2))
    owner = deployment(11, strategy="Recreate", template=template("nginx:v2"), replicasets_created=2)
    assert [each for each in decided(family(owner, replicasets=sets)) if each.replicas not in (6, 7)] == []
    rolling = edits.tune(owner, strategy="RollingUpdate")
    assert sum(each.replicas for each in decided(family(rolling, replicasets=sets))) == 11 + 3


def test_a_deadline_that_runs_out_in_the_trap_is_not_due_for_ever() -> None:
    sets = (annotated("v1", 6, available=6, number=1), annotated("v2", 7, number=2))
    owner = deployment(11, strategy="Recreate", template=template("nginx:v2"), replicasets_created=2)
    start = family(owner, replicasets=sets, behaviour=BY_HAND)
    first = reconcile(start, NOW)
    assert first.due is not None
    assert reconcile(first.family, first.due).due is None


def test_an_empty_replicaset_scaled_while_paused_without_history_is_deleted_at_once() -> None:
    """sync cleans up by what it read before it scaled."""
    empty = annotated("v1", 0, desired=0, most=0)
    owner = deployment(6, paused=True, revision_history_limit=0, template=template("nginx:v2"), replicasets_created=1)
    changes = controller.sync(family(owner, replicasets=[empty]), NOW + 100)
    assert [type(each) for each in changes if not isinstance(each, Event)][-3:-1] == [Update, Delete]


@pytest.mark.parametrize("noted", ["", "many", "1.5", "١٠"])
def test_an_annotation_that_is_no_number_is_no_scaling_event(noted: str) -> None:
    """getIntFromAnnotation."""
    sets = (annotated("v1", 10, desired=noted, most=noted, available=10),)
    owner = deployment(10, template=template("nginx:v1"), replicasets_created=1)
    assert not [each for each in decided(family(owner, replicasets=sets)) if each.replicas != 10]


def test_a_revision_that_somebody_has_made_unreadable_is_left_alone() -> None:
    """SetNewReplicaSetAnnotations."""
    broken = annotated("v1", 3, desired=3, available=3)
    broken = replace(broken, annotations={**broken.annotations, REVISION: "first"})
    owner = deployment(3, template=template("nginx:v1"), replicasets_created=1, annotations={"note": "hello"})
    assert decided(family(owner, replicasets=[broken])) == []


def test_all_of_a_share_out_are_told_to_go_the_same_way() -> None:
    """With annotations that lie one ReplicaSet shrinks while pods are added: the event still says up, as upstream's does."""
    sets = (annotated("v1", 8, most=100, number=1), annotated("v2", 5, most=13, number=2))
    owner = deployment(15, max_surge=3, max_unavailable=2, template=template("nginx:v2"), replicasets_created=2)
    changes = controller.sync(family(owner, replicasets=sets), NOW + 100)
    words = {each.message.split()[1] for each in changes if isinstance(each, Event)}
    assert words == {"up"}


def test_a_deployment_that_waits_for_its_deletion_still_counts_its_new_pods() -> None:
    """syncStatusOnly."""
    start = running(deployment(3))
    assert start.deployment is not None
    gone = replace(start.deployment, deleted_at=NOW, status=replace(start.deployment.status, updated_replicas=0))
    (change,) = controller.sync(edit(start, gone), NOW + 1)
    assert isinstance(change, Update)
    assert change.object.status.updated_replicas == 3  # type: ignore[union-attr]


def test_what_waits_for_its_deletion_neither_adopts_nor_releases() -> None:
    """ClaimObject, controller_ref_manager.go."""
    stranger = annotated("v2", 1, labels={"app": "other"}, number=2, template=template("nginx:v2"))
    orphan = annotated("v3", 1, owner_uid=None, number=3, template=template("nginx:v3"))
    held = ("example.com/hold",)
    owner = deployment(1, deleted_at=NOW, finalizers=held, template=template("nginx:v1"), replicasets_created=3)
    assert decided(family(owner, replicasets=[stranger, orphan])) == []
    dying = replace(annotated("v1", 1), deleted_at=NOW, finalizers=held)
    pods = [pod("p", labels={"app": "other"}), pod("q", owner_uid=None)]
    result = reconcile(replace(family(owner, replicasets=[dying], pods=pods), behaviours=(BY_HAND,)), NOW)
    assert {each.uid: each.owner_uid for each in result.family.pods.values()} == {"p": "v1", "q": None}
    assert not [each for each in result.changes if isinstance(each, Create)]
