"""A story played on the running cluster, for people to watch: each step is one action, waits watch the cluster itself."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cluster import actions, clock, documents, journal, models, pacing, staging, statuses
from cluster.core import conditions, edits, kubelet, status
from cluster.core.objects import Deployment, Family, Manifest
from cluster.core.podgroups import PodGroups
from cluster.core.rehearsal import PAUSED_CLOCK, command
from cluster.core.stories import Story, StoryError
from cluster.snapshot import load

ACTOR = "story"
POLL_SECONDS = 0.1
UNMOVED_SECONDS = 3600.0
Tell = Callable[[str], None]


def play(story: Story, namespace: str, tell: Tell) -> None:
    """Raises StoryError where a step can't be played or a wait is in vain; what was done until then stays."""
    if not journal.worker_alive():
        raise StoryError("no worker is running; start one with `make demo` or `manage.py runworker reconciler`")
    staging.behave(namespace, story.behaviours, actor=ACTOR)
    player = Player(story, namespace, tell)
    for step in story.steps:
        if step.verb != "say":
            tell(f"> {command(step)}")
        try:
            player.verbs[step.verb](step.value)
        except (statuses.Refused, StoryError) as error:
            raise step.problem(str(error).removeprefix("error: ")) from error


class Player:
    """A story's verbs as actions on one namespace."""

    def __init__(self, story: Story, namespace: str, tell: Tell) -> None:
        self.namespace, self.name, self.tell = namespace, story.deployment_name, tell
        named: dict[str, Any] = {"actor": ACTOR}
        where = (namespace, self.name)
        self.verbs: Mapping[str, Callable[[Any], Any]] = {
            "apply": self.apply,
            "set-image": lambda images: actions.set_images(*where, images, **named),
            "scale": lambda replicas: actions.scale(*where, replicas, **named),
            "patch": self.patch,
            "pause": lambda _: actions.pause(*where, **named),
            "resume": lambda _: actions.resume(*where, **named),
            "restart": lambda _: actions.restart(*where, **named),
            "undo": lambda revision: actions.undo(*where, revision, **named),
            "delete": lambda _: actions.delete(*where, **named),
            "delete-pod": lambda counts: staging.delete_pods(*where, counts, **named),
            "drain": lambda node: staging.drain(namespace, node, **named),
            "uncordon": lambda node: staging.cordon(node, cordoned=False, **named),
            "break": lambda failing: staging.break_images(namespace, failing, **named),
            "heal": lambda image: staging.heal_image(namespace, image, **named),
            "pace": self.set_pace,
            "wait": self.wait,
            "ready": lambda counts: self.turn(counts, ready=True),
            "unready": lambda counts: self.turn(counts, ready=False),
            "say": self.say,
        }

    def apply(self, manifest: Manifest) -> None:
        """Into the namespace that it is played in."""
        metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
        wanted = {**manifest, "metadata": metadata}
        if models.Deployment.objects.filter(namespace__name=self.namespace, name=self.name).exists():
            self.change(lambda deployment: edits.apply(deployment, wanted), "configured")
        else:
            actions.create(self.namespace, documents.dump(edits.with_last_applied(wanted)), actor=ACTOR)

    def patch(self, patch: Manifest) -> None:
        self.change(lambda deployment: edits.patch(deployment, patch), "patched")

    def change(self, edit: Callable[[Deployment], Deployment], done: str) -> None:
        def make(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001 the shape of an Edit
            return edit(deployment)

        actions.change(self.namespace, self.name, make, done, actor=ACTOR)

    def turn(self, counts: Mapping[int, int], *, ready: bool) -> None:
        """In a rehearsal the controllers have seen the step before; here that may take a moment."""
        self.settle()
        staging.turn(self.namespace, self.name, counts, ready=ready, actor=ACTOR)

    def say(self, text: str) -> None:
        self.tell(f"# {text}")
        staging.say(self.namespace, text, actor=ACTOR)

    def set_pace(self, pace: float | str) -> None:
        if isinstance(pace, str):
            self.settle()
            pacing.step(self.namespace, actor=ACTOR)
        else:
            pacing.set_pace(self.namespace, pace, actor=ACTOR)

    def wait(self, until: float | str) -> None:
        if models.Namespace.objects.get(name=self.namespace).pace == 0:
            raise StoryError(PAUSED_CLOCK)
        if isinstance(until, float):
            self.wait_seconds(until)
            return
        self.settle()
        done = {"complete": is_complete, "failed": has_failed, "quiet": is_quiet}[until]
        for family, unmoved in self.watch():
            if done(family):
                return
            if until != "failed" and has_failed(family):
                raise StoryError(f"waited for {until}, but the progress deadline has run out")
            if until == "failed" and is_complete(family):
                raise StoryError("waited for failed, but the rollout is complete")
            if unmoved > UNMOVED_SECONDS:
                raise StoryError(f"waited for {until}, but nothing has moved for {unmoved:.0f} s")

    def wait_seconds(self, seconds: float) -> None:
        end = self.now() + seconds
        while self.now() < end:
            time.sleep(POLL_SECONDS)

    def watch(self) -> Iterator[tuple[Family, float]]:
        """(the family, for how many simulated seconds its Deployment's counts have not changed), again and again."""
        moved, counts = self.now(), None
        while True:
            family = self.family()
            if family.deployment and family.deployment.status != counts:
                counts, moved = family.deployment.status, self.now()
            yield family, self.now() - moved
            time.sleep(POLL_SECONDS)

    def settle(self) -> None:
        """Until the controllers have seen the newest edit."""
        for family, _ in self.watch():
            deployment = family.deployment
            if deployment is None or deployment.status.observed_generation >= deployment.generation:
                return

    def family(self) -> Family:
        row = models.Deployment.objects.filter(namespace__name=self.namespace, name=self.name)
        found = row.select_related("family__namespace").first()
        return load(found.family).family if found else Family(deployment=None)

    def now(self) -> float:
        return clock.simulated(models.Namespace.objects.get(name=self.namespace), time.time())


def is_complete(family: Family) -> bool:
    return family.deployment is not None and status.is_complete(family.deployment, family.deployment.status)


def has_failed(family: Family) -> bool:
    found = family.deployment and conditions.find(family.deployment.status.conditions, "Progressing")
    return bool(found and found.reason == status.TIMED_OUT)


def is_quiet(family: Family) -> bool:
    return not kubelet.is_moving(PodGroups(family.pods.values()).waiting())
