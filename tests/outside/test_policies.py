"""Quotas and disruption budgets under the real kubectl: a rollout that a quota stops and lets go on, a drain that waits."""

import json
from pathlib import Path

import pytest

from tests.outside.process import BOOK, Demo, wait_until
from tests.outside.test_kubectl import Kubectl, typing_at


@pytest.fixture
def kubectl(quick: Demo, tmp_path: Path) -> Kubectl:
    return typing_at(quick, tmp_path / "home")


def conditions(kubectl: Kubectl) -> dict[str, tuple[str, str]]:
    found = json.loads(kubectl(f"get deployment {BOOK} -o json"))["status"]["conditions"]
    return {each["type"]: (each["status"], each["reason"]) for each in found}


def patch_of(spec: str) -> str:
    """Without blanks: commands are split at them."""
    return json.dumps({"spec": json.loads(spec)}).replace(" ", "")


def test_a_quota_too_small_for_the_surge_stops_the_rollout_until_it_is_raised(kubectl: Kubectl) -> None:
    surge = '{"progressDeadlineSeconds":5,"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}'
    kubectl(f"patch deployment {BOOK} -p {patch_of(surge)}")
    assert "resourcequota/small created" in kubectl("create quota small --hard=pods=3")
    wait_until(lambda: "pods: 3/3" in kubectl("get quota small"), 20, "the quota to be counted")
    kubectl(f"set image deployment/{BOOK} nginx=nginx:1.9.1")
    assert "exceeded its progress deadline" in kubectl(f"rollout status deployment/{BOOK}", fails=True)
    assert conditions(kubectl) == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "ReplicaFailure": ("True", "FailedCreate"),
        "Progressing": ("False", "ProgressDeadlineExceeded"),
    }
    described = kubectl("describe quota small")
    assert [line.split() for line in described.splitlines()[-1:]] == [["pods", "3", "3"]]
    refused = "is forbidden: exceeded quota: small, requested: pods=1, used: pods=3, limited: pods=3"
    assert refused in kubectl("get events --field-selector reason=FailedCreate")
    kubectl('patch quota small -p {"spec":{"hard":{"pods":"4"}}}')
    complete = ("True", "NewReplicaSetAvailable")
    wait_until(lambda: conditions(kubectl)["Progressing"] == complete, 60, "the next try, and the rollout")
    wait_until(lambda: "pods: 3/4" in kubectl("get quota small"), 20, "the old pods to be gone")
    assert "ReplicaFailure" not in conditions(kubectl)


def test_a_drain_waits_for_the_budget(kubectl: Kubectl) -> None:
    kubectl(f"rollout status deployment/{BOOK}")
    kubectl("create pdb book --selector=app=nginx --min-available=3")
    wait_until(lambda: "   0   " in kubectl("get pdb book"), 20, "the budget to be counted")
    node = kubectl("get pods -l app=nginx -o jsonpath={.items[0].spec.nodeName}")
    waiting = kubectl(f"drain {node} --timeout=2s", fails=True)
    assert "(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget." in waiting
    assert "global timeout reached: 2s" in waiting
    kubectl(f"scale deployment/{BOOK} --replicas=4")
    kubectl(f"rollout status deployment/{BOOK}")
    drained = kubectl(f"drain {node} --timeout=50s")
    assert f"node/{node} drained" in drained
    assert (
        kubectl(f"get pods --field-selector spec.nodeName={node}").strip() == "No resources found in default namespace."
    )
