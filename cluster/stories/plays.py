"""A story on its own cluster: begun, advanced step by step, paused, and ended. Its state is a row (models.Playing), which is read
and written under the cluster's lock, together with the effects of a step: no step is taken twice, and none is lost."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from cluster import statuses
from cluster.core.rehearsals.stories.story import Step, Story, StoryError
from cluster.models import Playing
from cluster.records import journal
from cluster.spaces import Space
from cluster.stories import staging, story_files
from cluster.stories.playing import ACTOR, Player
from cluster.writing import clusters

STEP_SECONDS = 1.0  # wall time between steps, so that each can be seen
READING_SECONDS = 3.0  # after a text for the audience
CHANGES_NOTHING = ("say", "wait")  # steps without anything to undo
Json = dict[str, Any]


class Play:
    """A row, its story, and the player that takes the steps."""

    def __init__(self, row: Playing) -> None:
        self.row = row
        self.story = find(row.story)
        self.player = Player(
            self.story, Space(row.cluster.name, row.namespace), tell=lambda _: None, draining=row.draining
        )

    @property
    def step(self) -> Step | None:
        """The step to take next, or whose wait is under way; None after the last."""
        return self.story.steps[self.row.next] if self.row.next < len(self.story.steps) else None

    @property
    def begun(self) -> int:
        """The number of steps done or under way."""
        return self.row.next + (self.row.began is not None)

    def is_ripe(self, wall: float) -> bool:
        """Whether the story may advance by itself now. Only reads. Raises StoryError where a wait can't end."""
        if self.row.state != Playing.PLAYING:
            return False
        step = self.step
        if step is None:
            return True
        if self.row.began is not None:
            return self.player.is_over(step.value, self.row.began)
        if 0 <= wall - self.row.since < self.pause_seconds():  # a clock that was set back delays nothing
            return False
        return self.player.may_do(step) and not (step.verb == "wait" and self.player.is_clock_paused())

    def pause_seconds(self) -> float:
        if self.row.next == 0:
            return 0.0
        return READING_SECONDS if self.story.steps[self.row.next - 1].verb == "say" else STEP_SECONDS

    def take(self) -> None:
        """Does the next step, or ends its wait. Under the cluster's lock. Raises Refused and StoryError."""
        row, step = self.row, self.step
        if step and step.verb == "wait" and row.began is None:
            row.began = self.player.now()
        elif step:
            if row.began is None:
                self.player.do(step)
                row.since = time.time()
            row.began = None
            row.next += 1
        row.draining = self.player.draining
        if self.step is None:
            row.state, row.draining, row.since = Playing.OVER, {}, time.time()
        tell(self)


def find(name: str) -> Story:
    """A story of the library. Raises StoryError: this version may lack a story that an earlier one had."""
    story = story_files.library().get(name)
    if story is None:
        raise StoryError(f"the library has no story {name!r}")
    return story


# Creating.


def begin(name: str, owner: Any) -> Playing:
    """Creates a cluster with the stage of a library story, and begins to play it there. `owner` None: no owner. Raises
    Refused."""
    story = story_files.library().get(name)
    if story is None:
        raise statuses.Refused(statuses.not_found("stories", name))
    return clusters.under_free_name(name, lambda cluster: make(name, story, cluster, owner))


def make(name: str, story: Story, cluster: str, owner: Any) -> Playing:
    namespace, _ = story.deployment
    with transaction.atomic():
        clusters.found(cluster, owner, staging.stage_of(story))
        with journal.exclusive(cluster) as held:
            bring_objects(story, Space(cluster, namespace))
            row = Playing(cluster=held, story=name, namespace=namespace, since=time.time())
            tell(Play(row), "ADDED")
    return row


def bring_objects(story: Story, space: Space) -> None:
    for each in story.objects:
        staging.apply_rule(space, each, actor=ACTOR)


# The journal.


def tell(play: Play, verb: str = "MODIFIED") -> None:
    """Saves the row, and writes its state to the journal, where viewers read it."""
    record(play.row, shown(play), verb)


def record(row: Playing, state: Json, verb: str = "MODIFIED") -> None:
    row.shown = state
    with journal.write(row.cluster.name, row.namespace, actor=ACTOR) as writer:
        writer.append(verb, "Story", row.shown, name=row.story)
        row.save()


def shown(play: Play) -> Json:
    """The state as in docs/protocol.md."""
    row, story = play.row, play.story
    under_way = story.steps[play.begun - 1] if play.begun else None
    caption = next((step.value for step in reversed(story.steps[: play.begun]) if step.verb == "say"), "")
    return {
        "uid": f"story-{row.cluster_id}",
        "name": row.story,
        "title": story.name,
        "titles": {language: each.name for language, each in story.translations.items()},
        "deployment": story.deployment_name,
        "state": row.state,
        "step": play.begun,
        "steps": len(story.steps),
        "waits": row.began is not None,
        "now": told(under_way) if under_way else None,
        "caption": caption,
        "captions": story.spoken(caption),
        "back": can_go_back(play),
        "problem": row.problem,
    }


def told(step: Step) -> Json:
    """A step as the page needs it for a kubectl command or a text."""
    value = step.value
    if step.verb == "apply":
        value = {"kind": value["kind"], "name": value["metadata"]["name"]}
    elif step.verb == "break":
        value = {each.pattern: each.failure for each in value}
    elif step.verb in ("delete-pod", "ready", "unready"):
        value = {str(number): pods for number, pods in value.items()}
    return {"verb": step.verb, "value": value}


# Buttons.


@contextmanager
def opened(cluster: str) -> Iterator[Playing]:
    """The row of the story on a cluster, with the cluster locked. Raises Refused."""
    with journal.exclusive(cluster) as held:
        row = Playing.objects.filter(cluster=held).first()
        if row is None:
            raise statuses.Refused(statuses.not_found("stories", cluster))
        row.cluster = held
        yield row


@contextmanager
def claimed(row: Playing) -> Iterator[Playing | None]:
    """The row read again, with its cluster locked; None where another transaction has locked the cluster, or the story is gone.
    Never waits."""
    with transaction.atomic():
        cluster = journal.free().filter(pk=row.cluster_id).first()
        held = Playing.objects.filter(pk=row.pk, cluster=cluster).first() if cluster else None
        if cluster is None or held is None:
            yield None
            return
        held.cluster = cluster
        with journal.holding(cluster):
            yield held


def press(cluster: str, verb: str, step: int | None = None) -> None:
    """`verb` is one of PRESSES, or END. `step`: the step shown with the button; next and back are refused once the story is at a
    different one (None: never). Raises Refused."""
    with opened(cluster) as row:
        if verb == END:
            clusters.delete(cluster)
            return
        try:
            play = Play(row)
            if verb in ("next", "back"):
                check_step(play, step)
            row.since, row.problem = time.time(), ""
            PRESSES[verb](play)
        except StoryError as error:
            raise statuses.Refused(statuses.bad_request(str(error))) from error


def check_step(play: Play, seen: int | None) -> None:
    """Two users who press the same button take one step. Raises Refused (409)."""
    if seen not in (None, play.begun):
        problem = f"the story is at step {play.begun}, not at step {seen}"
        raise statuses.Refused(statuses.conflict("stories", play.row.story, problem))


def go_on(play: Play) -> None:
    if play.row.state == Playing.OVER:
        raise StoryError("the story is over; go back to the start")
    play.row.state = Playing.PLAYING
    tell(play)


def pause(play: Play) -> None:
    """Pauses the story, so that no step is taken and no wait ends; the cluster keeps running."""
    if play.row.state == Playing.PLAYING:
        play.row.state = Playing.PAUSED
    tell(play)


def take_next(play: Play) -> None:
    """Takes the next step at once, ending a wait that is under way."""
    if play.row.began is not None:
        play.take()
    if play.step:
        play.take()


def can_go_back(play: Play) -> bool:
    """Whether the last step changed nothing, or was the first change: then the stage is set up again."""
    return play.begun > 0 and (has_changed_nothing(play) or is_first_change(play))


def has_changed_nothing(play: Play) -> bool:
    return play.story.steps[play.begun - 1].verb in CHANGES_NOTHING


def is_first_change(play: Play) -> bool:
    return all(step.verb in CHANGES_NOTHING for step in play.story.steps[: play.begun - 1])


def go_back(play: Play) -> None:
    """Returns to before the last step, and pauses there."""
    if not can_go_back(play):
        raise StoryError("what the last step has changed can't be taken back; go back to the start")
    to = play.begun - 1
    if not has_changed_nothing(play):
        stage_anew(play)
    play.row.next, play.row.began, play.row.state = to, None, Playing.PAUSED
    tell(play)


def start_over(play: Play) -> None:
    """Restarts at the first step, still playing or paused."""
    stage_anew(play)
    play.row.next, play.row.began = 0, None
    play.row.state = Playing.PLAYING if play.row.state == Playing.PLAYING else Playing.PAUSED
    tell(play)


def stage_anew(play: Play) -> None:
    row = play.row
    clusters.reset(row.cluster.name, staging.stage_of(play.story), actor=ACTOR)
    bring_objects(play.story, Space(row.cluster.name, row.namespace))
    row.draining = {}
    row.save(force_insert=True)  # the reset deleted it


PRESSES: Mapping[str, Callable[[Play], None]] = {
    "play": go_on,
    "pause": pause,
    "next": take_next,
    "back": go_back,
    "start": start_over,
}
END = "end"  # deletes the cluster with the story
