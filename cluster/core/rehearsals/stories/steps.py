"""A story's steps. An error names the step, and its line where the source has lines."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from cluster.core.fields import BadField, read_count
from cluster.core.manifests.verbs import VERBS
from cluster.core.objects import ImageBehaviour, Manifest
from cluster.core.policies import reading
from cluster.core.rehearsals.stories.behaviours import read_behaviour
from cluster.core.rehearsals.stories.manifests import FIRST_MANIFEST, read_manifest, read_object
from cluster.core.rehearsals.stories.story import Step, StoryError
from cluster.core.rehearsals.stories.values import read_pace, read_seconds

MOST_STEPS = 1000
WAITS = ("complete", "quiet", "failed")


def read_steps(given: Any, manifests: Mapping[str, Manifest], lines: Sequence[int]) -> tuple[Step, ...]:
    if not isinstance(given, list) or not given:
        raise StoryError("steps: expected a list of at least one step")
    if len(given) > MOST_STEPS:
        raise StoryError(f"steps: a story has at most {MOST_STEPS:,} steps, this one has {len(given):,}")
    return tuple(
        read_step(each, index, lines[index] if index < len(lines) else 0, manifests) for index, each in enumerate(given)
    )


def read_step(given: Any, index: int, line: int, manifests: Mapping[str, Manifest]) -> Step:
    if isinstance(given, str):
        given = {given: None}
    if not isinstance(given, Mapping) or len(given) != 1:
        where = f" (line {line})" if line else ""
        raise StoryError(f"step {index + 1}{where}: expected one verb with its value, such as `scale: 5`")
    ((verb, value),) = given.items()
    step = Step(index=index, line=line, verb=str(verb), value=value)
    readers: Readers = {**READERS, "apply": partial(read_apply, manifests)}
    if step.verb not in readers:
        raise step.problem(f"unknown step; there are {', '.join(sorted(readers))}")
    try:
        value = readers[step.verb](value)
    except (BadField, StoryError) as error:
        raise step.problem(str(error)) from error
    return Step(index=index, line=line, verb=step.verb, value=value)


def read_apply(manifests: Mapping[str, Manifest], value: Any) -> Manifest:
    """The manifest of that name, or one given in the step itself, which may be of the kinds of `objects` too."""
    if isinstance(value, Mapping):
        return read_object(value, "manifest") if reading.is_rule(value) else read_manifest(value, "manifest")
    key = next(iter(manifests)) if value in (None, FIRST_MANIFEST) else str(value)
    if key not in manifests:
        raise StoryError(f"there is no manifest {key!r}; there are {', '.join(manifests)}")
    return manifests[key]


def read_pods(value: Any) -> dict[int, int]:
    """ReplicaSet number (0: the newest) -> number of its pods."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = {0: value}
    if not isinstance(value, Mapping) or not value:
        raise StoryError("expected a mapping of ReplicaSet numbers to numbers of pods, such as {2: 1}")
    return {read_count(key, "ReplicaSet"): read_count(each, f"ReplicaSet {key}") for key, each in value.items()}


def read_name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise StoryError("expected a name")
    return value


def read_break(value: Any) -> tuple[ImageBehaviour, ...]:
    """`{"nginx:1.9*": crash-loop}`, or a mapping as under `behaviours`; an image alone never gets ready."""
    if isinstance(value, str):
        value = {value: "never-ready"}
    if not isinstance(value, Mapping) or not value:
        raise StoryError("expected a mapping of images to failures, such as {nginx:1.9.1: crash-loop}")
    if "image" in value:
        return (read_behaviour({"failure": "never-ready", **value}, "break"),)
    return tuple(read_behaviour({"image": image, "failure": failure}, "break") for image, failure in value.items())


def read_wait(value: Any) -> float | str:
    return value if value in WAITS else read_seconds(value, "", f", or {', '.join(WAITS)}")


Readers = Mapping[str, Callable[[Any], Any]]
READERS: Readers = {
    **{name: verb.read_step for name, verb in VERBS.items() if verb.read_step},
    "delete-pod": read_pods,
    "drain": read_name,
    "uncordon": read_name,
    "break": read_break,
    "heal": read_name,
    "pace": read_pace,
    "wait": read_wait,
    "ready": read_pods,
    "unready": read_pods,
    "say": read_name,
}
