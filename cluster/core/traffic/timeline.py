"""The input of a model of traffic: what a Service's EndpointSlices said at which time, and when its pods accepted requests.
Observed exactly, from the changes of a State."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cluster.core.nodes import lives
from cluster.core.nodes.containers import RUNNING, STOPPING
from cluster.core.objects import Change, Container, Delete, Deployment, Event, Kept, Manifest, Pod
from cluster.core.services import endpoints
from cluster.core.services.index import SERVICE_NAME, SLICE, labels_of, selector_of
from cluster.core.state import State

Role = Literal["ready", "draining", ""]
"""Of an endpoint, to a proxy: it is sent requests; it is sent some if no other is ready (serving and terminating); or none."""
ALWAYS = -math.inf


class Told(NamedTuple):
    at: float
    pod: str
    role: Role


class Accepting(NamedTuple):
    at: float
    pod: str
    accepts: bool


class Ended(NamedTuple):
    """A serving container has ended."""

    at: float
    pod: str


@dataclass(slots=True)
class Timeline:
    """Entries by the uids of pods, with times in seconds; ALWAYS: it was so before the observation began. Not sorted by time."""

    told: list[Told] = field(default_factory=list)
    accepting: list[Accepting] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The timeline as JSON; ALWAYS is null."""
        return {name: [list(none_of(each)) for each in getattr(self, name)] for name in PARTS}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Timeline":
        parts = {name: [made(*always_of(each)) for each in told[name]] for name, made in PARTS.items()}
        return cls(**parts)


PARTS: Mapping[str, Any] = {"told": Told, "accepting": Accepting, "ended": Ended}


def none_of(entry: Iterable[Any]) -> Iterable[Any]:
    return (None if each == ALWAYS else each for each in entry)


def always_of(entry: Iterable[Any]) -> Iterable[Any]:
    return (ALWAYS if each is None else each for each in entry)


class Seen(NamedTuple):
    """The state of a pod's serving container."""

    accepts: bool
    runs: bool
    is_stopping: bool


NOTHING = Seen(False, False, False)


class Observer:
    """Watches the Service that selects a Deployment's pods, once there is one: that of `name`, or the first by name. Headless
    Services have no proxies, so they are not considered."""

    def __init__(self, state: State, star: tuple[str, str], name: str = "") -> None:
        self.state, self.star, self.name = state, star, name
        self.service: Kept | None = None
        self.timeline = Timeline()
        self._roles: dict[str, dict[str, Role]] = {}  # slice uid -> pod uid -> role
        self._pods: dict[str, Seen] = {}
        self._serving: dict[int, tuple[Manifest, str, float]] = {}
        self.look(ALWAYS)

    def take(self, change: Change, now: float) -> None:
        """Takes a change that has been applied to the state already."""
        if isinstance(change, Event):
            return
        thing, gone = change.object, isinstance(change, Delete)
        if isinstance(thing, Pod) and self.service is not None:
            self.see(thing, now, gone=gone)
        elif isinstance(thing, Kept) and thing.resource == SLICE and self.is_of_service(thing):
            self.hear(thing, now, gone=gone)
        elif isinstance(thing, Kept | Deployment) and self.service is None:
            self.look(now)

    def look(self, now: float) -> None:
        """Looks for the Service; if it exists, its slices and pods are noted as they are at `now`."""
        deployment: Deployment | None = self.state.named("Deployment", *self.star)
        self.service = find(self.state, deployment, self.name) if deployment else None
        if self.service is None:
            return
        for each in self.state.services.slices(f"{self.service.namespace}/{self.service.name}"):
            self.hear(each, now, gone=False)
        for pod in self.state.pods.values():
            self.see(pod, now, gone=False)

    def is_of_service(self, kept: Kept) -> bool:
        service = self.service
        return service is not None and (kept.namespace, labels_of(kept).get(SERVICE_NAME)) == (
            service.namespace,
            service.name,
        )

    def hear(self, kept: Kept, now: float, *, gone: bool) -> None:
        """Notes the roles of a slice's endpoints."""
        before = self._roles.pop(kept.uid, {})
        after = {} if gone else roles_in(kept)
        if after:
            self._roles[kept.uid] = after
        for uid in {**before, **after}:
            if before.get(uid, "") != after.get(uid, ""):
                self.timeline.told.append(Told(now, uid, after.get(uid, "")))

    def see(self, pod: Pod, now: float, *, gone: bool) -> None:
        before = self._pods.get(pod.uid)
        if before is None and not self.is_selected(pod):
            return
        before = before or NOTHING
        name, hook_seconds = self.serving_container(pod)
        container = next((each for each in pod.containers if each.name == name), None)
        after = NOTHING if gone or container is None else seen(container)
        timeline = self.timeline
        if after.accepts is not before.accepts:
            timeline.accepting.append(Accepting(now, pod.uid, after.accepts))
        if after.is_stopping and not before.is_stopping:
            since = now if pod.deleted_at is None else pod.deleted_at
            timeline.accepting.append(Accepting(since + hook_seconds, pod.uid, False))
        if before.runs and not after.runs:
            timeline.ended.append(Ended(now, pod.uid))
        if gone:
            self._pods.pop(pod.uid, None)
        else:
            self._pods[pod.uid] = after

    def is_selected(self, pod: Pod) -> bool:
        service = self.service
        return (
            service is not None
            and pod.namespace == service.namespace
            and selector_of(service) <= frozenset(pod.labels.items())
        )

    def serving_container(self, pod: Pod) -> tuple[str, float]:
        """Returns (its name, the seconds of its preStop hook, at most the grace period) for the container that has the port
        behind the Service, else the first. Computed once for the pods of a template."""
        spec = endpoints.pod_spec(self.state, pod)
        known = self._serving.get(id(spec))
        if known is None and self.service is not None:
            container = serving(spec, self.service)
            known = (spec, str(container.get("name", "")), lives.read_pre_stop(container))
            self._serving[id(spec)] = known
        _, name, hook = known or (spec, "", 0.0)
        given = spec.get("terminationGracePeriodSeconds")
        grace = lives.DEFAULT_GRACE_SECONDS if given is None else float(given)
        return name, min(hook, grace if pod.grace_seconds is None else pod.grace_seconds)


def seen(container: Container) -> Seen:
    runs = container.stage in RUNNING
    return Seen(runs and container.ready, runs, container.stage in STOPPING)


def find(state: State, deployment: Deployment, name: str = "") -> Kept | None:
    """The Service that selects a Deployment's pods: the one with this name, or the first by name. Headless Services are not
    considered."""
    place = state.services.places.get(deployment.namespace)
    borne = frozenset(((deployment.template.get("metadata") or {}).get("labels") or {}).items())
    for each in sorted(place.services.values() if place else (), key=lambda each: each.kept.name):
        if (
            each.selector
            and each.selector <= borne
            and not endpoints.is_headless(each.kept)
            and name in ("", each.kept.name)
        ):
            return each.kept
    return None


def roles_in(kept: Kept) -> dict[str, Role]:
    """The roles of a slice's endpoints, by the uids of their pods. Unknown readiness counts as ready (discovery/v1 types.go)."""
    found: dict[str, Role] = {}
    for each in kept.manifest.get("endpoints") or ():
        uid, conditions = (each.get("targetRef") or {}).get("uid"), each.get("conditions") or {}
        if uid and conditions.get("ready") is not False:
            found[uid] = "ready"
        elif uid and conditions.get("serving") and conditions.get("terminating"):
            found[uid] = "draining"
    return found


def serving(spec: Manifest, service: Kept) -> Manifest:
    containers = spec.get("containers") or [{}]
    numbers = {number for number in endpoints.numbers_of(service, spec) if number is not None}
    for each in containers:
        if any(port.get("containerPort") in numbers for port in each.get("ports") or ()):
            found: Manifest = each
            return found
    first: Manifest = containers[0]
    return first
