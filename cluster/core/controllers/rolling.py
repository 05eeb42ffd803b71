"""RollingUpdate: scale up, or else down, or else clean up, then status (pkg/controller/deployment/rolling.go)."""

from cluster.core.controllers.revisions import clean_up_old, sync_revision
from cluster.core.controllers.rolling_limits import max_unavailable, new_replicas, rounding_text
from cluster.core.controllers.scaling import scale
from cluster.core.controllers.status import is_complete, sync_rollout_status
from cluster.core.controllers.step import Step, active, total_replicas
from cluster.core.objects import Deployment, Explanation, ReplicaSet


def roll_out(step: Step) -> None:
    new, old = sync_revision(step, create=True)
    assert new is not None
    if not (scale_up_new(step, new, old) or scale_down_old(step, new, old)) and is_complete(
        step.deployment, step.deployment.status
    ):
        clean_up_old(step, old)
    sync_rollout_status(step, new.uid)


def scale_up_new(step: Step, new: ReplicaSet, old: list[ReplicaSet]) -> bool:
    desired = step.deployment.replicas
    if new.replicas == desired:
        return False
    if new.replicas > desired:
        text = f"The new ReplicaSet has {new.replicas} pods, {desired} are desired"
        numbers = {"desired": desired, "new": new.replicas}
        return scale(step, new, desired, Explanation(rule="too-many-new", inputs=numbers, text=text))
    size = new_replicas(step.deployment, [*old, new], new)
    return scale(step, new, size.replicas, size.why)


def scale_down_old(step: Step, new: ReplicaSet, old: list[ReplicaSet]) -> bool:
    """Removes unhealthy old pods first, since they cost no availability, then as many available ones as exceed the floor.
    Returns whether a ReplicaSet was scaled. With 10 desired, maxUnavailable 2 and maxSurge 3, at most 13 pods exist and at
    least 8 are available."""
    old = active(old)
    floor = step.deployment.replicas - max_unavailable(step.deployment)
    unavailable_new = new.replicas - new.status.available_replicas
    spare = total_replicas([*old, new]) - floor - unavailable_new
    if not old or spare <= 0:
        return False
    cleaned = clean_up_unhealthy(step, old, spare)
    if cleaned is None:
        return False
    return scale_down_available(step, new, [step.replicasets[each.uid] for each in old], floor) or cleaned > 0


def clean_up_unhealthy(step: Step, old: list[ReplicaSet], spare: int) -> int | None:
    """Removes at most `spare` unavailable old pods, oldest ReplicaSet first, and returns how many. None where a ReplicaSet's
    status counts more available pods than it should have: nothing is scaled down until the status is updated."""
    taken = 0
    for each in old:
        if taken >= spare:
            break
        unhealthy = each.replicas - each.status.available_replicas
        if unhealthy < 0:
            return None
        count = min(spare - taken, unhealthy)
        if count > 0:
            scale(step, each, each.replicas - count, explain_unhealthy(each, unhealthy, spare, count))
            taken += count
    return taken


def scale_down_available(step: Step, new: ReplicaSet, old: list[ReplicaSet], floor: int) -> bool:
    """Removes old pods down to the floor, oldest ReplicaSet first. Returns whether a ReplicaSet was scaled."""
    available = sum(each.status.available_replicas for each in (*old, new))
    left = available - floor
    scaled = False
    for each in old:
        count = min(each.replicas, left)
        if count > 0:
            why = explain_floor(step.deployment, available, floor, count)
            scaled = scale(step, each, each.replicas - count, why) or scaled
            left -= count
    return scaled


def explain_unhealthy(replicaset: ReplicaSet, unhealthy: int, spare: int, count: int) -> Explanation:
    inputs = {"unhealthy": unhealthy, "spare": spare, "count": count, "size": replicaset.replicas}
    text = (
        f"{unhealthy} of its {replicaset.replicas} pods {'is' if unhealthy == 1 else 'are'} not available; removing an unavailable "
        f"pod costs nothing, so {count} {'goes' if count == 1 else 'go'} first ({spare} could be spared)"
    )
    return Explanation(rule="unhealthy-first", inputs=inputs, text=text)


def explain_floor(deployment: Deployment, available: int, floor: int, count: int) -> Explanation:
    desired, unavailable = deployment.replicas, max_unavailable(deployment)
    inputs = {
        "desired": desired,
        "unavailable": unavailable,
        "floor": floor,
        "available": available,
        "count": count,
        "given": deployment.max_unavailable,
    }
    text = (
        f"{rounding_text('maxUnavailable', deployment.max_unavailable, desired, unavailable, 'down')}, so the floor is "
        f"{desired} - {unavailable} = {floor}; {available} are available: {count} old pod{'' if count == 1 else 's'} can be removed"
    )
    return Explanation(rule="availability-floor", inputs=inputs, text=text)
