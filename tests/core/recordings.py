"""Recorded stories, and how a rehearsal is compared with one."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from cluster.core.rehearsals.rehearsed import Rehearsed

GOLDEN = Path(__file__).parent.parent / "golden"
RACING = {"NewReplicaSetCreated", "ReplicaSetUpdated"}
Json = dict[str, Any]


@cache
def stories(name: str) -> list[Json]:
    found: list[Json] = json.loads((GOLDEN / name).read_text())
    return found


def compare_states(actual: Mapping[str, Json], expected: Mapping[str, Json]) -> None:
    """Every recorded quiet state, by its step, with its conditions in their order."""
    for step, state in expected.items():
        assert unite_race(actual[step], state) == state, f"after step {step}"
        assert list(actual[step]["conditions"]) == list(state["conditions"]), f"after step {step}"


def unite_race(actual: Json, expected: Json) -> Json:
    """Right after an update upstream writes one reason or the other, by a race of its own."""
    mine, theirs = actual["conditions"].get("Progressing"), expected["conditions"].get("Progressing")
    if not (mine and theirs and {mine[1], theirs[1]} <= RACING):
        return actual
    united = deepcopy(actual)
    united["conditions"]["Progressing"] = theirs
    return united


def compare_events(rehearsed: Rehearsed, expected: list[list[str]], *, restarted: bool = False) -> None:
    """Today's text says " from N" too, so the recorder finds other messages similar: which it combined is left out. Where a
    restart's time is in the hash, names count as the order in which they appear."""
    mine, theirs = without_from(rehearsed.events), without_from(expected)
    assert (numbered(mine) == numbered(theirs)) if restarted else (mine == theirs)


def without_from(events: list[list[str]]) -> list[list[str]]:
    return [
        [reason, re.sub(r" from \d+", "", message).removeprefix("(combined from similar events): ")]
        for reason, message in events
    ]


def numbered(events: list[list[str]]) -> list[list[str]]:
    names: dict[str, str] = {}
    return [
        [reason, re.sub(r"nginx-\w+", lambda found: names.setdefault(found[0], str(len(names))), message)]
        for reason, message in events
    ]
