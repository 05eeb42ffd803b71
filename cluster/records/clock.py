"""A cluster's clock: simulated seconds against wall seconds (both since the epoch)."""

from cluster import models


def simulated(cluster: models.Cluster, wall: float) -> float:
    """The simulated time of a cluster at a wall time."""
    return cluster.clock_sim + (wall - cluster.clock_wall) * cluster.pace


def decisions_left(allowed: int | None, made: int, *, is_quiet: bool) -> int | None:
    """The decisions left of a step. A pass that has finished its work ends the step, even without a decision."""
    if allowed is None:
        return None
    return 0 if is_quiet else allowed - made


def wall_of(cluster: models.Cluster, simulated_time: float | None) -> float | None:
    """The wall time of a simulated time; None: never, as there is no such time or the cluster's clock is paused."""
    if simulated_time is None or cluster.pace <= 0:
        return None
    return cluster.clock_wall + (simulated_time - cluster.clock_sim) / cluster.pace
