"""The official Python client creates, watches, rolls and deletes a Deployment."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

from tests.outside.process import WITH_BOOK, Demo, behaviour, wait_until

NAME = "web"
SPACE = "default"
QUICK = WITH_BOOK + behaviour(1, "*", pull_seconds=0.2, start_seconds=0.2, ready_seconds=0.2)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("data"))
    made.manage("migrate", "--verbosity=0")
    made.manage("shell", "-c", QUICK)
    yield made.start()
    made.stop()


@pytest.fixture(scope="module")
def api(demo: Demo) -> client.ApiClient:
    return config.new_client_from_config(str(demo.data / "kubeconfig"))


def deployment(image: str = "nginx:1.7.9") -> client.V1Deployment:
    labels = {"app": NAME}
    container = client.V1Container(name="nginx", image=image, ports=[client.V1ContainerPort(container_port=80)])
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])
    )
    spec = client.V1DeploymentSpec(replicas=3, selector=client.V1LabelSelector(match_labels=labels), template=template)
    return client.V1Deployment(metadata=client.V1ObjectMeta(name=NAME, labels=labels), spec=spec)


def is_rolled_out(found: client.V1Deployment) -> bool:
    status = found.status
    counts = (status.replicas, status.updated_replicas, status.available_replicas)
    return bool((status.observed_generation or 0) >= found.metadata.generation) and counts == (found.spec.replicas,) * 3


def follow(api: client.ApiClient, since: str) -> list[dict[str, Any]]:
    """The watch's events until the Deployment is rolled out."""
    seen = []
    watcher = watch.Watch()
    list_call = client.AppsV1Api(api).list_namespaced_deployment
    for event in watcher.stream(list_call, SPACE, resource_version=since, timeout_seconds=30):
        seen.append(event)
        if event["object"].metadata.name == NAME and is_rolled_out(event["object"]):
            watcher.stop()
    return seen


def test_a_deployment_is_created_watched_rolled_and_deleted(api: client.ApiClient) -> None:
    apps, core = client.AppsV1Api(api), client.CoreV1Api(api)
    since = apps.list_namespaced_deployment(SPACE).metadata.resource_version
    made = apps.create_namespaced_deployment(SPACE, deployment())
    assert made.spec.strategy.rolling_update.max_surge == "25%"
    seen = follow(api, since)
    assert [each["type"] for each in seen if each["object"].metadata.name == NAME][0] == "ADDED"

    newest = seen[-1]["object"].metadata.resource_version
    image = {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:1.9.1"}]}}}}
    apps.patch_namespaced_deployment(NAME, SPACE, image)
    seen = follow(api, newest)
    versions = [int(each["object"].metadata.resource_version) for each in seen]
    assert versions == sorted(set(versions))
    assert seen[-1]["object"].metadata.annotations["deployment.kubernetes.io/revision"] == "2"

    pods = core.list_namespaced_pod(SPACE, label_selector=f"app={NAME}", field_selector="status.phase=Running")
    running = [each for each in pods.items if each.metadata.deletion_timestamp is None]
    assert {each.spec.containers[0].image for each in running} == {"nginx:1.9.1"}

    scaled = apps.patch_namespaced_deployment_scale(NAME, SPACE, {"spec": {"replicas": 1}})
    assert scaled.spec.replicas == 1
    apps.delete_namespaced_deployment(NAME, SPACE)
    wait_until(
        lambda: not core.list_namespaced_pod(SPACE, label_selector=f"app={NAME}").items, 20, "its pods to be gone"
    )


def test_pages_replace_and_conflicts(api: client.ApiClient) -> None:
    apps, core = client.AppsV1Api(api), client.CoreV1Api(api)
    follow(api, apps.create_namespaced_deployment(SPACE, deployment()).metadata.resource_version)
    made = apps.read_namespaced_deployment(NAME, SPACE)
    made.spec.replicas = 2
    replaced = apps.replace_namespaced_deployment(NAME, SPACE, made)
    assert replaced.spec.replicas == 2
    with pytest.raises(ApiException) as conflict:
        apps.replace_namespaced_deployment(NAME, SPACE, made)
    assert conflict.value.status == 409
    page = core.list_namespaced_pod(SPACE, limit=1)
    assert page.metadata._continue
    rest = core.list_namespaced_pod(SPACE, limit=100, _continue=page.metadata._continue)
    assert len(page.items) + len(rest.items) >= 3
    apps.delete_namespaced_deployment(NAME, SPACE)


def test_a_watch_is_open_before_anything_happens(demo: Demo) -> None:
    """Its headers come at once: a client may wait for them before it goes on."""
    text = (demo.data / "kubeconfig").read_text()
    token = text.partition("token: ")[2].split()[0]
    context = demo.trust
    connection = http.client.HTTPSConnection("localhost", demo.api_port, context=context, timeout=10)
    headers = {"Authorization": f"Bearer {token}"}
    connection.request("GET", "/api/v1/nodes?watch=1&resourceVersion=999999", headers=headers)
    assert connection.getresponse().status == 200
    connection.close()


def test_a_token_that_is_wrong_opens_nothing(demo: Demo, tmp_path: Path) -> None:
    text = (demo.data / "kubeconfig").read_text()
    other = tmp_path / "kubeconfig"
    other.write_text(text.replace("token: rs-", "token: rs-x"))
    with pytest.raises(ApiException) as refused:
        client.CoreV1Api(config.new_client_from_config(str(other))).list_namespaced_pod(SPACE)
    assert refused.value.status == 401
