"""What a rehearsal records about its Deployment and the objects that it owns or has owned."""

from collections.abc import Mapping
from typing import Any

from cluster.core.controllers.revisions import REVISION
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    Explanation,
    Kept,
    Node,
    Object,
    Pod,
    ReplicaSet,
    Update,
)
from cluster.core.recorder import Recorder
from cluster.core.rehearsals.rehearsed import Frame, Json, Line, Rollout
from cluster.core.rehearsals.tally import Tally
from cluster.core.state import State

# By rule; pages have the same texts in their language (static/js/model/rehearsalwords.js).
RULES = {
    "created": "ReplicaSet {number} ({name}) created with {after}",
    "scaled": "ReplicaSet {number} ({name}) {before} -> {after}",
    "deleted": "ReplicaSet {number} ({name}) deleted",
    "complete": "Progressing: {reason} (complete)",
    "deadline": "Progressing: {reason} (the progress deadline has run out)",
}


class Notes:
    """`star` is (namespace, name) of the Deployment. Times are passed as times of the clock and kept as seconds since `began`."""

    def __init__(self, state: State, star: tuple[str, str], now: float) -> None:
        self.state, self.star, self.began = state, star, now
        self.mine: set[str] = set()  # the uids of the star and of its ReplicaSets, including those that are gone
        self.told: set[tuple[int, str]] = set()
        self.sizes: dict[str, ReplicaSet] = {}
        self.recorder = Recorder()
        self.tally = Tally()
        self.turn_page()
        self.look_around(now)

    def turn_page(self) -> None:
        """Begins new lists; the previous ones belong to their readers and are not added to."""
        self.lines: list[Line] = []
        self.frames: list[Frame] = []
        self.rollouts: list[Rollout] = []
        self.scalings: list[list[Any]] = []
        self.after_step: dict[str, Json] = {}
        self.events: list[list[str]] = []

    def look_around(self, now: float) -> None:
        """Reads the objects that exist already."""
        found = self.state.named("Deployment", *self.star)
        if found is None:
            return
        self.mine.add(found.uid)
        for replicaset in self.state.replicasets_of(found.uid).values():
            self.mine.add(replicaset.uid)
            self.sizes[replicaset.uid] = replicaset
            self.tally.take(Create(object=replicaset), now)
            for pod in self.state.group(replicaset.uid).everyone():
                self.tally.take(Create(object=pod), now)
        self.tally.look_at(found, now)

    def start_measuring(self, began: float) -> None:
        """Times, peaks and lows count from here; earlier rollouts and lines are dropped."""
        self.began = began
        self.tally.restart()
        self.rollouts, self.lines = [], []
        self.frames = [Frame(at=0.0, label="start", counts=self.counts())] if self.sizes else []

    def begin_rollout(self, now: float) -> None:
        self.rollouts.append(Rollout(revision="", started_at=now - self.began))

    def say(self, now: float, kind: str, text: str) -> None:
        self.lines.append(Line(at=now - self.began, kind=kind, text=text))

    def say_rule(
        self, now: float, kind: str, rule: str, inputs: Mapping[str, Any], why: Explanation | None = None
    ) -> None:
        """Adds a line whose text is made by RULES."""
        text = RULES[rule].format(**inputs)
        self.lines.append(Line(at=now - self.began, kind=kind, text=text, why=why, rule=rule, inputs=inputs))

    def say_once(self, key: tuple[int, str], now: float, text: str) -> None:
        """Adds a line about a trouble, once per `key`: a ReplicaSet's number (0: none) and what is wrong."""
        if key not in self.told:
            self.told.add(key)
            self.say(now, "trouble", text)

    def take(self, change: Change, now: float) -> None:
        if isinstance(change, Event):
            self.take_event(change, now)
        elif self.concerns(change.object):
            self.tally.take(change, now)
            if isinstance(change.object, ReplicaSet):
                self.take_replicaset(change, change.object, now)

    def concerns(self, thing: Object) -> bool:
        if isinstance(thing, Pod):
            return thing.owner_uid in self.mine or self.tally.knows(thing.uid)
        if isinstance(thing, Node | Kept):
            return False
        is_mine = thing.owner_uid in self.mine if isinstance(thing, ReplicaSet) else self.is_star(thing)
        if is_mine:
            self.mine.add(thing.uid)
        return thing.uid in self.mine

    def is_star(self, thing: Deployment) -> bool:
        return (thing.namespace, thing.name) == self.star

    def take_event(self, event: Event, now: float) -> None:
        if event.kind == "Pod" and event.type == "Warning":
            self.take_trouble(event, now)
        elif event.kind == "ReplicaSet" and event.type == "Warning" and event.uid in self.mine:
            self.take_refused_pod(event, now)
        elif event.kind == "Deployment" and event.uid in self.mine:
            written = self.recorder.record(event, now)
            if written:
                self.events.append([written.reason, written.message])

    def take_trouble(self, event: Event, now: float) -> None:
        """Adds a line for a warning about a pod, once for each ReplicaSet and reason."""
        pod = self.state.pods.get(event.uid)
        if pod is None or not self.concerns(pod):
            return
        owner = self.state.replicasets.get(pod.owner_uid or "")
        text = f"Pod {pod.name}: {event.reason}: {event.message.split(': rpc error', 1)[0]}"
        self.say_once((owner.number if owner else 0, event.reason), now, text)

    def take_refused_pod(self, event: Event, now: float) -> None:
        """Adds a line for a pod that was refused, once for each ReplicaSet and reason."""
        owner = self.state.replicasets.get(event.uid)
        if owner is not None:
            text = f"ReplicaSet {owner.number}: {event.reason}: {event.message.partition('is forbidden: ')[2]}"
            self.say_once((owner.number, event.reason), now, text)

    def take_replicaset(self, change: Create | Update | Delete, new: ReplicaSet, now: float) -> None:
        before = self.sizes.get(new.uid)
        if isinstance(change, Delete):
            self.scalings.append([new.number, "deleted", None])
            self.say_rule(now, "scaling", "deleted", {"number": new.number, "name": new.name}, change.why)
            self.sizes.pop(new.uid, None)
            return
        self.sizes[new.uid] = new
        if before is None or before.replicas != new.replicas:
            self.take_scaling(change, before, new, now)

    def take_scaling(self, change: Create | Update, before: ReplicaSet | None, new: ReplicaSet, now: float) -> None:
        self.scalings.append([new.number, before.replicas if before else None, new.replicas])
        rule, sizes = ("created", {}) if before is None else ("scaled", {"before": before.replicas})
        inputs = {"number": new.number, "name": new.name, **sizes, "after": new.replicas}
        self.say_rule(now, "scaling", rule, inputs, change.why)
        direction = "up" if before is None or before.replicas < new.replicas else "down"
        label = f"{new.number} {direction} to {new.replicas}"
        self.frames.append(Frame(at=now - self.began, label=label, counts=self.counts()))

    def look_at_rollout(self, deployment: Deployment | None, now: float, *, is_complete: bool) -> None:
        """Updates the present rollout, if there is one."""
        rollout = self.rollouts[-1] if self.rollouts else None
        if rollout and rollout.ended_at is None and is_complete:
            rollout.ended_at = now - self.began
        if rollout and deployment:
            rollout.revision = deployment.annotations.get(REVISION, "")

    def counts(self) -> dict[int, int]:
        """The desired replicas, by ReplicaSet number."""
        return {each.number: each.replicas for each in self.sizes.values()}

    def replicasets(self) -> list[ReplicaSet]:
        """The star's ReplicaSets and those that it has released, as they are now."""
        return [self.state.replicasets[uid] for uid in self.sizes if uid in self.state.replicasets]
