"""Random sequences against a real control plane of 1.20.2, step by step: everything in the objects, the scalings and the events. Hands on
ReplicaSets and pods, minReadySeconds, progress deadlines and pods that stop slowly are among what was drawn."""

from copy import deepcopy
from typing import Any

import pytest

from tests.core import test_sequences
from tests.core.fuzzing import recorded
from tests.core.fuzzing.chances import CHANCES, chance
from tests.core.fuzzing.drawing import Drawing, Traits
from tests.core.fuzzing.older import OLDER, Older, as_before
from tests.core.fuzzing.player import PlanePlayer
from tests.core.fuzzing.wording import unite

Json = dict[str, Any]


@pytest.mark.parametrize("sequence", [pytest.param(each, id=str(each["seed"])) for each in recorded.sequences()])
def test_a_sequence_goes_as_recorded(sequence: Json) -> None:
    """With the rules that 1.20.2 had otherwise."""
    with as_before(*OLDER):
        assert not first_difference(sequence)


@pytest.mark.parametrize("older", [pytest.param(each, id=each.name) for each in OLDER])
def test_a_rule_that_was_otherwise_makes_the_difference(older: Older) -> None:
    """In a recorded sequence that goes otherwise by the rule of today."""
    others = [each for each in OLDER if each is not older]
    seeds = set(recorded.run()["older"][older.name])
    with as_before(*others):
        assert any(first_difference(each) for each in recorded.sequences() if each["seed"] in seeds)


@pytest.mark.parametrize("older", [pytest.param(each, id=each.name) for each in OLDER if each.today])
def test_the_recordings_of_today_have_the_rule_of_today(older: Older) -> None:
    (sequence,) = (each for each in test_sequences.recorded("fuzz-whole.json") if each["name"] == older.today)
    with as_before(older), pytest.raises(AssertionError):
        test_sequences.test_a_sequence_goes_as_recorded(sequence)


def test_every_sequence_is_accounted_for() -> None:
    """A few go as upstream's chance had it: they name the step and the chance."""
    run = recorded.run()
    played = {seed for first, end in run["seeds"] for seed in range(first, end)}
    assert run["sequences"] == len(played)
    assert set(run["older"]) <= {each.name for each in OLDER}
    assert set(run["chance"]) <= set(CHANCES)
    assert {each["seed"] for each in recorded.sequences()} <= played


def test_what_is_drawn_has_everything() -> None:
    verbs = {verb for each in recorded.sequences() for step in each["steps"] for verb in step}
    assert verbs == set(PlanePlayer(Traits.of(0)).verbs) - NOT_DRAWN


NOT_DRAWN = {
    "edit",
    "tune",
    "drain",
    "uncordon",
    "break",
    "heal",
    "pace",
    "wait",
    "say",
}  # a story's verbs, of nodes, images and the clock


@pytest.mark.parametrize("seed", range(5))
def test_a_seed_and_its_states_give_the_same_sequence(seed: int) -> None:
    assert drawn(seed) == drawn(seed)


def drawn(seed: int) -> list[Json]:
    drawing = Drawing(seed)
    player = PlanePlayer(drawing.traits)
    steps = [drawing.first()]
    for _ in range(15):
        steps.append(drawing.next(player.perform(steps[-1])))
    return steps


def first_difference(sequence: Json) -> Json | None:
    """The first step after which something is otherwise than recorded, with both states."""
    player = PlanePlayer(Traits.of(sequence["seed"]))
    for index, (step, recorded_state) in enumerate(zip(sequence["steps"], sequence["states"], strict=True)):
        with chance(sequence["chances"].get(str(index), "")):
            actual = player.perform(step)
        expected = deepcopy(recorded_state)
        unite(step, actual, expected)
        if actual != expected:
            return {"step": index, "actual": actual, "recorded": expected}
    return None
