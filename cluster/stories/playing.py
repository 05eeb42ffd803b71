"""A story played on the running cluster, for people to watch: each step is one action, waits watch the cluster itself."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cluster import documents, models, statuses
from cluster.core.controllers import conditions, status
from cluster.core.manifests import edits
from cluster.core.nodes import kubelet
from cluster.core.objects import Deployment, Manifest, Pod
from cluster.core.policies import reading
from cluster.core.rehearsals.rehearsal import DRAIN_SECONDS, PAUSED_CLOCK, command
from cluster.core.rehearsals.stories import Story, StoryError
from cluster.core.state import State
from cluster.records import clock, journal
from cluster.records.rows import deployment_value
from cluster.spaces import Space
from cluster.stories import staging
from cluster.writing import actions, pacing, writes

ACTOR = "story"
POLL_SECONDS = 0.1
UNMOVED_SECONDS = 3600.0
Tell = Callable[[str], None]


def play(story: Story, space: Space, tell: Tell) -> None:
    """Raises StoryError where a step can't be played or a wait is in vain; what was done until then stays."""
    if not journal.worker_alive():
        raise StoryError("no worker is running; start one with `make demo` or `manage.py runworker reconciler`")
    staging.behave(space, story.behaviours, actor=ACTOR)
    player = Player(story, space, tell)
    for each in story.objects:
        staging.apply_rule(space, each, actor=ACTOR)
    for step in story.steps:
        if step.verb != "say":
            tell(f"> {command(step)}")
        try:
            player.verbs[step.verb](step.value)
        except (statuses.Refused, StoryError) as error:
            raise step.problem(str(error).removeprefix("error: ")) from error


class Player:
    """A story's verbs as actions in one namespace."""

    def __init__(self, story: Story, space: Space, tell: Tell) -> None:
        self.space, self.name, self.tell = space, story.deployment_name, tell
        self.draining: dict[str, float] = {}  # nodes, and when what their budgets hold is asked for again
        named: dict[str, Any] = {"actor": ACTOR}
        where = (space, self.name)
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
            "drain": self.drain,
            "uncordon": lambda node: staging.cordon(space.cluster, node, cordoned=False, **named),
            "break": lambda failing: staging.break_images(space, failing, **named),
            "heal": lambda image: staging.heal_image(space, image, **named),
            "pace": self.set_pace,
            "wait": self.wait,
            "ready": lambda counts: self.turn(counts, ready=True),
            "unready": lambda counts: self.turn(counts, ready=False),
            "say": self.say,
        }

    def apply(self, manifest: Manifest) -> None:
        """Into the namespace that it is played in."""
        if reading.is_rule(manifest):
            staging.apply_rule(self.space, manifest, actor=ACTOR)
            return
        metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
        wanted = {**manifest, "metadata": metadata}
        if self.row():
            self.change(lambda deployment: edits.apply(deployment, wanted), "configured")
        else:
            actions.create(self.space, documents.dump(edits.with_last_applied(wanted)), actor=ACTOR)

    def patch(self, patch: Manifest) -> None:
        self.change(lambda deployment: edits.patch(deployment, patch), "patched")

    def change(self, edit: Callable[[Deployment], Deployment], done: str) -> None:
        def make(state: State, deployment: Deployment) -> Deployment:  # noqa: ARG001 the shape of an Edit
            return edit(deployment)

        actions.change(self.space, self.name, make, done, actor=ACTOR)

    def drain(self, node: str) -> None:
        """What may not be evicted yet is asked for again while the story goes on."""
        if staging.drain(self.space, node, actor=ACTOR):
            self.draining[node] = self.now() + DRAIN_SECONDS
        else:
            self.draining.pop(node, None)

    def drain_again(self) -> None:
        for node in [each for each, at in self.draining.items() if at <= self.now()]:
            self.drain(node)

    def turn(self, counts: Mapping[int, int], *, ready: bool) -> None:
        """In a rehearsal the controllers have seen the step before; here that may take a moment."""
        self.settle()
        staging.turn(self.space, self.name, counts, ready=ready, actor=ACTOR)

    def say(self, text: str) -> None:
        self.tell(f"# {text}")
        staging.say(self.space, text, actor=ACTOR)

    def set_pace(self, pace: float | str) -> None:
        if isinstance(pace, str):
            self.settle()
            pacing.step(self.space.cluster, actor=ACTOR, is_held=False)
        else:
            pacing.set_pace(self.space.cluster, pace, actor=ACTOR)

    def wait(self, until: float | str) -> None:
        if writes.find_cluster(self.space.cluster).pace == 0:
            raise StoryError(PAUSED_CLOCK)
        if isinstance(until, float):
            self.wait_seconds(until)
            return
        self.settle()
        done = {"complete": is_complete, "failed": has_failed, "quiet": is_quiet}[until]
        for deployment, unmoved in self.watch():
            if done(deployment):
                return
            if until != "failed" and has_failed(deployment):
                raise StoryError(f"waited for {until}, but the progress deadline has run out")
            if until == "failed" and is_complete(deployment):
                raise StoryError("waited for failed, but the rollout is complete")
            if unmoved > UNMOVED_SECONDS:
                raise StoryError(f"waited for {until}, but nothing has moved for {unmoved:.0f} s")

    def wait_seconds(self, seconds: float) -> None:
        end = self.now() + seconds
        while self.now() < end:
            self.drain_again()
            time.sleep(POLL_SECONDS)

    def watch(self) -> Iterator[tuple[Deployment | None, float]]:
        """(the Deployment, for how many simulated seconds its counts have not changed), again and again."""
        moved, counts = self.now(), None
        while True:
            row = self.row()
            deployment = deployment_value(row, self.space.namespace) if row else None
            if deployment and deployment.status != counts:
                counts, moved = deployment.status, self.now()
            yield deployment, self.now() - moved
            self.drain_again()
            time.sleep(POLL_SECONDS)

    def settle(self) -> None:
        """Until the controllers have seen the newest edit."""
        for deployment, _ in self.watch():
            if deployment is None or deployment.status.observed_generation >= deployment.generation:
                return

    def row(self) -> models.Deployment | None:
        rows = models.Deployment.objects.filter(namespace__cluster__name=self.space.cluster)
        rows = rows.filter(namespace__name=self.space.namespace, name=self.name)
        return rows.first()

    def now(self) -> float:
        return clock.simulated(writes.find_cluster(self.space.cluster), time.time())


def is_complete(deployment: Deployment | None) -> bool:
    return deployment is not None and status.is_complete(deployment, deployment.status)


def has_failed(deployment: Deployment | None) -> bool:
    found = deployment and conditions.find(deployment.status.conditions, "Progressing")
    return bool(found and found.reason == status.TIMED_OUT)


def is_quiet(deployment: Deployment | None) -> bool:
    """Nothing moves but what is tried again and again."""
    if deployment is None:
        return True
    owned = models.ReplicaSet.objects.filter(owner_uid=deployment.uid).values("pk")
    waiting = models.Pod.objects.filter(owner_uid__in=owned, next_at__isnull=False)
    return not kubelet.is_moving(
        Pod(uid=uid, name="", stage=stage, attempts=attempts)
        for uid, stage, attempts in waiting.values_list("uid", "stage", "attempts")
    )
