"""A rehearsal: the controllers on a clock that jumps to the next due time. No database, no waiting."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cluster.core.controllers import conditions, status
from cluster.core.controllers.replicaset import terminate
from cluster.core.controllers.revisions import REVISION
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest, timestamp
from cluster.core.nodes import behaviour, kubelet
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    ImageBehaviour,
    Kept,
    Manifest,
    Node,
    Object,
    Pod,
    ReplicaSet,
    Update,
)
from cluster.core.policies import evictions, reading
from cluster.core.reconcile import reconcile
from cluster.core.recorder import Recorder
from cluster.core.rehearsals.rehearsed import (
    EXCEEDED,
    SETTLED,
    STUCK,
    Frame,
    Line,
    Notes,
    Rehearsed,
    Rollout,
    quiet_state,
)
from cluster.core.rehearsals.stories import Step, Story, StoryError
from cluster.core.rehearsals.tally import Tally
from cluster.core.state import State

START = 1_000_000.0
STEP_SECONDS = 0.01
DRAIN_SECONDS = 5.0  # kubectl drain: "will retry after 5s"
UNMOVED_SECONDS = 3600.0
MOST_MOMENTS = 200_000
MOST_PODS = 100_000
PAUSED_CLOCK = "the clock is paused, so nothing would come of waiting; `pace: 1x` lets it run"


def rehearse(story: Story, *, measure_from: int = 0) -> Rehearsed:
    """Plays a story to its end. Duration, peaks and lows count from the step of index `measure_from`."""
    state = State(story.nodes, {"": story.behaviours})
    stage = Stage(story.name, state, START, story.deployment, is_recorded=story.is_recorded, purpose=story.purpose)
    for each in story.objects:
        stage.apply_rule(each)
    ripens = story.is_recorded and story.behaviours == (behaviour.INSTANT,)
    problem = ""
    try:
        for step in story.steps:
            if step.index == measure_from:
                stage.start_measuring(stage.now + STEP_SECONDS)  # when the step is played
            stage.play(step, ripens=ripens)
        stage.run_out()
    except StoryError as error:
        problem = str(error)
    return stage.result(problem)


def forecast(state: State, now: float, after: Deployment, *, watch: Callable[[], None] = lambda: None) -> Rehearsed:
    """What comes of it if a Deployment becomes `after` now; the state stays as it is. `watch` is called at every moment of the
    clock, and may raise to end it."""
    stage = Stage(after.name, state.copy(), now, (after.namespace, after.name))
    stage.watch = watch
    stage.settle()  # what the controllers look at anyway, so that the edit finds an empty queue, as in a story
    stage.start_measuring(now)
    stage.edit(after)
    stage.run_out()
    return stage.result("")


class Stage:
    """A cluster, a clock, and the verbs of a story. `star` is (namespace, name) of the Deployment that the verbs mean and whose
    pods are counted; others may be there."""

    def __init__(
        self,
        name: str,
        state: State,
        now: float,
        star: tuple[str, str],
        *,
        is_recorded: bool = False,
        purpose: str = "",
    ) -> None:
        self.name, self.purpose, self.state, self.star, self.is_recorded = name, purpose, state, star, is_recorded
        self.now = self.began = now
        self.mine: set[str] = set()  # the uids of the star and of its ReplicaSets, those that are gone among them
        self.due: float | None = None
        self.recorder = Recorder()
        self.tally = Tally()
        self.notes = Notes()
        self.watch: Callable[[], None] = lambda: None
        self.is_paused = False
        self.completed_at: float | None = None
        self.told: set[tuple[int, str]] = set()
        self.draining: dict[str, float] = {}  # nodes, and when the pods that may not be evicted yet are asked for again
        self.look_around()
        self.verbs: dict[str, Callable[[Any], None]] = {
            "apply": self.apply,
            "set-image": lambda images: self.edit(edits.set_images(self.deployment, images)),
            "scale": lambda replicas: self.edit(edits.scale(self.deployment, replicas)),
            "patch": lambda patch: self.edit(edits.patch(self.deployment, patch)),
            "pause": lambda _: self.edit(edits.pause(self.deployment)),
            "resume": lambda _: self.edit(edits.resume(self.deployment)),
            "restart": lambda _: self.edit(edits.restart(self.deployment, timestamp(self.now))),
            "undo": self.undo,
            "delete": lambda _: self.change([Delete(object=self.deployment)]),
            "delete-pod": self.delete_pods,
            "drain": self.drain,
            "uncordon": lambda name: self.change([self.cordoned(name, cordoned=False)]),
            "break": self.break_images,
            "heal": self.heal_image,
            "pace": self.set_pace,
            "wait": self.wait,
            "ready": lambda counts: self.turn(counts, ready=True),
            "unready": lambda counts: self.turn(counts, ready=False),
            "say": lambda text: self.say("say", text),
        }

    def look_around(self) -> None:
        """What is there already."""
        if self.found is None:
            return
        self.mine.add(self.found.uid)
        for replicaset in self.state.replicasets_of(self.found.uid).values():
            self.mine.add(replicaset.uid)
            self.notes.sizes[replicaset.uid] = replicaset
            self.tally.take(Create(object=replicaset), self.now)
            for pod in self.state.group(replicaset.uid).everyone():
                self.tally.take(Create(object=pod), self.now)
        self.tally.look_at(self.found, self.now)

    def play(self, step: Step, *, ripens: bool = False) -> None:
        """`ripens`: where pods become ready by themselves, a step's quiet state comes after minReadySeconds, as it was recorded."""
        self.now += STEP_SECONDS
        if step.verb != "say":
            self.say("step", command(step))
        try:
            self.verbs[step.verb](step.value)
        except (edits.EditError, StoryError) as error:
            raise step.problem(str(error).removeprefix("error: ")) from error
        while ripens and self.due is not None and self.due <= self.now + self.deployment.min_ready_seconds:
            self.tick(self.due)
        if self.found:
            self.notes.after_step[str(step.index)] = quiet_state(self.found, self.replicasets())

    def apply(self, manifest: Manifest) -> None:
        if reading.is_rule(manifest):
            self.apply_rule(manifest)
        elif self.found:
            self.edit(edits.apply(self.found, manifest))
        else:
            full = defaults.default_deployment(edits.with_last_applied(manifest))
            made = deployment_from_manifest(full, uid="deployment", now=self.now)
            check_size(made)
            self.begin_rollout()
            self.change([Create(object=made)])

    def undo(self, revision: int) -> None:
        self.edit(edits.undo(self.deployment, self.state.replicasets_of(self.deployment.uid).values(), revision))

    def delete_pods(self, counts: Mapping[int, int]) -> None:
        for number, count in counts.items():
            found = [pod for pod in self.pods_of(number) if pod.deleted_at is None]
            self.check_enough(number, found, count, "that could be deleted")
            self.change([change for pod in found[:count] for change in terminate(pod, self.now)])

    def apply_rule(self, manifest: Manifest) -> None:
        """A ResourceQuota, LimitRange or PodDisruptionBudget in the namespace of the star."""
        new = reading.read(manifest, self.star[0])
        old = self.state.kept.get(new.uid)
        self.change([Create(object=new) if old is None else Update(object=reading.over(old, new))])

    def drain(self, name: str) -> None:
        """Cordons a node and evicts the pods there. Those that their budgets hold are asked for again and again, as kubectl
        does, while the story goes on."""
        self.change([self.cordoned(name, cordoned=True)])
        self.draining[name] = self.now
        self.drain_on()

    def drain_on(self) -> None:
        for name in [each for each, at in self.draining.items() if at <= self.now]:
            staying = [pod for pod in self.state.pods_on(name).values() if pod.deleted_at is None]
            going, counted, refused = evictions.evict_all(staying, self.state.rules.covering, self.now)
            del self.draining[name]
            if refused:
                self.draining[name] = self.now + DRAIN_SECONDS
                self.note_refused(name, refused)
            gone = [change for pod in going for change in terminate(pod, self.now)]
            self.change([*(Update(object=each) for each in counted), *gone])

    def note_refused(self, node: str, refused: list[evictions.NotEvicted]) -> None:
        """Once for each reason."""
        for text in dict.fromkeys(error.cause or str(error) for error in refused):
            if (0, f"{node} {text}") not in self.told:
                self.told.add((0, f"{node} {text}"))
                self.say("trouble", f"The drain of {node} waits: {text}")

    def cordoned(self, name: str, *, cordoned: bool) -> Update:
        if name not in self.state.nodes:
            raise StoryError(f'nodes "{name}" not found; there are {", ".join(self.state.nodes)}')
        return Update(object=replace(self.state.nodes[name], unschedulable=cordoned))

    def break_images(self, broken: tuple[ImageBehaviour, ...]) -> None:
        self.behave(behaviour.broken(self.state.behaviours_of(""), broken))

    def heal_image(self, image: str) -> None:
        self.behave(behaviour.healed(self.state.behaviours_of(""), image))

    def behave(self, behaviours: tuple[ImageBehaviour, ...]) -> None:
        self.state.set_behaviours("", behaviours)
        self.change(kubelet.look_again(self.state, self.now))

    def turn(self, counts: Mapping[int, int], *, ready: bool) -> None:
        """The oldest pods of a ReplicaSet that are not ready (or are) become so, in one moment."""
        turned: list[Change] = []
        for number, count in counts.items():
            word = "that run and are not ready" if ready else "that are ready"
            found = [pod for pod in self.pods_of(number) if can_turn(pod, ready=ready)]
            self.check_enough(number, found, count, word)
            turned += [Update(object=kubelet.turned(pod, self.now, ready=ready)) for pod in found[:count]]
        self.change(turned)

    def set_pace(self, pace: float | str) -> None:
        """How fast the clock runs is nothing to a rehearsal; whether it runs is."""
        if pace != "step":
            self.is_paused = pace == 0
        elif not self.is_paused:
            raise StoryError("the clock runs; pause it to go step by step")
        elif self.due is not None:
            self.tick(self.due)

    def wait(self, until: float | str) -> None:
        if self.is_paused:
            raise StoryError(PAUSED_CLOCK)
        if isinstance(until, float):
            self.advance(self.now + until)
            return
        done = {"complete": self.is_complete, "failed": self.has_failed, "quiet": self.is_quiet}[until]
        if not self.run_until(done):
            raise StoryError(f"waited for {until}, but the rollout is {self.outcome()} after {self.elapsed:.1f} s")

    def advance(self, end: float) -> None:
        while self.due is not None and self.due <= end:
            self.tick(self.due)
        self.tick(end)

    def run_until(self, done: Callable[[], bool]) -> bool:
        """False if nothing more would come of waiting."""
        counts, moved = self.counts(), self.now
        for _ in range(MOST_MOMENTS):
            if done():
                return True
            if self.due is None or self.has_failed() or self.now - moved > UNMOVED_SECONDS:
                return False
            self.tick(self.due)
            if self.counts() != counts:
                counts, moved = self.counts(), self.now
        return False

    def run_out(self) -> None:
        """After the last step: on to the end of the rollout, and of the pods that still stop."""
        if self.found and self.run_until(self.is_complete):
            self.run_until(lambda: not self.tally.terminating)

    def tick(self, now: float) -> None:
        self.watch()
        self.now = now
        self.tally.ripen(now)
        self.drain_on()
        self.settle()

    def edit(self, new: Deployment) -> None:
        edits.check(self.deployment, new)
        check_size(new)
        if new.template != self.deployment.template:
            self.begin_rollout()
        self.change([Update(object=new)] if new != self.deployment else [])

    def change(self, changes: list[Change]) -> None:
        self.state.apply(changes)
        for each in changes:
            self.note(each)
        self.settle()

    def settle(self) -> None:
        before = self.progress()
        result = reconcile(self.state, self.now)
        self.due = min((at for at in (result.due, *self.draining.values()) if at is not None), default=None)
        for each in result.changes:
            self.note(each)
        self.note_progress(before)
        rollout = self.notes.rollouts[-1] if self.notes.rollouts else None
        if rollout and rollout.ended_at is None and self.is_complete():
            rollout.ended_at = self.elapsed
        if rollout and self.found:
            rollout.revision = self.found.annotations.get(REVISION, "")
        if not self.is_complete():
            self.completed_at = None
        elif self.completed_at is None:
            self.completed_at = self.elapsed

    def note_progress(self, before: str) -> None:
        """Where a rollout ends, well or badly."""
        after = self.progress()
        if after != before and after in (status.NEW_AVAILABLE, status.TIMED_OUT):
            word = "complete" if after == status.NEW_AVAILABLE else "the progress deadline has run out"
            self.say("condition", f"Progressing: {after} ({word})")

    def note(self, change: Change) -> None:
        if isinstance(change, Event):
            self.note_event(change)
        elif self.concerns(change.object):
            self.tally.take(change, self.now)
            if isinstance(change.object, ReplicaSet):
                self.note_replicaset(change, change.object)

    def concerns(self, thing: Object) -> bool:
        """The star, what it owns, and what it once owned."""
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

    def note_event(self, event: Event) -> None:
        if event.kind == "Pod" and event.type == "Warning":
            self.note_trouble(event)
        written = (
            self.recorder.record(event, self.now) if event.uid in self.mine and event.kind == "Deployment" else None
        )
        if written:
            self.notes.events.append([written.reason, written.message])

    def note_trouble(self, event: Event) -> None:
        """A warning about a pod, once for its ReplicaSet and kind."""
        pod = self.state.pods.get(event.uid)
        if pod is None or not self.concerns(pod):
            return
        owner = self.state.replicasets.get(pod.owner_uid or "")
        number = owner.number if owner else 0
        if (number, event.reason) not in self.told:
            self.told.add((number, event.reason))
            self.say("trouble", f"Pod {pod.name}: {event.reason}: {event.message.split(': rpc error', 1)[0]}")

    def note_replicaset(self, change: Create | Update | Delete, new: ReplicaSet) -> None:
        before = self.notes.sizes.get(new.uid)
        if isinstance(change, Delete):
            self.notes.scalings.append([new.number, "deleted", None])
            self.say("scaling", f"ReplicaSet {new.number} ({new.name}) deleted", reason(change))
            self.notes.sizes.pop(new.uid, None)
            return
        self.notes.sizes[new.uid] = new
        if before is None or before.replicas != new.replicas:
            self.note_scaling(change, before, new)

    def note_scaling(self, change: Create | Update, before: ReplicaSet | None, new: ReplicaSet) -> None:
        self.notes.scalings.append([new.number, before.replicas if before else None, new.replicas])
        sizes = f"created with {new.replicas}" if before is None else f"{before.replicas} -> {new.replicas}"
        self.say("scaling", f"ReplicaSet {new.number} ({new.name}) {sizes}", reason(change))
        direction = "up" if before is None or before.replicas < new.replicas else "down"
        label = f"{new.number} {direction} to {new.replicas}"
        self.notes.frames.append(Frame(at=self.elapsed, label=label, counts=self.sizes()))

    def sizes(self) -> dict[int, int]:
        return {each.number: each.replicas for each in self.notes.sizes.values()}

    def begin_rollout(self) -> None:
        self.notes.rollouts.append(Rollout(revision="", started_at=self.elapsed))

    def start_measuring(self, began: float) -> None:
        self.began = began
        self.tally.restart()
        self.completed_at = None
        self.notes.rollouts.clear()
        self.notes.lines.clear()
        self.notes.frames = [Frame(at=0.0, label="start", counts=self.sizes())] if self.notes.sizes else []

    def say(self, kind: str, text: str, why: str = "") -> None:
        self.notes.lines.append(Line(at=self.elapsed, kind=kind, text=text, why=why))

    def pods_of(self, number: int) -> list[Pod]:
        """Of the ReplicaSet of that number (0: the newest), oldest first."""
        living = {each.number: each.uid for each in self.replicasets()}
        uid = living.get(number or max(living, default=0))
        if uid is None:
            known = ", ".join(map(str, sorted(living))) or "none"
            raise StoryError(f"there is no ReplicaSet {number or 'yet'}; there are {known}")
        return list(self.state.group(uid).active.values())

    def replicasets(self) -> list[ReplicaSet]:
        """The star's, and those that it has let go, as they are now."""
        return [self.state.replicasets[uid] for uid in self.notes.sizes if uid in self.state.replicasets]

    def check_enough(self, number: int, found: list[Pod], count: int, word: str) -> None:
        """Recordings leave out what was done by hand, so they may tell of pods that are not there."""
        if len(found) < count and not self.is_recorded:
            raise StoryError(f"ReplicaSet {number} has {len(found)} pods {word}, {count} are wanted")

    @property
    def deployment(self) -> Deployment:
        if self.found is None:
            raise StoryError("the Deployment is not there; an `apply` step makes it")
        return self.found

    @property
    def found(self) -> Deployment | None:
        found: Deployment | None = self.state.named("Deployment", *self.star)
        return found

    @property
    def elapsed(self) -> float:
        return self.now - self.began

    def progress(self) -> str:
        """The reason of the condition Progressing."""
        deployment = self.found
        found = deployment and conditions.find(deployment.status.conditions, conditions.PROGRESSING)
        return found.reason if found else ""

    def counts(self) -> tuple[int, ...]:
        found = self.found.status if self.found else None
        return (found.updated_replicas, found.replicas, found.available_replicas) if found else ()

    def is_complete(self) -> bool:
        deployment = self.found
        return deployment is not None and status.is_complete(deployment, deployment.status)

    def has_failed(self) -> bool:
        """The progress deadline has run out: what makes `kubectl rollout status` give up."""
        return self.progress() == status.TIMED_OUT

    def is_quiet(self) -> bool:
        """Nothing moves but what is tried again and again."""
        return self.due is None or not kubelet.is_moving(self.state.waiting())

    def outcome(self) -> str:
        if self.found is None or self.is_complete():
            return SETTLED
        return EXCEEDED if self.has_failed() else STUCK

    def result(self, problem: str) -> Rehearsed:
        settled = self.completed_at if self.outcome() == SETTLED else None
        return Rehearsed(
            name=self.name,
            purpose=self.purpose,
            outcome=self.outcome(),
            problem=problem,
            duration_seconds=round(self.elapsed if settled is None else settled, 3),
            peak_pods=self.tally.peak,
            peak_pods_with_terminating=self.tally.peak_with_terminating,
            min_available=self.tally.min_available or 0,
            floor_held=self.tally.floor_broken_at is None,
            rollouts=self.notes.rollouts,
            lines=self.notes.lines,
            frames=self.notes.frames,
            points=[each._replace(at=each.at - self.began) for each in self.tally.points],
            scalings=self.notes.scalings,
            after_step=self.notes.after_step,
            events=self.notes.events,
        )


def check_size(deployment: Deployment) -> None:
    """The ceiling counts: a surge makes pods too."""
    pods = deployment.replicas + max_surge(deployment)
    if pods > MOST_PODS:
        raise StoryError(f"{pods:,} pods are too many for a rehearsal; {MOST_PODS:,} are allowed")


def can_turn(pod: Pod, *, ready: bool) -> bool:
    return pod.deleted_at is None and pod.phase == "Running" and pod.ready is not ready


def reason(change: Create | Update | Delete) -> str:
    return change.why.text if change.why else ""


def command(step: Step) -> str:
    """A step in a few words."""
    value = step.value
    if step.verb == "apply":
        return f"apply {value['kind'].lower()}/{value['metadata']['name']}"
    if step.verb == "break":
        return "break " + ", ".join(f"{each.pattern}: {each.failure}" for each in value)
    if step.verb == "wait":
        return f"wait {value:g} s" if isinstance(value, float) else f"wait {value}"
    if step.verb == "pace":
        return f"pace {value:g}x" if value and isinstance(value, float) else f"pace {value or 'pause'}"
    if step.verb == "patch":
        return f"patch {json.dumps(value)}"
    if step.verb == "undo" and value:
        return f"undo to revision {value}"
    if isinstance(value, Mapping):
        return f"{step.verb} " + ", ".join(f"{key or 'newest'}: {each}" for key, each in value.items())
    return step.verb if value in (None, 0) else f"{step.verb} {value}"
