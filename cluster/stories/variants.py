"""A manifest's next update as a story, in one variant for each combination of the given values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import ceil
from typing import Any

from cluster.core.manifests import edits
from cluster.core.nodes import behaviour
from cluster.core.objects import ImageBehaviour, Node
from cluster.core.rehearsals.assumptions import EVERY_IMAGE, Assumed, assumed, overridden
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import NODES, AskedTraffic, Story, StoryError
from cluster.core.rehearsals.stories.values import read_seconds
from cluster.core.traffic.model import Model
from cluster.stories.given_manifests import Given

MOST_VARIANTS = 64
NO_DEADLINE = 2**31 - 1  # for the pods that run already, however long they take
UPDATE_STEP = 3  # after the running Deployment has been set up
STEPS = ("the manifest as it is", "the manifest as it is", "the update", "the update")  # their names in errors
WHOLE = re.compile(r"-?[0-9]{1,18}")
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """`path` is the field's path in the manifest's spec; None: a time of the images (`behaviour`), or the preStop hook."""

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
    "pre_stop": Option(
        label="preStop", help="seconds of a preStop hook that sleeps, such as 0,5s; pods have the hook already"
    ),
    "pull_after": Option(label="pull", help="time to pull an image, such as 2s", behaviour="pull_seconds"),
    "start_after": Option(label="start", help="time from there until its container runs", behaviour="start_seconds"),
    "ready_after": Option(label="ready after", help="time from there until it is ready", behaviour="ready_seconds"),
    "stop_after": Option(label="stop after", help="time that a pod takes to stop", behaviour="stop_seconds"),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """`values` are the options that differ between variants, as given; `beside`: manifests that do not act."""

    values: Mapping[str, str]
    story: Story
    assumes: list[Assumed]
    beside: Sequence[str] = ()


def make_variants(
    given: Given,
    images: Mapping[str, str],
    options: Mapping[str, Sequence[str]],
    *,
    behaviours: tuple[ImageBehaviour, ...] = behaviour.DEFAULTS,
    traffic: Model | None = None,
) -> list[Variant]:
    """One variant for each combination. Without images the update is a restart. `traffic`: requests to a Service of the
    Deployment's pods, which is assumed where none is given. Raises StoryError."""
    told = {key: values for key, values in options.items() if values}
    chosen = [dict(zip(told, values, strict=True)) for values in product(*told.values())]
    if len(chosen) > MOST_VARIANTS:
        raise StoryError(f"{len(chosen)} combinations are too many to compare; {MOST_VARIANTS} are allowed")
    differing = [key for key, values in told.items() if len(values) > 1]
    return [
        Variant(
            values={OPTIONS[key].label: values[key] for key in differing},
            story=with_traffic(make_story(given, images, values, behaviours), traffic),
            assumes=assumptions_of(given.deployment, images, values, behaviours),
            beside=given.beside,
        )
        for values in chosen
    ]


def make_story(
    given: Given,
    images: Mapping[str, str],
    values: Mapping[str, str],
    behaviours: tuple[ImageBehaviour, ...],
) -> Story:
    """A story in which the Deployment runs already, then the update comes. Where no nodes are given there is room for all pods.
    Raises StoryError."""
    update: Json = {"set-image": dict(images)} if images else {"restart": {}}
    changed = with_fields(given.deployment, values)
    name = str((changed.get("metadata") or {}).get("name") or "update")
    running = {**changed, "spec": {**(changed.get("spec") or {}), "progressDeadlineSeconds": NO_DEADLINE}}
    steps = [{"apply": "running"}, {"wait": "complete"}, {"apply": "wanted"}, update]
    around = {"objects": [*given.objects], **({"nodes": [*given.nodes]} if given.nodes else {})}
    story = read_story({"manifests": {"running": running, "wanted": changed}, "steps": steps, **around}, name=name)
    check_containers(story.manifests["wanted"], images)
    named = tuple(replace(each, where=where) for each, where in zip(story.steps, STEPS, strict=True))
    story = replace(story, behaviours=timed(behaviours, values), steps=named)
    return story if given.nodes else replace(story, nodes=roomy(int(changed["spec"].get("replicas") or 1)))


def check_containers(manifest: Mapping[str, Any], images: Mapping[str, str]) -> None:
    """Raises StoryError for an image of a container that the manifest does not have."""
    pod = manifest["spec"]["template"]["spec"]
    names = [each["name"] for each in (*pod["containers"], *(pod.get("initContainers") or ()))]
    for name in images:
        if name not in ("*", *names):
            raise StoryError(f"--image: expected the name of a container ({', '.join(names)}), found {name!r}")


def roomy(replicas: int) -> tuple[Node, ...]:
    return tuple(replace(each, slots=max(each.slots, 4 * replicas)) for each in NODES)


def with_traffic(story: Story, model: Model | None) -> Story:
    if model is None:
        return story
    if any(each["kind"] == "Service" for each in story.objects):
        return replace(story, traffic=AskedTraffic(model=model))
    labels = next(iter(story.manifests.values()))["spec"]["template"]["metadata"]["labels"]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": story.deployment_name},
        "spec": {"selector": dict(labels), "ports": [{"port": 80}]},
    }
    return replace(story, objects=(*story.objects, service), traffic=AskedTraffic(model=model))


def with_fields(manifest: Mapping[str, Any], values: Mapping[str, str]) -> Json:
    changed: Json = copied(manifest)
    if "pre_stop" in values and (changed.get("spec") or {}).get("template"):
        seconds = ceil(read_seconds(number_of(values["pre_stop"]), "--pre-stop"))
        changed["spec"]["template"] = edits.with_pre_stop(changed["spec"]["template"], seconds)
    for key, value in values.items():
        path = OPTIONS[key].path
        if path:
            holder = changed.setdefault("spec", {})
            for part in path[:-1]:
                holder = holder.setdefault(part, {})
            holder[path[-1]] = int(value) if WHOLE.fullmatch(value) else value
    return changed


def timed(behaviours: tuple[ImageBehaviour, ...], values: Mapping[str, str]) -> tuple[ImageBehaviour, ...]:
    """The behaviours with the given times for every image; other times are as in the images' rules."""
    times = times_of(values)
    return overridden(behaviours, {EVERY_IMAGE: times}) if times else behaviours


def number_of(text: str) -> float | str:
    return float(text) if WHOLE.fullmatch(text) else text


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
