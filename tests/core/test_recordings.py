"""Raw recordings of the real controllers: tampering by hand, edits without a template change, the book's session."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.core.recording_player import RecordingPlayer, expected_snapshot, number_in, recording
from tests.core.recordings import unite_race, without_from

# Upstream notices availability up to a second late (its times are whole seconds), so these states, taken in the second
# after a pod became ready, are between two of ours.
BETWEEN = {"template annotation/1", "template annotation/2", "template label/0", "template label/1"}
RECORDED = ("m_tamper", "m_edits", "m_bare_pod_not_adopted_by_deployment", "b_book")
SCALINGS = {"rs_created": (None, "replicas"), "rs_scaled": ("frm", "to"), "rs_deleted": (None, None)}


@pytest.mark.parametrize("name", RECORDED)
def test_recording_goes_the_same_way(name: str) -> None:
    recorded = recording(name)
    player = RecordingPlayer(recorded)
    scalings: list[list[Any]] = []
    for entry in recorded["trace"]:
        player.reach(entry["t"])
        if entry["kind"] in SCALINGS:
            scalings.append(scaling(entry))
        else:
            replay(player, entry)
    assert player.notes.scalings == scalings
    assert without_from(player.notes.events) == without_from(recorded["deployment_events"])


def scaling(entry: Mapping[str, Any]) -> list[Any]:
    number = number_in(entry["rs"])
    before, after = SCALINGS[entry["kind"]]
    if after is None:
        return [number, "deleted", None]
    return [number, entry[before] if before else None, entry[after]]


def replay(player: RecordingPlayer, entry: Mapping[str, Any]) -> None:
    if entry["kind"] == "action":
        player.act(entry)
    elif entry["kind"] == "ready":
        player.make_ready(entry["pods"])
    elif entry["kind"] == "snapshot" and entry["label"] not in BETWEEN:
        actual, expected = player.snapshot(), expected_snapshot(entry)
        if expected["deployment"]:
            actual = unite_race(actual, expected)
        assert actual == expected, entry["label"]
    elif entry["kind"] == "kubectl" and re.search(r"rollout history \S+$", entry["cmd"]):
        assert player.revisions() == [int(each) for each in re.findall(r"^\d+", entry["stdout"], re.MULTILINE)]
