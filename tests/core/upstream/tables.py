"""The case tables of Kubernetes' own unit tests: every one is tested here, or stands in NOT_HERE with the reason."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "golden" / "upstream"
TESTED: set[str] = set()

_LOOKUP = "an index from a watch event to the keys of a work queue; a pass here sees its family whole"
_KINDS = "a Go type switch over kinds; of those kinds only Deployment exists here"
_REPLICASETS = "the core stores only Deployments on a user's word; ReplicaSets are written by their controller"
_STATUS = "nobody but the controllers writes a status"
_ROLLBACK = "the rollback subresource left the API with extensions/v1beta1; undo is kubectl's own doing"
_NEVER_FAILS = "creating or deleting a pod can't fail here: there is no quota and no admission"

NOT_HERE = {
    "history.TestHistoryViewerFor.historytests": _KINDS,
    "rollback.TestRollbackerFor.rollbackTests": _KINDS,
    "updatepodspec.TestUpdatePodSpecForObject.tests": _KINDS,
    "replica_set.TestGetPodKeys.tests": "names of pods for the expectations of a stale cache; a pass here reads no cache",
    "replica_set.TestPodControllerLookup.testCases": _LOOKUP,
    "replica_set.TestSlowStartBatch.tests": _NEVER_FAILS,
    "replica_set_utils.TestCalculateStatusConditions.rsStatusConditionTests": _NEVER_FAILS,
    "validation.TestValidateDeploymentRollback.errorCases": _ROLLBACK,
    "validation.TestValidateDeploymentRollback.successCases": _ROLLBACK,
    "validation.TestValidateDeploymentStatus.tests": _STATUS,
    "validation.TestValidateDeploymentStatusUpdate.tests": _STATUS,
    "validation.TestValidateReplicaSet.errorCases": _REPLICASETS,
    "validation.TestValidateReplicaSet.successCases": _REPLICASETS,
    "validation.TestValidateReplicaSetStatus.tests": _STATUS,
    "validation.TestValidateReplicaSetStatusUpdate.errorCases": _STATUS,
    "validation.TestValidateReplicaSetStatusUpdate.successCases": _STATUS,
    "validation.TestValidateReplicaSetUpdate.errorCases": _REPLICASETS,
    "validation.TestValidateReplicaSetUpdate.successCases": _REPLICASETS,
    "sync.TestScale.compact": "the 17 cases of sync.TestScale.tests in fewer words",
}

CASES_NOT_HERE = {
    "objectpauser.TestDefaultObjectPauser.tests[2]": "a ReplicaSet can't be paused: the types say so",
    "objectresumer.TestDefaultObjectResumer.tests[2]": "a ReplicaSet can't be resumed: the types say so",
    "validation.TestValidateDeployment.errorCases[must be greater than or equal to 0]": _ROLLBACK,
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


def _name(case: dict[str, Any], place: int) -> str:
    return str(case.get("name") or case.get("Name") or place)


def index() -> dict[str, int]:
    """Table -> how many cases it has."""
    listed = json.loads((FOLDER / "INDEX.json").read_text())
    return {each["file"].removesuffix(".json"): each["count"] for each in listed}
