"""Compact states: the form of an object in the journal and in frames (docs/protocol.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields, replace
from operator import attrgetter
from typing import Any

from cluster.core.controllers.rounding import resolve_fenceposts
from cluster.core.nodes.podstatus import status_word
from cluster.core.objects import (
    Condition,
    Container,
    Deployment,
    DeploymentStatus,
    Disruption,
    Ended,
    Event,
    Explanation,
    Manifest,
    Node,
    Pod,
    ReplicaSet,
    ReplicaSetStatus,
)

State = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
NODE_COLUMNS = ("slots", "unschedulable", "taints", "capacity", "allocatable", "reported")
CHANGE_CAUSE = "kubernetes.io/change-cause"
POD_TEMPLATE_HASH = "pod-template-hash"
TEMPLATE_CHANGED = "template-changed"  # the rule of an edit that changes the pod template
CONTAINER_FIELDS = tuple(each.name for each in fields(Container))
CONTAINER_DEFAULTS = tuple(None if each.default is MISSING else each.default for each in fields(Container))
read_container = attrgetter(*CONTAINER_FIELDS)


def deployment_state(deployment: Deployment, *, created: str) -> State:
    surge, unavailable = resolve_fenceposts(deployment.max_surge, deployment.max_unavailable, deployment.replicas)
    return {
        "uid": deployment.uid,
        "name": deployment.name,
        "api_version": deployment.api_version,
        "generation": deployment.generation,
        "labels": dict(deployment.labels),
        "annotations": dict(deployment.annotations),
        "created": created,
        "created_at": deployment.created_at,
        "deleted_at": deployment.deleted_at,
        "replicas": deployment.replicas,
        "strategy": deployment.strategy,
        "max_surge": deployment.max_surge,
        "max_unavailable": deployment.max_unavailable,
        "surge": surge,
        "unavailable": unavailable,
        "min_ready_seconds": deployment.min_ready_seconds,
        "progress_deadline_seconds": deployment.progress_deadline_seconds,
        "revision_history_limit": deployment.revision_history_limit,
        "paused": deployment.paused,
        "containers": containers(deployment.template),
        "revision": deployment.annotations.get(REVISION, ""),
        "status": status_json(deployment.status),
    }


def replicaset_state(replicaset: ReplicaSet, *, created: str) -> State:
    status = status_json(replicaset.status)
    if not status["conditions"]:
        del status["conditions"]
    return {
        "uid": replicaset.uid,
        "name": replicaset.name,
        "number": replicaset.number,
        "generation": replicaset.generation,
        "owner_uid": replicaset.owner_uid,
        "created": created,
        "created_at": replicaset.created_at,
        "deleted_at": replicaset.deleted_at,
        "revision": replicaset.annotations.get(REVISION, ""),
        "change_cause": replicaset.annotations.get(CHANGE_CAUSE),
        "containers": containers(replicaset.template),
        "replicas": replicaset.replicas,
        "hash": replicaset.labels.get(POD_TEMPLATE_HASH, ""),
        "min_ready_seconds": replicaset.min_ready_seconds,
        "status": status,
    }


def pod_state(pod: Pod, *, created: str) -> State:
    return {
        "uid": pod.uid,
        "name": pod.name,
        "owner_uid": pod.owner_uid,
        "created": created,
        "created_at": pod.created_at,
        "deleted_at": pod.deleted_at,
        "node": pod.node,
        "phase": pod.phase,
        "ready": pod.ready,
        "ready_since": pod.ready_since,
        "started_at": pod.started_at,
        "status": status_word(pod),
        "reason": pod.reason,
        "message": pod.message,
        "restarts": pod.restarts,
        "containers": containers_state(pod),
        **scheduling_state(pod),
    }


def scheduling_state(pod: Pod) -> State:
    """Fields that most pods do not have; empty ones are left out."""
    found: State = {} if pod.scheduled_at is None else {"scheduled_at": pod.scheduled_at}
    if pod.nominated_node:
        found["nominated_node"] = pod.nominated_node
    if pod.disruption:
        found["disruption"] = asdict(pod.disruption)
    return found


def disruption(state: State | None) -> Disruption | None:
    return Disruption(**state) if state else None


def containers_state(pod: Pod) -> list[list[Any]]:
    """A pod's containers as lists of their fields, in the order of core's Container; trailing defaults are left out."""
    return [_without_defaults(each) for each in pod.containers]


def _without_defaults(container: Container) -> list[Any]:
    values = list(read_container(container))
    if container.last is not None:
        last = container.last
        values[-1] = [last.started_at, last.finished_at, last.exit_code, last.reason]
    count = len(values)
    while count and values[count - 1] == CONTAINER_DEFAULTS[count - 1]:
        count -= 1
    return values[:count]


def containers_value(state: Iterable[Sequence[Any]]) -> tuple[Container, ...]:
    return tuple(_container(*each) for each in state)


def _container(*values: Any) -> Container:
    if len(values) < len(CONTAINER_FIELDS):
        return Container(*values)
    return replace(Container(*values[:-1]), last=Ended(*values[-1]))


def node_state(node: Node, *, uid: str) -> State:
    return {"uid": uid, "name": node.name, "slots": node.slots, "unschedulable": node.unschedulable}


def namespace_state(row: Any) -> State:
    """The state of a namespace; if it is being deleted, with the time of the request and the conditions on what remains."""
    if row.deleted is None:
        return described_state(row)
    return {**described_state(row), "deleted": row.deleted.isoformat(), "conditions": row.conditions}


def cluster_node_state(row: Any) -> State:
    """The state of a Node's row in the journal; a browser gets `node_state`."""
    return {**described_state(row), **{each: getattr(row, each) for each in NODE_COLUMNS}}


def described_state(row: Any) -> State:
    told = ("uid", "name", "labels", "annotations", "managed_fields")
    return {**{each: getattr(row, each) for each in told}, "created": row.created.isoformat()}


def event_state(event: Event, *, uid: str, count: int, first_seen: str, last_seen: str, at: float) -> State:
    return {
        "uid": uid,
        "kind": event.kind,
        "object_uid": event.uid,
        "object_name": event.name,
        "type": event.type,
        "reason": event.reason,
        "message": event.message,
        "source": event.source,
        "count": count,
        "first_seen": first_seen,
        "last_seen": last_seen,
        "at": at,
        "why": explanation_json(event.why),
    }


def explanation_json(why: Explanation | None) -> State | None:
    return why.as_json() if why else None


def containers(template: Manifest) -> list[Mapping[str, str]]:
    spec = template.get("spec", {})
    return [{"name": each["name"], "image": each.get("image", "")} for each in spec.get("containers", [])]


def status_json(status: DeploymentStatus | ReplicaSetStatus) -> State:
    state = {each.name: getattr(status, each.name) for each in fields(status)}
    state["conditions"] = [
        {each.name: getattr(condition, each.name) for each in fields(condition)} for condition in status.conditions
    ]
    return state


def deployment_status(state: Mapping[str, Any]) -> DeploymentStatus:
    return DeploymentStatus(**{**state, "conditions": _conditions(state)})


def replicaset_status(state: Mapping[str, Any]) -> ReplicaSetStatus:
    return ReplicaSetStatus(**{**state, "conditions": _conditions(state)})


def _conditions(state: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(Condition(**condition) for condition in state.get("conditions", ()))
