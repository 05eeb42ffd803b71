"""A pod's drawer: events, conditions and logs, whatever the page's own picture of the namespace holds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cluster.core.objects import ImageBehaviour
from cluster.models import Pod
from cluster.stories import staging
from cluster.writing import actions, pacing
from tests.spaces import DEFAULT

BASE = "/clusters/demo/namespaces/default/pods/"


@pytest.fixture(autouse=True)
def book(cluster: None, settings: Any) -> None:  # noqa: ARG001
    settings.ANONYMOUS = "view"
    pacing.set_pace(DEFAULT.cluster, 0, actor="me")


def test_a_crash_looping_pod_has_its_events_conditions_and_log(client: Client, work: Callable[[], int]) -> None:
    staging.behave(DEFAULT, (ImageBehaviour(pattern="*", failure="crash-loop", fails_after_seconds=1.0),), actor="me")
    actions.example(DEFAULT, actor="me")
    for _ in range(4):
        work()
        pacing.step(DEFAULT.cluster, actor="me")
    work()
    pod = Pod.objects.order_by("name")[0]
    told = client.get(f"{BASE}{pod.name}/").json()
    assert told["uid"] == pod.uid
    reasons = [each["reason"] for each in told["events"]]
    assert reasons[0] == "Scheduled"
    assert {"Created", "Started", "BackOff"} <= set(reasons)
    assert [each["type"] for each in told["conditions"]][-1] == "PodScheduled"
    assert [each["container"] for each in told["logs"]] == ["nginx"]
    assert "Container started" in told["logs"][0]["text"]


def test_what_is_not_started_says_why_there_is_no_log(client: Client, work: Callable[[], int]) -> None:
    staging.behave(DEFAULT, (ImageBehaviour(pattern="*", pull_seconds=9.0),), actor="me")
    actions.example(DEFAULT, actor="me")
    work()
    told = client.get(f"{BASE}{Pod.objects.order_by('name')[0].name}/").json()
    assert told["logs"][0]["text"] == ""
    assert "is waiting to start: ContainerCreating" in told["logs"][0]["problem"]


def test_a_pod_that_is_gone_has_its_events_left_and_an_unknown_one_is_not_found(
    client: Client, work: Callable[[], int]
) -> None:
    actions.example(DEFAULT, actor="me")
    work()
    pod = Pod.objects.order_by("name")[0]
    Pod.objects.filter(pk=pod.pk).delete()
    told = client.get(f"{BASE}{pod.name}/").json()
    assert (told["uid"], told["logs"]) == (pod.uid, [])
    assert told["events"][0]["reason"] == "Scheduled"
    answer = client.get(f"{BASE}nobody/")
    assert (answer.status_code, answer.json()["message"]) == (404, 'pods "nobody" not found')
