"""A story played on the running cluster, for an audience: each step is one action, waits poll the cluster."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cluster import documents, models, statuses
from cluster.core.controllers import conditions, status
from cluster.core.manifests import edits
from cluster.core.manifests.verbs import VERBS
from cluster.core.nodes import kubelet
from cluster.core.objects import Deployment, Manifest, Pod
from cluster.core.policies import reading
from cluster.core.rehearsals.player import DRAIN_SECONDS, PAUSED_CLOCK
from cluster.core.rehearsals.step_text import command
from cluster.core.rehearsals.stories.story import Step, Story, StoryError
from cluster.records import clock, journal
from cluster.records.rows import deployment_value
from cluster.spaces import Space
from cluster.stories import staging
from cluster.writing import actions, pacing, writes

ACTOR = "story"
POLL_SECONDS = 0.1
UNMOVED_SECONDS = 3600.0
SEEN_FIRST = ("ready", "unready")  # verbs that need the controllers to have observed the step before, as in a rehearsal
Tell = Callable[[str], None]


def play(story: Story, space: Space, tell: Tell) -> None:
    """Plays a story to its end. Raises StoryError where a step fails or a wait can't end; the steps done until then stay."""
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
            play_out(player, step)
        except (statuses.Refused, StoryError) as error:
            raise step.problem(str(error).removeprefix("error: ")) from error


def play_out(player: "Player", step: Step) -> None:
    """Takes a step; returns when the step, or its wait, is over."""
    if step.verb == "wait" and player.is_clock_paused():
        raise StoryError(PAUSED_CLOCK)
    while not player.may_do(step):
        time.sleep(POLL_SECONDS)
    player.do(step)
    began = player.now()
    while step.verb == "wait" and not player.is_over(step.value, began):
        player.drain_again()
        time.sleep(POLL_SECONDS)


class Player:
    """A story's verbs as actions in one namespace. No method waits: the caller polls. `draining`: by node, when to retry
    evictions that budgets refused."""

    def __init__(self, story: Story, space: Space, tell: Tell, draining: Mapping[str, float] | None = None) -> None:
        self.story, self.space, self.name, self.tell = story, space, story.deployment_name, tell
        self.draining: dict[str, float] = dict(draining or {})
        named: dict[str, Any] = {"actor": ACTOR}
        where = (space, self.name)
        self.verbs: Mapping[str, Callable[[Any], Any]] = {
            **{name: partial(actions.act, *where, name, **named) for name, verb in VERBS.items() if verb.edit},
            "apply": self.apply,
            "delete": lambda _: actions.delete(*where, **named),
            "delete-pod": lambda counts: staging.delete_pods(*where, counts, **named),
            "drain": self.drain,
            "uncordon": lambda node: staging.cordon(space.cluster, node, cordoned=False, **named),
            "break": lambda failing: staging.break_images(space, failing, **named),
            "heal": lambda image: staging.heal_image(space, image, **named),
            "pace": self.set_pace,
            "wait": lambda _: None,
            "ready": lambda counts: staging.turn(*where, counts, ready=True, **named),
            "unready": lambda counts: staging.turn(*where, counts, ready=False, **named),
            "say": self.say,
        }

    def may_do(self, step: Step) -> bool:
        """False while the controllers must observe the last edit before the step."""
        is_seen_first = step.verb in SEEN_FIRST or (step.verb == "pace" and isinstance(step.value, str))
        return not is_seen_first or self.is_seen(self.deployment())

    def do(self, step: Step) -> None:
        """Does the step; a wait is only begun by it. Raises Refused and StoryError."""
        self.verbs[step.verb](step.value)

    def is_over(self, until: float | str, began: float) -> bool:
        """Whether a wait that began at a simulated time is over. Raises StoryError where it can't end."""
        if isinstance(until, float):
            return self.now() >= began + until
        deployment = self.deployment()
        if not self.is_seen(deployment):
            return False
        if {"complete": is_complete, "failed": has_failed, "quiet": is_quiet}[until](deployment):
            return True
        if until != "failed" and has_failed(deployment):
            raise StoryError(f"waited for {until}, but the progress deadline has run out")
        if until == "failed" and is_complete(deployment):
            raise StoryError("waited for failed, but the rollout is complete")
        unmoved = self.now() - max(began, self.moved_at())
        if unmoved > UNMOVED_SECONDS:
            raise StoryError(f"waited for {until}, but nothing has moved for {unmoved:.0f} s")
        return False

    def apply(self, manifest: Manifest) -> None:
        """Applies a manifest in the namespace of the play."""
        if reading.is_rule(manifest):
            staging.apply_rule(self.space, manifest, actor=ACTOR)
            return
        metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
        wanted = {**manifest, "metadata": metadata}
        if self.row():
            actions.act(self.space, self.name, "apply", wanted, actor=ACTOR)
        else:
            actions.create(self.space, documents.dump(edits.with_last_applied(wanted)), actor=ACTOR)

    def drain(self, node: str) -> None:
        """Drains a node; refused evictions are retried later while the story continues."""
        if staging.drain(self.space, node, actor=ACTOR):
            self.draining[node] = self.now() + DRAIN_SECONDS
        else:
            self.draining.pop(node, None)

    def may_drain(self) -> list[str]:
        """The nodes whose evictions are due for a retry."""
        return [node for node, at in self.draining.items() if at <= self.now()]

    def drain_again(self) -> None:
        for node in self.may_drain():
            self.drain(node)

    def say(self, text: str) -> None:
        self.tell(f"# {text}")
        staging.say(self.space, text, actor=ACTOR, translations=self.story.spoken(text))

    def set_pace(self, pace: float | str) -> None:
        if isinstance(pace, str):
            pacing.step(self.space.cluster, actor=ACTOR, is_held=False)
        else:
            pacing.set_pace(self.space.cluster, pace, actor=ACTOR)

    def is_seen(self, deployment: Deployment | None) -> bool:
        """Whether the controllers have observed the newest edit."""
        return deployment is None or deployment.status.observed_generation >= deployment.generation

    def moved_at(self) -> float:
        """The simulated time of the Deployment's newest change; 0 where there is none in the journal."""
        row = self.row()
        rows = models.Change.objects.filter(cluster__name=self.space.cluster, rv=row.resource_version if row else 0)
        return rows.values_list("at", flat=True).first() or 0.0

    def deployment(self) -> Deployment | None:
        row = self.row()
        return deployment_value(row, self.space.namespace) if row else None

    def row(self) -> models.Deployment | None:
        rows = models.Deployment.objects.filter(namespace__cluster__name=self.space.cluster)
        rows = rows.filter(namespace__name=self.space.namespace, name=self.name)
        return rows.first()

    def is_clock_paused(self) -> bool:
        return writes.find_cluster(self.space.cluster).pace == 0

    def now(self) -> float:
        return clock.simulated(writes.find_cluster(self.space.cluster), time.time())


def is_complete(deployment: Deployment | None) -> bool:
    return deployment is not None and status.is_complete(deployment, deployment.status)


def has_failed(deployment: Deployment | None) -> bool:
    found = deployment and conditions.find(deployment.status.conditions, "Progressing")
    return bool(found and found.reason == status.TIMED_OUT)


def is_quiet(deployment: Deployment | None) -> bool:
    """Whether no pod changes any more, except for retries."""
    if deployment is None:
        return True
    owned = models.ReplicaSet.objects.filter(owner_uid=deployment.uid).values("pk")
    waiting = models.Pod.objects.filter(owner_uid__in=owned, next_at__isnull=False)
    return not kubelet.is_moving(
        Pod(uid=uid, name="", stage=stage, attempts=attempts)
        for uid, stage, attempts in waiting.values_list("uid", "stage", "attempts")
    )
