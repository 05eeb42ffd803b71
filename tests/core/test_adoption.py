"""Release and adoption by selector, cascading and orphaning deletes, within one family (controller_ref_manager.go)."""

from dataclasses import replace

from cluster.core.objects import Delete, Family, Pod, ReplicaSet
from cluster.core.reconcile import reconcile
from tests.core import builders
from tests.core.builders import LABELS, NOW, deployment, objects


def started(replicas: int = 3) -> Family:
    return reconcile(builders.family(deployment(replicas)), NOW).family


def only(family: Family) -> ReplicaSet:
    (found,) = family.replicasets.values()
    return found


def with_replicaset(family: Family, changed: ReplicaSet) -> Family:
    return replace(family, replicasets={**family.replicasets, changed.uid: changed})


def pods_of(family: Family, owner: ReplicaSet | None) -> list[str]:
    uid = owner.uid if owner else None
    return [pod.name for pod in family.pods.values() if pod.owner_uid == uid and pod.deleted_at is None]


def test_an_orphaned_replicaset_is_adopted_with_its_pods() -> None:
    """The Deployment was deleted with --cascade=orphan and is applied again: nothing restarts."""
    before = started()
    orphan = replace(only(before), owner_uid=None)
    alone = reconcile(replace(with_replicaset(before, orphan), deployment=None), NOW + 1)
    assert alone.changes == []
    again = reconcile(replace(alone.family, deployment=deployment(3, uid="d2")), NOW + 2)
    assert only(again.family).owner_uid == "d2"
    assert again.family.pods == before.pods
    assert again.family.deployment is not None
    assert again.family.deployment.status.available_replicas == 3
    assert again.family.deployment.annotations["deployment.kubernetes.io/revision"] == "1"


def test_a_bare_replicaset_that_fits_becomes_an_old_revision() -> None:
    """Its template is another: its pods are taken away as the new ReplicaSet's become available."""
    labels = {**LABELS, "by": "hand"}
    template = {**builders.template("nginx:old"), "metadata": {"labels": labels}}
    selector = {"matchLabels": labels}
    bare = builders.replicaset("bare", 2, owner_uid=None, labels=labels, selector=selector, template=template)
    alone = reconcile(builders.family(None, replicasets=[bare]), NOW).family
    assert len(pods_of(alone, only(alone))) == 2
    joined = reconcile(replace(alone, deployment=deployment(3)), NOW + 1).family
    assert joined.replicasets["bare"].owner_uid == "d"
    assert {each.name: each.replicas for each in joined.replicasets.values() if each.uid == "bare"} == {"bare": 0}
    assert sum(each.replicas for each in joined.replicasets.values()) == 3


def test_a_replicaset_that_no_longer_fits_is_released_and_replaced_under_another_name() -> None:
    """It keeps its name and its pods, so its successor's hash takes the collision count in."""
    before = started()
    relabelled = replace(only(before), labels={"app": "other"})
    after = reconcile(with_replicaset(before, relabelled), NOW + 1).family
    released, successor = after.replicasets.values()
    assert released.owner_uid is None
    assert len(pods_of(after, released)) == 3
    assert successor.owner_uid == "d"
    assert successor.name != released.name
    assert len(pods_of(after, successor)) == 3
    assert after.deployment is not None
    assert after.deployment.status.collision_count == 1
    assert after.deployment.status.replicas == 3


def test_a_pod_that_no_longer_fits_is_released_and_replaced() -> None:
    before = started()
    first = next(iter(before.pods.values()))
    changed = replace(first, labels={**first.labels, "app": "other"})
    after = reconcile(replace(before, pods={**before.pods, first.uid: changed}), NOW + 1).family
    assert pods_of(after, None) == [first.name]
    assert len(pods_of(after, only(after))) == 3


def test_a_released_pod_that_fits_again_is_adopted_and_one_too_many_goes() -> None:
    before = started()
    owner = only(before)
    stray = builders.pod("stray", owner_uid=None, labels=owner.template["metadata"]["labels"], next_at=None)
    after = reconcile(replace(before, pods={**before.pods, "stray": stray}), NOW + 1).family
    assert pods_of(after, None) == []
    assert "stray" not in pods_of(after, owner)
    assert len(pods_of(after, owner)) == 3


def test_a_replicaset_beyond_its_deletion_adopts_nothing() -> None:
    owner = replace(only(started()), deleted_at=NOW)
    stray = Pod(uid="stray", name="stray", labels=owner.template["metadata"]["labels"], node="node-1", next_at=None)
    family = builders.family(None, replicasets=[replace(owner, owner_uid=None)], pods=[stray])
    assert pods_of(reconcile(family, NOW + 1).family, None) == ["stray"]


def test_deleting_a_deployment_takes_its_replicasets_and_pods() -> None:
    before = started()
    after = reconcile(replace(before, deployment=None), NOW + 1)
    assert after.family.replicasets == {}
    assert after.family.pods == {}
    assert any(isinstance(each, Delete) and isinstance(each.object, ReplicaSet) for each in objects(after.changes))


def test_orphans_stay_when_everything_above_is_gone() -> None:
    before = started()
    pods = {pod.uid: replace(pod, owner_uid=None) for pod in before.pods.values()}
    after = reconcile(replace(before, deployment=None, replicasets={}, pods=pods), NOW + 1)
    assert after.family.pods == pods
