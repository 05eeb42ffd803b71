"""Pods that may not be made: in batches, and as a condition (replica_set.go, slowStartBatch; replica_set_utils.go)."""

from typing import Any

import pytest

from cluster.core.controllers.replicaset import create_pods, with_failure
from cluster.core.objects import Condition, Create, Event, Manifest, ReplicaSetStatus
from cluster.core.state import State
from tests.core import builders
from tests.core.upstream.tables import cases

Case = dict[str, Any]


class Limited:
    """A gate that lets `limit` pods through."""

    def __init__(self, limit: int) -> None:
        self.limit, self.asked = limit, 0

    def admit(self, spec: Manifest) -> tuple[Manifest, str, str]:
        self.asked += 1
        return spec, "", "" if self.asked <= self.limit else "fake error"


@pytest.mark.parametrize("case", cases("replica_set.TestSlowStartBatch.tests"))
def test_a_batch_in_which_something_fails_is_the_last(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, state = Limited(case["callLimit"]), State()
    monkeypatch.setattr(state.rules, "gate", lambda _: gate)
    changes, ordinals, problem = create_pods(state, builders.replicaset("v1", 10), case["count"], builders.NOW)
    made = sum(isinstance(each, Create) for each in changes)
    failed = sum(isinstance(each, Event) and each.reason == "FailedCreate" for each in changes)
    assert (gate.asked, made, ordinals) == (case["expectedCallCnt"], case["expectedSuccesses"], made)
    assert (problem != "", failed) == (case["expectedErr"] is not None, gate.asked - made)


@pytest.mark.parametrize("case", cases("replica_set_utils.TestCalculateStatusConditions.rsStatusConditionTests"))
def test_what_failed_is_a_condition(case: Case) -> None:
    replicaset = case["replicaset"]
    before = ReplicaSetStatus(
        conditions=tuple(condition(each) for each in replicaset["status"].get("conditions") or ())
    )
    problem = (case["manageReplicasErr"] or {}).get("error", "")
    missing = replicaset["spec"]["replicas"] - len(case["filteredPods"])
    after = with_failure(before, problem, missing, builders.NOW)
    expected = case["expectedReplicaSetConditions"] or ()
    assert [told(each) for each in after.conditions] == [told(condition(each)) for each in expected]


def condition(given: Case) -> Condition:
    return Condition(
        type=given["type"], status=given["status"], reason=given.get("reason", ""), message=given.get("message", ""),
        last_update_time=0.0, last_transition_time=0.0,
    )  # fmt: skip


def told(condition: Condition) -> tuple[str, str, str, str]:
    return condition.type, condition.status, condition.reason, condition.message
