"""Refusals word for word as the real API server's."""

import json
from typing import Any

import pytest

from cluster.core import validation
from cluster.core.manifests import defaults
from tests.core.recordings import GOLDEN
from tests.spelling import whole

ELSEWHERE = {
    "containerPort string": "today's decoder words wrong types differently",
    "resources bad quantity": "today's decoder words wrong types differently",
    "wrong apiVersion apps/v2": "answered where documents are read",
    "wrong apiVersion v1": "answered where documents are read",
    "namespace mismatch": "answered where the namespace is known",
}


def cases() -> list[Any]:
    recorded = json.loads((GOLDEN / "invalid.json").read_text())["api"]
    written = (each for each in recorded if isinstance(each.get("object"), dict))
    deployments = (each for each in written if each["object"].get("kind") == "Deployment")
    return [pytest.param(each, id=each["case"]) for each in deployments if each["case"] not in ELSEWHERE]


@pytest.mark.parametrize("case", cases())
def test_a_manifest_is_judged_as_recorded(case: dict[str, Any]) -> None:
    body = case.get("body") or {}
    expected = whole(body) if body.get("kind") == "Status" else None
    assert judge(case["object"]) == expected


def judge(manifest: dict[str, Any]) -> dict[str, Any] | None:
    problem = validation.decoding_status(manifest)
    if problem:
        return problem
    errors = validation.validate_deployment(defaults.default_deployment(manifest))
    name = (manifest.get("metadata") or {}).get("name") or ""
    return validation.status(errors, kind="Deployment", name=name, group="apps") if errors else None
