"""The core against recordings of the real controllers: scalings in order, every quiet state, the events."""

import re
from typing import Any

import pytest

from tests.core.story_player import Player, stories

IN_LOCKSTEP = ("grid-lockstep.json", "rollover.json", "scaling.json", "unhealthy.json", "others.json")
RECORDER_BURST = 25  # what client-go's spam filter lets through of one object's events at a time
RACING = ({"NewReplicaSetCreated", "ReplicaSetUpdated"},)


# Recorded with something that the story's steps do not tell, so they can't be played from their steps alone.
UNTOLD = {
    "f_scale/recreate-scale-while-terminating": "old pods stopped slowly",
    "g_pause_edit_scale_resume": "paused and resumed in between",
    "i_minready_auto_r4": "pods became ready by themselves",
    "i_minready_flap": "waited out minReadySeconds in between",
    "k_unhealthy_old/r3-s25p-u25p-n1-v2": "the state after the unready step was taken too early",
}


def cases(*files: str) -> list[Any]:
    told = (story for file in files for story in stories(file) if story["name"] not in UNTOLD)
    return [pytest.param(story, id=story["name"]) for story in told]


@pytest.mark.parametrize("story", cases(*IN_LOCKSTEP))
def test_story_goes_as_recorded(story: dict[str, Any]) -> None:
    player = Player(story)
    for index, step in enumerate(story["steps"]):
        player.play(step)
        compare_state(player, story["expect"]["after_step"].get(str(index)), index)
    assert player.scalings == story["expect"]["scalings"]
    mine, theirs = without_from(player.events)[:RECORDER_BURST], without_from(story["expect"]["events"])
    if any("restart" in step for step in story["steps"]):  # the time of the restart is in the hash
        mine, theirs = numbered(mine), numbered(theirs)
    assert mine == theirs


@pytest.mark.parametrize("story", cases("grid-batch.json"))
def test_quiet_states_of_a_batch_are_as_recorded(story: dict[str, Any]) -> None:
    """When several pods become ready together, only the quiet points are the same in every run."""
    player = Player(story)
    for index, step in enumerate(story["steps"]):
        player.play(step)
        compare_state(player, story["expect"]["after_step"].get(str(index)), index)


def compare_state(player: Player, expected: dict[str, Any] | None, index: int) -> None:
    if expected is None:
        return
    actual = player.quiet_state()
    for reasons in RACING:
        unite_race(actual, expected, reasons)
    assert actual == expected, f"after step {index}"


def unite_race(actual: dict[str, Any], expected: dict[str, Any], reasons: set[str]) -> None:
    """Right after an update upstream writes one reason or the other, by a race of its own."""
    mine, theirs = actual["conditions"].get("Progressing"), expected["conditions"].get("Progressing")
    if mine and theirs and mine[1] in reasons and theirs[1] in reasons:
        actual["conditions"]["Progressing"] = theirs


def numbered(events: list[list[str]]) -> list[list[str]]:
    """ReplicaSet names as the order in which they first appear."""
    names: dict[str, str] = {}
    return [
        [reason, re.sub(r"nginx-\w+", lambda found: names.setdefault(found[0], str(len(names))), message)]
        for reason, message in events
    ]


def without_from(events: list[list[str]]) -> list[list[str]]:
    """Today's text says " from N" too. What the controllers decide is compared here, so the words that the event recorder puts
    before the tenth similar event are left out."""
    return [
        [reason, re.sub(r" from \d+", "", message).removeprefix("(combined from similar events): ")]
        for reason, message in events
    ]
