"""The limits of a rolling update: the surge ceiling and the availability floor (util/deployment_util.go)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cluster.core.controllers.rounding import resolve_fenceposts
from cluster.core.controllers.step import total_replicas
from cluster.core.objects import Deployment, Explanation, IntOrPercent, ReplicaSet


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """A ReplicaSet's size and the reason for it."""

    replicas: int
    why: Explanation


def max_surge(deployment: Deployment) -> int:
    if deployment.strategy != "RollingUpdate":
        return 0
    return resolve_fenceposts(deployment.max_surge, deployment.max_unavailable, deployment.replicas)[0]


def max_unavailable(deployment: Deployment) -> int:
    if deployment.strategy != "RollingUpdate" or deployment.replicas == 0:
        return 0
    unavailable = resolve_fenceposts(deployment.max_surge, deployment.max_unavailable, deployment.replicas)[1]
    return min(unavailable, deployment.replicas)


def new_replicas(deployment: Deployment, replicasets: Iterable[ReplicaSet], new: ReplicaSet) -> Size:
    """The new ReplicaSet's next size: it grows by as many pods as the surge ceiling allows (NewRSNewReplicas)."""
    desired = deployment.replicas
    if deployment.strategy != "RollingUpdate":
        text = f"Recreate: no old pod is left, the new ReplicaSet gets all {desired}"
        return Size(replicas=desired, why=Explanation(rule="recreate-new", inputs={"desired": desired}, text=text))
    surge, current = max_surge(deployment), total_replicas(replicasets)
    room = max(desired + surge - current, 0)
    added = min(room, desired - new.replicas) if room else 0
    inputs: dict[str, Any] = {"desired": desired, "surge": surge, "current": current, "room": room, "new": new.replicas}
    inputs |= {"added": added, "given": deployment.max_surge}
    text = (
        f"{rounding_text('maxSurge', deployment.max_surge, desired, surge, 'up')}; "
        f"{desired} + {surge} - {current} leaves room for {room} new pod{'' if room == 1 else 's'}"
    )
    if 0 <= added < room:
        text += f", {added} still needed"
    return Size(replicas=new.replicas + added, why=Explanation(rule="surge-room", inputs=inputs, text=text))


def rounding_text(field: str, value: IntOrPercent, desired: int, result: int, direction: str) -> str:
    """For example: maxSurge 25% of 3 rounds up to 1."""
    if isinstance(value, int):
        return f"{field} is {value}" if value == result else f"{field} {value} counts as {result}"
    return f"{field} {value} of {desired} rounds {direction} to {result}"
