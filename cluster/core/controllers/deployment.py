"""The Deployment controller's order of decisions (pkg/controller/deployment/deployment_controller.go, syncDeployment)."""

from dataclasses import replace

from cluster.core.controllers.recreate import recreate
from cluster.core.controllers.revisions import sync_revision
from cluster.core.controllers.rolling import roll_out
from cluster.core.controllers.scaling import is_scaling_event, sync_scale
from cluster.core.controllers.status import check_paused, sync_status
from cluster.core.controllers.step import Step
from cluster.core.objects import Change
from cluster.core.selectors import matches
from cluster.core.state import State


def sync(state: State, uid: str, now: float) -> list[Change]:
    """One pass over a Deployment; returns [] when there is nothing to do. Raises Conflict where an object is written twice in
    the pass, as upstream's pass fails then, and SyncError where a quota refuses the new ReplicaSet."""
    owner = state.deployments.get(uid)
    if owner is None:
        return []
    step = Step(state, owner, now)
    claim_replicasets(step)
    decide(step)
    return step.changes


def decide(step: Step) -> None:
    if step.deployment.deleted_at is not None:
        new, _ = sync_revision(step, create=False)
        sync_status(step, new.uid if new else None)
        return
    check_paused(step)
    if step.deployment.paused or is_scaling_event(step):
        sync_scale(step)
    elif step.deployment.strategy == "Recreate":
        recreate(step)
    else:
        roll_out(step)


def claim_replicasets(step: Step) -> None:
    """Adopts orphans that the selector matches and releases ReplicaSets that it no longer matches (controller_ref_manager.go)."""
    owner = step.deployment
    for each in list(step.replicasets.values()):
        fits = matches(owner.selector, each.labels)
        if each.owner_uid is None and fits and owner.deleted_at is None and each.deleted_at is None:
            step.update_replicaset(replace(each, owner_uid=owner.uid))
        elif each.owner_uid == owner.uid and not fits and owner.deleted_at is None:
            step.update_replicaset(replace(each, owner_uid=None))
    step.outdated |= {each.uid for each in step.replicasets.values() if each is not step.state.replicasets[each.uid]}
