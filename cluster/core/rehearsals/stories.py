"""Stories: a Deployment's manifests, how its images behave, and the steps to play. Read here from plain data; an error names
the field or the step, and the step's line where the source has lines."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cluster.core import validation
from cluster.core.fields import BadField, kind_of, read_count, unlike
from cluster.core.manifests import defaults
from cluster.core.manifests.verbs import VERBS
from cluster.core.nodes import behaviour
from cluster.core.objects import ImageBehaviour, Manifest, Node
from cluster.core.policies import reading
from cluster.core.rehearsals.expectation import Expectation, ExpectationError, is_expectation, read_expectation
from cluster.core.rehearsals.story_texts import StoryTexts, TextError, read_texts
from cluster.core.traffic.model import Model
from cluster.core.validation.nodes import validate_node

MOST_STEPS = 1000
LONGEST_SECONDS = 366 * 86_400.0
FAILURES = ("image-not-found", "crash-loop", "never-ready", "ready-then-fails")
WAITS = ("complete", "quiet", "failed")
SLOWEST, FASTEST = 0.1, 60.0  # a clock's pace: simulated seconds per real second
KEYS = frozenset({
    "name", "purpose", "manifest", "manifests", "objects", "behaviours", "nodes", "steps", "traffic", "expect", "translations",
})  # fmt: skip
TRAFFIC_KEYS = frozenset({"service", "requests", "delay", "takes"})
NODE_KEYS = frozenset({"name", "slots", "allocatable", "labels", "taints", "unschedulable"})
FACTORS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+")
PACE = re.compile(r"\d{1,4}(?:\.\d{1,4})?")
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
NODES = tuple(Node(name=f"node-{number}") for number in (1, 2, 3))
BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)
FIRST_MANIFEST = "manifest"


class StoryError(Exception):
    """Raised when a story can't be read or a step can't be played; one line says where and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """`index` counts from 0, `line` from 1 (0: unknown). `value` is the result of the verb's reader below. `where`: the place
    that an error names, for a step that is not in the file."""

    index: int
    line: int
    verb: str
    value: Any
    where: str = ""

    def problem(self, text: str) -> StoryError:
        return StoryError(f"{self.place}: {text}")

    @property
    def place(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return self.where or f"step {self.index + 1}{line}, {self.verb}"


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedTraffic:
    """Requests to a Service, by name; "": the first that selects the Deployment's pods."""

    service: str = ""
    model: Model


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """`manifests` are valid Deployments of one name, as given, by the key that `apply` uses. `is_recorded`: the story contains
    a real cluster's results (under `expect`). `objects`: ResourceQuotas, LimitRanges, PodDisruptionBudgets and Services that
    exist from the beginning. `expects`: the result that the story expects; None: a rollout that completes."""

    name: str
    purpose: str = ""
    manifests: Mapping[str, Manifest]
    behaviours: tuple[ImageBehaviour, ...]
    nodes: tuple[Node, ...] = NODES
    steps: tuple[Step, ...]
    objects: tuple[Manifest, ...] = ()
    traffic: AskedTraffic | None = None
    is_recorded: bool = False
    expects: Expectation | None = None
    translations: Mapping[str, StoryTexts] = field(default_factory=dict)

    def named(self, language: str) -> str:
        """The story's name in a language, else the original one."""
        found = self.translations.get(language)
        return found.name if found else self.name

    def spoken(self, text: str) -> dict[str, str]:
        """The translations of a text that the story says, by language."""
        return {language: each.said[text] for language, each in self.translations.items() if text in each.said}

    @property
    def deployment_name(self) -> str:
        name: str = next(iter(self.manifests.values()))["metadata"]["name"]
        return name

    @property
    def deployment(self) -> tuple[str, str]:
        """(namespace, name) of the Deployment."""
        metadata = next(iter(self.manifests.values()))["metadata"]
        return metadata.get("namespace") or "default", self.deployment_name


def read_story(data: Mapping[str, Any], *, name: str, step_lines: Sequence[int] = ()) -> Story:
    """A Story from a mapping as YAML or JSON gives it; `name` is used where the mapping has none. Raises StoryError."""
    unknown = sorted(data.keys() - KEYS)
    if unknown:
        raise StoryError(f"{unknown[0]}: unknown key; a story has {', '.join(sorted(KEYS))}")
    manifests = read_manifests(data)
    steps = read_steps(data.get("steps"), manifests, step_lines)
    return Story(
        name=str(data.get("name") or name),
        purpose=str(data.get("purpose") or ""),
        manifests=manifests,
        behaviours=read_behaviours(data, steps),
        nodes=read_nodes(data.get("nodes")),
        steps=steps,
        objects=read_objects(data.get("objects")),
        traffic=read_traffic(data["traffic"]) if "traffic" in data else None,
        is_recorded=is_recorded(data),
        expects=read_expects(data.get("expect")),
        translations=read_translations(data, steps),
    )


def read_translations(data: Mapping[str, Any], steps: Sequence[Step]) -> Mapping[str, StoryTexts]:
    try:
        return read_texts(data.get("translations", {}), [step.value for step in steps if step.verb == "say"])
    except TextError as error:
        raise StoryError(str(error)) from error


def is_recorded(data: Mapping[str, Any]) -> bool:
    return "expect" in data and not is_expectation(data["expect"])


def read_expects(given: Any) -> Expectation | None:
    try:
        return read_expectation(given) if is_expectation(given) else None
    except ExpectationError as error:
        raise StoryError(str(error)) from error


def read_manifests(data: Mapping[str, Any]) -> dict[str, Manifest]:
    given = data.get("manifests")
    if isinstance(given, Mapping):
        named = dict(given)
    elif isinstance(given, Sequence) and not isinstance(given, str):
        named = {FIRST_MANIFEST if place == 0 else f"manifest-{place + 1}": each for place, each in enumerate(given)}
    else:
        named = {FIRST_MANIFEST: data["manifest"]} if "manifest" in data else {}
    if not named:
        raise StoryError("manifests: expected a Deployment, under `manifest` or by name under `manifests`")
    read = {str(key): read_manifest(each, f"manifests.{key}") for key, each in named.items()}
    names = {each["metadata"]["name"] for each in read.values()}
    if len(names) > 1:
        raise StoryError(f"manifests: a story plays one Deployment, these are {', '.join(sorted(names))}")
    return read


def read_manifest(manifest: Any, place: str) -> Manifest:
    if not isinstance(manifest, Mapping):
        raise StoryError(f"{place}: expected a Deployment, found {kind_of(manifest)}")
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    if kind != "Deployment" or version not in defaults.API_VERSIONS:
        raise StoryError(f'{place}: no matches for kind "{kind}" in version "{version}"')
    problem = validation.decoding_status(manifest)
    if problem:
        raise StoryError(f"{place}: {problem['message']}")
    errors = validation.validate_deployment(defaults.default_deployment(manifest))
    if errors:
        raise StoryError(f"{place}: {'; '.join(str(each) for each in errors)}")
    return manifest


def read_objects(given: Any) -> tuple[Manifest, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise StoryError(f"objects: {unlike('a list', given)}")
    return tuple(read_object(each, f"objects[{place}]") for place, each in enumerate(given))


def read_object(manifest: Any, place: str) -> Manifest:
    if not reading.is_rule(manifest):
        kinds = ", ".join(kind for _, kind in reading.KINDS)
        raise StoryError(f"{place}: {unlike(f'one of {kinds}, with its apiVersion', kind_in(manifest))}")
    try:
        reading.read(manifest, "default")
    except reading.BadRule as error:
        raise StoryError(f"{place}: {error}") from error
    checked: Manifest = manifest
    return checked


def kind_in(manifest: Any) -> Any:
    """For an error: the apiVersion and kind of what was given in place of an object."""
    return f"{manifest.get('apiVersion')} {manifest.get('kind')}" if isinstance(manifest, Mapping) else manifest


def read_traffic(given: Any) -> AskedTraffic:
    """Reads `{service, requests, delay, takes}`, all optional: requests per second, the delay of the proxies, and how long a
    request takes."""
    if given is None or given is True:
        given = {}
    known = ", ".join(sorted(TRAFFIC_KEYS))
    if not isinstance(given, Mapping):
        raise StoryError(f"traffic: {unlike(f'a mapping of any of {known}', given)}")
    unknown = sorted(map(str, given.keys() - TRAFFIC_KEYS))
    if unknown:
        raise StoryError(f"traffic.{unknown[0]}: unknown key; there are {known}")
    usual = Model()
    try:
        rate = float(read_count(given.get("requests", int(usual.requests_per_second)), "traffic.requests"))
    except BadField as error:
        raise StoryError(str(error)) from error
    return AskedTraffic(
        service=str(given.get("service") or ""),
        model=Model(
            requests_per_second=rate,
            belief_delay_seconds=read_seconds(given.get("delay", usual.belief_delay_seconds), "traffic.delay"),
            request_seconds=read_seconds(given.get("takes", usual.request_seconds), "traffic.takes"),
        ),
    )


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


def read_nodes(given: Any) -> tuple[Node, ...]:
    if given is None:
        return NODES
    if not isinstance(given, list) or not given:
        raise StoryError("nodes: expected a list of {name, slots}")
    return tuple(read_node(each, f"nodes[{place}]") for place, each in enumerate(given))


def read_node(given: Any, place: str) -> Node:
    """`allocatable`, `labels` and `taints` are as in the API's Node; omitted fields have the defaults of any node here."""
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str) or given.keys() - NODE_KEYS:
        raise StoryError(f"{place}: expected {{name, slots}}, and perhaps allocatable, labels, taints, unschedulable")
    plain = Node(name=given["name"])
    labels, taints = given.get("labels") or {}, given.get("taints") or []
    allocatable = given.get("allocatable") or plain.allocatable
    shown = {
        "metadata": {"name": plain.name, "labels": labels},
        "spec": {"taints": taints},
        "status": {"allocatable": allocatable},
    }
    try:
        errors = validate_node(shown)
        slots = read_count(given.get("slots", plain.slots), f"{place}.slots")
    except BadField as error:
        raise StoryError(str(error)) from error
    except (AttributeError, TypeError) as error:
        raise StoryError(f"{place}: labels, taints or allocatable are not as the API has them") from error
    if errors:
        raise StoryError(f"{place}: {'; '.join(map(str, errors))}")
    return Node(
        name=plain.name,
        labels=labels,
        taints=tuple(taints),
        slots=slots,
        allocatable={name: str(amount) for name, amount in allocatable.items()},
        unschedulable=bool(given.get("unschedulable")),
    )


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


def read_pace(value: Any) -> float | str:
    """Simulated seconds per real second; 0: paused; `step`: a paused clock advances to what happens next."""
    if value in ("pause", "step"):
        return 0.0 if value == "pause" else "step"
    text = str(value).removesuffix("x")
    pace = float(text) if PACE.fullmatch(text) else -1.0
    if isinstance(value, bool) or not SLOWEST <= pace <= FASTEST:
        raise StoryError(f"{value!r} is not a pace; use {SLOWEST:g}x to {FASTEST:g}x, pause or step")
    return pace


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


def read_seconds(value: Any, place: str, more: str = "") -> float:
    """Seconds from a number or a Go duration, such as 1m30s."""
    seconds = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and DURATION.fullmatch(value):
        seconds = sum(float(number) * FACTORS[unit] for number, unit in PART.findall(value))
    if not 0 <= seconds <= LONGEST_SECONDS:
        where = f"{place}: " if place else ""
        raise StoryError(f"{where}{value!r} is not a duration; use e.g. 6s or 1m30s{more}")
    return seconds


def read_share(value: Any, place: str) -> float:
    """A share of 0..1 from a number or a percentage."""
    share = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value)
    elif isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?%", value):
        share = float(value[:-1]) / 100
    if not 0 <= share <= 1:
        raise StoryError(f"{place}: {value!r} is not a share; use a percentage such as 50%")
    return share
