"""How images behave: the first matching glob applies; jitter and the share of failures are derived from the pod's uid."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from cluster.core.objects import ImageBehaviour

INSTANT = ImageBehaviour(pattern="*")
BEAT_SECONDS = 0.1

# The behaviours of a new cluster. Three waves of pull, start and ready make the book's rollout last about 15 s.
DEFAULTS = (
    # The typo in Kubernetes' own documentation: this tag does not exist.
    ImageBehaviour(pattern="nginx:1.91", failure="image-not-found", pull_seconds=1.0, stop_seconds=1.0),
    # Starts and exits again and again.
    ImageBehaviour(
        pattern="*:broken", failure="crash-loop", pull_seconds=1.0, start_seconds=0.5, fails_after_seconds=2.0
    ),
    # Runs, but its readiness probe never succeeds.
    ImageBehaviour(pattern="*:unready", failure="never-ready", pull_seconds=1.0, start_seconds=0.5, stop_seconds=1.0),
    # Becomes ready, and fails its probe 5 s later.
    ImageBehaviour(
        pattern="*:flaky",
        failure="ready-then-fails",
        pull_seconds=1.0,
        start_seconds=0.5,
        ready_seconds=2.0,
        stop_seconds=1.0,
        fails_after_seconds=5.0,
    ),
    # Takes half a minute to become ready and ten seconds to stop.
    ImageBehaviour(pattern="*:slow", pull_seconds=4.0, start_seconds=1.0, ready_seconds=30.0, stop_seconds=10.0),
    # Everything else.
    ImageBehaviour(pattern="*", pull_seconds=1.5, start_seconds=0.6, ready_seconds=2.4, stop_seconds=1.0, jitter=0.2),
)


def find(behaviours: Iterable[ImageBehaviour], image: str) -> ImageBehaviour:
    """The first behaviour whose glob matches the image; INSTANT where none does."""
    return next((each for each in behaviours if fnmatchcase(image, each.pattern)), INSTANT)


def broken(behaviours: tuple[ImageBehaviour, ...], failing: Iterable[ImageBehaviour]) -> tuple[ImageBehaviour, ...]:
    """The behaviours with the failures of `failing` before all others. A failing one without durations keeps those that its
    image has now."""
    timed = ("pull_seconds", "start_seconds", "ready_seconds", "stop_seconds")
    made = []
    for each in failing:
        today = find(behaviours, each.pattern)
        kept = (
            {} if any(getattr(each, key) for key in timed) else {key: getattr(today, key) for key in (*timed, "jitter")}
        )
        made.append(replace(each, **kept))
    return (*made, *behaviours)


def healed(behaviours: tuple[ImageBehaviour, ...], image: str) -> tuple[ImageBehaviour, ...]:
    """The behaviours with an image that no longer fails."""
    return (replace(find(behaviours, image), pattern=image, failure=""), *behaviours)


def chance(uid: str, purpose: str) -> float:
    """A number from 0 up to 1, derived from a pod's uid and a purpose."""
    digest = hashlib.blake2b(f"{uid}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def lasting(seconds: float, behaviour: ImageBehaviour, uid: str, purpose: str) -> float:
    """A duration with its jitter, in whole beats, so that pods change at the same times."""
    if not seconds:
        return 0.0
    varied = seconds * (1 + behaviour.jitter * (2 * chance(uid, purpose) - 1)) if behaviour.jitter else seconds
    return max(round(varied / BEAT_SECONDS), 1) * BEAT_SECONDS


def is_struck(behaviour: ImageBehaviour, uid: str) -> bool:
    """Whether a pod is in the share that fails."""
    return bool(behaviour.failure) and chance(uid, "struck") < behaviour.affected_share
