"""CertificateSigningRequests tell who asks, and are approved or denied once (pkg/registry/certificates/certificates)."""

from typing import Any

import pytest

from tests.api.conftest import Api

pytestmark = pytest.mark.usefixtures("cluster")
REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
MERGE = "application/merge-patch+json"
SIGNER = "kubernetes.io/kube-apiserver-client"


def made(api: Api, **headers: str) -> Any:
    manifest = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": "ann"},
        "spec": {"request": "MQ==", "signerName": SIGNER, "usages": ["client auth"], "username": "mallory"},
        "status": {"conditions": [condition("Approved")]},
    }
    answer = api("POST", REQUESTS, manifest, **headers)
    assert answer.status_code == 201, answer.content
    return answer.json()


def condition(word: str, status: str = "True", **more: str) -> dict[str, str]:
    return {"type": word, "status": status, **more}


def decided(api: Api, *conditions: Any, subresource: str = "approval") -> Any:
    return api("PATCH", f"{REQUESTS}/ann/{subresource}", {"status": {"conditions": list(conditions)}}, MERGE).json()


def test_a_request_tells_who_asks_and_is_not_approved_by_who_makes_it(api: Api) -> None:
    found = made(api)
    assert (found["spec"]["username"], found["spec"]["groups"]) == ("admin", ["system:masters", "system:authenticated"])
    assert "conditions" not in (found.get("status") or {})


def test_a_request_made_for_somebody_else_tells_of_that_person(api: Api) -> None:
    found = made(api, **{"Impersonate-User": "bob", "Impersonate-Group": "system:masters,two"})["spec"]
    assert (found["username"], found["groups"]) == ("bob", ["system:masters", "two", "system:authenticated"])


def test_a_spec_stays(api: Api) -> None:
    before = made(api)
    changed = {"spec": {"username": "mallory", "signerName": "example.com/other"}, "metadata": {"labels": {"a": "b"}}}
    after = api("PATCH", f"{REQUESTS}/ann", changed, MERGE).json()
    assert (after["spec"], after["metadata"]["labels"]) == (before["spec"], {"a": "b"})


@pytest.mark.parametrize("word", ["Approved", "Denied"])
def test_a_decision_is_a_condition_with_its_times(api: Api, word: str) -> None:
    made(api)
    answer = decided(api, condition(word, reason="KubectlApprove"))
    (found,) = answer["status"]["conditions"]
    assert (found["type"], found["reason"]) == (word, "KubectlApprove")
    assert found["lastUpdateTime"] == found["lastTransitionTime"]
    assert answer["metadata"]["managedFields"][-1]["subresource"] == "approval"
    assert api.get(f"{REQUESTS}/ann")["status"] == answer["status"]


def test_a_certificate_comes_by_the_status_and_a_decision_by_the_approval(api: Api) -> None:
    made(api)
    patch = {"status": {"certificate": "MQ==", "conditions": [condition("Approved")]}}
    assert "certificate" not in api("PATCH", f"{REQUESTS}/ann/approval", patch, MERGE).json()["status"]
    found = api("PATCH", f"{REQUESTS}/ann/status", {"status": {"certificate": "MQ=="}}, MERGE).json()["status"]
    assert (found["certificate"], [each["type"] for each in found["conditions"]]) == ("MQ==", ["Approved"])


APPROVED, DENIED = condition("Approved"), condition("Denied")


@pytest.mark.parametrize(
    ("subresource", "conditions", "expected"),
    [
        pytest.param("approval", [], 'status.conditions: Forbidden: updates may not remove a condition of type "Approved"', id="removed"),
        pytest.param(
            "approval",
            [APPROVED, DENIED],
            'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
            id="both",
        ),
        pytest.param("approval", [APPROVED, APPROVED], 'status.conditions[1].type: Duplicate value: "Approved"', id="twice"),
        pytest.param(
            "approval",
            [condition("Approved", "False")],
            'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
            id="not true",
        ),
        pytest.param("approval", [APPROVED, condition("", "True")], "status.conditions[1].type: Required value", id="no type"),
        pytest.param(
            "status",
            [APPROVED, DENIED],
            'status.conditions: Forbidden: updates may not add a condition of type "Denied"',
            id="denied by the status",
        ),
    ],
)  # fmt: skip
def test_a_decision_stays_and_is_one(api: Api, subresource: str, conditions: list[Any], expected: str) -> None:
    made(api)
    decided(api, APPROVED)
    answer = decided(api, *conditions, subresource=subresource)
    assert (answer["code"], expected in answer["message"]) == (422, True), answer
