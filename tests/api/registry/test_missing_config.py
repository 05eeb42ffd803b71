"""A Deployment whose ConfigMap is missing waits for it, and rolls out once it is created."""

from collections.abc import Callable

import pytest
from django.db.models import F

from cluster import models
from tests.api.conftest import Api, Work, manifest

pytestmark = pytest.mark.usefixtures("cluster")
V1 = "/api/v1/namespaces/default"
MERGE = "application/merge-patch+json"


def forward() -> None:
    """Half a minute on the cluster's clock."""
    models.Cluster.objects.update(due=0, clock_sim=F("clock_sim") + 30)


def test_pods_wait_for_a_key_and_start_with_it(api: Api, work: Work) -> None:
    """The worker, which remembers the cluster, hears of changed keys, of binary ones too, and of an object that goes."""
    source = {"configMapKeyRef": {"name": "settings", "key": "colour"}}
    body = manifest(replicas=1)
    body["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "COLOUR", "valueFrom": source}]
    api("POST", f"{V1}/configmaps", {"metadata": {"name": "settings"}, "data": {"size": "1"}})
    api("POST", f"{V1}/secrets", {"metadata": {"name": "settings"}, "data": {"colour": ""}})
    api("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    missing = "couldn't find key colour in ConfigMap default/settings"
    empty, one = {"metadata": {"name": "settings"}}, f"{V1}/configmaps/settings"
    acts: list[tuple[str, Callable[[], object]]] = [
        (missing, lambda: None),
        ('configmap "settings" not found', lambda: api("DELETE", one)),
        (missing, lambda: api("POST", f"{V1}/configmaps", empty)),
        ("", lambda: api("PATCH", one, {"binaryData": {"colour": "AA=="}}, MERGE)),
    ]
    for text, act in acts:
        act()
        for _ in range(3):
            forward()
            work()
        assert models.Pod.objects.get().message == text
    assert models.Pod.objects.get().phase == "Running"


def test_pods_wait_for_a_config_map_and_start_with_it(api: Api, work: Work) -> None:
    body = manifest(replicas=2)
    body["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "settings"}}]
    api("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    for _ in range(3):
        forward()
        work()
    waiting = [each["status"]["containerStatuses"][0]["state"] for each in api.get(f"{V1}/pods")["items"]]
    problem = {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'}
    assert waiting == [{"waiting": problem}] * 2
    api("POST", f"{V1}/configmaps", {"metadata": {"name": "settings"}})
    forward()
    work()
    assert {each.phase for each in models.Pod.objects.all()} == {"Running"}
