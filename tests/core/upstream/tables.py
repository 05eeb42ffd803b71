"""The case tables of Kubernetes' own unit tests: every one is tested here (those of validation in `test_validation_tables`),
or stands in NOT_HERE with the reason."""

import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "golden" / "upstream"
VALIDATION = Path(__file__).parents[1] / "validation" / "test_validation_tables.py"
TESTED: set[str] = set()

_KINDS = "a Go type switch over kinds; of those kinds only Deployment exists here"

NOT_HERE = {
    "history.TestHistoryViewerFor.historytests": _KINDS,
    "rollback.TestRollbackerFor.rollbackTests": _KINDS,
    "updatepodspec.TestUpdatePodSpecForObject.tests": _KINDS,
    "replica_set.TestGetPodKeys.tests": "names of pods for the expectations of a stale cache; a pass here reads no cache",
    "sync.TestScale.compact": "the 17 cases of sync.TestScale.tests in fewer words",
}

CASES_NOT_HERE = {
    "objectpauser.TestDefaultObjectPauser.tests[2]": "a ReplicaSet can't be paused: the types say so",
    "objectresumer.TestDefaultObjectResumer.tests[2]": "a ReplicaSet can't be resumed: the types say so",
}


@cache
def load(table: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{table}.json").read_text())
    return found


def cases(table: str) -> list[Any]:
    """A table's cases as parameters, each with upstream's name or its number as id."""
    TESTED.add(table)
    found = load(table)["cases"]
    named = (
        found.items() if isinstance(found, dict) else ((_name(each, place), each) for place, each in enumerate(found))
    )
    return [
        pytest.param({"error": name, **each} if isinstance(found, dict) else each, id=str(name))
        for name, each in named
        if f"{table}[{name}]" not in CASES_NOT_HERE
    ]


def rows(table: str, key: str) -> list[dict[str, Any]]:
    """A table that is one case: the rows under `key`."""
    TESTED.add(table)
    found: list[dict[str, Any]] = load(table)[key]
    return found


def covered() -> set[str]:
    """The tables that the test modules of this folder ask for, and those that the tests of validation name."""
    for file in Path(__file__).parent.glob("test_*.py"):
        import_module(f"tests.core.upstream.{file.stem}")
    named = re.findall(r'"(Test\w+\.\w+)"', VALIDATION.read_text())
    return TESTED | {f"validation.{each}" for each in named}


def _name(case: dict[str, Any], place: int) -> str:
    return str(case.get("name") or case.get("Name") or place)


def index() -> dict[str, int]:
    """Table -> how many cases it has."""
    listed = json.loads((FOLDER / "INDEX.json").read_text())
    return {each["file"].removesuffix(".json"): each["count"] for each in listed}
