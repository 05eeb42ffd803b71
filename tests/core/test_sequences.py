"""Random sequences of edits against Kubernetes 1.36.2, step by step: everything in the objects, the scalings and the events."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cluster.core.recorder import COMBINED
from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.reading import read_story
from tests.core.recordings import RACING, compare_states
from tests.core.sequence_player import SequencePlayer

GOLDEN = Path(__file__).parent.parent / "golden-1.36"
Json = dict[str, Any]

# A size of 0 with a new image in one edit: which ReplicaSet has progressed is upstream's chance (7 of 8: the former one).
NAMES_BY_CHANCE = {"201"}


@cache
def recorded(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text())


def cases() -> list[Any]:
    return [pytest.param(each, id=each["name"]) for each in recorded("fuzz-whole.json")]


@pytest.mark.parametrize("sequence", cases())
def test_a_sequence_goes_as_recorded(sequence: Json) -> None:
    player = SequencePlayer()
    for index, (step, expected) in enumerate(zip(sequence["steps"], sequence["states"], strict=True)):
        actual, wanted = player.perform(step), worded(expected)
        unite_race(actual, wanted, any_name=sequence["name"] in NAMES_BY_CHANCE)
        assert actual == wanted, f"after step {index}: {step}"


def worded(recorded_state: Json) -> Json:
    """Without zeros, without the answer to the request, and without what marks combined events."""
    state = deepcopy(recorded_state)
    del state["result"]
    for each in (state["deployment"], *state["replicasets"].values()):
        each["status"] = {key: value for key, value in each["status"].items() if value}
    state["pods"] = {key: counts for key, counts in state["pods"].items() if any(counts)}
    state["evstream"] = [[reason, text.removeprefix(COMBINED)] for reason, text in state["evstream"]]
    return state


def unite_race(actual: Json, expected: Json, *, any_name: bool) -> None:
    """Right after an update upstream writes one reason or the other, by a race of its own."""
    for mine, theirs in zip(actual["deployment"]["conditions"], expected["deployment"]["conditions"], strict=False):
        raced = {mine[2], theirs[2]} <= RACING or (any_name and mine[2] == theirs[2] == "NewReplicaSetAvailable")
        if mine[0] == theirs[0] == "Progressing" and raced:
            mine[2:] = theirs[2:]


@pytest.mark.parametrize("story", [pytest.param(each, id=each["name"]) for each in recorded("fuzz-stories.json")])
def test_a_sequence_that_is_a_story_is_rehearsed_as_recorded(story: Json) -> None:
    rehearsed = rehearse(read_story(story, name="recorded"))
    assert not rehearsed.problem
    compare_states(rehearsed.after_step, story["expect"]["after_step"])
    assert rehearsed.scalings == story["expect"]["scalings"]
