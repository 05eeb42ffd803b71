"""Rows as the API's objects, built when somebody asks. Each function takes a row and gives the JSON of the kind's storage version."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cluster import models, snapshot
from cluster.core.manifests import deployment_spec
from cluster.core.objects import Condition, Pod, ReplicaSet

Json = dict[str, Any]
POD_NETWORK = "10.244"
EMPTY_NODE_FIELDS = ("kernelVersion", "machineID", "systemUUID", "bootID", "kubeProxyVersion")
NODE_FIELDS = {
    **dict.fromkeys(EMPTY_NODE_FIELDS, ""),
    "osImage": "Rollstage (simulated)",
    "containerRuntimeVersion": "simulated://1",
    "kubeletVersion": "v1.37.0",
    "operatingSystem": "linux",
    "architecture": "amd64",
}


def metadata(row: Any, namespace: str | None = None, **more: Any) -> Json:
    found = {
        "name": row.name,
        "namespace": namespace,
        "uid": row.uid,
        "resourceVersion": str(row.resource_version),
        "creationTimestamp": iso(row.created),
        **more,
    }
    return {key: value for key, value in found.items() if value not in (None, {}, [])}


def deployment(row: models.Deployment, namespace: str) -> Json:
    value = snapshot.deployment_value(row, namespace)
    status = value.status
    counts = {
        "observedGeneration": status.observed_generation,
        "replicas": status.replicas,
        "updatedReplicas": status.updated_replicas,
        "readyReplicas": status.ready_replicas,
        "availableReplicas": status.available_replicas,
        "unavailableReplicas": status.unavailable_replicas,
        "terminatingReplicas": status.terminating_replicas,
        "collisionCount": status.collision_count,
    }
    about = metadata(
        row, namespace, generation=row.generation, labels=row.labels, annotations=row.annotations, **deletion(row)
    )
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": about,
        "spec": deployment_spec(value),
        "status": {**known(counts), **conditions(status.conditions)},
    }


def replicaset(row: models.ReplicaSet, namespace: str, owner: str | None) -> Json:
    value = snapshot.replicaset_value(row, namespace)
    status = value.status
    counts = {
        "replicas": status.replicas,
        "fullyLabeledReplicas": status.fully_labeled_replicas or None,
        "readyReplicas": status.ready_replicas or None,
        "availableReplicas": status.available_replicas or None,
        "terminatingReplicas": status.terminating_replicas or None,
        "observedGeneration": status.observed_generation or None,
    }
    owners = owner_reference("Deployment", owner, row.owner_uid)
    spec: Json = {"replicas": row.replicas, "selector": row.selector, "template": row.template}
    if row.min_ready_seconds:
        spec["minReadySeconds"] = row.min_ready_seconds
    about = metadata(
        row, namespace, generation=row.generation, labels=row.labels, annotations=row.annotations,
        ownerReferences=owners, **deletion(row),
    )  # fmt: skip
    return {
        "kind": "ReplicaSet",
        "apiVersion": "apps/v1",
        "metadata": about,
        "spec": spec,
        "status": {key: value for key, value in counts.items() if value is not None} | conditions(status.conditions),
    }


def pod(value: Pod, owner: ReplicaSet | None, *, created: datetime, rv: int) -> Json:
    """Of the core's value: its template is its owner's."""
    template = owner.template if owner else {}
    about = {
        "name": value.name,
        "generateName": f"{owner.name}-" if owner else None,
        "namespace": value.namespace,
        "uid": value.uid,
        "resourceVersion": str(rv),
        "creationTimestamp": iso(created),
        "labels": dict(value.labels),
        "annotations": dict(value.annotations),
        "ownerReferences": owner_reference("ReplicaSet", owner.name if owner else None, value.owner_uid),
        "deletionTimestamp": seconds(value.deleted_at),
        "deletionGracePeriodSeconds": None if value.deleted_at is None else grace(template),
    }
    spec = {**template.get("spec", {"containers": []}), **({"nodeName": value.node} if value.node else {})}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {key: value for key, value in about.items() if value not in (None, {}, [])},
        "spec": spec,
        "status": pod_status(value, template),
    }


def pod_status(pod: Pod, template: Mapping[str, Any]) -> Json:
    containers = template.get("spec", {}).get("containers", [])
    status: Json = {"phase": pod.phase, "conditions": pod_conditions(pod)}
    if pod.message and pod.reason not in ("ContainerCreating", ""):
        status["message"] = pod.message
    if pod.node:
        address = pod_address(pod.uid)
        status |= {"hostIP": "127.0.0.1", "startTime": seconds(pod.created_at), "qosClass": "BestEffort"}
        if pod.started_at is not None:
            status |= {"podIP": address, "podIPs": [{"ip": address}]}
        status["containerStatuses"] = [container_status(pod, each) for each in containers]
    return status


def container_status(pod: Pod, container: Mapping[str, Any]) -> Json:
    running = pod.phase == "Running" and not pod.reason
    state: Json = {"running": {"startedAt": seconds(pod.started_at)}} if running else waiting(pod)
    last: Json = {}
    if pod.restarts:
        last = {
            "terminated": {"exitCode": 1, "reason": "Error", "startedAt": None, "finishedAt": seconds(pod.started_at)}
        }
    image = container.get("image", "")
    return {
        "name": container["name"],
        "state": state,
        "lastState": last,
        "ready": pod.ready,
        "restartCount": pod.restarts,
        "image": image,
        "imageID": f"docker.io/library/{image}" if running else "",
        "started": running,
    }


def waiting(pod: Pod) -> Json:
    found = {"reason": pod.reason or "ContainerCreating", "message": pod.message}
    return {"waiting": {key: value for key, value in found.items() if value}}


def pod_conditions(pod: Pod) -> list[Json]:
    """In the kubelet's order; a pod without a node has only PodScheduled."""
    if not pod.node:
        unscheduled = condition("PodScheduled", False, pod.created_at)
        return [unscheduled | {"reason": "Unschedulable", "message": pod.message}] if pod.message else [unscheduled]
    since = pod.ready_since if pod.ready_since is not None else pod.created_at
    return [
        condition("Initialized", True, pod.created_at),
        condition("Ready", pod.ready, since),
        condition("ContainersReady", pod.ready, since),
        condition("PodScheduled", True, pod.created_at),
    ]


def condition(kind: str, holds: bool, since: float) -> Json:
    return {
        "type": kind,
        "status": "True" if holds else "False",
        "lastProbeTime": None,
        "lastTransitionTime": seconds(since),
    }


def namespace(row: models.Namespace) -> Json:
    labels = {"kubernetes.io/metadata.name": row.name}
    spec, status = {"finalizers": ["kubernetes"]}, {"phase": "Active"}
    return {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": metadata(row, labels=labels),
        "spec": spec,
        "status": status,
    }


def node(row: models.Node) -> Json:
    amounts = {"cpu": "64", "memory": "256Gi", "pods": str(row.slots)}
    ready = {
        "type": "Ready",
        "status": "True",
        "lastHeartbeatTime": iso(row.created),
        "lastTransitionTime": iso(row.created),
        "reason": "KubeletReady",
        "message": "the kubelet is simulated",
    }
    status = {
        "capacity": amounts,
        "allocatable": amounts,
        "conditions": [ready],
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": row.name}],
        "nodeInfo": NODE_FIELDS,
        "images": [{"names": [each]} for each in row.images],
    }
    labels = {"kubernetes.io/hostname": row.name, "kubernetes.io/os": "linux"}
    spec = {"unschedulable": True} if row.unschedulable else {}
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": metadata(row, labels=labels),
        "spec": spec,
        "status": status,
    }


def event(row: models.Event, namespace: str) -> Json:
    first, last = iso(row.first_seen), iso(row.last_seen)
    about = {
        "name": row.name,
        "namespace": namespace,
        "uid": row.uid,
        "resourceVersion": str(row.resource_version),
        "creationTimestamp": first,
    }
    version = "v1" if row.kind in ("Pod", "Node") else "apps/v1"
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": about,
        "involvedObject": {
            "kind": row.kind,
            "namespace": namespace,
            "name": row.object_name,
            "uid": row.object_uid,
            "apiVersion": version,
        },
        "reason": row.reason,
        "message": row.message,
        "source": {"component": row.source},
        "firstTimestamp": first,
        "lastTimestamp": last,
        "count": row.count,
        "type": row.type,
        "eventTime": None,
        "reportingComponent": row.source,
        "reportingInstance": "",
    }


def scale(manifest: Json) -> Json:
    """autoscaling/v1 Scale of a Deployment or ReplicaSet."""
    about = {
        key: manifest["metadata"][key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    }
    labels = (manifest["spec"].get("selector") or {}).get("matchLabels") or {}
    selector = ",".join(f"{key}={labels[key]}" for key in sorted(labels))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": about,
        "spec": {"replicas": manifest["spec"]["replicas"]},
        "status": {"replicas": manifest["status"].get("replicas", 0), "selector": selector},
    }


def conditions(found: tuple[Condition, ...]) -> Json:
    told = [
        {
            "type": each.type,
            "status": each.status,
            "lastUpdateTime": seconds(each.last_update_time),
            "lastTransitionTime": seconds(each.last_transition_time),
            "reason": each.reason,
            "message": each.message,
        }
        for each in found
    ]
    return {"conditions": told} if told else {}


def owner_reference(kind: str, name: str | None, uid: str | None) -> list[Json]:
    if name is None or uid is None:
        return []
    about = {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid}
    return [{**about, "controller": True, "blockOwnerDeletion": True}]


def deletion(row: models.ClusterObject) -> Json:
    return {} if row.deleted_at is None else {"deletionTimestamp": seconds(row.deleted_at)}


def known(counts: Json) -> Json:
    """Zero is omitted, as the API omits it."""
    return {key: value for key, value in counts.items() if value}


def grace(template: Mapping[str, Any]) -> int:
    found: int = template.get("spec", {}).get("terminationGracePeriodSeconds", 30)
    return found


def pod_address(uid: str) -> str:
    number = int(uid[-4:], 16)
    return f"{POD_NETWORK}.{number // 250}.{number % 250 + 2}"


@lru_cache(maxsize=4096)  # a list of pods has few moments, and strftime is most of its cost
def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(at: float | None) -> str | None:
    return None if at is None else iso(datetime.fromtimestamp(int(at), UTC))
