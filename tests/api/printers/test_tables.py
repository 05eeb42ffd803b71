"""Tables: the recorded columns, and what stands in each cell."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cluster.api.kinds import BY_PLURAL
from cluster.api.printers import durations, tables
from tests.core.recordings import GOLDEN

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BORN = "2026-01-01T11:59:00Z"
RECORDED = json.loads((GOLDEN / "kubectl" / "columns.json").read_text())


@pytest.mark.parametrize("kind", RECORDED)
def test_columns_are_those_of_a_server(kind: str) -> None:
    found = tables.table(BY_PLURAL[f"{kind.lower()}s"], [], rv=1)["columnDefinitions"]
    columns = [[each["name"], each["type"], each["format"], each["priority"]] for each in found]
    today = {"Restarts": ["Restarts", "string", "", 0]}  # a number until 1.22
    assert columns == [today.get(each[0], each) for each in RECORDED[kind]]
    assert all(each["description"] for each in found)


def pod(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    statuses = [
        {"name": f"c{place}", "ready": "running" in state, "restartCount": 0, "state": state, "lastState": {}}
        for place, state in enumerate(states)
    ]
    about = {"name": "p", "creationTimestamp": BORN, **fields.pop("metadata", {})}
    spec = {"containers": [{"name": each["name"]} for each in statuses], **fields.pop("spec", {})}
    return {"metadata": about, "spec": spec, "status": {"phase": "Running", "containerStatuses": statuses, **fields}}


RUNS: dict[str, Any] = {"running": {"startedAt": BORN}}
DELETED = {"deletionTimestamp": BORN}


def waits(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


@pytest.mark.parametrize(
    ("manifest", "ready", "word"),
    [
        pytest.param(pod(RUNS), "1/1", "Running", id="running"),
        pytest.param(pod(RUNS, waits("CrashLoopBackOff")), "1/2", "CrashLoopBackOff", id="one crashes"),
        pytest.param(pod(waits("ErrImagePull"), waits("ContainerCreating")), "0/2", "ErrImagePull", id="the first speaks"),
        pytest.param(pod({"terminated": {"exitCode": 3}}), "0/1", "ExitCode:3", id="ended without a reason"),
        pytest.param(pod({"terminated": {"exitCode": 3, "signal": 9}}), "0/1", "Signal:9", id="killed"),
        pytest.param(pod(RUNS, metadata=DELETED), "1/1", "Terminating", id="terminating"),
        pytest.param(pod(RUNS, metadata=DELETED, reason="NodeLost"), "1/1", "Unknown", id="node lost"),
        pytest.param(pod(metadata=DELETED, phase="Failed", reason="Evicted"), "0/0", "Evicted", id="failed and deleted"),
        pytest.param(pod(phase="Pending"), "0/0", "Pending", id="pending"),
        pytest.param(
            pod(phase="Pending", conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
            "0/0", "SchedulingGated", id="gated",
        ),
    ],
)  # fmt: skip
def test_a_pods_status_is_that_of_who_is_not_well(manifest: dict[str, Any], ready: str, word: str) -> None:
    assert tables.pod_cells(manifest, NOW)[1:3] == [ready, word]


def test_restarts_say_when_the_last_one_was() -> None:
    manifest = pod(RUNS, RUNS)
    for place, (count, at) in enumerate([(2, "2026-01-01T11:50:00Z"), (1, "2026-01-01T11:55:00Z")]):
        ended = {"terminated": {"exitCode": 1, "finishedAt": at}}
        manifest["status"]["containerStatuses"][place] |= {"restartCount": count, "lastState": ended}
    assert tables.pod_cells(manifest, NOW)[3] == "3 (5m ago)"


def test_readiness_gates_are_counted() -> None:
    gates = {"readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}]}
    manifest = pod(spec=gates, conditions=[{"type": "a", "status": "True"}])
    assert tables.pod_cells(manifest, NOW)[-1] == "1/2"


def test_the_row_of_a_pod_that_is_done_has_a_condition() -> None:
    row = tables.table(BY_PLURAL["pods"], [pod(phase="Succeeded")], rv=1)["rows"][0]
    assert row["conditions"][0] == {
        "type": "Completed", "status": "True", "reason": "Succeeded", "message": "The pod has completed successfully."
    }  # fmt: skip


SELECTOR = {
    "matchLabels": {"b": "c"},
    "matchExpressions": [
        {"key": "z", "operator": "NotIn", "values": ["2", "1"]},
        {"key": "a", "operator": "Exists"},
        {"key": "m", "operator": "DoesNotExist"},
        {"key": "n", "operator": "In", "values": ["x"]},
    ],
}


@pytest.mark.parametrize(
    ("kind", "selector", "shown"),
    [
        pytest.param("Deployment", SELECTOR, "a,b=c,!m,n in (x),z notin (1,2)", id="by key"),
        pytest.param("ReplicaSet", {}, "<none>", id="none"),
    ],
)
def test_a_selector_is_written_by_key(kind: str, selector: dict[str, Any], shown: str) -> None:
    manifest = {"kind": kind, "spec": {"selector": selector, "template": {"spec": {"containers": []}}}}
    assert tables.containers(manifest)[-1] == shown


@pytest.mark.parametrize(
    ("spec", "status", "word"),
    [
        pytest.param({}, "True", "Ready", id="ready"),
        pytest.param({"unschedulable": True}, "True", "Ready,SchedulingDisabled", id="cordoned"),
        pytest.param({}, "Unknown", "NotReady", id="not ready"),
        pytest.param({}, None, "Unknown", id="never heard of"),
    ],
)
def test_a_nodes_status(spec: dict[str, Any], status: str | None, word: str) -> None:
    conditions = [{"type": "Ready", "status": status}] if status else []
    labels = {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge"}
    node = {
        "metadata": {"name": "n", "creationTimestamp": BORN, "labels": labels},
        "spec": spec,
        "status": {"conditions": conditions, "addresses": [{"type": "ExternalIP", "address": "1.2.3.4"}]},
    }
    cells = ["n", word, "edge,worker", "60s", "", "<none>", "1.2.3.4", "<unknown>", "<unknown>", "<unknown>"]
    assert tables.node_cells(node, NOW) == cells


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (119, "119s"), (120, "2m"), (121, "2m1s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (11_100, "3h5m"),
        (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (176_400, "2d1h"), (691_200, "8d"), (63_071_999, "729d"),
        (63_072_000, "2y"), (63_158_400, "2y1d"), (252_288_000, "8y"),
    ],
)  # fmt: skip
def test_ages(seconds: int, text: str) -> None:
    assert durations.human_duration(seconds) == text
