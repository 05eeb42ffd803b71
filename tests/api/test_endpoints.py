"""Services, EndpointSlices and Endpoints through the API: what a client makes, and what the controllers make of that."""

from typing import Any

import pytest

from cluster import models
from tests.api.conftest import Api, Work, manifest
from tests.spaces import demo

pytestmark = pytest.mark.usefixtures("cluster")
V1 = "/api/v1/namespaces/default"
APPS = "/apis/apps/v1/namespaces/default"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
Json = dict[str, Any]


@pytest.fixture
def web(api: Api, work: Work) -> Api:
    """A Deployment of three pods and a Service that selects them, at rest."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    api("POST", f"{APPS}/deployments", manifest(replicas=3))
    spec = {"selector": {"a": "b"}, "ports": [{"port": 80, "targetPort": 8080}]}
    made = api(
        "POST", f"{V1}/services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    )
    assert made.status_code == 201
    work()
    return api


def slices(api: Api) -> list[Json]:
    found: list[Json] = api.get(SLICES)["items"]
    return found


def conditions(api: Api) -> list[tuple[bool, ...]]:
    keys = ("ready", "serving", "terminating")
    return [tuple(one["conditions"][key] for key in keys) for each in slices(api) for one in each["endpoints"] or ()]


def test_a_service_gets_a_slice_and_an_endpoints_object(web: Api) -> None:
    (found,) = slices(web)
    addresses = {pod["status"]["podIP"] for pod in web.get(f"{V1}/pods")["items"]}
    assert {one["addresses"][0] for one in found["endpoints"]} == addresses
    assert found["metadata"]["creationTimestamp"] and found["metadata"]["resourceVersion"]
    endpoints = web.get(f"{V1}/endpoints/web")
    assert {one["ip"] for one in endpoints["subsets"][0]["addresses"]} == addresses
    assert endpoints["subsets"][0]["ports"] == [{"port": 8080, "protocol": "TCP"}]


def test_they_follow_the_pods_and_keep_their_creation_times(web: Api, work: Work) -> None:
    before = slices(web)[0]["metadata"]
    web("PATCH", f"{APPS}/deployments/web", {"spec": {"replicas": 1}}, "application/merge-patch+json")
    work()
    assert conditions(web) == [(True, True, False)]
    after = slices(web)[0]["metadata"]
    assert after["creationTimestamp"] == before["creationTimestamp"]
    assert after["generation"] > before["generation"]
    rows = web.get(f"{V1}/endpoints", **TABLE)["rows"]
    assert [row["cells"][:2] for row in rows] == [
        ["web", f"{web.get(f'{V1}/pods')['items'][0]['status']['podIP']}:8080"]
    ]


def test_a_slice_that_somebody_deletes_comes_again(web: Api, work: Work) -> None:
    before = slices(web)[0]["metadata"]["name"]
    assert web("DELETE", f"{SLICES}/{before}").status_code == 200
    work()
    assert len(conditions(web)) == 3


def test_they_go_with_the_service(web: Api, work: Work) -> None:
    web("DELETE", f"{V1}/services/web")
    work()
    assert (slices(web), web.get(f"{V1}/endpoints")["items"]) == ([], [])


def test_a_namespace_goes_with_all_its_services(api: Api, work: Work) -> None:
    api("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    spec = {"selector": {"a": "b"}, "ports": [{"port": 80}]}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    api("POST", "/api/v1/namespaces/shop/services", body)
    work()
    api("DELETE", "/api/v1/namespaces/shop")
    work()
    assert api("GET", "/api/v1/namespaces/shop").status_code == 404
    assert not models.KeptObject.objects.filter(namespace="shop").exists()


def test_counters_of_the_cluster_follow(web: Api, work: Work) -> None:
    def counted() -> tuple[int, int]:
        cluster = demo()
        return cluster.objects_count, cluster.kept_bytes

    web("DELETE", f"{V1}/services/web")
    work()
    without = counted()
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    web("POST", f"{V1}/services", {**body, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}})
    work()
    assert counted()[0] == without[0] + 3  # the Service, its slice, its Endpoints
    web("DELETE", f"{V1}/services/web")
    work()
    assert counted() == without


def test_watchers_of_slices_hear_of_each_change(web: Api, work: Work) -> None:
    seen = int(web.get(SLICES)["metadata"]["resourceVersion"])
    web("PATCH", f"{APPS}/deployments/web", {"spec": {"replicas": 4}}, "application/merge-patch+json")
    work()
    changes = models.Change.objects.filter(kind="EndpointSlice", rv__gt=seen).order_by("rv")
    assert {each.verb for each in changes} == {"MODIFIED"}
    assert len(changes[len(changes) - 1].state["manifest"]["endpoints"]) == 4
