"""Endpoints as upstream's controller writes them (pkg/controller/endpoint/endpoints_controller_test.go)."""

from typing import Any

import pytest

from cluster.core.controllers import endpoints
from cluster.core.objects import Delete
from cluster.core.reconcile import reconcile
from tests.core import builders
from tests.core.builders import NOW
from tests.core.services.builders import CREATED, behind, endpoints_of, service

TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def pod(name: str, **fields: Any) -> Any:
    return builders.pod(name, **{"owner_uid": None, "started_at": NOW, "ready": True, "ready_since": NOW, **fields})


def written(*pods: Any, **spec: Any) -> Any:
    state = builders.change(builders.cluster(pods=pods), service(**spec))
    reconcile(state, NOW)
    return endpoints_of(state)


def names(found: Any, key: str) -> list[str]:
    return sorted(one["targetRef"]["name"] for each in found.get("subsets", ()) for one in each.get(key, ()))


def test_ready_pods_and_unready_ones_stand_apart() -> None:
    found = written(pod("a"), pod("b", ready=False), pod("c", deleted_at=NOW), pod("d", started_at=None))
    assert (names(found, "addresses"), names(found, "notReadyAddresses")) == (["a"], ["b"])
    assert found["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]
    assert found["metadata"]["labels"] == {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    assert found["metadata"]["annotations"] == {TRIGGER: CREATED}


def test_unready_and_terminating_pods_are_published_where_the_service_says_so() -> None:
    found = written(pod("a"), pod("b", ready=False), pod("c", deleted_at=NOW), publishNotReadyAddresses=True)
    assert (names(found, "addresses"), names(found, "notReadyAddresses")) == (["a", "b", "c"], [])


@pytest.mark.parametrize(
    ("spec", "ports", "label"),
    [
        pytest.param({"clusterIP": "None"}, [{"port": 80, "protocol": "TCP"}], True, id="headless"),
        pytest.param({"clusterIP": "None", "ports": []}, None, True, id="headless without ports"),
        pytest.param({}, [{"port": 80, "protocol": "TCP"}], False, id="with an address"),
    ],
)
def test_headless_services(spec: dict[str, Any], ports: Any, label: bool) -> None:
    found = written(pod("a"), **spec)
    assert names(found, "addresses") == ["a"]
    assert found["subsets"][0].get("ports") == ports
    assert ("service.kubernetes.io/headless" in found["metadata"]["labels"]) is label


def test_pods_that_lack_a_named_port_are_in_no_subset_of_it() -> None:
    def with_port(of: str, **port: Any) -> Any:
        return pod(of, spec={"containers": [{"name": "c", "image": "i", "ports": [port]}]})

    ports = [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81, "targetPort": 81}]
    found = written(
        with_port("one", name="http", containerPort=8080), with_port("two", name="x", containerPort=1), ports=ports
    )
    subsets = {tuple(port["port"] for port in each["ports"]): each for each in found["subsets"]}
    assert set(subsets) == {(8080,), (81,)}
    assert [len(subsets[(8080,)]["addresses"]), len(subsets[(81,)]["addresses"])] == [1, 2]


def test_nobody_is_an_object_without_subsets() -> None:
    assert "subsets" not in written()


def test_more_than_a_thousand_addresses_are_cut_and_the_ready_ones_come_first() -> None:
    found = written(*(pod(f"p{n}", ready=n < 900) for n in range(1200)))
    assert found["metadata"]["annotations"][endpoints.OVER_CAPACITY] == "truncated"
    assert (len(names(found, "addresses")), len(names(found, "notReadyAddresses"))) == (900, 100)


def test_what_is_not_its_own_stays_when_there_is_no_service() -> None:
    state, now = behind(service())
    held = next(each for each in state.kept.values() if each.resource == "endpoints")
    manifest = {**held.manifest, "metadata": {"name": "web", "namespace": "default"}}
    foreign = type(held)(uid="x", resource="endpoints", name="by-hand", namespace="default", manifest=manifest)
    builders.change(state, foreign)
    state.apply([Delete(object=service())])
    reconcile(state, now)
    assert [each.name for each in state.kept.values()] == ["by-hand"]
