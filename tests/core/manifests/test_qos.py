"""Best effort, burstable or guaranteed, as Kubernetes' own table has it (helper/qos/qos_test.go)."""

from typing import Any

import pytest

from cluster.core.manifests.qos import qos_class

SMALL, LARGE = {"cpu": "100m", "memory": "100Mi"}, {"cpu": "200m", "memory": "200Mi"}


def container(requests: dict[str, str] | None = None, limits: dict[str, str] | None = None) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": requests or {}, "limits": limits or {}}}


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        pytest.param([container()], "BestEffort", id="nothing"),
        pytest.param([{"name": "c"}], "BestEffort", id="no resources at all"),
        pytest.param([container({"cpu": "0"}, {"memory": "0"})], "BestEffort", id="zeros"),
        pytest.param([container({"ephemeral-storage": "1Gi"})], "BestEffort", id="neither cpu nor memory"),
        pytest.param([container(SMALL, SMALL)], "Guaranteed", id="requests are the limits"),
        pytest.param([container({"cpu": "0.1", "memory": "102400Ki"}, SMALL)], "Guaranteed", id="in other units"),
        pytest.param([container(SMALL, LARGE)], "Burstable", id="limits above requests"),
        pytest.param([container(SMALL)], "Burstable", id="no limits"),
        pytest.param([container({"cpu": "100m"}, {"cpu": "100m"})], "Burstable", id="cpu alone"),
        pytest.param([container(SMALL, SMALL), container()], "Burstable", id="one of two containers"),
        pytest.param([container(SMALL, LARGE), container(LARGE, SMALL)], "Guaranteed", id="the sums count"),
    ],
)  # fmt: skip
def test_the_class_follows_from_requests_and_limits(containers: list[Any], expected: str) -> None:
    assert qos_class({"containers": containers}) == expected


def test_init_containers_count() -> None:
    assert qos_class({"containers": [container(SMALL, SMALL)], "initContainers": [container()]}) == "Burstable"
