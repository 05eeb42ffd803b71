"""The result of a rehearsal: lines for people, frames and points for the picture, and data in the form of recorded stories."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.core.controllers.revisions import DESIRED_REPLICAS, MAX_REPLICAS, REVISION
from cluster.core.objects import Deployment, Explanation, ReplicaSet
from cluster.core.rehearsals.tally import Point
from cluster.core.rehearsals.verdict import COMPLETE, Verdict
from cluster.core.traffic.model import Traffic

SETTLED, STUCK, EXCEEDED = "settled", "stuck", "deadline exceeded"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What happened: `at` in seconds since the start, `kind` step, say, scaling, trouble or condition, `why` the controller's
    reason. `rule` and `inputs`: what `text` is made from, for clients with their own texts; without a rule the text is
    upstream's or a story's."""

    at: float
    kind: str
    text: str
    why: Explanation | None = None
    rule: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> Json:
        told = {"rule": self.rule, "inputs": dict(self.inputs), "text": self.text}
        return {"at": self.at, "kind": self.kind, **told, "why": self.why and self.why.as_json()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One frame of the film strip: the desired sizes after a scaling, by ReplicaSet number."""

    at: float
    label: str
    counts: Mapping[int, int]


@dataclass(kw_only=True, slots=True)
class Rollout:
    """From an edit of the pod template until the Deployment was complete; `ended_at` None: it never was. Seconds since the
    start."""

    revision: str
    started_at: float
    ended_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """`scalings`, `after_step` and `events` have the form of recorded stories: ReplicaSets numbered by creation. `traffic`: the
    requests that a model computes, if requested; its times are in seconds since the start too."""

    name: str
    purpose: str = ""
    outcome: str
    problem: str
    duration_seconds: float
    peak_pods: int
    peak_pods_with_terminating: int
    min_available: int
    floor_held: bool
    rollouts: list[Rollout]
    lines: list[Line]
    frames: list[Frame]
    points: list[Point]
    scalings: list[list[Any]]
    after_step: dict[str, Json]
    events: list[list[str]]
    verdict: Verdict = Verdict(answer=COMPLETE)
    traffic: Traffic | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the steps had no problem, every rollout completed and the floor was never broken."""
        return not self.failings

    @property
    def failings(self) -> list[str]:
        """Why the rehearsal did not succeed, in a few words each."""
        found = [self.problem] if self.problem else []
        found += [] if self.outcome == SETTLED else [self.outcome]
        incomplete = [each for each in self.rollouts if each.ended_at is None]
        found += [f"revision {each.revision or '?'} did not complete" for each in incomplete]
        return found if self.floor_held else [*found, "the floor did not hold"]

    def as_json(self) -> Json:
        """What `rehearse --json` prints."""
        return {
            "name": self.name,
            "scalings": self.scalings,
            "after_step": self.after_step,
            "events": self.events,
            "summary": {
                "outcome": self.outcome,
                "duration_seconds": self.duration_seconds,
                "peak_pods": self.peak_pods,
                "peak_pods_with_terminating": self.peak_pods_with_terminating,
                "min_available": self.min_available,
                "floor_held": self.floor_held,
                "verdict": self.verdict.as_json(),
                **({"problem": self.problem} if self.problem else {}),
            },
            **({"traffic": self.traffic.as_json()} if self.traffic else {}),
        }


def quiet_state(deployment: Deployment, replicasets: Iterable[ReplicaSet]) -> Json:
    """A Deployment's state in the form of recorded stories; zero where the API omits a number."""
    found = deployment.status
    return {
        "deployment": {
            "observedGeneration": found.observed_generation,
            "replicas": found.replicas,
            "updatedReplicas": found.updated_replicas,
            "readyReplicas": found.ready_replicas,
            "availableReplicas": found.available_replicas,
            "unavailableReplicas": found.unavailable_replicas,
        },
        "revision": deployment.annotations.get(REVISION),
        "conditions": {each.type: [each.status, each.reason] for each in found.conditions},
        "replicasets": {str(each.number): replicaset_state(each) for each in replicasets},
    }


def replicaset_state(replicaset: ReplicaSet) -> Json:
    return {
        "revision": replicaset.annotations.get(REVISION),
        "desired": replicaset.annotations.get(DESIRED_REPLICAS),
        "max": replicaset.annotations.get(MAX_REPLICAS),
        "spec": replicaset.replicas,
        "replicas": replicaset.status.replicas,
        "ready": replicaset.status.ready_replicas,
        "available": replicaset.status.available_replicas,
    }
