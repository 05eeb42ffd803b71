"""A story's steps, played on the stage of a rehearsal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.manifests.verbs import VERBS, Edit, Moment
from cluster.core.nodes import behaviour, kubelet
from cluster.core.objects import Change, Create, Delete, ImageBehaviour, Manifest, Pod, Update
from cluster.core.policies import evictions, reading
from cluster.core.rehearsals.rehearsed import EXCEEDED, SETTLED, STUCK, quiet_state
from cluster.core.rehearsals.stage import Stage, check_size
from cluster.core.rehearsals.step_text import command
from cluster.core.rehearsals.stories.story import Step, StoryError
from cluster.core.services import reading as services
from cluster.core.services.index import SERVICE
from cluster.core.state import State

START = 1_000_000.0
STEP_SECONDS = 0.01
DRAIN_SECONDS = 5.0  # kubectl drain: "will retry after 5s"
ENDED = {SETTLED: "the rollout is complete", STUCK: "the rollout is stuck", EXCEEDED: "the progress deadline passed"}
PAUSED_CLOCK = "the clock is paused, so nothing would come of waiting; `pace: 1x` lets it run"


class Player(Stage):
    """A stage with the verbs of a story, which act on its star."""

    def __init__(
        self, name: str, state: State, now: float, star: tuple[str, str], *, is_recorded: bool = False
    ) -> None:
        super().__init__(name, state, now, star)
        self.is_recorded = is_recorded
        self.is_paused = False
        self.draining: dict[str, float] = {}  # node -> when its refused evictions are retried
        self.verbs: dict[str, Callable[[Any], None]] = {
            **{name: partial(self.make, verb.edit) for name, verb in VERBS.items() if verb.edit},
            "apply": self.apply,
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
            "say": lambda text: self.notes.say(self.now, "say", text),
        }

    def play(self, step: Step, *, ripens: bool = False) -> None:
        """Plays a step. `ripens`: where pods become ready by themselves, the step's quiet state is taken after minReadySeconds,
        as it was recorded."""
        self.now += STEP_SECONDS
        if step.verb != "say":
            self.notes.say(self.now, "step", command(step))
        try:
            self.verbs[step.verb](step.value)
        except (edits.EditError, StoryError) as error:
            raise step.problem(str(error).removeprefix("error: ")) from error
        while ripens and self.due is not None and self.due <= self.now + self.deployment.min_ready_seconds:
            self.tick(self.due)
        if self.found:
            self.notes.after_step[str(step.index)] = quiet_state(self.found, self.notes.replicasets())

    def make(self, edit: Edit, value: Any) -> None:
        owned = self.state.replicasets_of(self.deployment.uid).values()
        self.edit(edit(self.deployment, value, Moment(now=self.now, owned=owned)))

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

    def delete_pods(self, counts: Mapping[int, int]) -> None:
        for number, count in counts.items():
            found = [pod for pod in self.pods_of(number) if pod.deleted_at is None]
            self.check_enough(number, found, count, "that could be deleted")
            self.change([change for pod in found[:count] for change in terminate(pod, self.now)])

    def apply_rule(self, manifest: Manifest) -> None:
        """Creates or updates a ResourceQuota, LimitRange, PodDisruptionBudget or Service in the star's namespace."""
        new = reading.read(manifest, self.star[0])
        if new.resource == SERVICE:
            spec = services.with_address(new.manifest["spec"], new.uid)
            new = replace(new, manifest={**new.manifest, "spec": spec})
        old = self.state.kept.get(new.uid)
        self.change([Create(object=new) if old is None else Update(object=reading.over(old, new))])

    def drain(self, name: str) -> None:
        """Cordons a node and evicts the pods there. Evictions that budgets refuse are retried, as kubectl does, while the story
        continues."""
        self.change([self.cordoned(name, cordoned=True)])
        self.draining[name] = self.now
        self.try_again()

    def try_again(self) -> None:
        for name in [each for each, at in self.draining.items() if at <= self.now]:
            staying = [pod for pod in self.state.pods_on(name).values() if pod.deleted_at is None]
            going, counted, refused = evictions.evict_all(staying, self.state.rules.covering, self.now)
            del self.draining[name]
            if refused:
                self.draining[name] = self.now + DRAIN_SECONDS
                self.note_refused(name, refused)
            gone = [change for pod in going for change in terminate(pod, self.now)]
            self.change([*(Update(object=each) for each in counted), *gone])

    def tried_at(self) -> float | None:
        return min(self.draining.values(), default=None)

    def note_refused(self, node: str, refused: list[evictions.NotEvicted]) -> None:
        """Adds a line about the refused evictions, once for each budget."""
        for error in refused:
            text = f"The drain of {node} waits: {error.cause or error}"
            self.notes.say_once((0, f"{node} {error.budget}"), self.now, text)

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
        """Makes the oldest pods of each ReplicaSet that are not ready (or are) ready (or unready), all at one time."""
        turned: list[Change] = []
        for number, count in counts.items():
            word = "that run and are not ready" if ready else "that are ready"
            found = [pod for pod in self.pods_of(number) if can_turn(pod, ready=ready)]
            self.check_enough(number, found, count, word)
            turned += [Update(object=kubelet.turned(pod, self.now, ready=ready)) for pod in found[:count]]
        self.change(turned)

    def set_pace(self, pace: float | str) -> None:
        """The pace of the clock does not matter to a rehearsal; whether the clock is paused does."""
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
            raise StoryError(f"waited for {until}, but {ENDED[self.outcome()]} after {self.elapsed:.1f} s")

    def pods_of(self, number: int) -> list[Pod]:
        """The active pods of the ReplicaSet with that number (0: the newest), oldest first. Raises StoryError where there is
        none."""
        living = {each.number: each.uid for each in self.notes.replicasets()}
        uid = living.get(number or max(living, default=0))
        if uid is None:
            known = ", ".join(map(str, sorted(living))) or "none"
            raise StoryError(f"there is no ReplicaSet {number or 'yet'}; there are {known}")
        return list(self.state.group(uid).active.values())

    def check_enough(self, number: int, found: list[Pod], count: int, word: str) -> None:
        """Raises StoryError if fewer than `count` pods were found. Recordings leave out what was done by hand, so they may name
        pods that don't exist."""
        if len(found) < count and not self.is_recorded:
            raise StoryError(f"ReplicaSet {number} has {len(found)} pods {word}, expected {count}")


def can_turn(pod: Pod, *, ready: bool) -> bool:
    return pod.deleted_at is None and pod.phase == "Running" and pod.ready is not ready
