"""The 75 recorded requests of a namespace, sent over HTTP: code, reason, causes and message as a real API server's."""

import json
import re
from typing import Any

import pytest

from cluster import models, seed
from tests.api.conftest import Api, Work
from tests.core.recordings import GOLDEN

pytestmark = pytest.mark.django_db
NAMESPACE = "n-invalid"
COLLECTION = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
RECORDED = json.loads((GOLDEN / "invalid.json").read_text())["api"]
# On a Deployment that is there: requests with a path of their own, and those with bodies that are no objects.
NAMED = [each for each in RECORDED if "path" in each]
POSTED = [each for each in RECORDED if "path" not in each]


@pytest.fixture
def namespace(cluster: None) -> None:  # noqa: ARG001
    seed.ensure_namespace(NAMESPACE)
    models.ImageBehaviour.objects.create(order=1, pattern="*", ready_seconds=None)


@pytest.fixture
def nginx(api: Api, namespace: None, work: Work) -> dict[str, Any]:  # noqa: ARG001
    """The Deployment that the recorder had made."""
    first = next(each for each in POSTED if each["case"] == "image with spaces")["object"]
    containers = [{"name": "nginx", "image": "nginx:1.7.9", "ports": [{"containerPort": 80}]}]
    template = {**first["spec"]["template"], "spec": {"containers": containers}}
    assert api("POST", COLLECTION, {**first, "spec": {**first["spec"], "template": template}}).status_code == 201
    work()
    found: dict[str, Any] = api.get(f"{COLLECTION}/nginx")
    return found


@pytest.mark.usefixtures("namespace")
@pytest.mark.parametrize("case", [pytest.param(each, id=each["case"]) for each in POSTED])
def test_a_body_is_answered_as_recorded(api: Api, case: dict[str, Any]) -> None:
    raw = case.get("raw")
    text = json.dumps(case["object"]) if raw is None else raw
    kind = case.get("content_type", "application/json")
    answer = api.client.generic("POST", COLLECTION, text, content_type=kind, headers=api.headers)
    compare(answer, case)


@pytest.mark.parametrize("case", [pytest.param(each, id=each["case"]) for each in NAMED])
def test_a_request_is_answered_as_recorded(api: Api, nginx: dict[str, Any], case: dict[str, Any]) -> None:
    body = case.get("patch", case.get("object"))
    compare(api(case["method"], case["path"], body, case.get("content_type", "application/json")), case)


def compare(answer: Any, case: dict[str, Any]) -> None:
    expected = case.get("body")
    assert answer.status_code == case["http_status"], answer.content
    if isinstance(expected, dict) and expected.get("kind") == "Status":
        assert answer.json() == expected
