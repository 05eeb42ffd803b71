"""Numbers and percentages (apimachinery intstr, deployment_util)."""

import json
from typing import Any

import pytest

from cluster.core.controllers.rolling_limits import max_unavailable, new_replicas
from cluster.core.controllers.rounding import resolve_fenceposts, scaled
from cluster.core.manifests import defaults
from cluster.core.manifests.deployments import deployment_from_manifest, deployment_manifest
from tests.core import builders
from tests.core.upstream import reading
from tests.core.upstream.tables import cases

Case = dict[str, Any]


@pytest.mark.parametrize("case", cases("intstr.TestGetIntFromIntOrPercent.tests"))
def test_a_number_or_a_percentage_of_a_total(case: Case) -> None:
    if case["expectErr"]:
        with pytest.raises(ValueError, match="neither a number nor a percentage"):
            scaled(case["input"], case["total"], round_up=case["roundUp"])
    else:
        assert scaled(case["input"], case["total"], round_up=case["roundUp"]) == case["expectVal"]


@pytest.mark.parametrize("case", cases("intstr.TestGetIntFromIntOrString.tests"))
def test_a_text_is_a_percentage_or_wrong(case: Case) -> None:
    if case["expectErr"]:
        with pytest.raises(ValueError, match="neither a number nor a percentage"):
            scaled(case["input"], 100, round_up=False)
    else:
        assert scaled(case["input"], 100, round_up=False) == case["expectVal"]
        assert isinstance(case["input"], str) is case["expectPerc"]


@pytest.mark.parametrize("case", cases("intstr.TestIntOrStringUnmarshalJSON.cases"))
def test_reading_keeps_numbers_and_texts_apart(case: Case) -> None:
    assert through_the_core(json.loads(case["input"])["val"]) == case["result"]


@pytest.mark.parametrize("case", cases("intstr.TestIntOrStringMarshalJSON.cases"))
def test_writing_keeps_numbers_and_texts_apart(case: Case) -> None:
    assert through_the_core(case["input"]) == json.loads(case["result"])["val"]


@pytest.mark.parametrize("case", cases("intstr.TestIntOrStringMarshalJSONUnmarshalYAML.cases"))
def test_reading_what_was_written_gives_the_same(case: Case) -> None:
    assert through_the_core(through_the_core(case["input"])) == case["input"]


def through_the_core(value: int | str) -> int | str:
    """A maxSurge read from a manifest and written into one."""
    spec = {
        "strategy": {"rollingUpdate": {"maxSurge": value}},
        "template": builders.template(),
        "selector": builders.SELECTOR,
    }
    manifest = defaults.default_deployment({"apiVersion": "apps/v1", "metadata": {"name": "nginx"}, "spec": spec})
    read = deployment_from_manifest(manifest, uid="d", now=0.0)
    written = deployment_manifest(read)["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    assert type(written) is type(value)
    return written  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", cases("deployment_util.TestResolveFenceposts.tests"))
def test_surge_and_unavailable_in_pods(case: Case) -> None:
    surge, unavailable = case["maxSurge"] or 0, case["maxUnavailable"] or 0
    if case["expectError"]:
        with pytest.raises(ValueError, match="neither a number nor a percentage"):
            resolve_fenceposts(surge, unavailable, case["desired"])
    else:
        expected = case["expectSurge"], case["expectUnavailable"]
        assert resolve_fenceposts(surge, unavailable, case["desired"]) == expected


@pytest.mark.parametrize("case", cases("deployment_util.TestMaxUnavailable.tests"))
def test_unavailable_is_never_more_than_desired(case: Case) -> None:
    assert max_unavailable(reading.deployment(case["deployment"])) == case["expected"]


@pytest.mark.parametrize("case", cases("deployment_util.TestNewRSNewReplicas.tests"))
def test_the_new_replicaset_grows_by_what_the_ceiling_leaves(case: Case) -> None:
    owner = builders.deployment(
        case["depReplicas"], strategy=case["strategyType"], max_surge=case["maxSurge"], max_unavailable=1
    )
    new = builders.replicaset("v2", case["newRSReplicas"])
    assert new_replicas(owner, [builders.replicaset("v1", 5)], new).replicas == case["expected"]
