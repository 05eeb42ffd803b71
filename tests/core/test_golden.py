"""The core against recordings of the real controllers: scalings in order, every quiet state, the events."""

from typing import Any

import pytest

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.reading import read_story
from tests.core.recordings import compare_events, compare_states, stories

IN_LOCKSTEP = ("grid-lockstep.json", "rollover.json", "scaling.json", "unhealthy.json", "others.json")

# Recorded with something that the story's steps do not tell: played in test_golden_told.
UNTOLD = {
    "f_scale/recreate-scale-while-terminating": "old pods stopped slowly",
    "g_pause_edit_scale_resume": "paused and resumed in between",
    "i_minready_flap": "waited out minReadySeconds in between",
    "k_unhealthy_old/r3-s25p-u25p-n1-v2": "the state after the unready step was taken too early",
}


def cases(*files: str) -> list[Any]:
    told = (story for file in files for story in stories(file) if story["name"] not in UNTOLD)
    return [pytest.param(story, id=story["name"]) for story in told]


@pytest.mark.parametrize("story", cases(*IN_LOCKSTEP))
def test_story_goes_as_recorded(story: dict[str, Any]) -> None:
    rehearsed = rehearse(read_story(story, name="recorded"))
    assert not rehearsed.problem
    compare_states(rehearsed.after_step, story["expect"]["after_step"])
    assert rehearsed.scalings == story["expect"]["scalings"]
    restarted = any("restart" in step for step in story["steps"])
    compare_events(rehearsed, story["expect"]["events"], restarted=restarted)


@pytest.mark.parametrize("story", cases("grid-batch.json"))
def test_quiet_states_of_a_batch_are_as_recorded(story: dict[str, Any]) -> None:
    """When several pods become ready together, only the quiet points are the same in every run."""
    rehearsed = rehearse(read_story(story, name="recorded"))
    compare_states(rehearsed.after_step, story["expect"]["after_step"])
