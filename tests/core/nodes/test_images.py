"""A node's images are collected when they are many, but for those in use."""

import pytest

from cluster.core.nodes import images
from cluster.core.nodes.images import KEPT, MOST
from cluster.core.objects import Create, Delete, ImageBehaviour, Node, Pod
from cluster.core.reconcile import reconcile
from cluster.core.state import State

MANY = tuple(f"app:{number}" for number in range(MOST + 1))


@pytest.mark.parametrize(
    ("found", "used", "left"),
    [
        pytest.param(MANY[:MOST], (), MANY[:MOST], id="as many as may be"),
        pytest.param(MANY, (), MANY[-KEPT:], id="the oldest go"),
        pytest.param(MANY, MANY[:1], (MANY[0], *MANY[-KEPT + 1 :]), id="but what is used"),
        pytest.param(MANY, MANY, MANY, id="all are used"),
        pytest.param(MANY, MANY[1:], MANY[1:], id="one is spare"),
    ],
)
def test_of_too_many_the_oldest_that_nobody_uses_go(
    found: tuple[str, ...], used: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert images.collected(found, lambda: used) == left


def test_a_node_that_sees_image_after_image_keeps_a_bounded_number() -> None:
    """A pod of each image, one after another, beside one that stays."""
    state = State([Node(name="node-1")], {"": (ImageBehaviour(pattern="*"),)})
    run(state, "stays", "kept:1")
    for number in range(3 * MOST):
        pod = run(state, f"pod-{number}", f"app:{number}")
        assert f"app:{number}" in state.nodes["node-1"].images
        assert len(state.nodes["node-1"].images) <= MOST
        state.apply([Delete(object=pod)])
    assert state.nodes["node-1"].images[0] == "kept:1"


def run(state: State, name: str, image: str) -> Pod:
    """A pod that runs on the only node."""
    spec = {"containers": [{"name": "c", "image": image}]}
    state.apply([Create(object=Pod(uid=name, name=name, owner_uid=None, labels={}, spec=spec))])
    reconcile(state, 100.0)
    assert state.pods[name].phase == "Running"
    return state.pods[name]
