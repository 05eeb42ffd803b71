"""How many pods an object requests."""

from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.objects import Deployment, Pod, ReplicaSet


def pods_of(asking: Deployment | ReplicaSet | Pod) -> int:
    """The most pods that the object can lead to: for a Deployment its replicas and its surge."""
    if isinstance(asking, Pod):
        return 1
    return asking.replicas + (max_surge(asking) if isinstance(asking, Deployment) else 0)


def pods_asked(asking: Deployment | ReplicaSet | Pod) -> int:
    """Like `pods_of`, but 0 for an object with an owner: its owner requests the pods."""
    if isinstance(asking, ReplicaSet | Pod) and asking.owner_uid is not None:
        return 0
    return pods_of(asking)
