"""Which Deployments are refused (pkg/apis/apps/validation)."""

import re
from typing import Any

import pytest

from cluster.core.validation import validate_deployment
from tests.core.upstream.tables import cases

Case = dict[str, Any]
OBJECT_META = ("name", "namespace", "labels", "annotations", "creationTimestamp")


@pytest.mark.parametrize("case", cases("validation.TestValidateDeployment.successCases"))
def test_accepted(case: Case) -> None:
    assert validate_deployment(as_v1(case)) == []


@pytest.mark.parametrize("case", cases("validation.TestValidateDeployment.errorCases"))
def test_refused_first_for_upstreams_reason(case: Case) -> None:
    errors = [str(each) for each in validate_deployment(as_v1(case))]
    assert errors
    assert case["error"] in errors[0]


def as_v1(value: Any) -> Any:
    """Upstream's internal Go structure as apps/v1 JSON: names begin small, the metadata have a place of their own."""
    if isinstance(value, list):
        return [as_v1(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {small(key): as_v1(each) for key, each in value.items() if each is not None}
    if "Spec" in value:
        metadata = {key: made.pop(key) for key in OBJECT_META if key in made}
        made["metadata"] = {key: each for key, each in metadata.items() if each}
    return made


def small(key: str) -> str:
    """DNSPolicy -> dnsPolicy, MaxSurge -> maxSurge; label keys are small already."""
    return re.sub(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]", lambda found: found[0].lower(), key)
