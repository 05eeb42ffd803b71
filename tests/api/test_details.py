"""Details that clients rely on: versions, unconditional updates, who owns what, what a status may carry, addresses."""

import base64
from typing import Any

import pytest

from tests.api.conftest import Api, Work, manifest

pytestmark = pytest.mark.usefixtures("cluster")
APPS, V1 = "/apis/apps/v1/namespaces/default", "/api/v1/namespaces/default"
MERGE = "application/merge-patch+json"


def managers(found: Any) -> list[tuple[str, str]]:
    return [(each.get("manager", ""), each.get("subresource", "")) for each in found["metadata"]["managedFields"]]


def test_version_0_makes_a_write_unconditional(api: Api) -> None:
    api("POST", f"{APPS}/deployments", manifest())
    body = manifest() | {"metadata": {"name": "web", "resourceVersion": "0", "labels": {"a": "b"}}}
    assert api("PUT", f"{APPS}/deployments/web", body).json()["metadata"]["labels"] == {"a": "b"}
    patch = {"metadata": {"resourceVersion": "0", "labels": {"a": "c"}}}
    assert api("PATCH", f"{APPS}/deployments/web", patch, MERGE).json()["metadata"]["labels"] == {"a": "c"}
    stale = {"metadata": {"resourceVersion": "1", "labels": {"a": "d"}}}
    assert api("PATCH", f"{APPS}/deployments/web", stale, MERGE).status_code == 409


@pytest.mark.parametrize(("plural", "labels"), [("deployments", None), ("replicasets", {"c": "d"})])
def test_a_write_of_a_status_keeps_annotations_and_of_a_replicaset_labels(api: Api, plural: str, labels: Any) -> None:
    api("POST", f"{APPS}/{plural}", manifest() | {"kind": "Deployment" if plural == "deployments" else "ReplicaSet"})
    patch = {"metadata": {"annotations": {"a": "b"}, "labels": {"c": "d"}}, "spec": {"replicas": 9}}
    found = api("PATCH", f"{APPS}/{plural}/web/status", patch, MERGE).json()
    assert found["metadata"]["annotations"]["a"] == "b"
    assert found["metadata"].get("labels") == labels
    assert found["spec"]["replicas"] == 1
    assert ("", "status") in managers(found)


def test_a_template_shows_no_time_of_creation(api: Api) -> None:
    api("POST", f"{APPS}/deployments", manifest())
    api("POST", f"{APPS}/replicasets", manifest("rs") | {"kind": "ReplicaSet"})
    for path in ("deployments/web", "replicasets/rs"):
        found = api.get(f"{APPS}/{path}")
        assert "creationTimestamp" not in found["spec"]["template"]["metadata"]
        again = api("PUT", f"{APPS}/{path}", found).json()
        assert again["metadata"]["resourceVersion"] == found["metadata"]["resourceVersion"]
        assert again["metadata"]["generation"] == 1


def test_what_controllers_have_made_tells_who_has_written_it(api: Api, book: None, work: Work) -> None:  # noqa: ARG001
    work()
    replicaset, pod = (api.get(f"{path}")["items"][0] for path in (f"{APPS}/replicasets", f"{V1}/pods"))
    assert managers(replicaset) == [("kube-controller-manager", ""), ("kube-controller-manager", "status")]
    assert sorted(managers(pod)) == [("kube-controller-manager", ""), ("kubelet", "status")]
    made = next(each for each in pod["metadata"]["managedFields"] if "subresource" not in each)["fieldsV1"]
    assert made["f:metadata"]["f:generateName"] == {}
    assert not {"f:nodeName", "f:priority", "f:tolerations"} & made["f:spec"].keys()
    assert (pod["metadata"]["generation"], pod["status"]["hostIPs"]) == (1, [{"ip": pod["status"]["hostIP"]}])


def test_who_writes_a_pod_beside_its_controller_is_told_too(api: Api, book: None, work: Work) -> None:  # noqa: ARG001
    work()
    name = api.get(f"{V1}/pods")["items"][0]["metadata"]["name"]
    patch = {"metadata": {"labels": {"mine": "x"}}}
    found = api("PATCH", f"{V1}/pods/{name}?fieldManager=me", patch, MERGE).json()
    assert sorted(managers(found)) == [("kube-controller-manager", ""), ("kubelet", "status"), ("me", "")]


def test_nodes_and_namespaces_have_owners(api: Api) -> None:
    node, namespace = api.get("/api/v1/nodes")["items"][0], api.get("/api/v1/namespaces/default")
    assert sorted(managers(node)) == [("kubelet", ""), ("kubelet", "status")]
    assert managers(namespace) == [("kube-apiserver", "")]
    assert node["metadata"]["labels"]["kubernetes.io/arch"] == "amd64"


def test_nodes_have_addresses_of_their_own_and_pods_theirs(api: Api, book: None) -> None:  # noqa: ARG001
    nodes = api.get("/api/v1/nodes")["items"]
    addresses = {each["metadata"]["name"]: each["status"]["addresses"][0]["address"] for each in nodes}
    assert len(set(addresses.values())) == len(nodes)
    for pod in api.get(f"{V1}/pods")["items"]:
        assert pod["status"]["hostIP"] == addresses[pod["spec"]["nodeName"]]


def test_the_version_is_that_which_is_followed(api: Api) -> None:
    found = api.get("/version")
    assert (found["major"], found["minor"], found["gitVersion"]) == ("1", "36", "v1.36.2+rollstage")


def test_a_new_object_with_a_version_is_refused_without_a_reason(api: Api) -> None:
    status = api("POST", f"{APPS}/deployments", manifest() | {"metadata": {"name": "x", "resourceVersion": "5"}}).json()
    assert (status["code"], "reason" in status, status["message"]) == (
        500,
        False,
        "resourceVersion should not be set on objects to be created",
    )


def test_an_unknown_media_type_of_a_body_has_no_details(api: Api) -> None:
    status = api("POST", f"{V1}/pods", {}, "text/x").json()
    assert (status["code"], "details" in status) == (415, False)


def test_a_byte_order_mark_is_no_json(api: Api) -> None:
    answer = api.client.generic(
        "POST", f"{V1}/configmaps", b"\xef\xbb\xbf{}", content_type="application/json", headers=api.headers
    )
    assert answer.status_code == 400
    assert "invalid character 'ï' looking for beginning of value" in answer.json()["message"]


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        pytest.param("ab!c", "illegal base64 data at input byte 2", id="no base64"),
        pytest.param("abc", "invalid character", id="no JSON"),
        pytest.param(base64.urlsafe_b64encode(b"[1]").decode(), "json: cannot unmarshal", id="no object"),
    ],
)
def test_a_bad_token_is_refused_in_gos_words(api: Api, token: str, problem: str) -> None:
    message = api.get(f"{V1}/pods?continue={token}")["message"]
    assert message.startswith(f"invalid continue token: continue key is not valid: {problem}")
    assert "surrogate" not in message
