"""Quotas and disruption budgets as Kubernetes 1.36.2 was seen to treat them: every step of every recording, whole."""

from collections import Counter
from typing import Any

import pytest

from tests.core.policies.player import PoliciesPlayer, names_in, recorded_events, recorded_state, recording

Json = dict[str, Any]
# Where the recording depends on how quick something was: (name, moment) and what it leaves to chance there.
CHANCE = {
    # The client was throttled, so that the next try came some seconds earlier, and the progress deadline had run out again.
    ("quota/cpu_without_requests", 30.6): ("deployment",),
    # Whether a pod had gone before the last of several tries that came at once.
    ("quota/pods5_surge2_unavail1", 9.9): ("deployment", "replicasets", "quota", "pods", "events"),
    ("quota/pods5_surge2_unavail1", 10.7): ("deployment", "replicasets", "quota", "pods", "events"),
    ("quota/pods5_surge2_unavail1", 11.5): ("events",),
}
RACING = ("FailedCreate", "NoPods")  # how often: one try more or less; whether the budget came before its pods


@pytest.mark.parametrize("name", [*names_in("quota"), *names_in("pdb")])
def test_a_recording_is_played_whole(name: str) -> None:
    player = PoliciesPlayer()
    for step in recording(name)["steps"]:
        if "after" not in step:
            continue
        player.perform(step)
        place, after = (name, step["after"]["t"]), step["after"]
        left_out = CHANCE.get(place, ())
        mine, real = player.state_now(), recorded_state(after)
        for key in real:
            if key not in left_out:
                assert mine[key] == real[key], (place, step["step"], key)
        assert player.answers == [each[3] for each in step.get("requests") or () if each[1].endswith("/eviction")] or (
            "kubectl" in step
        ), place
        if "events" not in left_out:
            assert certain(player.events()) == certain(recorded_events(step)), (place, step["step"])


def certain(events: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    return Counter({key: count for key, count in events.items() if key[3] not in RACING})


def test_refusals_come_at_the_recorded_moments() -> None:
    """5 ms later, then twice as long each time; the first two tries come at once, since a status is written."""
    steps = recording("quota/cpu1500m")["steps"]
    player = PoliciesPlayer()
    for step in steps:
        if step["step"] == "image v2":
            break
        if "after" in step:
            player.perform(step)
    began = player.now
    player.request(*step["requests"][0][:3])
    tries = [0.0] * count_refusals(player)
    while player.due is not None and player.due < began + 12:
        player.tick(player.due)
        tries += [player.now - began] * count_refusals(player)
    moments = next(each["times"] for each in steps if "times" in each)
    real = [each[0] - moments[0][0] for each in moments]
    assert len(tries) == len(real)
    assert tries == pytest.approx(real, abs=0.06)


def count_refusals(player: PoliciesPlayer) -> int:
    """Since the last look."""
    found = sum(each.reason == "FailedCreate" for each in player.happened)
    player.happened.clear()
    return found
