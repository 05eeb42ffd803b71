"""Conditions of a Deployment or ReplicaSet (pkg/controller/deployment/util/deployment_util.go, SetDeploymentCondition)."""

from dataclasses import replace
from typing import TypeAlias

from cluster.core.objects import Condition

Conditions: TypeAlias = tuple[Condition, ...]

AVAILABLE = "Available"
PROGRESSING = "Progressing"
REPLICA_FAILURE = "ReplicaFailure"


def find(conditions: Conditions, kind: str) -> Condition | None:
    return next((each for each in conditions if each.type == kind), None)


def make(kind: str, status: str, reason: str, message: str, now: float) -> Condition:
    return Condition(
        type=kind, status=status, reason=reason, message=message, last_update_time=now, last_transition_time=now
    )


def put(conditions: Conditions, new: Condition) -> Conditions:
    """Sets a condition. One with the same status and reason is left unchanged; otherwise the new one is appended, and keeps the
    last transition time if the status is the same."""
    current = find(conditions, new.type)
    if current and current.status == new.status and current.reason == new.reason:
        return conditions
    if current and current.status == new.status:
        new = replace(new, last_transition_time=current.last_transition_time)
    return (*without(conditions, new.type), new)


def without(conditions: Conditions, kind: str) -> Conditions:
    return tuple(each for each in conditions if each.type != kind)
