"""A rehearsal: the controllers on a clock that jumps to the next due time. No database, no waiting."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from cluster.core.nodes import behaviour
from cluster.core.objects import Change, Deployment
from cluster.core.rehearsals import causes
from cluster.core.rehearsals.player import START, STEP_SECONDS, Player
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.stage import Stage
from cluster.core.rehearsals.stories.story import Story, StoryError
from cluster.core.state import State
from cluster.core.traffic.model import Model


def rehearse(story: Story, *, measure_from: int = 0) -> Rehearsed:
    """Plays a story to its end. Duration, peaks and lows count from the step of index `measure_from`."""
    stage, problem = play(story, measure_from=measure_from)
    return replace(stage.result(problem), purpose=story.purpose)


def play(story: Story, *, measure_from: int = 0, until: int | None = None) -> tuple[Player, str]:
    """Returns (the stage after the story, or before its step of index `until`; the error of a step, or "")."""
    state = State(story.nodes, {"": story.behaviours})
    stage = Player(story.name, state, START, story.deployment, is_recorded=story.is_recorded)
    if story.traffic:
        stage.observe(story.traffic.model, story.traffic.service)
    for each in story.objects:
        stage.apply_rule(each)
    ripens = story.is_recorded and story.behaviours == (behaviour.INSTANT,)
    try:
        for step in story.steps[:until]:
            if step.index == measure_from:
                stage.start_measuring(stage.now + STEP_SECONDS)  # when the step is played
            stage.play(step, ripens=ripens)
        if until is None:
            stage.run_out()
    except StoryError as error:
        return stage, str(error)
    return stage, ""


def forecast(
    state: State,
    now: float,
    after: Deployment,
    *,
    beside: Iterable[Change] = (),
    traffic: Model | None = None,
    watch: Callable[[], None] = lambda: None,
) -> Rehearsed:
    """What happens if a Deployment becomes `after` now, together with the changes `beside` to other objects; the state is not
    changed. `traffic`: also computes requests to its Service, if it has one. `watch` is called at every step of the clock,
    and may raise to end the forecast. Other objects that fail stay as they are, as in the cluster. Raises ForecastError."""
    stage = Stage(after.name, state.copy(), now, (after.namespace, after.name))
    stage.watch = watch
    stage.failed = stage.raise_own_error
    if traffic:
        stage.observe(traffic)
    stage.settle()  # works off what is queued, so that the edit finds an empty queue, as in a story
    stage.start_measuring(now)
    changes = list(beside)
    if after == stage.found and not changes:
        stage.held_at_first = causes.causes(stage.state, after)
    stage.change(changes)
    stage.edit(after)
    stage.run_out()
    return stage.result("")
