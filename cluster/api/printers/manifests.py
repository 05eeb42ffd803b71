"""API objects built from rows on request. Each function takes a row and returns the JSON of the kind's storage version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cluster import models
from cluster.api.printers.pod_statuses import pod_status
from cluster.api.printers.timestamps import iso, micro
from cluster.api.printers.timestamps import seconds as seconds  # re-exported
from cluster.core import selectors
from cluster.core.admission import admitted
from cluster.core.manifests.deployments import deployment_spec
from cluster.core.manifests.null_times import told_spec, told_template
from cluster.core.nodes import images
from cluster.core.nodes.addresses import node_address
from cluster.core.objects import Condition, DeploymentStatus, Pod, ReplicaSet, ReplicaSetStatus
from cluster.core.scheduling.nodes import node_labels
from cluster.records.rows import deployment_value, node_value, replicaset_value
from cluster.writing import first_owners, ownership
from cluster.writing.ownership import CONTROLLER

Json = dict[str, Any]
FOLLOWED = "v1.36.2"  # the simulated version of Kubernetes
NODE_LABELS = {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"}
EMPTY_NODE_FIELDS = ("kernelVersion", "machineID", "systemUUID", "bootID", "kubeProxyVersion")
NODE_FIELDS = {
    **dict.fromkeys(EMPTY_NODE_FIELDS, ""),
    "osImage": "Rollstage (simulated)",
    "containerRuntimeVersion": "simulated://1",
    "kubeletVersion": FOLLOWED,
    "operatingSystem": "linux",
    "architecture": "amd64",
}


def metadata(row: Any, namespace: str | None = None, **more: Any) -> Json:
    found = {
        "name": row.name,
        "generateName": ownership.generate_name(row.name, row.managed_fields),
        "namespace": namespace,
        "uid": row.uid,
        "resourceVersion": str(row.resource_version),
        "creationTimestamp": iso(row.created),
        **more,
    }
    return {key: value for key, value in found.items() if value is not None and value not in ({}, [])}


def deployment(row: models.Deployment, namespace: str) -> Json:
    value = deployment_value(row, namespace)
    status = value.status
    counts = {
        "observedGeneration": status.observed_generation,
        "replicas": status.replicas,
        "updatedReplicas": status.updated_replicas,
        "readyReplicas": status.ready_replicas,
        "availableReplicas": status.available_replicas,
        "unavailableReplicas": status.unavailable_replicas,
        "collisionCount": status.collision_count,
    }
    about = metadata(
        row, namespace, generation=row.generation, labels=row.labels, annotations=row.annotations, **deletion(row)
    )
    found = {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": about,
        "spec": deployment_spec(value),
        "status": {**known(counts), **terminating(status), **conditions(status.conditions)},
    }
    return ownership.with_controller(found, row.managed_fields)


def replicaset(row: models.ReplicaSet, namespace: str, owner: str | None) -> Json:
    value = replicaset_value(row, namespace)
    status = value.status
    counts = {
        "replicas": status.replicas,
        "fullyLabeledReplicas": status.fully_labeled_replicas or None,
        "readyReplicas": status.ready_replicas or None,
        "availableReplicas": status.available_replicas or None,
        "observedGeneration": status.observed_generation or None,
    }
    owners = owner_reference("Deployment", owner, row.owner_uid)
    spec: Json = {"replicas": row.replicas, "selector": row.selector, "template": told_template(row.template)}
    if row.min_ready_seconds:
        spec["minReadySeconds"] = row.min_ready_seconds
    about = metadata(
        row, namespace, generation=row.generation, labels=row.labels, annotations=row.annotations,
        ownerReferences=owners, **deletion(row),
    )  # fmt: skip
    found = {
        "kind": "ReplicaSet",
        "apiVersion": "apps/v1",
        "metadata": about,
        "spec": spec,
        "status": {key: value for key, value in counts.items() if value is not None}
        | terminating(status)
        | conditions(status.conditions),
    }
    return first_owners.told(found, row.managed_fields, maker=CONTROLLER, keeper=CONTROLLER)


def pod(
    value: Pod, owner: ReplicaSet | None, *, created: datetime, rv: int, managed_fields: list[Json] | None = None
) -> Json:
    """A pod from the core's value, with its own spec or that of its owner's template."""
    given = value.spec if value.spec is not None else (owner.template if owner else {}).get("spec")
    spec = told_spec(admitted(given or {"containers": []}))
    about = {
        "name": value.name,
        "generateName": f"{owner.name}-" if owner else ownership.generate_name(value.name, managed_fields),
        "namespace": value.namespace,
        "uid": value.uid,
        "resourceVersion": str(rv),
        "creationTimestamp": iso(created),
        "labels": dict(value.labels),
        "annotations": dict(value.annotations),
        "ownerReferences": owner_reference("ReplicaSet", owner.name if owner else None, value.owner_uid),
        "finalizers": list(value.finalizers),
        "generation": 1 if value.deleted_at is None else 2,
        **pod_deletion(value, spec),
    }
    found = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {key: value for key, value in about.items() if value not in (None, {}, [])},
        "spec": {**spec, "nodeName": value.node} if value.node else spec,
        "status": pod_status(value, spec),
    }
    keeper = first_owners.KUBELET if value.reported is None else ""
    return first_owners.told(found, managed_fields, maker=CONTROLLER, keeper=keeper)


def pod_deletion(pod: Pod, spec: Mapping[str, Any]) -> Json:
    """deletionTimestamp is the end of the grace period."""
    if pod.deleted_at is None:
        return {}
    period = grace(spec) if pod.grace_seconds is None else int(pod.grace_seconds)
    return {"deletionTimestamp": seconds(pod.deleted_at + period), "deletionGracePeriodSeconds": period}


def namespace(row: models.Namespace) -> Json:
    labels = {**row.labels, "kubernetes.io/metadata.name": row.name}
    spec, status = {"finalizers": ["kubernetes"]}, {"phase": "Active"}
    deletion: Json = {}
    if row.deleted is not None:
        deletion = {"deletionTimestamp": iso(row.deleted)}
        status = {"phase": "Terminating", **({"conditions": row.conditions} if row.conditions else {})}
    found = {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": metadata(row, labels=labels, annotations=row.annotations, **deletion),
        "spec": spec,
        "status": status,
    }
    return first_owners.told(found, row.managed_fields, maker=first_owners.API_SERVER, keeper=CONTROLLER)


def node(row: models.Node) -> Json:
    labels = node_labels(node_value(row))
    spec = {key: value for key, value in (("unschedulable", row.unschedulable), ("taints", row.taints)) if value}
    found = {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": metadata(row, labels=labels, annotations=row.annotations),
        "spec": spec,
        "status": node_status(row),
    }
    return first_owners.told(found, row.managed_fields, maker=first_owners.KUBELET, keeper=first_owners.KUBELET)


def node_status(row: models.Node) -> Json:
    """The status of a node; with an external kubelet it is what a client has written."""
    allocatable = {**row.allocatable, "pods": str(row.slots)}
    sizes = {"capacity": row.capacity or allocatable, "allocatable": allocatable}
    if row.is_external:
        info = dict.fromkeys(NODE_FIELDS, "")
        return {**row.reported, **sizes, "nodeInfo": {**info, **(row.reported.get("nodeInfo") or {})}}
    ready = {
        "type": "Ready",
        "status": "True",
        "lastHeartbeatTime": iso(row.created),
        "lastTransitionTime": iso(row.created),
        "reason": "KubeletReady",
        "message": "kubelet is posting ready status",
    }
    return {
        **sizes,
        "conditions": [ready],
        "addresses": [
            {"type": "InternalIP", "address": node_address(row.name)},
            {"type": "Hostname", "address": row.name},
        ],
        "nodeInfo": NODE_FIELDS,
        "images": [{"names": [each]} for each in images.reported(row.images)],
    }


def event(row: models.Event, namespace: str) -> Json:
    about = {
        "name": row.name,
        "namespace": namespace,
        "uid": row.uid,
        "resourceVersion": str(row.resource_version),
        "creationTimestamp": iso(row.first_seen),
    }
    version = "v1" if row.kind in ("Pod", "Node") else "apps/v1"
    told = of_scheduler(row) if row.source == "default-scheduler" else of_controller(row)
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
        "type": row.type,
        "reportingComponent": row.source,
        **told,
    }


def of_controller(row: models.Event) -> Json:
    """The fields of an event as client-go's recorder writes it, with a count."""
    return {
        "source": {"component": row.source},
        "firstTimestamp": iso(row.first_seen),
        "lastTimestamp": iso(row.last_seen),
        "count": row.count,
        "eventTime": None,
        "reportingInstance": "",
    }


ACTIONS = {"Scheduled": "Binding", "FailedScheduling": "Scheduling", "Preempted": "Preempting"}


def of_scheduler(row: models.Event) -> Json:
    """The fields of an event as the scheduler writes it through events.k8s.io: repeats become a series (client-go
    tools/events)."""
    found: Json = {
        "source": {},
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": micro(row.first_seen),
        "action": ACTIONS.get(row.reason, "Scheduling"),
        "reportingInstance": "default-scheduler-rollstage",
    }
    if row.count > 1:
        found["series"] = {"count": row.count, "lastObservedTime": micro(row.last_seen)}
    return found


def scale(manifest: Json, paths: Mapping[str, str] | None = None) -> Json:
    """autoscaling/v1 Scale of a workload; `paths`: the field paths of a custom kind (CustomResourceSubresourceScale)."""
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    about = {key: manifest["metadata"][key] for key in names if key in manifest["metadata"]}
    if paths is None:
        found = (manifest.get("spec") or {}).get("selector") or {}
        labels_only = manifest["kind"] == "ReplicationController"
        selector = selectors.text({"matchLabels": found} if labels_only else found)
    else:
        selector = at_path(manifest, paths.get("labelSelectorPath", "")) or ""
    told = paths or SCALE_PATHS
    status = {"replicas": at_path(manifest, told["statusReplicasPath"]) or 0, "selector": selector}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": about,
        "spec": {"replicas": at_path(manifest, told["specReplicasPath"]) or 0},
        "status": {key: each for key, each in status.items() if each != ""},
    }


SCALE_PATHS = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}


def at_path(value: Any, path: str) -> Any:
    """The value at a path such as .spec.replicas; None if there is none."""
    for name in filter(None, path.split(".")):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if path else None


def with_path(value: Any, path: str, new: Any) -> Json:
    """The object with a new value at a path such as .spec.replicas."""
    first, _, rest = path.lstrip(".").partition(".")
    inner = value.get(first) if isinstance(value, Mapping) else None
    return {**(value or {}), first: with_path(inner, rest, new) if rest else new}


def terminating(status: DeploymentStatus | ReplicaSetStatus) -> Json:
    """The only count that is shown when it is 0, once a controller has counted."""
    return {"terminatingReplicas": status.terminating_replicas} if status.observed_generation else {}


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


def deletion(row: models.Deployment | models.ReplicaSet) -> Json:
    if row.deleted_at is None:
        return {"finalizers": row.finalizers}
    return {
        "finalizers": row.finalizers,
        "deletionTimestamp": seconds(row.deleted_at),
        "deletionGracePeriodSeconds": 0,
    }


def known(counts: Json) -> Json:
    """Omits zeros, as the API does."""
    return {key: value for key, value in counts.items() if value}


def grace(spec: Mapping[str, Any]) -> int:
    found: int = spec.get("terminationGracePeriodSeconds", 30)
    return found
