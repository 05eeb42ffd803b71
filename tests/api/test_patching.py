"""Patches after which an object can't be decoded are refused as upstream's patch handlers refuse them (patch.go)."""

import json
from typing import Any

import pytest

from cluster.machinery.patches import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH
from tests.api.conftest import Api

pytestmark = pytest.mark.usefixtures("book")
BOOK = "/apis/apps/v1/namespaces/default/deployments/nginx-deployment"
STRICT = "?fieldValidation=Strict"


@pytest.mark.parametrize(
    ("query", "patch", "shown", "problem"),
    [
        pytest.param(
            "",
            {"metadata": {"labels": "invalid"}},
            "map[metadata:map[labels:invalid]]",
            "cannot restore map from string",
            id="no map",
        ),
        pytest.param(
            "",
            {"spec": {"replicas": "1"}},
            "map[spec:map[replicas:1]]",
            "unrecognized type: int32",
            id="no number",
        ),
        pytest.param(
            STRICT,
            {"spec": {"replica": 1}},
            "map[spec:map[replica:1]]",
            'strict decoding error: unknown field "spec.replica"',
            id="an unknown field under Strict",
        ),
        pytest.param(
            "",
            {"spec": {"strategy": {"rollingUpdate": {"maxSurge": True}}}},
            "map[spec:map[strategy:map[rollingUpdate:map[maxSurge:true]]]]",
            None,
            id="a type that reads its own JSON",
        ),
    ],
)
def test_a_strategic_merge_patch_is_shown_with_what_is_wrong(
    api: Api, query: str, patch: Any, shown: str, problem: str | None
) -> None:
    found = refused(api, f"{BOOK}{query}", patch, STRATEGIC_PATCH)
    assert found["message"].startswith(
        f"Invalid value: {json.dumps(shown)}: {problem or 'json: cannot unmarshal bool'}"
    )


@pytest.mark.parametrize(
    ("query", "patch", "media_type", "problem"),
    [
        pytest.param(
            "",
            {"spec": {"replicas": "1"}},
            MERGE_PATCH,
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
            id="a merge patch",
        ),
        pytest.param(
            "",
            [{"op": "add", "path": "/metadata/labels", "value": 1}],
            JSON_PATCH,
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type map[string]string",
            id="a JSON patch",
        ),
        pytest.param(
            STRICT,
            {"spec": {"replica": 1}},
            MERGE_PATCH,
            'strict decoding error: unknown field "spec.replica"',
            id="an unknown field under Strict",
        ),
    ],
)
def test_of_other_patches_the_object_is_shown_that_they_make(
    api: Api, query: str, patch: Any, media_type: str, problem: str
) -> None:
    message = refused(api, f"{BOOK}{query}", patch, media_type)["message"]
    assert message.startswith('Invalid value: "{\\"') and '\\"nginx-deployment\\"' in message
    assert message.endswith(f'}}": {problem}')


def refused(api: Api, path: str, patch: Any, media_type: str) -> Any:
    """The only cause of a 422 that names no kind."""
    answer = api("PATCH", path, patch, media_type)
    status = answer.json()
    (cause,) = status["details"]["causes"]
    assert (answer.status_code, status["reason"], cause["field"]) == (422, "Invalid", "patch")
    assert status["message"] == f' "" is invalid: patch: {cause["message"]}'
    assert set(status["details"]) == {"causes"}
    return cause


def test_a_field_that_a_merge_patch_gives_twice_is_told_of(api: Api) -> None:
    body = '{"spec": {"replicas": 2, "replicas": 2}}'
    answer = api.client.generic("PATCH", BOOK, body, content_type=MERGE_PATCH, headers=api.headers)
    assert answer["Warning"] == '299 - "duplicate field \\"spec.replicas\\""'
