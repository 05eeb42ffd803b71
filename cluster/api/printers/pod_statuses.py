"""A pod's status as its kubelet posts it (pkg/kubelet/kubelet_pods.go, status/generate.go), built from the core's value."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.api.printers.timestamps import seconds
from cluster.core.manifests.qos import qos_class
from cluster.core.nodes import gates
from cluster.core.nodes.addresses import node_address, pod_address
from cluster.core.nodes.containers import RUNNING
from cluster.core.nodes.podstatus import is_terminated
from cluster.core.nodes.reported import UNSCHEDULABLE, condition_of, with_condition
from cluster.core.objects import Container, Ended, Pod

Json = dict[str, Any]
REGISTRY = "docker.io"
UNREADY = "containers with unready status"
ENDED = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}


def pod_status(pod: Pod, spec: Mapping[str, Any]) -> Json:
    """The status of a pod with this spec."""
    if pod.reported is not None:
        return as_reported(pod, spec)
    init, main = spec.get("initContainers") or [], spec.get("containers") or []
    status: Json = {"phase": pod.phase, "conditions": conditions(pod, spec, init, main), "qosClass": qos_class(spec)}
    if pod.nominated_node:
        status["nominatedNodeName"] = pod.nominated_node
    if not pod.node:
        return {key: found for key, found in status.items() if found != []}
    host = node_address(pod.node)
    status |= {"hostIP": host, "hostIPs": [{"ip": host}], "startTime": seconds(scheduled_at(pod))}
    if pod.started_at is not None:
        address = pod_address(pod.uid)
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    known = containers_of(pod, init, main)
    if init:
        status["initContainerStatuses"] = [container_status(pod, known[each["name"]], each) for each in init]
    status["containerStatuses"] = [container_status(pod, known[each["name"]], each) for each in main]
    return status


def as_reported(pod: Pod, spec: Mapping[str, Any]) -> Json:
    """The status as a client has written it, with later changes by the API server and the scheduler."""
    status: Json = {"phase": pod.phase, "qosClass": qos_class(spec), **(pod.reported or {})}
    status.pop("nominatedNodeName", None)
    for each in (*(unscheduled(pod) if not pod.node else []), *disruption(pod)):
        if condition_of(status, each["type"]).get("message") != each["message"]:
            status = with_condition(status, each)
    if pod.nominated_node:
        status["nominatedNodeName"] = pod.nominated_node
    return status


def unscheduled(pod: Pod) -> list[Json]:
    """The condition of a pod without a node; [] without a message that gives the reason."""
    if not pod.message:
        return []
    told = {"reason": pod.reason or UNSCHEDULABLE, "message": pod.message}
    return [{**condition("PodScheduled", False, pod.created_at), **told}]


def containers_of(pod: Pod, init: Sequence[Json], main: Sequence[Json]) -> dict[str, Container]:
    """Containers by name. A container without a state of its own gets one derived from its pod's."""
    known = {each.name: each for each in pod.containers}
    runs = pod.phase == "Running" and not pod.reason
    for each in (*init, *main):
        if each["name"] not in known:
            stage = "running" if runs else "waiting"
            reason = pod.reason or ("" if runs else "ContainerCreating")
            known[each["name"]] = Container(
                each["name"], stage, None, reason, pod.message, pod.ready, runs, pod.started_at, restarts=pod.restarts
            )
    return known


def conditions(pod: Pod, spec: Mapping[str, Any], init: Sequence[Json], main: Sequence[Json]) -> list[Json]:
    """Those of clients, then the kubelet's in its order. A pod without a node has none until the scheduler has found no node
    for it."""
    if not pod.node:
        return unscheduled(pod)
    known = containers_of(pod, init, main)
    unready = [each["name"] for each in main if not known[each["name"]].ready]
    waits = [each["name"] for each in init if not is_through(known[each["name"]], each)]
    is_done = pod.phase == "Succeeded"
    return [
        *map(dict, pod.client_conditions),
        *disruption(pod),
        condition("PodReadyToStartContainers", pod.started_at is not None and not is_done, started(pod)),
        condition("Initialized", not waits, scheduled_at(pod) if waits or not init else started(pod))
        | because("ContainersNotInitialized", "containers with incomplete status", waits),
        *readiness(pod, spec, unready),
        condition("PodScheduled", True, scheduled_at(pod)),
    ]


def readiness(pod: Pod, spec: Mapping[str, Any], unready: Sequence[str]) -> list[Json]:
    """The conditions Ready and ContainersReady, which differ where only unmet readiness gates keep the pod unready."""
    since = pod.ready_since if pod.ready_since is not None else pod.created_at
    ended = ENDED.get(pod.phase)
    its_gates = gates.read(spec)
    if its_gates and not (unready or pod.ready or ended):
        why = {"reason": gates.REASON, "message": ", ".join(gates.unmet(pod, its_gates))}
        return [condition("Ready", False, since) | why, condition("ContainersReady", True, started(pod))]
    why = {"reason": ended} if ended else because("ContainersNotReady", UNREADY, unready)
    return [condition(name, pod.ready, since) | why for name in ("Ready", "ContainersReady")]


def is_through(container: Container, spec: Json) -> bool:
    """Whether the containers after this init container may start."""
    if spec.get("restartPolicy") == "Always":
        return container.started
    return container.last is not None and container.last.exit_code == 0 and container.stage == "done"


def because(reason: str, text: str, names: Sequence[str]) -> Json:
    return {"reason": reason, "message": f"{text}: [{' '.join(names)}]"} if names else {}


def started(pod: Pod) -> float:
    return scheduled_at(pod) if pod.started_at is None else pod.started_at


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


def container_status(pod: Pod, container: Container, spec: Mapping[str, Any]) -> Json:
    image, is_running = spec.get("image", ""), container.stage in RUNNING
    has_started = container.started_at is not None
    status: Json = {
        "name": container.name,
        "state": state_of(pod, container, has_ended=is_terminated(container)),
        "lastState": {},
        "ready": container.ready,
        "restartCount": container.restarts,
        "image": image,
        "imageID": image_id(image) if has_started else "",
        "started": is_running and container.started,
    }
    if container.last is not None and not is_terminated(container):
        status["lastState"] = terminated(
            pod, container, container.last, container.restarts - (container.stage != "back-off")
        )
    if has_started:
        status["containerID"] = container_id(pod, container.name, container.restarts)
    return status


def state_of(pod: Pod, container: Container, *, has_ended: bool) -> Json:
    if container.stage in RUNNING:
        return {"running": {"startedAt": seconds(container.started_at)}}
    if has_ended and container.last is not None:
        return terminated(pod, container, container.last, container.restarts - (container.stage != "done"))
    found = {"reason": container.reason, "message": container.message}
    return {"waiting": {key: value for key, value in found.items() if value}}


def terminated(pod: Pod, container: Container, last: Ended, restarts: int) -> Json:
    """The state of a terminated container; `restarts`: the number of restarts before."""
    return {
        "terminated": {
            "exitCode": last.exit_code,
            "reason": last.reason,
            "startedAt": seconds(last.started_at),
            "finishedAt": seconds(last.finished_at),
            "containerID": container_id(pod, container.name, max(restarts, 0)),
        }
    }


def container_id(pod: Pod, name: str, restarts: int) -> str:
    return f"simulated://{digest(f'{pod.uid}/{name}/{restarts}')}"


def image_id(image: str) -> str:
    """The image with a digest and its full registry path: docker.io/library/nginx@sha256:..."""
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
