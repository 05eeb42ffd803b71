"""What a forecast assumes about each image: how long its pull, start, readiness and stop take, and where each number comes
from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cluster.core.nodes import behaviour, lives
from cluster.core.nodes.lives import PodLife, Role
from cluster.core.nodes.probes import Probe
from cluster.core.objects import ImageBehaviour, Manifest

TIMES = ("pull_seconds", "start_seconds", "ready_seconds", "stop_seconds")
EVERY_IMAGE = "*"
Overrides = Mapping[str, Mapping[str, float]]
"""image, or EVERY_IMAGE -> any of TIMES -> seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumed:
    """The assumptions for one container. `sources` says for each of TIMES `override` or `rule`; `pattern` is that of the
    image's rule, "" where there is none: then nothing takes any time. `jitter`: the share by which times vary from pod to
    pod. `probe`: (initial delay, period, successes) of the readiness probe, which sees readiness only at its next run;
    `grace_seconds` limits every stop. `is_old`: the container is replaced and its pods stop; only its stop time counts. An
    init container runs for its ready time. `startup` and `liveness` are (initial delay, period, failures);
    `pre_stop_seconds` come before every stop."""

    container: str
    image: str
    role: Role
    pattern: str
    failure: str
    jitter: float
    times: Mapping[str, float | None]
    sources: Mapping[str, str]
    probe: tuple[float, float, int] | None
    startup: tuple[float, float, int] | None
    liveness: tuple[float, float, int] | None
    pre_stop_seconds: float
    grace_seconds: float
    is_old: bool = False

    @property
    def counted(self) -> tuple[str, ...]:
        """Those of TIMES that count: only the stop for pods that are replaced, all but the stop for an init container."""
        if self.is_old:
            return ("stop_seconds",)
        return tuple(each for each in TIMES if self.role != "init" or each != "stop_seconds")


def overridden(behaviours: tuple[ImageBehaviour, ...], overrides: Overrides) -> tuple[ImageBehaviour, ...]:
    """The behaviours with the overridden times, which are exact: those images have no jitter. Failures stay."""
    every = overrides.get(EVERY_IMAGE)
    if every:
        behaviours = tuple(exact(each, every) for each in (*behaviours, behaviour.INSTANT))
    single = [
        replace(exact(behaviour.find(behaviours, image), times), pattern=only(image))
        for image, times in overrides.items()
        if image != EVERY_IMAGE and times
    ]
    return (*single, *behaviours)


def exact(given: ImageBehaviour, times: Mapping[str, float]) -> ImageBehaviour:
    changed: Mapping[str, Any] = times
    return replace(given, jitter=0.0, **changed)


def only(image: str) -> str:
    """A glob that matches this image alone."""
    return re.sub(r"([*?\[])", r"[\1]", image)


def assumed(
    before: Manifest, after: Manifest, behaviours: tuple[ImageBehaviour, ...], overrides: Overrides
) -> list[Assumed]:
    """The assumptions for the containers of the pod template `after`, in the order in which they start, then for those of
    `before` (without init containers) that `after` lacks or gives a different image."""
    changed = overridden(behaviours, overrides)
    images = {each.name: each.image for each in read(after, changed).containers}
    found = []
    for template, is_old in ((after, False), (before, True)):
        life = read(template, changed)
        for each in life.containers:
            if is_old and (each.role == "init" or images.get(each.name) == each.image):
                continue
            rule, now, probe = behaviour.find(behaviours, each.image), each.behaviour, each.readiness
            given = {**overrides.get(EVERY_IMAGE, {}), **overrides.get(each.image, {})}
            found.append(
                Assumed(
                    container=each.name,
                    image=each.image,
                    role=each.role,
                    pattern="" if rule is behaviour.INSTANT else rule.pattern,
                    failure=now.failure,
                    jitter=now.jitter,
                    times={key: getattr(now, key) for key in TIMES},
                    sources={key: "override" if key in given else "rule" for key in TIMES},
                    probe=(probe.delay, probe.period, probe.successes) if probe else None,
                    startup=limits_of(each.startup),
                    liveness=limits_of(each.liveness),
                    pre_stop_seconds=each.pre_stop_seconds,
                    grace_seconds=life.grace_seconds,
                    is_old=is_old,
                )
            )
    return found


def read(template: Manifest, behaviours: tuple[ImageBehaviour, ...]) -> PodLife:
    return lives.read(template.get("spec") or {}, behaviours)


def limits_of(probe: Probe | None) -> tuple[float, float, int] | None:
    return (probe.delay, probe.period, probe.failures) if probe else None
