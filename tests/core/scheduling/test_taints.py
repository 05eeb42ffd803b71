"""When NoExecute taints drive a pod away."""

from typing import Any

import pytest

from cluster.core.scheduling.taints import Taint, Toleration, eviction_time, evictions, taint, tolerations

NOT_READY = Taint(key="node.kubernetes.io/not-ready", effect="NoExecute", added_at=100.0)
OTHER = Taint(key="other", value="x", effect="NoExecute", added_at=150.0)


def bearing(key: str = NOT_READY.key, seconds: int | None = None, **fields: Any) -> Toleration:
    return Toleration(key=key, operator="Exists", effect="NoExecute", seconds=seconds, **fields)


ROWS = [
    ("no-taint", (), (), 0.0, None),
    ("no-schedule", (Taint(key="k", effect="NoSchedule"),), (), 0.0, None),
    ("not-tolerated", (NOT_READY,), (), 0.0, 100.0),
    ("not-tolerated-bound-later", (NOT_READY,), (), 120.0, 120.0),
    ("for-ever", (NOT_READY,), (bearing(),), 0.0, None),
    ("for-a-time", (NOT_READY,), (bearing(seconds=300),), 0.0, 400.0),
    ("for-a-time-bound-later", (NOT_READY,), (bearing(seconds=300),), 120.0, 420.0),
    ("no-time-at-all", (NOT_READY,), (bearing(seconds=0),), 0.0, 100.0),
    ("negative", (NOT_READY,), (bearing(seconds=-5),), 0.0, 100.0),
    ("shortest-of-two", (NOT_READY, OTHER), (bearing(seconds=300), bearing("other", 60)), 0.0, 160.0),
    ("one-for-ever", (NOT_READY, OTHER), (bearing(), bearing("other", 60)), 0.0, 160.0),
    ("second-not-tolerated", (NOT_READY, OTHER), (bearing(seconds=300),), 0.0, 150.0),
    ("first-toleration-counts", (NOT_READY,), (bearing(seconds=300), bearing(seconds=10)), 0.0, 400.0),
    ("every-key", (NOT_READY, OTHER), (Toleration(operator="Exists"),), 0.0, None),
    ("other-value", (OTHER,), (Toleration(key="other", value="y"),), 0.0, 150.0),
]


@pytest.mark.parametrize(
    ("taints", "borne", "bound_at", "when"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_when_a_pod_goes(taints: Any, borne: Any, bound_at: float, when: float | None) -> None:
    assert eviction_time(taints, borne, bound_at) == when


def test_the_first_to_go_comes_first() -> None:
    pods = [("late", (bearing(seconds=300),), 0.0), ("never", (bearing(),), 0.0), ("b", (), 0.0), ("a", (), 0.0)]
    assert evictions((NOT_READY,), pods) == [("a", 100.0), ("b", 100.0), ("late", 400.0)]


def test_the_default_tolerations_are_read() -> None:
    """Those that DefaultTolerationSeconds gives a pod."""
    manifest = {"key": NOT_READY.key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    assert tolerations({"tolerations": [manifest]}) == (bearing(seconds=300),)


def test_a_taint_is_read_with_its_time() -> None:
    manifest = {"key": NOT_READY.key, "effect": "NoExecute", "timeAdded": "1970-01-01T00:01:40Z"}
    assert taint(manifest) == NOT_READY
    assert taint({"key": "k", "value": "v", "effect": "NoSchedule"}) == Taint(key="k", value="v")
