"""Status, conditions, progress and its deadline (progress.go, deployment_util.go, replica_set_utils.go)."""

from typing import Any

import pytest

from cluster.core.controllers import conditions
from cluster.core.controllers.conditions import PROGRESSING
from cluster.core.controllers.replicaset import calculate_status
from cluster.core.controllers.status import (
    calculate,
    deadline_end,
    has_timed_out,
    is_complete,
    is_progressing,
    sync_rollout_status,
)
from cluster.core.controllers.step import Step, total_replicas
from cluster.core.objects import Condition
from cluster.core.podgroups import Group
from cluster.core.state import State
from tests.core.upstream import reading
from tests.core.upstream.tables import cases, load

Case = dict[str, Any]
NOW = reading.time("2026-11-24T00:00:00Z")


@pytest.mark.parametrize("case", cases("deployment_util.TestDeploymentComplete.tests"))
def test_complete(case: Case) -> None:
    owner = reading.deployment(case["d"])
    assert is_complete(owner, owner.status) is case["expected"]


@pytest.mark.parametrize("case", cases("deployment_util.TestDeploymentProgressing.tests"))
def test_progressing(case: Case) -> None:
    before = reading.deployment(case["d"]).status
    assert is_progressing(before, reading.deployment_status(case["newStatus"])) is case["expected"]


@pytest.mark.parametrize("case", cases("deployment_util.TestDeploymentTimedOut.tests"))
def test_timed_out(case: Case) -> None:
    now = reading.time(case["nowFn"]) if case.get("nowFn") else NOW
    assert has_timed_out(reading.deployment(case["d"]), now) is case["expected"]


@pytest.mark.parametrize("case", cases("progress.TestRequeueStuckDeployment.tests"))
def test_a_stuck_deployment_is_looked_at_again_when_its_deadline_ends(case: Case) -> None:
    """Upstream's -1 is "never", and what ends within a second ends now; here a pass is due to the moment."""
    owner = reading.deployment(case["d"])
    end = None if is_complete(owner, reading.deployment_status(case["status"])) else deadline_end(owner)
    seconds = float(case["expected"].removesuffix("ns").removesuffix("s"))
    if seconds < 0:
        assert end is None
    else:
        assert end is not None
        left = end - reading.time(case["nowFn"])
        assert left == seconds if seconds > 1 else left <= 1


@pytest.mark.parametrize("case", cases("progress.TestSyncRolloutStatus.tests"))
def test_the_progressing_condition_after_a_pass(case: Case) -> None:
    owner = reading.deployment(case["d"])
    rows = [*(case["allRSs"] or ()), *([case["newRS"]] if case["newRS"] else [])]
    replicasets = [reading.replicaset(each, owner_uid=owner.uid) for each in rows]
    step = Step(State([owner, *replicasets]), owner, NOW)
    sync_rollout_status(step, case["newRS"]["metadata"]["name"] if case["newRS"] else None)
    after = conditions.find(step.deployment.status.conditions, PROGRESSING)
    if not case["conditionType"]:
        assert after is None
        return
    assert after is not None
    assert (after.type, after.status, after.reason) == (
        case["conditionType"],
        case["conditionStatus"],
        case["conditionReason"],
    )
    check_times(case, conditions.find(owner.status.conditions, PROGRESSING), after)


def check_times(case: Case, before: Condition | None, after: Condition) -> None:
    """A time that the case names stays as it was."""
    kept = (case.get("lastUpdate"), after.last_update_time, before and before.last_update_time)
    turned = (case.get("lastTransition"), after.last_transition_time, before and before.last_transition_time)
    for named, found, former in (kept, turned):
        assert not named or found == former


@pytest.mark.parametrize(
    "case", [*cases("deployment_util.TestGetCondition.tests"), *cases("replica_set.TestGetCondition.tests")]
)
def test_finding_a_condition(case: Case) -> None:
    found = conditions.find(reading.conditions(case["status"]), case["condType"])
    assert (found is not None) is case["expected"]


@pytest.mark.parametrize(
    "case", [*cases("deployment_util.TestSetCondition.tests"), *cases("replica_set.TestSetCondition.tests")]
)
def test_setting_a_condition(case: Case) -> None:
    after = conditions.put(reading.conditions(case["status"]), reading.condition(case["cond"]))
    assert after == reading.conditions(case["expectedStatus"])


@pytest.mark.parametrize(
    "case", [*cases("deployment_util.TestRemoveCondition.tests"), *cases("replica_set.TestRemoveCondition.tests")]
)
def test_removing_a_condition(case: Case) -> None:
    after = conditions.without(reading.conditions(case["status"]), case["condType"])
    assert after == reading.conditions(case["expectedStatus"])


@pytest.mark.parametrize("case", cases("deployment_util.TestGetReplicaCountForReplicaSets.tests"))
def test_desired_and_existing_pods_of_replicasets(case: Case) -> None:
    replicasets = [reading.replicaset(each) for each in case["sets"]]
    owner = reading.deployment({})
    assert total_replicas(replicasets) == case["expectedCount"]
    assert calculate(owner, replicasets, None).replicas == case["expectedActual"]


@pytest.mark.parametrize("case", cases("replica_set_utils.TestCalculateStatus.rsStatusTests"))
def test_a_replicasets_status(case: Case) -> None:
    owner = reading.replicaset(case["replicaset"])
    pods = [
        reading.pod(each, uid=str(place), owner_uid=owner.uid) for place, each in enumerate(case["filteredPods"] or ())
    ]
    now = max((each.ready_since or 0.0 for each in pods), default=0.0)
    group = Group()
    for pod in pods:
        group.put(pod)
    status = calculate_status(owner, group, now)
    assert status == reading.replicaset_status(case["expectedReplicaSetStatus"])


@pytest.mark.parametrize("case", cases("rollout_status.TestDeploymentStatusViewerStatus.tests"))
def test_kubectl_rollout_status_is_done_where_the_core_says_complete(case: Case) -> None:
    """The message is kubectl's own; it makes it from this status."""
    found = {"metadata": {"generation": case["generation"]}, "spec": {"replicas": case["specReplicas"]}}
    owner = reading.deployment(found | {"status": case["status"]})
    assert is_complete(owner, owner.status) is case["done"]


def test_the_tables_tell_of_kubernetes_1_20() -> None:
    assert load("progress.TestSyncRolloutStatus.tests")["source"].startswith("kubernetes v1.20.2 ")
