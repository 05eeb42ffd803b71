"""A pod's status as its kubelet posts it (pkg/kubelet/kubelet_pods.go, status/generate.go), built of the core's value."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.api.printers.timestamps import seconds
from cluster.core.manifests.qos import qos_class
from cluster.core.nodes.kubelet import back_off
from cluster.core.objects import Pod

Json = dict[str, Any]
POD_NETWORK = "10.244"
NODE_ADDRESS = "127.0.0.1"
REGISTRY = "docker.io"


def pod_status(pod: Pod, spec: Mapping[str, Any]) -> Json:
    """Of a pod with this spec."""
    containers = spec.get("containers") or []
    status: Json = {"phase": pod.phase, "conditions": conditions(pod, containers), "qosClass": qos_class(spec)}
    if pod.nominated_node:
        status["nominatedNodeName"] = pod.nominated_node
    if not pod.node:
        return {key: found for key, found in status.items() if found != []}
    status |= {"hostIP": NODE_ADDRESS, "startTime": seconds(scheduled_at(pod))}
    if pod.started_at is not None:
        address = pod_address(pod.uid)
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    status["containerStatuses"] = [container_status(pod, each) for each in containers]
    return status


def conditions(pod: Pod, containers: Sequence[Mapping[str, Any]]) -> list[Json]:
    """In the kubelet's order. A pod without a node has none until the scheduler has found no node for it."""
    if not pod.node:
        unscheduled = condition("PodScheduled", False, pod.created_at)
        return [{**unscheduled, "reason": pod.reason or "Unschedulable", "message": pod.message}] if pod.message else []
    since = pod.ready_since if pod.ready_since is not None else pod.created_at
    why: Json = {}
    if not pod.ready:
        names = " ".join(each["name"] for each in containers)
        why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{names}]"}
    return [
        *disruption(pod),
        condition("Initialized", True, scheduled_at(pod)),
        condition("Ready", pod.ready, since) | why,
        condition("ContainersReady", pod.ready, since) | why,
        condition("PodScheduled", True, scheduled_at(pod)),
    ]


def scheduled_at(pod: Pod) -> float:
    return pod.created_at if pod.scheduled_at is None else pod.scheduled_at


def disruption(pod: Pod) -> list[Json]:
    if pod.disruption is None:
        return []
    why = {"reason": pod.disruption.reason, "message": pod.disruption.message}
    return [condition("DisruptionTarget", True, pod.disruption.at) | why]


def condition(kind: str, holds: bool, since: float) -> Json:
    status = "True" if holds else "False"
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": seconds(since)}


def container_status(pod: Pod, container: Mapping[str, Any]) -> Json:
    """A pod's containers move together."""
    image, is_running = container.get("image", ""), runs(pod)
    status: Json = {
        "name": container["name"],
        "state": {"running": {"startedAt": seconds(pod.started_at)}} if is_running else waiting(pod),
        "lastState": last_state(pod, container["name"]),
        "ready": pod.ready,
        "restartCount": pod.restarts,
        "image": image,
        "imageID": image_id(image) if pod.started_at is not None else "",
        "started": is_running,
    }
    if pod.started_at is not None:
        status["containerID"] = container_id(pod, container["name"], pod.restarts)
    return status


def runs(pod: Pod) -> bool:
    return pod.phase == "Running" and not pod.reason


def waiting(pod: Pod) -> Json:
    found = {"reason": pod.reason or "ContainerCreating", "message": pod.message}
    return {"waiting": {key: value for key, value in found.items() if value}}


def last_state(pod: Pod, name: str) -> Json:
    """How the container that ran before has ended; of one that waits for its restart, the container itself."""
    restarts = pod.restarts if has_crashed(pod) else pod.restarts - 1
    if restarts < 0 or pod.started_at is None:
        return {}
    finished = when_finished(pod, pod.started_at)
    ended = {
        "exitCode": 1,
        "reason": "Error",
        "startedAt": seconds(min(pod.started_at, finished)),
        "finishedAt": seconds(finished),
        "containerID": container_id(pod, name, restarts),
    }
    return {"terminated": ended}


def has_crashed(pod: Pod) -> bool:
    return pod.stage == "back-off" and pod.next_at is not None


def when_finished(pod: Pod, started_at: float) -> float:
    """The first restart is at once, the others after a back-off, which ends at `next_at` of a pod that waits."""
    if has_crashed(pod):
        started_at = pod.next_at or started_at
    return started_at - (back_off(pod.attempts - 1) if pod.attempts else 0.0)


def container_id(pod: Pod, name: str, restarts: int) -> str:
    return f"simulated://{digest(f'{pod.uid}/{name}/{restarts}')}"


def image_id(image: str) -> str:
    """By its digest, with the registry that a short name stands for: docker.io/library/nginx@sha256:..."""
    name = image.partition("@")[0]
    repository = name if ":" not in name.rpartition("/")[2] else name.rpartition(":")[0]
    first = repository.partition("/")[0]
    if "/" not in repository:
        repository = f"{REGISTRY}/library/{repository}"
    elif "." not in first and ":" not in first and first != "localhost":
        repository = f"{REGISTRY}/{repository}"
    return f"{repository}@sha256:{digest(image)}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def pod_address(uid: str) -> str:
    number = int(uid[-4:], 16)
    return f"{POD_NETWORK}.{number >> 8}.{number % 254 + 1}"
