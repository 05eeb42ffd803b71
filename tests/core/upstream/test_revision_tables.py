"""New and old ReplicaSets, the hash, and what kubectl does to a Deployment (deployment_util.go, polymorphichelpers)."""

from collections.abc import Sequence
from typing import Any

import pytest

from cluster.core.controllers.revisions import find_new, sync_revision, without_hash
from cluster.core.controllers.step import Step, active
from cluster.core.manifests import edits
from cluster.core.manifests.template_hash import template_hash
from cluster.core.objects import Deployment
from cluster.core.selectors import matches
from tests.core import builders
from tests.core.upstream import reading
from tests.core.upstream.tables import cases, load

Case = dict[str, Any]
UTIL = "deployment_util."


def nginx() -> Deployment:
    return reading.deployment(load(f"{UTIL}TestFindNewReplicaSet.tests")["cases"][0]["deployment"])


def step_of(owner: Deployment, rows: Sequence[Case]) -> Step:
    state = builders.cluster(owner, replicasets=[reading.replicaset(each) for each in rows])
    return Step(state, owner, builders.NOW)


def names(rows: Sequence[Case] | None) -> list[str]:
    return sorted(each["metadata"]["name"] for each in rows or ())


@pytest.mark.parametrize("case", cases("controller_utils.TestComputeHash.tests"))
def test_the_collision_count_changes_the_hash(case: Case) -> None:
    first, second = (
        template_hash(case["template"], collision_count=case[key]) for key in ("collisionCount", "otherCollisionCount")
    )
    assert first != second


@pytest.mark.parametrize("case", cases(f"{UTIL}TestEqualIgnoreHash.tests"))
def test_templates_are_compared_without_the_hash(case: Case) -> None:
    assert (without_hash(case["former"]) == without_hash(case["latter"])) is case["expected"]


@pytest.mark.parametrize("case", cases(f"{UTIL}TestFindNewReplicaSet.tests"))
def test_the_new_replicaset_is_the_oldest_with_the_template(case: Case) -> None:
    step = step_of(reading.deployment(case["deployment"]), case["rsList"])
    found = find_new(step.deployment, step.owned())
    assert (found and found.name) == (case["expected"] and case["expected"]["metadata"]["name"])


@pytest.mark.parametrize("case", cases(f"{UTIL}TestFindOldReplicaSets.tests"))
def test_all_others_are_old(case: Case) -> None:
    step = step_of(reading.deployment(case["deployment"]), case["rsList"])
    _, old = sync_revision(step, create=False)
    assert sorted(each.name for each in old) == names(case["expected"])
    assert sorted(each.name for each in active(old)) == names(case["expectedRequire"])


@pytest.mark.parametrize("case", cases(f"{UTIL}TestGetNewRS.tests"))
def test_the_new_replicaset_among_those_of_other_deployments(case: Case) -> None:
    step = step_of(nginx(), [row for each in case["objs"] for row in each["items"] or ()])
    found = find_new(step.deployment, step.owned())
    assert (found and found.name) == (case["expected"] and case["expected"]["metadata"]["name"])


@pytest.mark.parametrize("case", cases(f"{UTIL}TestGetOldRSs.tests"))
def test_old_replicasets_among_those_of_other_deployments(case: Case) -> None:
    step = step_of(nginx(), [row for each in case["objs"] for row in each["items"] or ()])
    _, old = sync_revision(step, create=False)
    assert sorted(each.name for each in old) == names(case["expected"])


@pytest.mark.parametrize("case", cases(f"{UTIL}TestGetDeploymentsForReplicaSet.tests"))
def test_a_replicaset_belongs_where_the_selector_matches(case: Case) -> None:
    """Upstream's three Deployments select app=test-0, test-1, test-2."""
    selectors = {f"deployment-{n}": {"matchLabels": {"app": f"test-{n}"}} for n in range(3)}
    found = [name for name, selector in selectors.items() if matches(selector, case["rs"]["metadata"]["labels"])]
    assert found == names(case["expect"])


@pytest.mark.parametrize("case", cases("objectpauser.TestDefaultObjectPauser.tests"))
def test_pausing(case: Case) -> None:
    owner = reading.deployment(case["object"])
    if case["expectErr"]:
        with pytest.raises(edits.EditError, match="is already paused"):
            edits.pause(owner)
    else:
        assert edits.pause(owner).paused


@pytest.mark.parametrize("case", cases("objectresumer.TestDefaultObjectResumer.tests"))
def test_resuming(case: Case) -> None:
    owner = reading.deployment(case["object"])
    if case["expectErr"]:
        with pytest.raises(edits.EditError, match="is not paused"):
            edits.resume(owner)
    else:
        assert not edits.resume(owner).paused
