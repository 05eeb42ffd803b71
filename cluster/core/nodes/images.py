"""Which images a node keeps (pkg/kubelet/images/image_gc_manager.go). Upstream goes by disk usage (from 85 % down to 80 %) and
last use; here images have no size, so they are counted, and those pulled first are removed first."""

from collections.abc import Callable, Collection

MOST = 100
KEPT = 80
MOST_REPORTED = 50  # KubeletConfiguration, nodeStatusMaxImages


def collected(images: tuple[str, ...], used: Callable[[], Collection[str]]) -> tuple[str, ...]:
    """A node's images after garbage collection, oldest first: of more than MOST, the oldest that no pod there uses are removed,
    down to KEPT."""
    if len(images) <= MOST:
        return images
    in_use = used()
    spare = [each for each in images if each not in in_use]
    gone = set(spare[: len(images) - KEPT])
    return tuple(each for each in images if each not in gone)


def reported(images: list[str]) -> list[str]:
    """The images listed in a node's status: the newest. Upstream lists the largest."""
    return images[-MOST_REPORTED:]
