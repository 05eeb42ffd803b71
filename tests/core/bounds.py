"""The two lines that matter, reckoned here and not by the core: percentages as fractions, as Kubernetes' documentation words them."""

import math
from fractions import Fraction

from cluster.core.objects import Deployment, IntOrPercent


def ceiling_of(deployment: Deployment) -> int:
    """desired + maxSurge: how many pods there may be."""
    return deployment.replicas + (limits(deployment)[0] if deployment.strategy == "RollingUpdate" else 0)


def floor_of(deployment: Deployment) -> int:
    """desired - maxUnavailable: how many pods must be available."""
    if deployment.strategy != "RollingUpdate":
        return deployment.replicas
    return max(deployment.replicas - limits(deployment)[1], 0)


def limits(deployment: Deployment) -> tuple[int, int]:
    surge = math.ceil(share(deployment.max_surge, deployment.replicas))
    unavailable = math.floor(share(deployment.max_unavailable, deployment.replicas))
    return surge, unavailable if surge or unavailable else 1


def share(limit: IntOrPercent, desired: int) -> Fraction:
    return Fraction(limit) if isinstance(limit, int) else Fraction(int(limit.rstrip("%")) * desired, 100)
