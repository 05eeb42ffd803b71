"""A pod's status at each stage of its life."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.api.printers.pod_statuses import image_id, pod_status
from cluster.core.nodes.addresses import pod_address
from cluster.core.objects import Container, Ended, Pod

SPEC = {"containers": [{"name": "web", "image": "nginx:1.9.1"}, {"name": "side", "image": "busybox"}]}
BOUND = Pod(uid="0-001f", name="p", node="n", created_at=100.0, stage="starting", reason="ContainerCreating")
RUNNING = replace(BOUND, stage="ready", phase="Running", reason="", started_at=103.0, ready=True, ready_since=105.0)
ENDED = Ended(110.0, 130.0, 1, "Error")
CRASHED = replace(
    RUNNING,
    stage="retrying",
    ready=False,
    containers=(
        Container(
            "web",
            "back-off",
            150.0,
            "CrashLoopBackOff",
            "Back-off",
            started_at=110.0,
            restarts=2,
            attempts=2,
            last=ENDED,
        ),
        Container("side", "running", ready=True, started=True, started_at=103.0),
    ),
)


def at(second: int) -> str:
    return f"1970-01-01T00:{second // 60:02}:{second % 60:02}Z"


def first(status: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = status["containerStatuses"][0]
    return found


def test_before_it_has_a_node_little_is_known() -> None:
    pod = replace(BOUND, node="", reason="", stage="unscheduled")
    assert pod_status(pod, SPEC) == {"phase": "Pending", "qosClass": "BestEffort"}
    found = pod_status(replace(pod, message="0/1 nodes are available"), SPEC)["conditions"]
    assert [(each["type"], each["status"], each["reason"], each["message"]) for each in found] == [
        ("PodScheduled", "False", "Unschedulable", "0/1 nodes are available")
    ]


def test_while_it_waits_it_names_what_is_not_ready() -> None:
    status = pod_status(BOUND, SPEC)
    assert first(status)["state"] == {"waiting": {"reason": "ContainerCreating"}}
    assert "podIP" not in status
    told = {each["type"]: (each["status"], each.get("message")) for each in status["conditions"]}
    assert told["Ready"] == ("False", "containers with unready status: [web side]")
    assert list(told) == [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    ]  # fmt: skip


def test_a_running_pod_has_addresses_and_ids() -> None:
    status = pod_status(RUNNING, SPEC)
    found = first(status)
    assert (found["state"], found["lastState"]) == ({"running": {"startedAt": at(103)}}, {})
    assert found["containerID"] != status["containerStatuses"][1]["containerID"]
    assert (status["podIP"], status["startTime"]) == (status["podIPs"][0]["ip"], at(100))
    assert status["conditions"][2]["lastTransitionTime"] == at(105)


def test_a_crashed_container_says_how_and_when_it_ended() -> None:
    found = first(pod_status(CRASHED, SPEC))
    assert found["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": "Back-off"}}
    ended = found["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["finishedAt"]) == (1, "Error", at(130))
    assert ended["containerID"] == found["containerID"]


def test_only_the_container_that_has_crashed_is_not_ready() -> None:
    status = pod_status(CRASHED, SPEC)
    told = {each["type"]: each.get("message") for each in status["conditions"]}
    assert told["Ready"] == "containers with unready status: [web]"
    assert [each["ready"] for each in status["containerStatuses"]] == [False, True]


def test_a_container_that_has_ended_for_good_says_so() -> None:
    done = Container("web", "done", started_at=110.0, last=replace(ENDED, exit_code=0, reason="Completed"))
    pod = replace(RUNNING, phase="Succeeded", ready=False, containers=(done, replace(done, name="side")))
    status = pod_status(pod, SPEC)
    assert first(status)["state"]["terminated"]["reason"] == "Completed"
    assert {each.get("reason") for each in status["conditions"] if each["type"] == "Ready"} == {"PodCompleted"}


def test_init_containers_have_statuses_of_their_own() -> None:
    spec = {**SPEC, "initContainers": [{"name": "migrate", "image": "migrate:1"}]}
    waiting = [Container(each, reason="PodInitializing") for each in ("web", "side")]
    pod = replace(
        BOUND, reason="Init:0/1", containers=(Container("migrate", "finish", 120.0, started_at=103.0), *waiting)
    )
    status = pod_status(pod, spec)
    assert [list(each["state"]) for each in status["initContainerStatuses"]] == [["running"]]
    assert first(status)["state"] == {"waiting": {"reason": "PodInitializing"}}
    told = {each["type"]: each.get("message") for each in status["conditions"]}
    assert told["Initialized"] == "containers with incomplete status: [migrate]"


def test_a_restarted_one_tells_of_the_one_before() -> None:
    web, side = CRASHED.containers
    restarted = replace(web, stage="crash", reason="", message="", restarts=3, started_at=150.0)
    again = replace(CRASHED, containers=(restarted, side))
    found = first(pod_status(again, SPEC))
    ended = found["lastState"]["terminated"]
    assert (found["state"], ended["finishedAt"]) == ({"running": {"startedAt": at(150)}}, at(130))
    assert ended["containerID"] == first(pod_status(CRASHED, SPEC))["containerID"]


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("nginx:1.9.1", "docker.io/library/nginx"),
        ("team/web:2", "docker.io/team/web"),
        ("registry.example.org:5000/web", "registry.example.org:5000/web"),
        ("localhost/web:1", "localhost/web"),
        ("web@sha256:00", "docker.io/library/web"),
    ],
)
def test_an_image_is_named_by_its_digest(image: str, repository: str) -> None:
    name, _, digest = image_id(image).partition("@sha256:")
    assert (name, len(digest)) == (repository, 64)


@pytest.mark.parametrize("uid", ["0-ffff", "0-0000", "0-00ff"])
def test_an_address_is_one(uid: str) -> None:
    numbers = [int(each) for each in pod_address(uid).split(".")]
    assert numbers[:2] == [10, 244]
    assert 0 <= numbers[2] <= 255
    assert 1 <= numbers[3] <= 254
