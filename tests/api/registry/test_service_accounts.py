"""Pods of a service account that does not exist are forbidden, and made once the account is there."""

import pytest

from cluster import models
from cluster.live import worker
from tests.api.conftest import Api, Work, manifest
from tests.api.registry.test_missing_config import V1, forward

pytestmark = pytest.mark.usefixtures("cluster")
PROBLEM = 'is forbidden: error looking up service account default/shop: serviceaccount "shop" not found'


def test_pods_of_a_missing_account_are_forbidden(api: Api) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"serviceAccountName": "shop", "containers": [{"name": "c", "image": "c:1"}]},
    }
    refused = api("POST", f"{V1}/pods", body)
    assert (refused.status_code, refused.json()["message"]) == (403, f'pods "p" {PROBLEM}')
    assert refused.json()["details"] == {"name": "p", "kind": "pods"}
    assert api("POST", f"{V1}/serviceaccounts", {"metadata": {"name": "shop"}}).status_code == 201
    assert api("POST", f"{V1}/pods", body).status_code == 201


def test_a_rollout_goes_on_once_its_account_exists(api: Api, work: Work) -> None:
    body = manifest(replicas=2)
    body["spec"]["template"]["spec"]["serviceAccountName"] = "shop"
    api("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    worker.run_next({})  # one pass: `work` forgets the queue's back-off between passes, and would try again and again
    (event,) = models.Event.objects.filter(reason="FailedCreate").values_list("message", flat=True)[:1]
    assert event.startswith("Error creating: pods ")
    assert event.endswith(PROBLEM)
    (held,) = api.get("/apis/apps/v1/namespaces/default/deployments")["items"]
    failure = [each for each in held["status"]["conditions"] if each["type"] == "ReplicaFailure"]
    assert [(each["status"], each["reason"]) for each in failure] == [("True", "FailedCreate")]
    api("POST", f"{V1}/serviceaccounts", {"metadata": {"name": "shop"}})
    for _ in range(3):
        forward()
        work()
    assert {each.phase for each in models.Pod.objects.all()} == {"Running"}
    assert models.Pod.objects.count() == 2
