"""Bodies that no client sends by itself are refused, and never are a fault of the server."""

from typing import Any

import pytest

from tests.api.conftest import Api, manifest

pytestmark = pytest.mark.usefixtures("cluster")
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
NODES = "/api/v1/nodes"


def raw(api: Api, path: str, body: bytes) -> Any:
    return api.client.generic("POST", path, body, content_type="application/json", headers=api.headers)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(DEPLOYMENTS, {**manifest(), "apiVersion": ["apps/v1"]}, id="apiVersion a list"),
        pytest.param(DEPLOYMENTS, {**manifest(), "kind": {"a": 1}}, id="kind an object"),
        pytest.param(DEPLOYMENTS, {**manifest(), "metadata": "web"}, id="metadata a string"),
        pytest.param(DEPLOYMENTS, {**manifest(), "spec": ["a"]}, id="spec a list"),
    ],
)
def test_a_field_of_another_type_is_refused(api: Api, path: str, body: Any) -> None:
    answer = api("POST", path, body)
    assert (answer.status_code, answer.json()["kind"]) == (400, "Status"), answer.content


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"metadata": {"name": "\xed\xa0\x80"}}', id="a lone surrogate, raw"),
        pytest.param(b'{"metadata": {"name": "\\ud800"}}', id="a lone surrogate, escaped"),
        pytest.param(b'{"metadata": {"name": "\xff\xfe"}}', id="no UTF-8"),
        pytest.param(b"\x00" * 40, id="zeros"),
        pytest.param(b'{"spec": {"replicas": NaN}}', id="NaN"),
        pytest.param(b'{"spec": {"replicas": 1e400}}', id="too large for a float"),
        pytest.param(b"[" * 100_000, id="nested without end"),
    ],
)
@pytest.mark.parametrize("path", [DEPLOYMENTS, NODES, "/api/v1/namespaces/default/configmaps"])
def test_odd_text_is_refused(api: Api, path: str, body: bytes) -> None:
    answer = raw(api, path, body)
    assert answer.status_code in (400, 422), (answer.status_code, answer.content)
    assert answer.json()["kind"] == "Status"
