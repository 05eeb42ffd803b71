"""Recorded stories whose steps leave something out that was done while they were recorded: here it is put back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.reading import read_story
from tests.core.recordings import compare_events, compare_states, stories
from tests.core.test_golden import UNTOLD

Json = Mapping[str, Any]
FILES = ("others.json", "scaling.json", "unhealthy.json")
BY_HAND = {"image": "*", "ready": "by-hand"}


@dataclass(frozen=True, kw_only=True)
class Telling:
    """`after` maps a step's index to what was done after it, before its state was taken. The states of `too_early` were
    taken before the controllers had seen the step."""

    after: Mapping[int, Sequence[Json]] = field(default_factory=dict)
    behaviour: Json = field(default_factory=lambda: BY_HAND)
    too_early: frozenset[str] = frozenset()


TOLD = {
    "f_scale/recreate-scale-while-terminating": Telling(
        behaviour={**BY_HAND, "stop": "5s"}, after={3: [{"wait": "6s"}]}
    ),
    "g_pause_edit_scale_resume": Telling(after={1: [{"pause": {}}], 6: [{"resume": {}}]}),
    "i_minready_flap": Telling(after={1: [{"wait": "4s"}], 5: [{"wait": "4s"}]}),
    "k_unhealthy_old/r3-s25p-u25p-n1-v2": Telling(too_early=frozenset({"2"})),
}


def test_every_untold_story_is_told() -> None:
    assert TOLD.keys() == UNTOLD.keys()


@pytest.mark.parametrize("name", TOLD)
def test_story_goes_as_recorded_with_what_its_steps_leave_out(name: str) -> None:
    story = next(each for file in FILES for each in stories(file) if each["name"] == name)
    telling = TOLD[name]
    steps, last = told_steps(story["steps"], telling)
    rehearsed = rehearse(read_story({**story, "steps": steps, "behaviours": [telling.behaviour]}, name=name))
    assert not rehearsed.problem
    expected = {step: each for step, each in story["expect"]["after_step"].items() if step not in telling.too_early}
    compare_states({step: rehearsed.after_step[str(last[step])] for step in expected}, expected)
    assert rehearsed.scalings == story["expect"]["scalings"]
    compare_events(rehearsed, story["expect"]["events"])


def told_steps(steps: Sequence[Json], telling: Telling) -> tuple[list[Json], dict[str, int]]:
    """(all steps, recorded index -> index of the last step that was done before its state was taken)."""
    told: list[Json] = []
    last = {}
    for index, step in enumerate(steps):
        told += (step, *telling.after.get(index, ()))
        last[str(index)] = len(told) - 1
    return told, last
