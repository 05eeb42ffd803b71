"""A manifest's next update as a story, in as many variants as values are given for its limits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from cluster.core.nodes import behaviour
from cluster.core.objects import ImageBehaviour
from cluster.core.rehearsals.assumptions import EVERY_IMAGE, Assumed, assumed, overridden
from cluster.core.rehearsals.stories import NODES, Story, StoryError, read_seconds, read_story

MOST_VARIANTS = 64
UPDATE_STEP = 2  # after `apply` and `wait: complete`
WHOLE = re.compile(r"-?[0-9]{1,18}")
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """`path` leads to the field in the manifest's spec; None: it is a time of the images (`behaviour`)."""

    label: str
    help: str
    path: tuple[str, ...] | None = None
    behaviour: str = ""


OPTIONS: Mapping[str, Option] = {
    "replicas": Option(label="replicas", help="how many pods are desired", path=("replicas",)),
    "max_surge": Option(
        label="surge",
        help="pods above the desired number, such as 1 or 25%%",
        path=("strategy", "rollingUpdate", "maxSurge"),
    ),
    "max_unavailable": Option(
        label="unavailable",
        help="pods that may be missing, such as 1 or 25%%",
        path=("strategy", "rollingUpdate", "maxUnavailable"),
    ),
    "min_ready_seconds": Option(
        label="min ready", help="seconds of readiness until a pod counts as available", path=("minReadySeconds",)
    ),
    "progress_deadline_seconds": Option(
        label="deadline",
        help="seconds without progress until the rollout has failed",
        path=("progressDeadlineSeconds",),
    ),
    "pull_after": Option(label="pull", help="time to pull an image, such as 2s", behaviour="pull_seconds"),
    "start_after": Option(label="start", help="time from there until its container runs", behaviour="start_seconds"),
    "ready_after": Option(label="ready after", help="time from there until it is ready", behaviour="ready_seconds"),
    "stop_after": Option(label="stop after", help="time that a pod takes to stop", behaviour="stop_seconds"),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """`values` are the options that differ between variants, as they were given."""

    values: Mapping[str, str]
    story: Story
    assumes: list[Assumed]


def make_variants(
    manifest: Mapping[str, Any],
    images: Mapping[str, str],
    options: Mapping[str, Sequence[str]],
    *,
    behaviours: tuple[ImageBehaviour, ...] = behaviour.DEFAULTS,
) -> list[Variant]:
    """One variant for each combination. Without images the update is a restart. Raises StoryError."""
    given = {key: values for key, values in options.items() if values}
    chosen = [dict(zip(given, values, strict=True)) for values in product(*given.values())]
    if len(chosen) > MOST_VARIANTS:
        raise StoryError(f"{len(chosen)} combinations are too many to compare; {MOST_VARIANTS} are allowed")
    differing = [key for key, values in given.items() if len(values) > 1]
    return [
        Variant(
            values={OPTIONS[key].label: values[key] for key in differing},
            story=make_story(manifest, images, values, behaviours),
            assumes=assumptions_of(manifest, images, values, behaviours),
        )
        for values in chosen
    ]


def make_story(
    manifest: Mapping[str, Any],
    images: Mapping[str, str],
    values: Mapping[str, str],
    behaviours: tuple[ImageBehaviour, ...],
) -> Story:
    """The Deployment runs already; then comes the update."""
    update: Json = {"set-image": dict(images)} if images else {"restart": {}}
    changed = with_fields(manifest, values)
    name = str((changed.get("metadata") or {}).get("name") or "update")
    steps = [{"apply": "manifest"}, {"wait": "complete"}, update, {"wait": "complete"}]
    story = read_story({"manifest": changed, "steps": steps}, name=name)
    nodes = tuple(replace(each, slots=max(each.slots, 4 * int(changed["spec"].get("replicas") or 1))) for each in NODES)
    return replace(story, behaviours=timed(behaviours, values), nodes=nodes)


def with_fields(manifest: Mapping[str, Any], values: Mapping[str, str]) -> Json:
    changed: Json = copied(manifest)
    for key, value in values.items():
        path = OPTIONS[key].path
        if path:
            holder = changed.setdefault("spec", {})
            for part in path[:-1]:
                holder = holder.setdefault(part, {})
            holder[path[-1]] = int(value) if WHOLE.fullmatch(value) else value
    return changed


def timed(behaviours: tuple[ImageBehaviour, ...], values: Mapping[str, str]) -> tuple[ImageBehaviour, ...]:
    """With the times that are given: they hold for every image; what is not given is as the images' rules say."""
    times = times_of(values)
    return overridden(behaviours, {EVERY_IMAGE: times}) if times else behaviours


def times_of(values: Mapping[str, str]) -> dict[str, float]:
    return {
        OPTIONS[key].behaviour: read_seconds(value, f"--{key.replace('_', '-')}")
        for key, value in values.items()
        if OPTIONS[key].behaviour
    }


def assumptions_of(
    manifest: Mapping[str, Any],
    images: Mapping[str, str],
    values: Mapping[str, str],
    behaviours: tuple[ImageBehaviour, ...],
) -> list[Assumed]:
    before = copied((manifest.get("spec") or {}).get("template") or {})
    after = copied(before)
    for container in (after.get("spec") or {}).get("containers") or []:
        container["image"] = images.get(container["name"], container.get("image", ""))
    return assumed(before, after, behaviours, {EVERY_IMAGE: times_of(values)})


def copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value
