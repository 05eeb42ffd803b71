"""Recreate: all old pods are deleted, and gone, before the first new one is created (pkg/controller/deployment/recreate.go)."""

from cluster.core.controllers.revisions import clean_up_old, sync_revision
from cluster.core.controllers.rolling_limits import new_replicas
from cluster.core.controllers.scaling import scale
from cluster.core.controllers.status import is_complete, sync_rollout_status
from cluster.core.controllers.step import Step, active
from cluster.core.objects import Explanation, ReplicaSet


def recreate(step: Step) -> None:
    new, old = sync_revision(step, create=False)
    if scale_down_old(step, old) or old_pods_exist(step, old):
        sync_rollout_status(step, new.uid if new else None)
        return
    new, old = sync_revision(step, create=True)
    assert new is not None
    size = new_replicas(step.deployment, [*old, new], new)
    scale(step, new, size.replicas, size.why)
    if is_complete(step.deployment, step.deployment.status):
        clean_up_old(step, old)
    sync_rollout_status(step, new.uid)


def scale_down_old(step: Step, old: list[ReplicaSet]) -> bool:
    scaled = False
    for each in active(old):
        text = f"Recreate: its {each.replicas} pods must be gone before the first new pod starts"
        why = Explanation(rule="recreate", inputs={"replicas": each.replicas}, text=text)
        scaled = scale(step, each, 0, why) or scaled
    return scaled


def old_pods_exist(step: Step, old: list[ReplicaSet]) -> bool:
    """Whether old ReplicaSets have pods. Terminating pods count: they still run."""
    if any(each.status.replicas > 0 for each in old):
        return True
    groups = (step.state.group(each.uid) for each in old)
    return any(group.active or group.terminating for group in groups)
