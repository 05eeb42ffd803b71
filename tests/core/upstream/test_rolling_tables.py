"""The steps of a rolling update and of Recreate (rolling.go, recreate.go, sync.go)."""

from typing import Any

import pytest

from cluster.core.controllers import recreate
from cluster.core.controllers.revisions import DESIRED_REPLICAS, MAX_REPLICAS, clean_up_old
from cluster.core.controllers.rolling import clean_up_unhealthy, scale_down_available, scale_down_old, scale_up_new
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.controllers.scaling import resize, scale_all
from cluster.core.controllers.step import Step
from cluster.core.objects import Delete, Deployment, Explanation, Pod, ReplicaSet, Update
from tests.core import builders
from tests.core.upstream import reading
from tests.core.upstream.tables import cases

Case = dict[str, Any]
ROLLING = "rolling.TestDeploymentController_"
WHY = Explanation(rule="test", inputs={}, text="")


def step_of(replicas: int, *replicasets: ReplicaSet, **fields: Any) -> Step:
    owner = builders.deployment(replicas, **fields)
    return Step(builders.cluster(owner, replicasets=replicasets), owner, builders.NOW)


@pytest.mark.parametrize("case", cases(f"{ROLLING}reconcileNewReplicaSet.tests"))
def test_scaling_up_the_new_replicaset(case: Case) -> None:
    new, old = builders.replicaset("v2", case["newReplicas"], number=2), builders.replicaset("v1", case["oldReplicas"])
    step = step_of(case["deploymentReplicas"], old, new, max_surge=case["maxSurge"] or 0, max_unavailable=0)
    assert scale_up_new(step, new, [old]) is case["scaleExpected"]
    if case["scaleExpected"]:
        assert step.replicasets["v2"].replicas == case["expectedNewReplicas"]


@pytest.mark.parametrize("case", cases(f"{ROLLING}reconcileOldReplicaSets.tests"))
def test_scaling_down_old_replicasets(case: Case) -> None:
    new = builders.replicaset("v2", case["newReplicas"], number=2, available=case["readyPodsFromNewRS"])
    old = builders.replicaset("v1", case["oldReplicas"], available=case["readyPodsFromOldRS"])
    step = step_of(case["deploymentReplicas"], old, new, max_surge=0, max_unavailable=case["maxUnavailable"] or 0)
    assert scale_down_old(step, new, [old]) is case["scaleExpected"]
    if case["scaleExpected"]:
        assert step.replicasets["v1"].replicas == case["expectedOldReplicas"]


@pytest.mark.parametrize("case", cases(f"{ROLLING}cleanupUnhealthyReplicas.tests"))
def test_unhealthy_pods_go_first(case: Case) -> None:
    old = builders.replicaset("v1", case["oldReplicas"], available=case["readyPods"])
    step = step_of(10, old, max_surge=2, max_unavailable=2)
    clean_up_unhealthy(step, [old], case["maxCleanupCount"])
    assert old.replicas - step.replicasets["v1"].replicas == case["cleanupCountExpected"]


@pytest.mark.parametrize("case", cases(f"{ROLLING}scaleDownOldReplicaSetsForRollingUpdate.tests"))
def test_available_pods_go_down_to_the_floor(case: Case) -> None:
    old = builders.replicaset("v1", case["oldReplicas"], available=case["readyPods"])
    new = builders.replicaset("v2", 0, number=2)
    step = step_of(case["deploymentReplicas"], old, new, max_surge=0)
    floor = case["deploymentReplicas"] - (case["maxUnavailable"] or 1)
    assert scale_down_available(step, new, [old], floor) is case["scaleExpected"]
    if case["scaleExpected"]:
        assert step.replicasets["v1"].replicas == case["expectedOldReplicas"]


@pytest.mark.parametrize("case", cases("sync.TestScale.tests"))
def test_scaling_in_the_middle_of_a_rollout(case: Case) -> None:
    before = reading.deployment(case["oldDeployment"])
    replicasets = sorted((noted(row, case, before) for row in every(case["newRS"], case["oldRSs"])), key=by_age)
    owner = reading.deployment(case["deployment"], uid="foo")
    step = Step(builders.cluster(owner, replicasets=replicasets), owner, builders.NOW)
    new = step.replicasets[case["newRS"]["metadata"]["name"]] if case["newRS"] else None
    scale_all(step, new, [each for each in replicasets if each is not new])
    expected = every(case["expectedNew"], case["expectedOld"])
    sizes = {each["metadata"]["name"]: each["spec"]["replicas"] for each in expected}
    assert {each.uid: each.replicas for each in step.replicasets.values()} == sizes
    updated = {each.object.name for each in step.changes if isinstance(each, Update)}
    assert updated.isdisjoint(case["wasntUpdated"])


def every(new: Case | None, old: list[Case] | None) -> list[Case]:
    return [*(old or ()), *([new] if new else [])]


def noted(row: Case, case: Case, before: Deployment) -> ReplicaSet:
    """With the annotations of the Deployment as it was."""
    desired = (case["desiredReplicasAnnotations"] or {}).get(row["metadata"]["name"], before.replicas)
    notes = {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(desired + max_surge(before))}
    return reading.replicaset(row, annotations=notes, owner_uid="foo")


def by_age(replicaset: ReplicaSet) -> float:
    return replicaset.created_at


@pytest.mark.parametrize("case", cases("deployment_util.TestReplicasAnnotationsNeedUpdate.tests"))
def test_annotations_are_refreshed_where_they_differ(case: Case) -> None:
    """The Deployment has 10 replicas and a surge of 10."""
    replicaset = reading.replicaset(case["replicaSet"], owner_uid="d")
    step = step_of(10, replicaset, max_surge=10)
    resize(step, replicaset, replicaset.replicas, WHY)
    assert bool(step.changes) is case["expected"]


@pytest.mark.parametrize("case", cases("sync.TestDeploymentController_cleanupDeployment.tests"))
def test_old_replicasets_beyond_the_history_limit_go(case: Case) -> None:
    old = [reading.replicaset(each, owner_uid="d") for each in case["oldRSs"]]
    step = step_of(1, *old, revision_history_limit=case["revisionHistoryLimit"])
    clean_up_old(step, old)
    assert sum(isinstance(each, Delete) for each in step.changes) == case["expectedDeletions"]


@pytest.mark.parametrize("case", cases("recreate.TestScaleDownOldReplicaSets.tests"))
def test_recreate_takes_all_old_pods(case: Case) -> None:
    old = [builders.replicaset(f"v{n}", size, number=n) for n, size in enumerate(case["oldRSSizes"], 1)]
    step = step_of(3, *old, strategy="Recreate")
    assert recreate.scale_down_old(step, old)
    assert [each.replicas for each in step.replicasets.values()] == [0] * len(old)


@pytest.mark.parametrize("case", cases("recreate.TestOldPodsRunning.tests"))
def test_old_pods_that_still_run_hold_recreate_back(case: Case) -> None:
    new = reading.replicaset(case["newRS"]) if case["newRS"] else None
    old = [reading.replicaset(each) for each in case["oldRSs"] or ()]
    pods: list[Pod] = []
    for uid, rows in (case["podMap"] or {}).items():
        if uid not in {each.uid for each in (*old, *([new] if new else []))}:
            old.append(reading.replicaset({"metadata": {"name": uid}}))  # upstream's keys are not always its uids
        for number, row in enumerate(rows):
            pods.append(reading.pod(row, uid=f"{uid}-{number}", owner_uid=uid))
    state = builders.cluster(pods=pods)
    step = Step(state, builders.deployment(), builders.NOW)
    others = [each for each in old if new is None or each.uid != new.uid]
    assert recreate.old_pods_exist(step, others) is case["hasOldPodsRunning"]
