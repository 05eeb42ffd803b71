"""Server-side Tables, which kubectl prints (pkg/printers/internalversion/printers.go)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cluster.api.kinds import Kind
from cluster.api.printers import kept, table_columns
from cluster.api.printers.columns import DEFAULT, Column
from cluster.api.printers.durations import age, human_duration, since
from cluster.core import selectors

Json = dict[str, Any]

ROLE_PREFIX, ROLE_LABEL = "node-role.kubernetes.io/", "kubernetes.io/role"
FINISHED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def table(
    kind: Kind,
    manifests: Sequence[Json],
    *,
    rv: int,
    version: str = "v1",
    include: str = "Metadata",
    more: Json | None = None,
) -> Json:
    """`include` is the includeObject of the request: None, Metadata or Object."""
    now = datetime.now(UTC)
    rows = [row(kind, version, each, now, include) for each in manifests]
    about = {"resourceVersion": str(rv), **(more or {})}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": about,
        "columnDefinitions": definitions(kind, version),
        "rows": rows,
    }


def definitions(kind: Kind, version: str) -> list[Json]:
    if kind.sort == "hot":
        return table_columns.definitions(kind.name)
    return table_columns.definitions_of(columns_of(kind, version))


def columns_of(kind: Kind, version: str) -> tuple[Column, ...]:
    """The columns of a kind whose rows depend only on the manifest: upstream's, or Name and Created At."""
    if kind.sort == "custom":
        return kind.columns[version]
    return kept.COLUMNS.get(kind.resource, DEFAULT)


def row(kind: Kind, version: str, manifest: Json, now: datetime, include: str) -> Json:
    """A row; that of a finished pod has a condition Completed."""
    hot = kind.sort == "hot"
    cells = CELLS[kind.name](manifest, now) if hot else [each.cell(manifest, now) for each in columns_of(kind, version)]
    found = {"cells": cells, "object": included(manifest, include)}
    phase = manifest["status"].get("phase", "") if hot and kind.name == "Pod" else ""
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
    status, spec = pod["status"], pod["spec"]
    init, main = status.get("initContainerStatuses", []), status.get("containerStatuses", [])
    sidecars = [each["name"] for each in spec.get("initContainers") or [] if each.get("restartPolicy") == "Always"]
    counted = [*main, *(each for each in init if each["name"] in sidecars)]
    ready = sum(each["ready"] and "running" in each["state"] for each in counted)
    initializing = initializing_word(pod)
    return [
        pod["metadata"]["name"],
        f"{ready}/{len(spec.get('containers', [])) + len(sidecars)}",
        pod_word(pod, initializing),
        restarts(init if initializing else counted, now),
        age(pod, now),
        status.get("podIP") or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        readiness_gates(pod),
    ]


def pod_word(pod: Json, initializing: str) -> str:
    """The STATUS column: the first container with a reason determines it."""
    status = pod["status"]
    word: str = status.get("reason") or status["phase"]
    held = status.get("conditions", [])
    if any(each["type"] == "PodScheduled" and each.get("reason") == "SchedulingGated" for each in held):
        word = "SchedulingGated"
    main = [] if initializing else status.get("containerStatuses", [])
    for each in reversed(main):
        word = container_word(each["state"]) or word
    word = initializing or word
    if word == "Completed" and any(each["ready"] and "running" in each["state"] for each in main):
        word = "Running" if any(each["type"] == "Ready" and each["status"] == "True" for each in held) else "NotReady"
    if "deletionTimestamp" in pod["metadata"]:
        if status.get("reason") == "NodeLost":
            return "Unknown"
        return word if status["phase"] in FINISHED else "Terminating"
    return word


def initializing_word(pod: Json) -> str:
    """The STATUS while init containers run: Init:1/2, Init:CrashLoopBackOff; "" once they have finished."""
    specs = pod["spec"].get("initContainers") or []
    kinds = {each["name"]: each.get("restartPolicy") for each in specs}
    for number, each in enumerate(pod["status"].get("initContainerStatuses", [])):
        state = each["state"]
        if state.get("terminated", {}).get("exitCode") == 0 or (
            kinds.get(each["name"]) == "Always" and each.get("started")
        ):
            continue
        word = container_word(state)
        return f"Init:{word}" if word and word != "PodInitializing" else f"Init:{number}/{len(specs)}"
    return ""


def container_word(state: Json) -> str:
    """The reason in a container's state; "" while it runs."""
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
    involved, series = event["involvedObject"], event.get("series") or {}
    first = event.get("firstTimestamp") or event.get("eventTime")
    last = series.get("lastObservedTime") or event.get("lastTimestamp")
    first_seen = human_duration(since(first, now)) if first else "<unknown>"
    return [
        human_duration(since(last, now)) if last else first_seen,
        event["type"],
        event["reason"],
        f"{involved['kind'].lower()}/{involved['name']}",
        involved.get("fieldPath", ""),
        source_of(event),
        event["message"].strip(),
        first_seen,
        series.get("count") or event.get("count") or 1,
        event["metadata"]["name"],
    ]


def source_of(event: Json) -> str:
    """formatEventSource: the reporting component where the source does not name one."""
    source = event["source"]
    who = source.get("component") or event.get("reportingComponent") or event.get("reportingController")
    where = source.get("host") or event.get("reportingInstance")
    return ", ".join(each for each in (who, where) if each)


CELLS: Mapping[str, Callable[[Json, datetime], list[Any]]] = {
    "Pod": pod_cells,
    "Deployment": deployment_cells,
    "ReplicaSet": replicaset_cells,
    "Namespace": namespace_cells,
    "Node": node_cells,
    "Event": event_cells,
}
