"""Release and adoption by selector, cascading and orphaning deletes, across a namespace (controller_ref_manager.go)."""

from dataclasses import replace

from cluster.core.controllers import garbage
from cluster.core.objects import Create, Delete, Pod, ReplicaSet, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import LABELS, NOW, deployment, objects, only, owner_of


def started(replicas: int = 3) -> State:
    state = builders.cluster(deployment(replicas))
    reconcile(state, NOW)
    return state


def pods_of(state: State, owner: ReplicaSet | None) -> list[str]:
    uid = owner.uid if owner else None
    return [pod.name for pod in state.pods.values() if pod.owner_uid == uid and pod.deleted_at is None]


def test_an_orphaned_replicaset_is_adopted_with_its_pods() -> None:
    """The Deployment was deleted with --cascade=orphan and is applied again: nothing restarts."""
    state = started()
    before = dict(state.pods)
    orphan = replace(only(state.replicasets), owner_uid=None)
    state.apply([Update(object=orphan), Delete(object=owner_of(state))])
    assert reconcile(state, NOW + 1).changes == []
    state.apply([Create(object=deployment(3, uid="d2"))])
    reconcile(state, NOW + 2)
    assert only(state.replicasets).owner_uid == "d2"
    assert state.pods == before
    assert owner_of(state).status.available_replicas == 3
    assert owner_of(state).annotations["deployment.kubernetes.io/revision"] == "1"


def test_a_bare_replicaset_that_fits_becomes_an_old_revision() -> None:
    """Its template is another: its pods are taken away as the new ReplicaSet's become available."""
    labels = {**LABELS, "by": "hand"}
    template = {**builders.template("nginx:old"), "metadata": {"labels": labels}}
    selector = {"matchLabels": labels}
    bare = builders.replicaset("bare", 2, owner_uid=None, labels=labels, selector=selector, template=template)
    state = builders.cluster(replicasets=[bare])
    reconcile(state, NOW)
    assert len(pods_of(state, bare)) == 2
    state.apply([Create(object=deployment(3))])
    reconcile(state, NOW + 1)
    assert (state.replicasets["bare"].owner_uid, state.replicasets["bare"].replicas) == ("d", 0)
    assert sum(each.replicas for each in state.replicasets.values()) == 3


def test_of_two_deployments_that_fit_the_first_to_look_adopts() -> None:
    orphan = builders.replicaset("orphan", 0, owner_uid=None)
    state = builders.cluster(deployment(1, uid="first", name="first"), replicasets=[orphan])
    state.apply([Create(object=deployment(1, uid="second", name="second"))])
    reconcile(state, NOW)
    assert state.replicasets["orphan"].owner_uid == "first"
    assert len(state.replicasets_of("second")) == 1


def test_a_replicaset_of_another_namespace_is_not_adopted() -> None:
    orphan = builders.replicaset("orphan", 0, owner_uid=None, namespace="elsewhere")
    state = builders.cluster(deployment(1), replicasets=[orphan])
    reconcile(state, NOW)
    assert state.replicasets["orphan"].owner_uid is None


def test_a_replicaset_that_no_longer_fits_is_released_and_replaced_under_another_name() -> None:
    """It keeps its name and its pods, so its successor's hash takes the collision count in."""
    state = started()
    state.apply([Update(object=replace(only(state.replicasets), labels={"app": "other"}))])
    reconcile(state, NOW + 1)
    released, successor = state.replicasets.values()
    assert released.owner_uid is None
    assert len(pods_of(state, released)) == 3
    assert successor.owner_uid == "d"
    assert successor.name != released.name
    assert len(pods_of(state, successor)) == 3
    assert owner_of(state).status.collision_count == 1
    assert owner_of(state).status.replicas == 3


def test_a_name_that_a_stranger_bears_is_passed_over() -> None:
    """Any ReplicaSet of the namespace, whoever made it."""
    name = only(started().replicasets).name
    stranger = builders.replicaset(name, 0, uid="stranger", owner_uid=None, labels={"app": "other"})
    state = builders.cluster(deployment(3), replicasets=[stranger])
    reconcile(state, NOW)
    assert only(state.replicasets_of("d")).name != name


def test_the_current_replicaset_deleted_with_its_pods_left_is_made_again_and_adopts_them() -> None:
    """kubectl delete rs NAME --cascade=orphan: one of the same name, revision 1, nothing restarts (1.36.2, 8 of 8)."""
    state = started()
    former, pods = only(state.replicasets), set(state.pods)
    state.apply([garbage.delete(former, "Orphan", NOW + 1)])
    changes = objects(reconcile(state, NOW + 1).changes)
    successor = only(state.replicasets)
    assert (successor.name, successor.uid != former.uid) == (former.name, True)
    assert successor.annotations["deployment.kubernetes.io/revision"] == "1"
    assert (set(state.pods), {pod.owner_uid for pod in state.pods.values()}) == (pods, {successor.uid})
    assert all(pod.ready and pod.deleted_at is None for pod in state.pods.values())
    whole = [type(each) for each in changes if isinstance(each.object, ReplicaSet) and not isinstance(each, Update)]
    assert whole == [Delete, Create]


def test_a_pod_that_no_longer_fits_is_released_and_replaced() -> None:
    state = started()
    first = next(iter(state.pods.values()))
    state.apply([Update(object=replace(first, labels={**first.labels, "app": "other"}))])
    reconcile(state, NOW + 1)
    assert pods_of(state, None) == [first.name]
    assert len(pods_of(state, only(state.replicasets))) == 3


def test_a_released_pod_that_fits_again_is_adopted_and_one_too_many_goes() -> None:
    state = started()
    owner = only(state.replicasets)
    stray = builders.pod("stray", owner_uid=None, labels=owner.template["metadata"]["labels"], next_at=None)
    state.apply([Create(object=stray)])
    reconcile(state, NOW + 1)
    assert pods_of(state, None) == []
    assert "stray" not in pods_of(state, owner)
    assert len(pods_of(state, owner)) == 3


def test_a_replicaset_beyond_its_deletion_adopts_nothing() -> None:
    held = ("example.com/hold",)
    owner = replace(only(started().replicasets), deleted_at=NOW, owner_uid=None, finalizers=held)
    stray = Pod(uid="stray", name="stray", labels=owner.template["metadata"]["labels"], node="node-1", next_at=None)
    state = builders.cluster(replicasets=[owner], pods=[stray])
    reconcile(state, NOW + 1)
    assert pods_of(state, None) == ["stray"]


def test_deleting_a_deployment_takes_its_replicasets_and_pods() -> None:
    state = started()
    state.apply([Delete(object=owner_of(state))])
    changes = reconcile(state, NOW + 1).changes
    assert (state.replicasets, state.pods) == ({}, {})
    assert any(isinstance(each, Delete) and isinstance(each.object, ReplicaSet) for each in objects(changes))


def test_orphans_stay_when_everything_above_is_gone() -> None:
    state = started()
    state.apply([Update(object=replace(pod, owner_uid=None)) for pod in state.pods.values()])
    state.apply([Delete(object=only(state.replicasets)), Delete(object=owner_of(state))])
    pods = dict(state.pods)
    reconcile(state, NOW + 1)
    assert state.pods == pods
