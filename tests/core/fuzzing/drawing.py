"""Draws a random sequence of steps, one after another: each from the seed and from the state that the last one led to.

A step is `{verb: value}`. Numbers (as text) name ReplicaSets in the order in which they were seen. A seed and the states give
the same sequence again."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Draw = Callable[[], Json]

IMAGES = ("nginx:v1", "nginx:v2", "nginx:v3", "nginx:v4", "nginx:v5")
LIMITS = (0, 1, 2, 3, 5, "0%", "10%", "25%", "33%", "50%", "100%")
SIZES = (0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 12)
NEVER = 550  # minReadySeconds that no sequence lives to see
# (minReadySeconds, progressDeadlineSeconds): the server asks that the deadline be the longer one.
WAITS = ((0, 600), (0, 3), (1, 600), (2, 600), (1, 3), (2, 4), (NEVER, 600))
LINGER_SECONDS = 100_000  # the grace period of pods that stop only when a step says so
READY, UNREADY, TERMINATING, FAILED = range(4)
REVISION = "deployment.kubernetes.io/revision"
SHORT_SECONDS = 60


@dataclass(frozen=True)
class Traits:
    """What sets a sequence apart. `by_hand`: hands on ReplicaSets and pods; `timed`: minReadySeconds and deadlines are drawn;
    `slow`: pods that are told to stop stay until a step lets them go."""

    by_hand: bool
    timed: bool
    slow: bool

    @classmethod
    def of(cls, seed: int) -> "Traits":
        return cls(by_hand=seed % 2 == 1, timed=seed % 3 == 1, slow=seed % 5 in (2, 4))


class Drawing:
    """`state` is the last one; `random` is asked in the same order each time."""

    def __init__(self, seed: int) -> None:
        self.random, self.traits = random.Random(seed), Traits.of(seed)
        self.state: Json = {}
        self.drawn = 0

    def first(self) -> Json:
        return {"apply": self.manifest()}

    def next(self, state: Json) -> Json:
        self.state = state
        self.drawn += 1
        if state["deployment"] is None:
            return {"apply": self.manifest()}
        options = [each for each in (*self.edits(), *self.of_pods(), *self.hands()) if each[0]]
        weights = [weight for weight, _ in options]
        return self.random.choices([draw for _, draw in options], weights)[0]()

    # Manifests

    def manifest(self) -> Json:
        pod: Json = {
            "containers": [{"name": "nginx", "image": self.pick(IMAGES[:2]), "ports": [{"containerPort": 80}]}]
        }
        if self.traits.slow:
            pod["terminationGracePeriodSeconds"] = LINGER_SECONDS
        spec: Json = {
            "replicas": self.pick(SIZES),
            "selector": {"matchLabels": {"app": "nginx"}},
            "template": {"metadata": {"labels": {"app": "nginx"}}, "spec": pod},
        }
        kind = self.random.random()
        if kind < 0.2:
            spec["strategy"] = {"type": "Recreate"}
        elif kind < 0.85:
            spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": self.limits()}
        history = self.pick((None, None, None, 0, 1, 2, 3))
        if history is not None:
            spec["revisionHistoryLimit"] = history
        if self.traits.timed:
            spec |= self.waits()
        if self.random.random() < 0.04:
            spec["paused"] = True
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "nginx"}, "spec": spec}

    def limits(self) -> Json:
        while True:
            surge, unavailable = self.pick(LIMITS), self.pick(LIMITS)
            if {surge, unavailable} - {0, "0%"}:
                return {"maxSurge": surge, "maxUnavailable": unavailable}

    def waits(self) -> Json:
        ready, deadline = self.pick(WAITS)
        return {"minReadySeconds": ready, "progressDeadlineSeconds": deadline}

    # Edits of the Deployment

    def edits(self) -> list[tuple[int, Draw]]:
        found, several = self.state["deployment"], len(self.owned()) > 1
        rolling, paused, timed = found["strategy"]["type"] == "RollingUpdate", found["paused"], self.traits.timed
        return [
            (13, lambda: {"set-image": {"nginx": self.pick(IMAGES)}}),
            (10, lambda: {"scale": self.random.randint(0, 12)}),
            (7 * rolling, lambda: spec(strategy={"rollingUpdate": self.limits()})),
            (4 * rolling, lambda: spec(strategy={"type": "Recreate", "rollingUpdate": None})),
            (9 * (not rolling), lambda: spec(strategy={"type": "RollingUpdate", "rollingUpdate": self.limits()})),
            (14 * paused, lambda: {"resume": {}}),
            (5 * (not paused), lambda: {"pause": {}}),
            (7 * (several and not paused), self.undo),
            (2 * (not paused), lambda: {"restart": f"2026-11-25T{self.random.randint(0, 23):02}:{self.drawn:02}:00Z"}),
            (3, lambda: template(spec={"containers": [{"name": "nginx", "env": [{"name": "E", "value": self.pick("012")}]}]})),
            (2, lambda: template(metadata={self.pick(("labels", "annotations")): {"tier": self.pick("xyz")}})),
            (2, lambda: {"patch": {"metadata": {"annotations": {self.pick(("kubernetes.io/change-cause", "note")): self.pick("0123")}}}}),
            (1, lambda: {"patch": {"metadata": {"labels": {"team": self.pick("ab")}}}}),
            (2, lambda: spec(revisionHistoryLimit=self.pick((0, 1, 2, 5)))),
            (5, self.several_at_once),
            (10 * timed, lambda: spec(**self.waits())),
        ]  # fmt: skip

    def undo(self) -> Json:
        if self.random.random() < 0.6:
            return {"undo": {}}
        return {
            "undo": {
                "to-revision": int(
                    self.pick(sorted({each["annotations"].get(REVISION, "1") for each in self.owned().values()}))
                )
            }
        }

    def several_at_once(self) -> Json:
        changes: Json = {"replicas": self.random.randint(0, 12)}
        if self.random.random() < 0.8:
            changes["template"] = {"spec": {"containers": [{"name": "nginx", "image": self.pick(IMAGES)}]}}
        if self.state["deployment"]["strategy"]["type"] == "RollingUpdate" and self.random.random() < 0.5:
            changes["strategy"] = {"rollingUpdate": self.limits()}
        if self.traits.timed and self.random.random() < 0.3:
            changes |= self.waits()
        if self.random.random() < 0.15:
            changes["paused"] = not self.state["deployment"]["paused"]
        return spec(**changes)

    # Readiness and deletion of pods

    def of_pods(self) -> list[tuple[int, Draw]]:
        ready, unready = self.having(READY), self.having(UNREADY)
        lingering = self.having(TERMINATING) if self.traits.slow else {}
        return [
            (32 * bool(unready), lambda: self.count("ready", unready)),
            (5 * bool(ready), lambda: self.count("unready", ready)),
            (5 * bool(ready), lambda: {"delete-pod": {self.pick(sorted(ready)): "ready"}}),
            (3 * bool(unready), lambda: {"delete-pod": {self.pick(sorted(unready)): "unready"}}),
            (3 * bool(ready), lambda: {"fail-pod": {self.pick(sorted(ready)): "ready"}}),
            (25 * bool(lingering), lambda: self.count("gone", lingering)),
        ]

    def count(self, verb: str, pods: dict[str, int]) -> Json:
        number = self.pick(sorted(pods))
        return {verb: {number: self.pick((1, pods[number], self.random.randint(1, pods[number])))}}

    # By hand, around the Deployment

    def hands(self) -> list[tuple[int, Draw]]:
        if not self.traits.by_hand:
            return []
        owned, sets = sorted(self.owned(), key=int), self.state["replicasets"]
        foreign = sorted((key for key, each in sets.items() if not each["owned"]), key=int)
        ready, orphans = self.having(READY), self.state["pods"].get("-", [0, 0, 0, 0])
        loose = orphans[READY] + orphans[UNREADY]
        there = bool(owned)
        return [
            (7 * there, lambda: {"scale-rs": {self.pick(owned): self.random.randint(0, 8)}}),
            (4 * there, lambda: {"delete-rs": self.pick(owned)}),
            (2 * there, lambda: {"delete-rs-orphan": self.pick(owned)}),
            (2 * there, lambda: {"label-rs": {self.pick(owned): {"extra": self.pick("xy")}}}),
            (3 * there, lambda: {"label-rs": {self.pick(owned): {"app": "other"}}}),
            (9 * bool(foreign), lambda: {"label-rs": {self.pick(foreign): {"app": "nginx"}}}),
            (1 * there, lambda: {"annotate-rs": {self.pick(owned): {"deployment.kubernetes.io/desired-replicas": self.pick("012345")}}}),
            (2 * there, lambda: {"patch-rs": {self.pick(owned): {"spec": {"minReadySeconds": self.pick((0, NEVER))}}}}),
            (3, lambda: {"make-rs": {"name": f"hand-{self.drawn}", "replicas": self.random.randint(0, 4)}}),
            (5 * bool(ready), lambda: {"label-pod": {self.pick(sorted(ready)): {"app": "other"}}}),
            (2 * bool(ready), lambda: {"label-pod": {self.pick(sorted(ready)): {"extra": "x"}}}),
            (9 * bool(loose), lambda: {"label-loose": {"app": "nginx"}}),
            (3 * there, lambda: {"make-pod": self.pick(owned)}),
            (1, lambda: {"delete": self.pick(("Orphan", "Orphan", "Background", "Foreground") if not self.traits.slow else ("Orphan",))}),
        ]  # fmt: skip

    # Looking at the state

    def owned(self) -> Json:
        return {key: each for key, each in self.state["replicasets"].items() if each["owned"]}

    def having(self, place: int) -> dict[str, int]:
        """Numbers of ReplicaSets that have such pods, and how many; of terminating pods their owner need not be there."""
        known = (
            self.state["pods"] if place == TERMINATING else {key: self.state["pods"].get(key) for key in self.owned()}
        )
        return {key: counts[place] for key, counts in known.items() if counts and counts[place]}

    def pick(self, choices: Any) -> Any:
        return self.random.choice(choices)


def spec(**fields: Any) -> Json:
    return {"patch": {"spec": fields}}


def template(**fields: Any) -> Json:
    return spec(template=fields)
