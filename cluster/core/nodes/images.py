"""Which images a node keeps (pkg/kubelet/images/image_gc_manager.go). Upstream goes by bytes on the disk (from 85 % down to 80 %) and by
when an image was last used; here images have no size, so they are counted, and go by when they were pulled."""

from collections.abc import Callable, Collection

MOST = 100
KEPT = 80
MOST_REPORTED = 50  # KubeletConfiguration, nodeStatusMaxImages


def collected(images: tuple[str, ...], used: Callable[[], Collection[str]]) -> tuple[str, ...]:
    """What is left of a node's images, oldest first: of more than MOST the oldest go that no pod there uses, down to KEPT."""
    if len(images) <= MOST:
        return images
    in_use = used()
    spare = [each for each in images if each not in in_use]
    gone = set(spare[: len(images) - KEPT])
    return tuple(each for each in images if each not in gone)


def reported(images: list[str]) -> list[str]:
    """Of a node's status: the newest. Upstream reports the largest."""
    return images[-MOST_REPORTED:]
