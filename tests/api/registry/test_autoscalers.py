"""A HorizontalPodAutoscaler is served as autoscaling/v2 and as v1: one object, converted."""

import json
from typing import Any

import pytest

from tests.api.conftest import Api

pytestmark = pytest.mark.usefixtures("cluster")
V1, V2 = (f"/apis/autoscaling/{each}/namespaces/default/horizontalpodautoscalers" for each in ("v1", "v2"))
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
MERGE = "application/merge-patch+json"


def autoscaler(**spec: Any) -> dict[str, Any]:
    scaled = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": scaled, "maxReplicas": 5, **spec}}


def cpu(percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def test_what_is_written_as_v1_reads_as_v2(api: Api) -> None:
    made = api("POST", V1, autoscaler(targetCPUUtilizationPercentage=50)).json()
    assert (made["apiVersion"], made["spec"]["targetCPUUtilizationPercentage"]) == ("autoscaling/v1", 50)
    found = api.get(f"{V2}/web")
    assert (found["apiVersion"], found["spec"]["metrics"]) == ("autoscaling/v2", [cpu(50)])


def test_without_a_target_it_is_80_percent(api: Api) -> None:
    assert api("POST", V1, autoscaler()).json()["spec"]["targetCPUUtilizationPercentage"] == 80


def test_what_v1_has_no_field_for_stands_in_annotations_and_comes_back(api: Api) -> None:
    memory = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
    }
    api("POST", V2, autoscaler(metrics=[memory, cpu(60)]))
    old = api.get(f"{V1}/web")
    assert json.loads(old["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/metrics"]) == [memory]
    old["spec"]["maxReplicas"] = 9
    assert api("PUT", f"{V1}/web", old).status_code == 200
    found = api.get(f"{V2}/web")
    assert (found["spec"]["maxReplicas"], found["spec"]["metrics"]) == (9, [memory, cpu(60)])
    assert "annotations" not in found["metadata"]


def test_writing_what_is_there_changes_nothing(api: Api) -> None:
    api("POST", V1, autoscaler(targetCPUUtilizationPercentage=50))
    found = api.get(f"{V1}/web")
    again = api("PUT", f"{V1}/web", found).json()
    assert again["metadata"]["resourceVersion"] == found["metadata"]["resourceVersion"]


def test_both_versions_print_the_same(api: Api) -> None:
    api("POST", V2, autoscaler(metrics=[cpu(60)]))
    cells = [api.get(each, Accept=TABLE)["rows"][0]["cells"][:5] for each in (V1, V2)]
    assert cells[0] == cells[1] == ["web", "Deployment/web", "cpu: <unknown>/60%", "1", 5]


def test_a_wrong_one_is_refused_in_its_own_version(api: Api) -> None:
    status = api("POST", V1, autoscaler(minReplicas=9)).json()
    assert status["details"]["causes"][0]["field"] == "spec.maxReplicas"


def test_both_are_discovered(api: Api) -> None:
    found = next(each for each in api.get("/apis")["groups"] if each["name"] == "autoscaling")
    assert ([each["version"] for each in found["versions"]], found["preferredVersion"]["version"]) == (
        ["v2", "v1"],
        "v2",
    )
