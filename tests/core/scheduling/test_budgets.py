"""Preemption in a State: the disruption budgets there count, with the statuses that they have now."""

from typing import Any

import pytest

from cluster.core.nodes.scheduler import schedule
from cluster.core.objects import Create, Kept, Node, Pod, Update
from cluster.core.policies import budgets
from cluster.core.state import State


def budget(allowed: int) -> Kept:
    manifest: dict[str, Any] = {
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "default"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "guarded"}}},
        "status": {"disruptionsAllowed": allowed},
    }  # fmt: skip
    return Kept(uid="b", resource=budgets.RESOURCE, name="b", namespace="default", manifest=manifest)


def pod(name: str, node: str, priority: int) -> Pod:
    resources = {"requests": {"cpu": "1"}}
    spec = {"priority": priority, "containers": [{"name": "c", "image": "nginx:1", "resources": resources}]}
    return Pod(uid=name, name=name, labels={"app": name}, node=node, spec=spec)


def crowded() -> State:
    """Two full nodes. Without budgets `guarded` goes, as the pod of the lower priority."""
    nodes = [Node(name=name, allocatable={"cpu": "1", "memory": "1Gi"}) for name in ("n1", "n2")]
    return State([*nodes, pod("guarded", "n1", 1), pod("free", "n2", 2), pod("boss", "", 100)])


@pytest.mark.parametrize(
    ("allowed", "nominated"),
    [
        pytest.param(None, "n1", id="no budget"),
        pytest.param(1, "n1", id="allows one"),
        pytest.param(0, "n2", id="allows none"),
    ],
)
def test_the_node_of_a_protected_pod_is_not_chosen(allowed: int | None, nominated: str) -> None:
    state = crowded()
    if allowed is not None:
        state.apply([Create(object=budget(allowed))])
    state.apply(schedule(state, 0.0))
    assert state.pods["boss"].nominated_node == nominated


def test_a_status_counts_as_soon_as_the_state_has_it() -> None:
    state = crowded()
    state.apply([Create(object=budget(1))])
    state.apply([Update(object=budget(0))])
    state.apply(schedule(state, 0.0))
    assert state.pods["boss"].nominated_node == "n2"
