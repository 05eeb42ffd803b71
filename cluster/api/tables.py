"""Objects as kubectl prints them (pkg/printers/internalversion/printers.go): server-side Tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Columns = Sequence[tuple[str, str, int]]
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400

COLUMNS: Mapping[str, Columns] = {
    "Pod": (
        ("Name", "string", 0), ("Ready", "string", 0), ("Status", "string", 0), ("Restarts", "string", 0), ("Age", "string", 0),
        ("IP", "string", 1), ("Node", "string", 1), ("Nominated Node", "string", 1), ("Readiness Gates", "string", 1),
    ),
    "Deployment": (
        ("Name", "string", 0), ("Ready", "string", 0), ("Up-to-date", "integer", 0), ("Available", "integer", 0), ("Age", "string", 0),
        ("Containers", "string", 1), ("Images", "string", 1), ("Selector", "string", 1),
    ),
    "ReplicaSet": (
        ("Name", "string", 0), ("Desired", "integer", 0), ("Current", "integer", 0), ("Ready", "integer", 0), ("Age", "string", 0),
        ("Containers", "string", 1), ("Images", "string", 1), ("Selector", "string", 1),
    ),
    "Namespace": (("Name", "string", 0), ("Status", "string", 0), ("Age", "string", 0)),
    "Node": (
        ("Name", "string", 0), ("Status", "string", 0), ("Roles", "string", 0), ("Age", "string", 0), ("Version", "string", 0),
        ("Internal-IP", "string", 1), ("External-IP", "string", 1), ("OS-Image", "string", 1), ("Kernel-Version", "string", 1),
        ("Container-Runtime", "string", 1),
    ),
    "Event": (
        ("Last Seen", "string", 0), ("Type", "string", 0), ("Reason", "string", 0), ("Object", "string", 0), ("Subobject", "string", 1),
        ("Source", "string", 1), ("Message", "string", 0), ("First Seen", "string", 1), ("Count", "integer", 1), ("Name", "string", 1),
    ),
}  # fmt: skip


def table(
    kind: str, manifests: Sequence[Json], *, rv: int, include: str = "Metadata", more: Json | None = None
) -> Json:
    """`include` is the includeObject of the request: None, Metadata or Object."""
    now = datetime.now(UTC)
    definitions = [
        {
            "name": name,
            "type": type_,
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": priority,
        }
        for name, type_, priority in COLUMNS[kind]
    ]
    rows = [{"cells": CELLS[kind](each, now), "object": included(each, include)} for each in manifests]
    about = {"resourceVersion": str(rv), **(more or {})}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": about,
        "columnDefinitions": definitions,
        "rows": rows,
    }


def included(manifest: Json, include: str) -> Json | None:
    if include == "None":
        return None
    if include == "Object":
        return manifest
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": manifest["metadata"]}


def pod_cells(pod: Json, now: datetime) -> list[Any]:
    statuses = pod["status"].get("containerStatuses", [])
    containers = len(pod["spec"].get("containers", []))
    ready = sum(each["ready"] for each in statuses)
    restarts = sum(each["restartCount"] for each in statuses)
    finished = [each["lastState"]["terminated"]["finishedAt"] for each in statuses if "terminated" in each["lastState"]]
    again = f"{restarts} ({human_duration(since(max(finished), now))} ago)" if restarts and finished else str(restarts)
    return [
        pod["metadata"]["name"],
        f"{ready}/{containers}",
        pod_word(pod),
        again,
        age(pod, now),
        pod["status"].get("podIP", "<none>"),
        pod["spec"].get("nodeName", "<none>"),
        "<none>",
        "<none>",
    ]


def pod_word(pod: Json) -> str:
    """The STATUS column."""
    if "deletionTimestamp" in pod["metadata"]:
        return "Terminating"
    waiting = (each["state"].get("waiting") for each in pod["status"].get("containerStatuses", []))
    reason = next((each["reason"] for each in waiting if each), None)
    word: str = reason or pod["status"]["phase"]
    return word


def deployment_cells(deployment: Json, now: datetime) -> list[Any]:
    status, desired = deployment["status"], deployment["spec"]["replicas"]
    return [
        deployment["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{desired}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(deployment, now),
        *containers(deployment),
    ]


def replicaset_cells(replicaset: Json, now: datetime) -> list[Any]:
    status = replicaset["status"]
    return [
        replicaset["metadata"]["name"],
        replicaset["spec"]["replicas"],
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(replicaset, now),
        *containers(replicaset),
    ]


def containers(manifest: Json) -> list[str]:
    found = manifest["spec"]["template"]["spec"].get("containers", [])
    labels = (manifest["spec"].get("selector") or {}).get("matchLabels") or {}
    selector = ",".join(f"{key}={labels[key]}" for key in sorted(labels))
    return [",".join(each["name"] for each in found), ",".join(each.get("image", "") for each in found), selector]


def namespace_cells(namespace: Json, now: datetime) -> list[Any]:
    return [namespace["metadata"]["name"], namespace["status"]["phase"], age(namespace, now)]


def node_cells(node: Json, now: datetime) -> list[Any]:
    info = node["status"]["nodeInfo"]
    word = "Ready,SchedulingDisabled" if node["spec"].get("unschedulable") else "Ready"
    address = node["status"]["addresses"][0]["address"]
    version = info["kubeletVersion"]
    runtime = info["containerRuntimeVersion"]
    return [
        node["metadata"]["name"],
        word,
        "<none>",
        age(node, now),
        version,
        address,
        "<none>",
        info["osImage"],
        "<unknown>",
        runtime,
    ]


def event_cells(event: Json, now: datetime) -> list[Any]:
    involved = event["involvedObject"]
    return [
        human_duration(since(event["lastTimestamp"], now)),
        event["type"],
        event["reason"],
        f"{involved['kind'].lower()}/{involved['name']}",
        "",
        event["source"]["component"],
        event["message"].strip(),
        human_duration(since(event["firstTimestamp"], now)),
        event["count"],
        event["metadata"]["name"],
    ]


CELLS: Mapping[str, Callable[[Json, datetime], list[Any]]] = {
    "Pod": pod_cells,
    "Deployment": deployment_cells,
    "ReplicaSet": replicaset_cells,
    "Namespace": namespace_cells,
    "Node": node_cells,
    "Event": event_cells,
}


def age(manifest: Json, now: datetime) -> str:
    return human_duration(since(manifest["metadata"]["creationTimestamp"], now))


def since(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds()


def human_duration(seconds: float) -> str:
    """5s, 2m10s, 15m, 3h5m, 9h, 4d2h, 30d (apimachinery pkg/util/duration)."""
    whole = max(int(seconds), 0)
    if whole < 2 * MINUTE:
        return f"{whole}s"
    if whole < 10 * MINUTE:
        return two(whole, MINUTE, "m", 1, "s")
    if whole < 3 * HOUR:
        return f"{whole // MINUTE}m"
    if whole < 8 * HOUR:
        return two(whole, HOUR, "h", MINUTE, "m")
    if whole < 2 * DAY:
        return f"{whole // HOUR}h"
    if whole < 8 * DAY:
        return two(whole, DAY, "d", HOUR, "h")
    if whole < 2 * YEAR:
        return f"{whole // DAY}d"
    return two(whole, YEAR, "y", DAY, "d") if whole < 8 * YEAR else f"{whole // YEAR}y"


def two(whole: int, unit: int, letter: str, part: int, part_letter: str) -> str:
    rest = whole % unit // part
    return f"{whole // unit}{letter}{f'{rest}{part_letter}' if rest else ''}"
