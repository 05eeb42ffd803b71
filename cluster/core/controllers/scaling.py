"""Scaling a ReplicaSet, and a Deployment in the middle of a rollout: proportionally (pkg/controller/deployment/sync.go)."""

from dataclasses import replace

from cluster.core.controllers.revisions import (
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    clean_up_old,
    read_integer,
    replicas_annotations,
    sync_revision,
)
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.controllers.status import sync_status
from cluster.core.controllers.step import Conflict, Step, active, total_replicas
from cluster.core.objects import Deployment, Explanation, ReplicaSet


def is_scaling_event(step: Step) -> bool:
    """Whether an active ReplicaSet's noted desired replicas differ from the Deployment's. Raises Conflict where the pass has
    already written the new ReplicaSet: it is not read again in this pass, so a second write would be refused."""
    wanted = step.deployment.replicas
    new, _ = sync_revision(step, create=False)
    if new is not None and new is not step.state.replicasets.get(new.uid):
        raise Conflict(step.changes)
    return any(noted_desired(each) not in (None, wanted) for each in active(step.owned()))


def noted_desired(replicaset: ReplicaSet) -> int | None:
    """The desired replicas noted in the ReplicaSet's annotation; None where it is missing or not a number."""
    return read_integer(replicaset.annotations.get(DESIRED_REPLICAS, ""))


def sync_scale(step: Step) -> None:
    """Scales a Deployment that is paused or was resized and updates its status, without a rollout."""
    new, old = sync_revision(step, create=False)
    scale_all(step, new, old)
    if step.deployment.paused:
        clean_up_old(step, old)
    sync_status(step, new.uid if new else None)


def scale(step: Step, replicaset: ReplicaSet, replicas: int, why: Explanation) -> bool:
    """Resizes a ReplicaSet and emits the event; returns whether the size changed. If the size stays, so do the annotations,
    even if the limits have changed (scaleReplicaSetAndRecordEvent)."""
    if replicaset.replicas == replicas:
        return False
    resize(step, replicaset, replicas, why)
    return True


def resize(step: Step, replicaset: ReplicaSet, replicas: int, why: Explanation) -> None:
    """Writes the size and the annotations together; emits the event only if the size changes (scaleReplicaSet)."""
    annotations = {**replicaset.annotations, **replicas_annotations(step.deployment)}
    before = replicaset.replicas
    if before == replicas:
        if annotations != replicaset.annotations:
            step.update_replicaset(replace(replicaset, annotations=annotations))
        return
    step.update_replicaset(replace(replicaset, replicas=replicas, annotations=annotations), why)
    direction = "up" if before < replicas else "down"
    message = f"Scaled {direction} replica set {replicaset.name} from {before} to {replicas}"
    step.emit("ScalingReplicaSet", message, why)


def scale_all(step: Step, new: ReplicaSet | None, old: list[ReplicaSet]) -> None:
    deployment = step.deployment
    only = active_or_latest(new, old)
    if only is not None:
        scale(step, only, deployment.replicas, explain_only(deployment))
    elif new is not None and is_saturated(deployment, new):
        for each in reversed(active(old)):  # FindActiveOrLatest has reversed them
            scale(step, each, 0, explain_saturated(new))
    elif deployment.strategy == "RollingUpdate":
        scale_proportionally(step, active([*old, *([new] if new else [])]))


def active_or_latest(new: ReplicaSet | None, old: list[ReplicaSet]) -> ReplicaSet | None:
    """The only active ReplicaSet; with none active the new one, or else the newest; None with several active, or no ReplicaSet
    at all."""
    everyone = [*old, *([new] if new else [])]
    alive = active(everyone)
    if len(alive) > 1 or not everyone:
        return None
    return alive[0] if alive else (new or old[-1])


def is_saturated(deployment: Deployment, new: ReplicaSet) -> bool:
    wanted = deployment.replicas
    return noted_desired(new) == new.replicas == new.status.available_replicas == wanted


def scale_proportionally(step: Step, alive: list[ReplicaSet]) -> None:
    """Gives each ReplicaSet its share of the pods to add or remove; the largest gets the remainder (of several as large, the
    newest when pods are added). Example: 8 + 5 pods at 10 desired + 3 surge, scaled to 15 + 3, become 11 + 7."""
    deployment = step.deployment
    allowed = deployment.replicas + max_surge(deployment) if deployment.replicas > 0 else 0
    to_add = allowed - total_replicas(alive)
    sign = -1 if to_add > 0 else 1
    ordered = sorted(alive, key=lambda each: (-each.replicas, sign * each.created_at, sign * each.number))
    sizes, added = {}, 0
    for each in ordered:
        share = proportion(each, deployment, to_add, added)
        sizes[each.uid] = each.replicas + share
        added += share
    if ordered and to_add != 0:
        first = ordered[0].uid
        sizes[first] = max(sizes[first] + to_add - added, 0)
    for each in ordered:
        resize(step, each, sizes[each.uid], explain_share(deployment, each, allowed, to_add))


def proportion(replicaset: ReplicaSet, deployment: Deployment, to_add: int, added: int) -> int:
    """A ReplicaSet's share of `to_add` pods, of which `added` are already assigned (GetReplicaSetProportion)."""
    if replicaset.replicas == 0 or to_add in (0, added):
        return 0
    fraction, allowed = share_of(replicaset, deployment), to_add - added
    return min(fraction, allowed) if to_add > 0 else max(fraction, allowed)


def share_of(replicaset: ReplicaSet, deployment: Deployment) -> int:
    if deployment.replicas == 0:
        return -replicaset.replicas
    most = deployment.replicas + max_surge(deployment)
    before = read_integer(replicaset.annotations.get(MAX_REPLICAS, "")) or deployment.status.replicas
    if not before:
        return 0
    return int(replicaset.replicas * most / before + 0.5) - replicaset.replicas


def explain_only(deployment: Deployment) -> Explanation:
    text = f"The Deployment asks for {deployment.replicas}, and only this ReplicaSet has pods"
    return Explanation(rule="scale", inputs={"desired": deployment.replicas}, text=text)


def explain_saturated(new: ReplicaSet) -> Explanation:
    text = f"All {new.replicas} new pods are available: no old one is needed"
    return Explanation(rule="saturated", inputs={"new": new.replicas}, text=text)


def explain_share(deployment: Deployment, replicaset: ReplicaSet, allowed: int, to_add: int) -> Explanation:
    inputs = {"desired": deployment.replicas, "allowed": allowed, "to_add": to_add, "size": replicaset.replicas}
    text = (
        f"Scaled to {deployment.replicas} in the middle of a rollout; pods to {'add' if to_add > 0 else 'remove'}: "
        f"{abs(to_add)}, shared out by size (this one has {replicaset.replicas})"
    )
    return Explanation(rule="proportional", inputs=inputs, text=text)
