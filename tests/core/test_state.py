"""What a State can be asked, and that its indexes follow its changes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.objects import Change, Create, Delete, ImageBehaviour, Node, Pod, ReplicaSet, Update
from cluster.core.podgroups import FINISHED
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import NOW

HASH_FREE = {"app": "nginx"}
OWNERS = [None, "v1", "v2"]
pods = st.builds(
    Pod,
    uid=st.sampled_from("abcdef"),
    name=st.just("p"),
    namespace=st.just("default"),
    owner_uid=st.sampled_from(OWNERS),
    labels=st.sampled_from([HASH_FREE, {"app": "other"}, {}]),
    node=st.sampled_from(["", "node-1", "node-2"]),
    phase=st.sampled_from(["Pending", "Running", "Succeeded"]),
    ready=st.booleans(),
    ready_since=st.sampled_from([None, 1.0, 2.0, 3.0]),
    deleted_at=st.sampled_from([None, None, 9.0]),
    next_at=st.sampled_from([None, 1.0, 2.0, 3.0]),
)
changes = st.lists(st.builds(Update, object=pods) | st.builds(Delete, object=pods), max_size=30)


@given(changes=changes, now=st.sampled_from([0.0, 1.5, 4.0]), min_ready=st.sampled_from([0, 1]))
@settings(max_examples=200, deadline=None)
def test_the_indexes_of_pods_agree_with_a_search(changes: list[Change], now: float, min_ready: int) -> None:
    state = State([builders.replicaset(name, 1) for name in ("v1", "v2")])
    state.apply(changes)
    for owner in OWNERS:
        group = state.orphan_pods("default") if owner is None else state.group(owner)
        mine = [pod for pod in state.pods.values() if pod.owner_uid == owner]
        active = [pod for pod in mine if pod.deleted_at is None and pod.phase not in FINISHED]
        ready = [pod for pod in active if pod.ready]
        since = [pod.ready_since + min_ready for pod in ready if pod.ready_since is not None]
        assert {pod.uid for pod in active} == set(group.active) == set(group.ready) | set(group.unready)
        assert {pod.uid for pod in ready} == set(group.ready)
        assert {pod.uid for pod in mine} == {pod.uid for pod in group.everyone()}
        assert len(group) == len(mine)
        assert group.bearing(HASH_FREE) == sum(pod.labels.get("app") == "nginx" for pod in active)
        assert group.nodes == {name: count for name in ("", "node-1", "node-2")
                               if (count := sum(pod.node == name for pod in active))}  # fmt: skip
        assert group.available(min_ready, now) == (sum(at <= now for at in since) if min_ready else len(ready))
        if min_ready:
            assert group.next_available(min_ready, now) == min((at for at in since if at > now), default=None)
    for name in ("node-1", "node-2"):
        assert set(state.pods_on(name)) == {pod.uid for pod in state.pods.values() if pod.node == name}
    times = {pod.uid: pod.next_at for pod in state.pods.values() if pod.next_at is not None and pod.node}
    assert state.next_due() == min(times.values(), default=None)
    assert {pod.uid for pod in state.due_pods(now)} == {uid for uid, at in times.items() if at <= now}
    assert {pod.uid for pod in state.waiting()} == {uid for uid, at in times.items() if at > now}


def test_due_pods_are_taken_in_portions_and_a_taken_one_comes_back_when_it_is_changed() -> None:
    state = State([builders.pod(name, created_at=NOW, next_at=at) for name, at in (("a", 2.0), ("b", 1.0), ("c", 1.0))])
    assert [pod.name for pod in state.due_pods(2.0, 2)] == ["b", "c"]
    assert [pod.name for pod in state.due_pods(2.0, 2)] == ["a"]
    assert state.next_due() is None
    state.apply([Update(object=replace(state.pods["a"], message="again"))])
    assert [pod.name for pod in state.due_pods(2.0)] == ["a"]


def test_objects_are_found_by_name_within_their_namespace() -> None:
    here, there = builders.deployment(), builders.deployment(uid="d2", namespace="there")
    state = State([here, there, Node(name="node-1")])
    assert state.named("Deployment", "default", "nginx") is here
    assert state.named("Deployment", "there", "nginx") is there
    assert state.named("Node", "", "node-1") is state.nodes["node-1"]
    assert state.named("ReplicaSet", "default", "nginx") is None
    state.apply([Delete(object=there)])
    assert state.named("Deployment", "there", "nginx") is None
    assert (list(state.deployments_in("default")), list(state.deployments_in("there"))) == (["d"], [])


def test_a_name_belongs_to_the_successor_that_has_taken_it() -> None:
    former, successor = builders.replicaset("v1", 1), builders.replicaset("v1", 1, uid="v1-again")
    state = State([former])
    state.apply([Create(object=successor), Delete(object=former)])
    assert state.named("ReplicaSet", "default", "v1") is successor


def test_replicasets_are_found_by_owner_and_orphans_by_namespace() -> None:
    owned, orphan = builders.replicaset("v1", 1), builders.replicaset("v2", 1, owner_uid=None)
    state = State([owned, orphan])
    assert (list(state.replicasets_of("d")), list(state.orphans_in("default"))) == (["v1"], ["v2"])
    state.apply([Update(object=replace(orphan, owner_uid="d"))])
    assert (list(state.replicasets_of("d")), list(state.orphans_in("default"))) == (["v1", "v2"], [])
    assert list(state.replicasets_in("default")) == ["v1", "v2"]


def test_a_namespace_s_behaviours_come_before_the_cluster_s() -> None:
    own, everyone = ImageBehaviour(pattern="own"), ImageBehaviour(pattern="*")
    state = State(behaviours={"": (everyone,), "a": (own,)})
    assert (state.behaviours_of("a"), state.behaviours_of("b"), state.behaviours_of("")) == (
        (own, everyone),
        (everyone,),
        (everyone,),
    )
    state.set_behaviours("", ())
    assert state.behaviours_of("a") == (own,)


OWNED = builders.replicaset("v1", 1)
ORPHAN = builders.replicaset("v1", 1, owner_uid=None)
POD = builders.pod("p")


def other(thing: Any, **fields: Any) -> Any:
    return replace(thing, **fields)


@pytest.mark.parametrize(
    ("there", "change", "queued"),
    [
        pytest.param([], Create(object=builders.deployment()), ["Deployment d"], id="a Deployment: itself"),
        pytest.param(
            [], Update(object=builders.deployment(deleted_at=1.0)), ["Deployment d", "Garbage d"], id="that is deleted"
        ),
        pytest.param(
            [builders.deployment()], Create(object=OWNED), ["ReplicaSet v1", "Deployment d"],
            id="a ReplicaSet: itself, and its owner",
        ),
        pytest.param([], Create(object=OWNED), ["ReplicaSet v1", "Deployment d", "Garbage d"], id="whose owner is gone"),
        pytest.param(
            [builders.deployment(), builders.deployment(uid="e", name="e", selector={"matchLabels": {"app": "e"}})],
            Create(object=ORPHAN), ["ReplicaSet v1", "Deployment d"], id="an orphan: who could adopt it",
        ),
        pytest.param(
            [builders.deployment(), ORPHAN], Update(object=other(ORPHAN, replicas=5)), ["ReplicaSet v1"],
            id="an orphan of the same labels: nobody else",
        ),
        pytest.param(
            [builders.deployment(), OWNED], Delete(object=OWNED), ["ReplicaSet v1", "Deployment d", "Garbage v1"],
            id="a ReplicaSet that is gone: what it owned",
        ),
        pytest.param([OWNED], Create(object=POD), ["ReplicaSet v1"], id="a pod: its ReplicaSet"),
        pytest.param(
            [OWNED, POD], Update(object=other(POD, stage="ready", next_at=5.0)), [], id="what only a kubelet sees: nobody"
        ),
        pytest.param([OWNED, POD], Update(object=other(POD, ready=True)), ["ReplicaSet v1"], id="a ready pod"),
        pytest.param(
            [OWNED], Create(object=other(POD, owner_uid=None)), ["ReplicaSet v1"], id="an orphan: who could adopt it too"
        ),
        pytest.param([OWNED, POD], Delete(object=POD), ["ReplicaSet v1"], id="a pod that is gone"),
        pytest.param(
            [builders.deployment(strategy="Recreate"), OWNED, POD], Delete(object=POD),
            ["ReplicaSet v1", "Deployment d"], id="the last pod of a Recreate",
        ),
        pytest.param(
            [builders.deployment(strategy="Recreate"), OWNED, POD, builders.pod("q", deleted_at=1.0)],
            Delete(object=POD), ["ReplicaSet v1"], id="not the last: one still stops",
        ),
    ],
)  # fmt: skip
def test_a_change_queues_what_it_concerns(there: list[Any], change: Change, queued: list[str]) -> None:
    state = State(there)
    while state.queue.take():
        state.queue.done()
    state.apply([change])
    found = []
    while key := state.queue.take():
        found.append(" ".join(key))
        state.queue.done()
    assert found == queued


def test_a_state_loaded_anew_has_every_owner_looked_at() -> None:
    state = State([POD, ReplicaSet(uid="v1", name="v1", owner_uid="d"), builders.deployment()])
    assert len(state.queue) == 4  # the ReplicaSet, the Deployment, and two owners that came after what they own
