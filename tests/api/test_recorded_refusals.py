"""The 75 recorded requests of a namespace, sent over HTTP: code, reason, causes and message as a real API server's."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from cluster import models
from cluster.writing import namespaces
from tests import spelling
from tests.api.conftest import Api, Work
from tests.api.recorded_refusals import RECORDED, TODAY
from tests.spaces import demo, space

pytestmark = pytest.mark.django_db
NAMESPACE = "n-invalid"
COLLECTION = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
RECORDED_UID, RECORDED_VERSION = "8a797bde-4560-44f6-838b-885624e5004a", "108492"
# On a Deployment that is there: requests with a path of their own, and those with bodies that are no objects.
NAMED = [each for each in RECORDED if "path" in each]
POSTED = [each for each in RECORDED if "path" not in each]


@pytest.fixture
def namespace(cluster: None) -> None:  # noqa: ARG001
    namespaces.ensure(space(NAMESPACE), actor="seed")
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*", ready_seconds=None)


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
    compare(answer, case, spelling.whole(case.get("body")))


@pytest.mark.parametrize("case", [pytest.param(each, id=each["case"]) for each in NAMED])
def test_a_request_is_answered_as_recorded(api: Api, nginx: dict[str, Any], case: dict[str, Any]) -> None:
    """Where the recorded Deployment's uid and version stand, those of ours are sent and expected."""
    body = {"metadata": {"name": "Bad_Name"}} if case["case"] == "namespace bad name" else case.get("patch")
    recast = recasting(nginx)
    kind = case.get("content_type", "application/json")
    compare(api(case["method"], case["path"], recast(body), kind), case, spelling.whole(recast(case.get("body"))))


def recasting(nginx: dict[str, Any]) -> Callable[[Any], Any]:
    uid, version = nginx["metadata"]["uid"], nginx["metadata"]["resourceVersion"]

    def recast(value: Any) -> Any:
        text = json.dumps(value).replace(RECORDED_UID, uid)
        return json.loads(re.sub(rf'"resourceVersion": "{RECORDED_VERSION}"', f'"resourceVersion": "{version}"', text))

    return recast


def compare(answer: Any, case: dict[str, Any], expected: Any) -> None:
    code, message = TODAY.get(case["case"], (case["http_status"], None))
    assert answer.status_code == code, answer.content
    if isinstance(expected, dict) and expected.get("kind") == "Status":
        found = answer.json()
        if message is not None:
            assert {**found, "message": "", "code": 0} == {
                **expected,
                "message": "",
                "code": 0,
                "reason": found["reason"],
            }
        assert found["message"] == (message or expected["message"])
        assert message is not None or found == expected


def test_what_is_worded_otherwise_today_was_recorded() -> None:
    assert set(TODAY) <= {each["case"] for each in RECORDED}
    assert len(RECORDED) == 75
