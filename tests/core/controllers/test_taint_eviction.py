"""When NoExecute taints drive a pod away."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.controllers.taint_eviction import remaining
from cluster.core.nodes.binding import bound
from cluster.core.objects import Change, Create, Event, ImageBehaviour, Manifest, Node, Pod, Update
from cluster.core.reconcile import reconcile
from cluster.core.scheduling.taints import Taint, Toleration
from cluster.core.state import State

NOT_READY = Taint(key="node.kubernetes.io/not-ready", effect="NoExecute")
OTHER = Taint(key="other", value="x", effect="NoExecute")
BAD: Manifest = {"key": "bad", "effect": "NoExecute"}
NOW = 1000.0


def bearing(key: str = NOT_READY.key, seconds: int | None = None, **fields: Any) -> Toleration:
    return Toleration(key=key, operator="Exists", effect="NoExecute", seconds=seconds, **fields)


ROWS = [
    ("not-tolerated", (NOT_READY,), (), 0.0),
    ("for-ever", (NOT_READY,), (bearing(),), None),
    ("for-a-time", (NOT_READY,), (bearing(seconds=300),), 300.0),
    ("no-time-at-all", (NOT_READY,), (bearing(seconds=0),), 0.0),
    ("negative", (NOT_READY,), (bearing(seconds=-5),), 0.0),
    ("shortest-of-two", (NOT_READY, OTHER), (bearing(seconds=300), bearing("other", 60)), 60.0),
    ("one-for-ever", (NOT_READY, OTHER), (bearing(), bearing("other", 60)), 60.0),
    ("second-not-tolerated", (NOT_READY, OTHER), (bearing(seconds=300),), 0.0),
    ("first-toleration-counts", (NOT_READY,), (bearing(seconds=300), bearing(seconds=10)), 300.0),
    ("every-key", (NOT_READY, OTHER), (Toleration(operator="Exists"),), None),
    ("other-value", (OTHER,), (Toleration(key="other", value="y"),), 0.0),
]


@pytest.mark.parametrize(("taints", "borne", "seconds"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_how_long_a_pod_may_stay(taints: Any, borne: Any, seconds: float | None) -> None:
    assert remaining(taints, borne) == seconds


def cluster(*tolerations: Manifest) -> State:
    """A pod with these tolerations that runs on n1."""
    spec = {"containers": [{"name": "c", "image": "c:1"}], "tolerations": list(tolerations)}
    pod = bound(Pod(uid="p", name="p", spec=spec), "n1", NOW, {})
    state = State([Node(name="n1"), pod], {"": (ImageBehaviour(pattern="*", stop_seconds=5.0),)})
    reconcile(state, NOW)
    return state


def tainted(state: State, *taints: Manifest) -> None:
    state.apply([Update(object=replace(state.nodes["n1"], taints=taints))])


def told(changes: list[Change]) -> list[tuple[str, str]]:
    return [(each.reason, each.message) for each in changes if isinstance(each, Event)]


def test_a_pod_that_does_not_tolerate_the_taint_goes_at_once_and_gracefully() -> None:
    state = cluster()
    tainted(state, BAD)
    done = reconcile(state, NOW + 1)
    assert told(done.changes)[0] == ("TaintManagerEviction", "Marking for deletion Pod default/p")
    pod = state.pods["p"]
    assert pod.disruption and pod.disruption.reason == "DeletionByTaintManager"
    assert (pod.deleted_at, done.due) == (NOW + 1, NOW + 6)
    reconcile(state, NOW + 6)
    assert not state.pods


def tolerating(seconds: int) -> Manifest:
    return {"key": "bad", "operator": "Exists", "tolerationSeconds": seconds}


def test_a_pod_goes_when_its_toleration_is_over_counted_from_when_the_taint_was_seen() -> None:
    state = cluster(tolerating(60))
    tainted(state, BAD)
    assert reconcile(state, NOW + 100).due == NOW + 160
    assert reconcile(state, NOW + 159).changes == []
    assert told(reconcile(state, NOW + 160).changes)[0][0] == "TaintManagerEviction"


def test_the_first_plan_stays_when_another_taint_comes() -> None:
    state = cluster(tolerating(60), {"key": "worse", "operator": "Exists", "tolerationSeconds": 5})
    tainted(state, BAD)
    reconcile(state, NOW + 100)
    tainted(state, BAD, {"key": "worse", "effect": "NoExecute"})
    assert reconcile(state, NOW + 110).due == NOW + 160


def test_a_plan_is_given_up_when_the_taint_goes() -> None:
    state = cluster(tolerating(60))
    tainted(state, BAD)
    reconcile(state, NOW + 100)
    tainted(state)
    done = reconcile(state, NOW + 110)
    assert told(done.changes) == [("TaintManagerEviction", "Cancelling deletion of Pod default/p")]
    assert done.due is None and not state.evictions


def test_a_pod_that_comes_to_a_tainted_node_by_its_name_leaves_again() -> None:
    state = State([Node(name="n1", taints=(BAD,))])
    reconcile(state, NOW)
    spec = {"containers": [{"name": "c", "image": "c:1"}]}
    state.apply([Create(object=bound(Pod(uid="p", name="p", spec=spec), "n1", NOW, {}))])
    assert ("TaintManagerEviction", "Marking for deletion Pod default/p") in told(reconcile(state, NOW).changes)
