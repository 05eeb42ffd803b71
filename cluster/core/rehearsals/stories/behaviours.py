"""How a story's images behave."""

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.core.fields import kind_of
from cluster.core.nodes import behaviour
from cluster.core.objects import ImageBehaviour
from cluster.core.rehearsals.expectation import is_recorded
from cluster.core.rehearsals.stories.story import Step, StoryError
from cluster.core.rehearsals.stories.values import read_seconds, read_share

FAILURES = ("image-not-found", "crash-loop", "never-ready", "ready-then-fails")
BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)


def read_behaviours(data: Mapping[str, Any], steps: Sequence[Step]) -> tuple[ImageBehaviour, ...]:
    """The story's own behaviours before the default ones. If it names none, its pods become ready by hand only where it has
    `ready` or `unready` steps, and at once where it is recorded (with `expect`)."""
    given = data.get("behaviours")
    if given is None:
        if any(step.verb in ("ready", "unready") for step in steps):
            return (BY_HAND,)
        return (behaviour.INSTANT,) if is_recorded(data) else behaviour.DEFAULTS
    if not isinstance(given, list):
        raise StoryError(f"behaviours: expected a list, found {kind_of(given)}")
    return (*(read_behaviour(each, f"behaviours[{place}]") for place, each in enumerate(given)), *behaviour.DEFAULTS)


def read_behaviour(given: Any, place: str) -> ImageBehaviour:
    known = {"image", "pull", "start", "ready", "stop", "jitter", "failure", "fails-after", "affects"}
    if not isinstance(given, Mapping) or "image" not in given:
        raise StoryError(f"{place}: expected a mapping with `image`")
    unknown = sorted(given.keys() - known)
    if unknown:
        raise StoryError(f"{place}.{unknown[0]}: unknown key; a behaviour has {', '.join(sorted(known))}")
    if given.get("failure", "") not in ("", *FAILURES):
        raise StoryError(f"{place}.failure: {given['failure']!r} is none of {', '.join(FAILURES)}")
    by_hand = given.get("ready") == "by-hand"

    def seconds(key: str) -> float:
        return read_seconds(given.get(key, 0), f"{place}.{key}")

    return ImageBehaviour(
        pattern=str(given["image"]),
        pull_seconds=seconds("pull"),
        start_seconds=seconds("start"),
        ready_seconds=None if by_hand else seconds("ready"),
        stop_seconds=seconds("stop"),
        jitter=read_share(given.get("jitter", 0), f"{place}.jitter"),
        failure=given.get("failure", ""),
        fails_after_seconds=seconds("fails-after"),
        affected_share=read_share(given.get("affects", 1), f"{place}.affects"),
    )
