"""What a forecast says it assumes: read from templates as the kubelet reads them."""

from typing import Any

import pytest

from cluster.core.rehearsals.assumptions import TIMES, Assumed, assumed

CONTAINER = {"name": "c", "image": "nginx:1"}


def template(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{**CONTAINER, **(container or {})}], **spec}}


def only(after: dict[str, Any]) -> Assumed:
    (found,) = (each for each in assumed(after, after, (), {}) if each.role == "main")
    return found


@pytest.mark.parametrize(
    ("spec", "seconds"),
    [
        pytest.param({}, 30.0, id="none"),
        pytest.param({"terminationGracePeriodSeconds": None}, 30.0, id="null"),
        pytest.param({"terminationGracePeriodSeconds": 0}, 0.0, id="zero"),
        pytest.param({"terminationGracePeriodSeconds": 5}, 5.0, id="own"),
        pytest.param({"initContainers": [{"name": "i", "image": "busybox:1"}]}, 30.0, id="init container beside"),
    ],
)
def test_the_grace_period(spec: dict[str, Any], seconds: float) -> None:
    assert only(template(**spec)).grace_seconds == seconds


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        pytest.param(None, None, id="null"),
        pytest.param({"tcpSocket": {"port": 80}}, (0.0, 10.0, 1), id="defaults"),
        pytest.param(
            {"initialDelaySeconds": 3, "periodSeconds": 4, "successThreshold": 2}, (3.0, 4.0, 2), id="own values"
        ),
    ],
)
def test_the_readiness_probe(probe: dict[str, Any] | None, expected: tuple[float, float, int] | None) -> None:
    assert only(template({"readinessProbe": probe})).probe == expected


LIFE = {
    "startupProbe": {"httpGet": {"port": 80}, "periodSeconds": 2, "failureThreshold": 30},
    "livenessProbe": {"httpGet": {"port": 80}, "initialDelaySeconds": 5},
    "lifecycle": {"preStop": {"sleep": {"seconds": 7}}},
}


def test_what_ends_a_container_and_what_comes_before_its_stop() -> None:
    found = only(template(LIFE))
    assert (found.startup, found.liveness, found.pre_stop_seconds) == ((0.0, 2.0, 30), (5.0, 10.0, 3), 7.0)
    bare = only(template())
    assert (bare.startup, bare.liveness, bare.pre_stop_seconds) == (None, None, 0.0)


def test_every_container_in_the_order_of_their_starts() -> None:
    beside = [{"name": "init", "image": "i:1"}, {"name": "proxy", "image": "p:1", "restartPolicy": "Always"}]
    after = template(initContainers=beside)
    before = template(initContainers=[{**each, "image": "old:1"} for each in beside])
    found = assumed(before, after, (), {})
    assert [(each.container, each.role, each.is_old, each.counted) for each in found] == [
        ("init", "init", False, ("pull_seconds", "start_seconds", "ready_seconds")),
        ("proxy", "sidecar", False, TIMES),
        ("c", "main", False, TIMES),
        ("proxy", "sidecar", True, ("stop_seconds",)),
    ]


def test_of_replaced_containers_only_those_with_another_image() -> None:
    before, after = template(), template({"image": "nginx:2"})
    assert [(each.image, each.is_old) for each in assumed(before, after, (), {})] == [
        ("nginx:2", False),
        ("nginx:1", True),
    ]
    assert [each.is_old for each in assumed(before, before, (), {})] == [False]
