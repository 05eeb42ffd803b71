"""The priority of the pods that a ReplicaSet makes (plugin/pkg/admission/priority)."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.reconcile import reconcile
from cluster.core.scheduling.priority import PriorityClass
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import NOW

HIGH = PriorityClass(name="high", value=1000)
USUAL = PriorityClass(name="usual", value=5, is_default=True)


def state_with(classes: tuple[PriorityClass, ...] | None, name: str) -> State:
    template: dict[str, Any] = builders.template()
    if name:
        template["spec"]["priorityClassName"] = name
    state = builders.cluster(builders.deployment(2, template=template))
    state.surroundings = replace(state.surroundings, classes=classes)
    return state


@pytest.mark.parametrize(
    ("classes", "name", "priority"),
    [
        pytest.param((HIGH,), "high", 1000, id="its class"),
        pytest.param((HIGH, USUAL), "", 5, id="the default class"),
        pytest.param((), "system-node-critical", 2_000_001_000, id="the system's own"),
        pytest.param((HIGH,), "", None, id="none"),
        pytest.param(None, "unknown", None, id="where classes are not known"),
    ],
)
def test_pods_have_the_priority_of_their_class(
    classes: tuple[PriorityClass, ...] | None, name: str, priority: int | None
) -> None:
    state = state_with(classes, name)
    reconcile(state, NOW)
    assert {(pod.spec or {}).get("priority") for pod in state.pods.values()} == {priority}


def test_a_class_that_is_missing_is_a_failed_create() -> None:
    state = state_with((), "unknown")
    changes = reconcile(state, NOW).changes
    assert not state.pods
    text = builders.messages(changes, "ReplicaSet")[0]
    assert text.endswith("is forbidden: no PriorityClass with name unknown was found")
    failure = [each for each in builders.owner_of(state).status.conditions if each.type == "ReplicaFailure"]
    assert [each.reason for each in failure] == ["FailedCreate"]
