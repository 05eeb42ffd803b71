"""A Deployment's status, its conditions and the progress deadline (pkg/controller/deployment/progress.go, sync.go)."""

from dataclasses import replace

from cluster.core.controllers import conditions
from cluster.core.controllers.conditions import AVAILABLE, PROGRESSING, REPLICA_FAILURE
from cluster.core.controllers.revisions import has_deadline
from cluster.core.controllers.rolling_limits import max_unavailable
from cluster.core.controllers.step import Step, total_replicas
from cluster.core.objects import Condition, Deployment, DeploymentStatus, Explanation, ReplicaSet

NEW_AVAILABLE = "NewReplicaSetAvailable"
UPDATED = "ReplicaSetUpdated"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"


def sync_status(step: Step, new_uid: str | None) -> None:
    """Updates the status except Progressing, for a Deployment that is paused, scaled or being deleted."""
    _write(step, counted(step, new_uid))


def sync_rollout_status(step: Step, new_uid: str | None) -> None:
    status = counted(step, new_uid)
    new = step.replicasets.get(new_uid or "")
    status = with_progress(step.deployment, status, new, step.now)
    _write(step, with_failure(status, step.owned(), new))


def counted(step: Step, new_uid: str | None) -> DeploymentStatus:
    """The status with counts and the condition Available. Progressing is set afterwards, so it follows Available where both
    change."""
    return with_availability(step.deployment, calculate(step.deployment, step.owned(), new_uid), step.now)


def calculate(deployment: Deployment, replicasets: list[ReplicaSet], new_uid: str | None) -> DeploymentStatus:
    available = sum(each.status.available_replicas for each in replicasets)
    return DeploymentStatus(
        observed_generation=deployment.generation,
        replicas=sum(each.status.replicas for each in replicasets),
        updated_replicas=sum(each.status.replicas for each in replicasets if each.uid == new_uid),
        ready_replicas=sum(each.status.ready_replicas for each in replicasets),
        available_replicas=available,
        unavailable_replicas=max(total_replicas(replicasets) - available, 0),
        terminating_replicas=sum(each.status.terminating_replicas for each in replicasets),
        collision_count=deployment.status.collision_count,
        conditions=deployment.status.conditions,
    )


def with_availability(deployment: Deployment, status: DeploymentStatus, now: float) -> DeploymentStatus:
    if status.available_replicas >= deployment.replicas - max_unavailable(deployment):
        found = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        found = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    return _put(status, conditions.make(AVAILABLE, *found, now))


def with_progress(
    deployment: Deployment, status: DeploymentStatus, new: ReplicaSet | None, now: float
) -> DeploymentStatus:
    """Sets Progressing to complete, progressing or timed out, whichever applies first; removes it without a deadline. A
    complete Deployment stays complete until its template changes, whatever happens to its pods."""
    if not has_deadline(deployment):
        return replace(status, conditions=conditions.without(status.conditions, PROGRESSING))
    current = conditions.find(deployment.status.conditions, PROGRESSING)
    if status.replicas == status.updated_replicas and current and current.reason == NEW_AVAILABLE:
        return status
    subject = f'ReplicaSet "{new.name}"' if new else f'Deployment "{deployment.name}"'
    if is_complete(deployment, status):
        done = conditions.make(PROGRESSING, "True", NEW_AVAILABLE, f"{subject} has successfully progressed.", now)
        return _put(status, done)
    if is_progressing(deployment.status, status):
        moved = conditions.make(PROGRESSING, "True", UPDATED, f"{subject} is progressing.", now)
        return _renew(status, moved, current)
    if has_timed_out(deployment, now):
        return _put(
            status, conditions.make(PROGRESSING, "False", TIMED_OUT, f"{subject} has timed out progressing.", now)
        )
    return status


def is_complete(deployment: Deployment, status: DeploymentStatus) -> bool:
    """Whether every pod is new and available, and no old one is left."""
    wanted = deployment.replicas
    counts = (status.updated_replicas, status.replicas, status.available_replicas)
    return counts == (wanted, wanted, wanted) and status.observed_generation >= deployment.generation


def is_progressing(before: DeploymentStatus, after: DeploymentStatus) -> bool:
    """Whether there are more new pods, fewer old ones, or more ready or available ones than in the last status."""
    return (
        after.updated_replicas > before.updated_replicas
        or after.replicas - after.updated_replicas < before.replicas - before.updated_replicas
        or after.ready_replicas > before.ready_replicas
        or after.available_replicas > before.available_replicas
    )


def has_timed_out(deployment: Deployment, now: float) -> bool:
    condition = conditions.find(deployment.status.conditions, PROGRESSING)
    if condition is None or condition.reason == NEW_AVAILABLE:
        return False
    if condition.reason == TIMED_OUT:
        return True
    end = deadline_end(deployment)
    return end is not None and now >= end


def deadline_end(deployment: Deployment) -> float | None:
    """When the progress deadline expires; None where there is none, or the Deployment is paused, complete or timed out already."""
    condition = conditions.find(deployment.status.conditions, PROGRESSING)
    if condition is None or condition.reason in (NEW_AVAILABLE, TIMED_OUT) or deployment.paused:
        return None
    if not has_deadline(deployment):
        return None
    return condition.last_update_time + (deployment.progress_deadline_seconds or 0)


def check_paused(step: Step) -> None:
    """Notes a pause or a resumption in the condition Progressing; a deadline that has expired stays visible."""
    deployment = step.deployment
    condition = conditions.find(deployment.status.conditions, PROGRESSING)
    if not has_deadline(deployment) or (condition and condition.reason == TIMED_OUT):
        return
    marked = condition is not None and condition.reason == PAUSED
    if deployment.paused and not marked:
        _mark(step, conditions.make(PROGRESSING, "Unknown", PAUSED, "Deployment is paused", step.now))
    elif marked and not deployment.paused:
        _mark(step, conditions.make(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed", step.now))


def with_failure(status: DeploymentStatus, replicasets: list[ReplicaSet], new: ReplicaSet | None) -> DeploymentStatus:
    """With the condition ReplicaFailure of the new ReplicaSet, or else of any other; without it where none has it."""
    ordered = [*([new] if new else []), *replicasets]
    found = (conditions.find(each.status.conditions, REPLICA_FAILURE) for each in ordered)
    failure = next((each for each in found if each and each.status == "True"), None)
    if failure:
        return _put(status, failure)
    return replace(status, conditions=conditions.without(status.conditions, REPLICA_FAILURE))


def _write(step: Step, status: DeploymentStatus) -> None:
    deployment = step.deployment
    if status != deployment.status:
        step.update_deployment(replace(deployment, status=status), _explain_progress(deployment, status))


def _explain_progress(deployment: Deployment, status: DeploymentStatus) -> Explanation | None:
    before = conditions.find(deployment.status.conditions, PROGRESSING)
    after = conditions.find(status.conditions, PROGRESSING)
    if after is None or (before and before.reason == after.reason):
        return None
    wanted = deployment.replicas
    if after.reason == TIMED_OUT:
        text = f"No progress for {deployment.progress_deadline_seconds} s (progressDeadlineSeconds)"
    elif after.reason == NEW_AVAILABLE:
        text = f"All {wanted} pods are new and available, and no old pod is left"
    else:
        return None
    inputs = {"desired": wanted, "reason": after.reason, "deadline": deployment.progress_deadline_seconds}
    return Explanation(rule="progress", inputs=inputs, text=text)


def _mark(step: Step, condition: Condition) -> None:
    step.update_deployment(replace(step.deployment, status=_put(step.deployment.status, condition)))


def _put(status: DeploymentStatus, condition: Condition) -> DeploymentStatus:
    return replace(status, conditions=conditions.put(status.conditions, condition))


def _renew(status: DeploymentStatus, condition: Condition, current: Condition | None) -> DeploymentStatus:
    """Like _put, but the update time changes even where status and reason stay the same."""
    if current and current.status == "True":
        condition = replace(condition, last_transition_time=current.last_transition_time)
    return replace(status, conditions=(*conditions.without(status.conditions, PROGRESSING), condition))
