"""Objects as kubectl prints them (pkg/printers/internalversion/printers.go): server-side Tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cluster.api.printers import table_columns
from cluster.core import selectors

Json = dict[str, Any]
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400

ROLE_PREFIX, ROLE_LABEL = "node-role.kubernetes.io/", "kubernetes.io/role"
FINISHED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def table(
    kind: str, manifests: Sequence[Json], *, rv: int, include: str = "Metadata", more: Json | None = None
) -> Json:
    """`include` is the includeObject of the request: None, Metadata or Object."""
    now = datetime.now(UTC)
    rows = [row(kind, each, now, include) for each in manifests]
    about = {"resourceVersion": str(rv), **(more or {})}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": about,
        "columnDefinitions": table_columns.definitions(kind),
        "rows": rows,
    }


def row(kind: str, manifest: Json, now: datetime, include: str) -> Json:
    """A pod that is done says so in a condition of its row."""
    found = {"cells": CELLS[kind](manifest, now), "object": included(manifest, include)}
    phase = manifest["status"].get("phase", "") if kind == "Pod" else ""
    if phase in FINISHED:
        done = {"type": "Completed", "status": "True", "reason": phase, "message": FINISHED[phase]}
        found["conditions"] = [done]
    return found


def included(manifest: Json, include: str) -> Json | None:
    if include == "None":
        return None
    if include == "Object":
        return manifest
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": manifest["metadata"]}


def pod_cells(pod: Json, now: datetime) -> list[Any]:
    statuses = pod["status"].get("containerStatuses", [])
    ready = sum(each["ready"] and "running" in each["state"] for each in statuses)
    return [
        pod["metadata"]["name"],
        f"{ready}/{len(pod['spec'].get('containers', []))}",
        pod_word(pod),
        restarts(statuses, now),
        age(pod, now),
        pod["status"].get("podIP") or "<none>",
        pod["spec"].get("nodeName") or "<none>",
        pod["status"].get("nominatedNodeName") or "<none>",
        readiness_gates(pod),
    ]


def pod_word(pod: Json) -> str:
    """The STATUS column: the first container that is not well speaks for the pod."""
    status = pod["status"]
    word: str = status.get("reason") or status["phase"]
    if any(
        each["type"] == "PodScheduled" and each.get("reason") == "SchedulingGated"
        for each in status.get("conditions", [])
    ):
        word = "SchedulingGated"
    for each in reversed(status.get("containerStatuses", [])):
        word = container_word(each["state"]) or word
    if "deletionTimestamp" in pod["metadata"]:
        if status.get("reason") == "NodeLost":
            return "Unknown"
        return word if status["phase"] in FINISHED else "Terminating"
    return word


def container_word(state: Json) -> str:
    """What a container's state adds; nothing while it runs."""
    ended = state.get("terminated")
    if ended and not ended.get("reason"):
        return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended['exitCode']}"
    found: str = (ended or state.get("waiting") or {}).get("reason", "")
    return found


def restarts(statuses: Sequence[Json], now: datetime) -> str:
    count = sum(each["restartCount"] for each in statuses)
    ended = [each["lastState"]["terminated"] for each in statuses if "terminated" in each.get("lastState", {})]
    times = [each["finishedAt"] for each in ended if each.get("finishedAt")]
    return f"{count} ({human_duration(since(max(times), now))} ago)" if count and times else str(count)


def readiness_gates(pod: Json) -> str:
    gates = pod["spec"].get("readinessGates") or []
    held = {each["type"] for each in pod["status"].get("conditions", []) if each["status"] == "True"}
    return f"{sum(each['conditionType'] in held for each in gates)}/{len(gates)}" if gates else "<none>"


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
    selector = selectors.text(manifest["spec"].get("selector") or {})
    return [
        ",".join(each["name"] for each in found),
        ",".join(each.get("image", "") for each in found),
        selector or ("<none>" if manifest["kind"] == "ReplicaSet" else ""),
    ]


def namespace_cells(namespace: Json, now: datetime) -> list[Any]:
    return [namespace["metadata"]["name"], namespace["status"]["phase"], age(namespace, now)]


def node_cells(node: Json, now: datetime) -> list[Any]:
    info = node["status"].get("nodeInfo", {})
    return [
        node["metadata"]["name"],
        node_word(node),
        roles(node["metadata"].get("labels") or {}),
        age(node, now),
        info.get("kubeletVersion", ""),
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        info.get("kernelVersion") or "<unknown>",
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def node_word(node: Json) -> str:
    ready = [each["status"] == "True" for each in node["status"].get("conditions", []) if each["type"] == "Ready"]
    words = ["Ready" if holds else "NotReady" for holds in ready] or ["Unknown"]
    return ",".join([*words, *(["SchedulingDisabled"] if node["spec"].get("unschedulable") else [])])


def roles(labels: Mapping[str, str]) -> str:
    found = {key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)} | {
        labels.get(ROLE_LABEL, "")
    }
    return ",".join(sorted(found - {""})) or "<none>"


def address(node: Json, kind: str) -> str:
    found = (each["address"] for each in node["status"].get("addresses", []) if each["type"] == kind)
    return next(found, "<none>")


def event_cells(event: Json, now: datetime) -> list[Any]:
    involved, source = event["involvedObject"], event["source"]
    first, last = event.get("firstTimestamp"), event.get("lastTimestamp")
    first_seen = human_duration(since(first, now)) if first else "<unknown>"
    return [
        human_duration(since(last, now)) if last else first_seen,
        event["type"],
        event["reason"],
        f"{involved['kind'].lower()}/{involved['name']}",
        involved.get("fieldPath", ""),
        ", ".join(each for each in (source.get("component"), source.get("host")) if each),
        event["message"].strip(),
        first_seen,
        event.get("count") or 1,
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
