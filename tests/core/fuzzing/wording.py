"""How a state of the core is compared with one of a real plane of 1.20.2: what 1.36 says otherwise is left out."""

import re
from itertools import groupby
from typing import Any

from tests.core.recordings import RACING

Json = dict[str, Any]


def unite(step: Json, actual: Json, expected: Json) -> None:
    """1.20 counts no terminating pods in statuses, and its events do not say from which size a ReplicaSet was scaled. Right
    after an update upstream writes one reason of Progressing or the other, by a race of its own; what an owner leaves behind its
    garbage collector deletes in any order."""
    if "delete" in step:
        for each in (actual, expected):
            each["scalings"] = sorted_deletions(each["scalings"])
    for each in objects(actual):
        each["status"].pop("terminatingReplicas", None)
    actual["evstream"] = [[reason, re.sub(r" from \d+", "", text)] for reason, text in actual["evstream"]]
    if actual["deployment"] and expected["deployment"]:
        mine, theirs = (progressing(each["deployment"]) for each in (actual, expected))
        if mine and theirs and {mine[2], theirs[2]} <= RACING:
            mine[2:] = theirs[2:]


def sorted_deletions(scalings: list[Any]) -> list[Any]:
    """Those that follow each other."""
    found: list[Any] = []
    for deleted, group in groupby(scalings, key=lambda each: bool(each[1] == "deleted")):
        run = list(group)
        found += sorted(run) if deleted else run
    return found


def objects(state: Json) -> list[Json]:
    return [each for each in (state["deployment"], *state["replicasets"].values()) if each]


def progressing(deployment: Json) -> list[str] | None:
    return next((each for each in deployment["conditions"] if each[0] == "Progressing"), None)
