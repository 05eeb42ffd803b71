"""The schemas: version 3 by group, and version 2 for clients who fall back on it."""

import pytest

from cluster.api import kinds, openapi
from cluster.machinery import patches
from tests.api.conftest import Api

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.mark.parametrize("path", openapi.paths())
def test_each_document_of_version_3_has_what_it_refers_to(api: Api, path: str) -> None:
    found = api.get(f"/openapi/v3/{path}")
    names = set(found["components"]["schemas"])
    assert {each.rpartition("/")[2] for each in references(found)} <= names


def test_each_kind_can_be_patched_with_strict_validation_in_each_way() -> None:
    for kind in kinds.KINDS:
        for group, version in kind.served:
            found = openapi.document(f"apis/{group}/{version}" if group else f"api/{version}")
            assert found
            address = next(each for each in found["paths"] if each.endswith(f"/{kind.plural}/{{name}}"))
            operation = found["paths"][address]["patch"]
            assert operation["x-kubernetes-group-version-kind"] == {
                "group": group,
                "version": version,
                "kind": kind.name,
            }
            assert [each["name"] for each in operation["parameters"]] == ["fieldValidation"]
            assert patches.APPLY_PATCH in operation["requestBody"]["content"]


def test_version_2_has_the_same_schemas(api: Api) -> None:
    found = api.get("/openapi/v2")
    assert found["swagger"] == "2.0"
    assert set(references(found)) <= {f"#/definitions/{name}" for name in found["definitions"]}


def test_version_2_for_kubectl_is_a_message_that_says_what_it_is(api: Api) -> None:
    answer = api("GET", "/openapi/v2", Accept=openapi.OLD_PROTOBUF)
    assert answer.headers["Content-Type"] == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    assert answer.content == b"\x0a\x032.0\x12\x15\x0a\x0aKubernetes\x12\x07v1.37.0"


def references(value: object) -> list[str]:
    if isinstance(value, list):
        return [each for item in value for each in references(item)]
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for item in value.values() for each in references(item)]
    return []


def test_the_old_document_has_paths_with_what_each_method_does() -> None:
    found = openapi.old_document()["paths"]
    one = found["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
    assert {method: each["x-kubernetes-action"] for method, each in one.items()} == {
        "get": "get",
        "put": "put",
        "patch": "patch",
        "delete": "delete",
    }
    assert one["get"]["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert set(found["/api/v1/namespaces"]) == {"get", "post"}
    assert list(found) == sorted(found)
