"""Recorded stories whose steps leave something out that was done while they were recorded: here it is put back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cluster.core.objects import ImageBehaviour
from tests.core.story_player import BY_HAND, Player, stories
from tests.core.test_golden import UNTOLD, compare_state, without_from

Steps = Sequence[Mapping[str, Any]]
FILES = ("others.json", "scaling.json", "unhealthy.json")


@dataclass(frozen=True, kw_only=True)
class Telling:
    """`after` maps a step's index to what was done after it, before its state was taken. The states of `too_early` were
    taken before the controllers had seen the step."""

    after: Mapping[int, Steps] = field(default_factory=dict)
    behaviour: ImageBehaviour = BY_HAND
    too_early: frozenset[int] = frozenset()


TOLD = {
    "f_scale/recreate-scale-while-terminating": Telling(
        behaviour=replace(BY_HAND, stop_seconds=5.0), after={3: [{"wait": "6s"}]}
    ),
    "g_pause_edit_scale_resume": Telling(after={1: [{"pause": {}}], 6: [{"resume": {}}]}),
    "i_minready_auto_r4": Telling(
        behaviour=ImageBehaviour(pattern="*"), after={0: [{"wait": "4s"}], 1: [{"wait": "20s"}]}
    ),
    "i_minready_flap": Telling(after={1: [{"wait": "4s"}], 5: [{"wait": "4s"}]}),
    "k_unhealthy_old/r3-s25p-u25p-n1-v2": Telling(too_early=frozenset({2})),
}


def test_every_untold_story_is_told() -> None:
    assert TOLD.keys() == UNTOLD.keys()


@pytest.mark.parametrize("name", TOLD)
def test_story_goes_as_recorded_with_what_its_steps_leave_out(name: str) -> None:
    story = next(each for file in FILES for each in stories(file) if each["name"] == name)
    telling, player = TOLD[name], Player(story)
    player.family = replace(player.family, behaviours=(telling.behaviour,))
    for index, step in enumerate(story["steps"]):
        for each in (step, *telling.after.get(index, ())):
            player.play(each)
        if index not in telling.too_early:
            compare_state(player, story["expect"]["after_step"].get(str(index)), index)
    assert player.scalings == story["expect"]["scalings"]
    assert without_from(player.events) == without_from(story["expect"]["events"])
