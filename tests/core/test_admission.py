"""What a pod's spec has that its template's has not."""

from typing import Any

import pytest

from cluster.core.admission import NOT_READY, UNREACHABLE, admitted

SPEC = {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"cpu": "1"}}}]}


def test_a_pod_has_a_priority_and_links_and_requests_as_large_as_its_limits() -> None:
    full = admitted(SPEC)
    assert (full["priority"], full["preemptionPolicy"], full["enableServiceLinks"]) == (0, "PreemptLowerPriority", True)
    assert full["containers"][0]["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}
    assert admitted(full) == full


@pytest.mark.parametrize(
    ("tolerations", "added"),
    [
        pytest.param([], [NOT_READY, UNREACHABLE], id="none"),
        pytest.param([{"key": "dedicated", "operator": "Exists"}], [NOT_READY, UNREACHABLE], id="of something else"),
        pytest.param([{"key": NOT_READY, "operator": "Exists", "effect": "NoExecute"}], [UNREACHABLE], id="of one"),
        pytest.param([{"key": NOT_READY, "operator": "Exists", "effect": "NoSchedule"}], [NOT_READY, UNREACHABLE], id="of another effect"),
        pytest.param([{"operator": "Exists"}], [], id="of everything"),
    ],
)  # fmt: skip
def test_a_pod_stays_five_minutes_on_a_node_that_is_lost(tolerations: list[Any], added: list[str]) -> None:
    full = admitted({**SPEC, "tolerations": tolerations})
    assert full.get("tolerations", [])[: len(tolerations)] == tolerations
    new = [{"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300} for key in added]
    assert full.get("tolerations", [])[len(tolerations) :] == new
