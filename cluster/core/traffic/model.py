"""How many requests to a Service are served, refused and broken off. When a pod is behind the Service, and when its container
ends, is computed by the controllers and kubelets; the rest is assumed, as stated in ASSUMPTIONS."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, NamedTuple

from cluster.core.traffic.timeline import Role, Timeline

ASSUMPTIONS = (
    "Requests come evenly in time, from when the Service first leads to a ready pod.",
    "All proxies know of a change of the EndpointSlices after the same delay, and none before.",
    "A proxy spreads requests evenly over the ready endpoints it knows; without any, over those that are serving and terminating "
    "(kube-proxy, ProxyTerminatingEndpoints); without these it refuses.",
    "Every request is a connection of its own and takes the same time; nothing is tried again.",
    "A container accepts requests while it is ready, in its preStop hook too, until it is told to stop (SIGTERM); from then on it "
    "refuses new ones and goes on with those that it has.",
    "A request that is not answered when its container ends is broken off.",
)
Kind = Literal["served", "refused", "broken"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """The assumptions: requests per second, seconds after which a proxy follows a change of the slices, and seconds that a
    request takes."""

    requests_per_second: float = 100.0
    belief_delay_seconds: float = 1.0
    request_seconds: float = 0.1


class Rates(NamedTuple):
    """Requests per second by their result, from `at` (seconds) on."""

    at: float
    served: float = 0.0
    refused: float = 0.0
    broken: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """`rates` has one entry for each time at which a rate changed, from the first request to `end`. The numbers of requests are
    expected values, so they need not be whole; `counts` are."""

    service: str
    model: Model
    rates: list[Rates]
    end: float

    @property
    def served(self) -> float:
        return self._sum("served")

    @property
    def refused(self) -> float:
        return self._sum("refused")

    @property
    def broken(self) -> float:
        return self._sum("broken")

    @property
    def requests(self) -> float:
        return self.model.requests_per_second * (self.end - self.rates[0].at) if self.rates else 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Whole numbers that add up. Lost requests are rounded up: 0 means none at all."""
        refused, broken = whole(self.refused), whole(self.broken)
        requests = max(round(self.requests), refused + broken)
        return {
            "requests": requests, "served": requests - refused - broken, "refused": refused, "broken": broken,
            "lost": refused + broken,
        }  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        return {"service": self.service, "model": asdict(self.model), **self.counts}

    def lost_between(self, start: float, end: float) -> int:
        """How many of the requests that begin between two times are lost."""
        ends = [*(each.at for each in self.rates[1:]), self.end]
        spans = ((each, min(until, end) - max(each.at, start)) for each, until in zip(self.rates, ends, strict=False))
        return whole(math.fsum((each.refused + each.broken) * max(seconds, 0.0) for each, seconds in spans))

    def since(self, began: float) -> "Traffic":
        """The same traffic with times that count from `began`."""
        rates = [each._replace(at=each.at - began) for each in self.rates]
        return replace(self, rates=rates, end=self.end - began)

    def _sum(self, kind: Kind) -> float:
        ends = [*(each.at for each in self.rates[1:]), self.end]
        return math.fsum(getattr(each, kind) * (end - each.at) for each, end in zip(self.rates, ends, strict=False))


def whole(requests: float) -> int:
    """Rounds up, but ignores floating point errors."""
    return math.ceil(requests - 1e-6)


def compute(service: str, model: Model, timeline: Timeline, start: float, end: float) -> Traffic:
    """The traffic of the requests that begin in `start` .. `end`. Exact: rates are constant between the times at which
    something changes."""
    sweep = Sweep()
    rates: list[Rates] = []
    for at, changes in moments(model, timeline):
        if at >= end:
            break
        for each in changes:
            sweep.take(each)
        if not rates and not sweep.has_begun:
            continue
        now = sweep.rates(model.requests_per_second, max(at, start))
        if rates and rates[-1].at == now.at:
            rates.pop()
        if not rates or rates[-1][1:] != now[1:]:
            rates.append(now)
    return Traffic(service=service, model=model, rates=rates, end=max(end, start))


class Step(NamedTuple):
    """At one time the pod of this uid gets a different role for the proxies, starts or stops accepting requests, or what it
    accepts from now on is lost (1), or no longer (-1)."""

    at: float
    pod: str
    role: Role | None = None
    accepts: bool | None = None
    doomed: int = 0


def moments(model: Model, timeline: Timeline) -> Iterator[tuple[float, list[Step]]]:
    steps = [Step(each.at + model.belief_delay_seconds, each.pod, role=each.role) for each in timeline.told]
    steps += [Step(each.at, each.pod, accepts=each.accepts) for each in timeline.accepting]
    for each in timeline.ended:
        steps.append(Step(each.at - model.request_seconds, each.pod, doomed=1))
        steps.append(Step(each.at, each.pod, doomed=-1))
    steps.sort(key=lambda step: step.at)
    together: list[Step] = []
    for step in steps:
        if together and together[0].at != step.at:
            yield together[0].at, together
            together = []
        together.append(step)
    if together:
        yield together[0].at, together


@dataclass
class Sweep:
    """The pods as they are at one time: `counts` has their numbers by role and by the result of a request."""

    roles: dict[str, Role] = field(default_factory=dict)
    accepts: set[str] = field(default_factory=set)
    doomed: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[Role, Kind]] = field(default_factory=Counter)
    has_begun: bool = False

    def take(self, step: Step) -> None:
        self.count(step.pod, -1)
        if step.role is not None:
            self.roles[step.pod] = step.role
        if step.accepts is not None:
            (self.accepts.add if step.accepts else self.accepts.discard)(step.pod)
        self.doomed[step.pod] += step.doomed
        self.count(step.pod, 1)
        self.has_begun = self.has_begun or step.role == "ready"

    def count(self, pod: str, sign: int) -> None:
        role = self.roles.get(pod, "")
        if role:
            self.counts[role, self.fate(pod)] += sign

    def fate(self, pod: str) -> Kind:
        if pod not in self.accepts:
            return "refused"
        return "broken" if self.doomed[pod] else "served"

    def rates(self, requests_per_second: float, at: float) -> Rates:
        for role in ("ready", "draining"):
            served, refused, broken = (self.counts[role, kind] for kind in ("served", "refused", "broken"))
            total = served + refused + broken
            if total:
                each = requests_per_second / total
                return Rates(at, served * each, refused * each, broken * each)
        return Rates(at, refused=requests_per_second)
