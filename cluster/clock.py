"""A namespace's clock: simulated seconds against wall seconds (both since the epoch)."""

from cluster import models


def simulated(namespace: models.Namespace, wall: float) -> float:
    """The simulated time of a namespace at a wall time."""
    return namespace.clock_sim + (wall - namespace.clock_wall) * namespace.pace


def wall_of(namespace: models.Namespace, simulated_time: float | None) -> float | None:
    """The wall time at which a simulated time will come; None: never, while the namespace's clock stands."""
    if simulated_time is None or namespace.pace <= 0:
        return None
    return namespace.clock_wall + (simulated_time - namespace.clock_sim) / namespace.pace
