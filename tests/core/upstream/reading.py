"""API JSON as upstream's tests write it (partial, undefaulted) as the core's values. What Go leaves zero is zero."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cluster.core.objects import Condition, Deployment, DeploymentStatus, Pod, ReplicaSet, ReplicaSetStatus

Json = Mapping[str, Any]


def time(text: str | None) -> float:
    """Seconds since the epoch; 0.0 for none."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0.0


def condition(found: Json) -> Condition:
    return Condition(
        type=found["type"],
        status=found.get("status", ""),
        reason=found.get("reason") or "",
        message=found.get("message") or "",
        last_update_time=time(found.get("lastUpdateTime")),
        last_transition_time=time(found.get("lastTransitionTime")),
    )


def conditions(status: Json) -> tuple[Condition, ...]:
    return tuple(condition(each) for each in status.get("conditions") or ())


def deployment(found: Json, **fields: Any) -> Deployment:
    metadata, spec = found.get("metadata") or {}, found.get("spec") or {}
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    given = {
        "uid": metadata.get("uid") or metadata.get("name") or "d",
        "name": metadata.get("name") or "d",
        "generation": metadata.get("generation") or 0,
        "replicas": spec.get("replicas") or 0,
        "selector": spec.get("selector") or {},
        "template": spec.get("template") or {},
        "strategy": strategy.get("type") or "RollingUpdate",
        "max_surge": rolling.get("maxSurge") or 0,
        "max_unavailable": rolling.get("maxUnavailable") or 0,
        "progress_deadline_seconds": spec.get("progressDeadlineSeconds"),
        "paused": spec.get("paused") or False,
        "status": deployment_status(found.get("status") or {}),
    }
    return Deployment(**given | fields)


def deployment_status(found: Json) -> DeploymentStatus:
    return DeploymentStatus(
        observed_generation=found.get("observedGeneration") or 0,
        replicas=found.get("replicas") or 0,
        updated_replicas=found.get("updatedReplicas") or 0,
        ready_replicas=found.get("readyReplicas") or 0,
        available_replicas=found.get("availableReplicas") or 0,
        unavailable_replicas=found.get("unavailableReplicas") or 0,
        conditions=conditions(found),
    )


def replicaset(found: Json, **fields: Any) -> ReplicaSet:
    metadata, spec, status = found.get("metadata") or {}, found.get("spec") or {}, found.get("status") or {}
    given = {
        "uid": metadata.get("uid") or metadata["name"],
        "name": metadata["name"],
        "owner_uid": owner(metadata, "name"),
        "generation": metadata.get("generation") or 0,
        "labels": metadata.get("labels") or {},
        "annotations": metadata.get("annotations") or {},
        "created_at": time(metadata.get("creationTimestamp")),
        "deleted_at": time(metadata["deletionTimestamp"]) if metadata.get("deletionTimestamp") else None,
        "replicas": spec.get("replicas") or 0,
        "selector": spec.get("selector") or {},
        "template": spec.get("template") or {"metadata": {"labels": {}}, "spec": {}},
        "min_ready_seconds": spec.get("minReadySeconds") or 0,
        "status": replicaset_status(status),
    }
    return ReplicaSet(**given | fields)


def replicaset_status(found: Json) -> ReplicaSetStatus:
    return ReplicaSetStatus(
        observed_generation=found.get("observedGeneration") or 0,
        replicas=found.get("replicas") or 0,
        fully_labeled_replicas=found.get("fullyLabeledReplicas") or 0,
        ready_replicas=found.get("readyReplicas") or 0,
        available_replicas=found.get("availableReplicas") or 0,
        conditions=conditions(found),
    )


def pod(found: Json, **fields: Any) -> Pod:
    metadata, status = found.get("metadata") or {}, found.get("status") or {}
    ready = next((each for each in status.get("conditions") or () if each["type"] == "Ready"), {})
    containers = status.get("containerStatuses") or ()
    given = {
        "uid": metadata.get("uid") or metadata.get("name") or "p",
        "name": metadata.get("name") or "p",
        "owner_uid": owner(metadata, "uid"),
        "labels": metadata.get("labels") or {},
        "annotations": metadata.get("annotations") or {},
        "created_at": time(metadata.get("creationTimestamp")),
        "node": (found.get("spec") or {}).get("nodeName") or "",
        "phase": status.get("phase") or "Pending",
        "ready": ready.get("status") == "True",
        "ready_since": time(ready["lastTransitionTime"]) if ready.get("lastTransitionTime") else None,
        "restarts": max((each.get("restartCount") or 0 for each in containers), default=0),
    }
    return Pod(**given | fields)


def owner(metadata: Json, key: str) -> str | None:
    """The controlling owner's uid or name."""
    found = (each.get(key) for each in metadata.get("ownerReferences") or () if each.get("controller"))
    return next(found, None)
