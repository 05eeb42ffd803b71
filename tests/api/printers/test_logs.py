"""A pod's log: a line for each step of its life, with the options of `kubectl logs` and a server's refusals."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cluster import models
from cluster.writing import actions
from tests.api.conftest import Api
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.django_db
STEPS = ["Scheduled", "Pulling", "Pulled", "Created", "Started"]


@pytest.fixture
def pod(cluster: None, work: Callable[[], int], request: pytest.FixtureRequest) -> str:  # noqa: ARG001
    """The path of a pod of the book's Deployment; a parameter says how its image fails."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*", failure=getattr(request, "param", ""))
    actions.example(DEFAULT, actor="me")
    work()
    return f"/api/v1/namespaces/default/pods/{models.Pod.objects.order_by('name')[0].name}"


def words(text: str) -> list[str]:
    return [line.partition(":")[0] for line in text.splitlines()]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", STEPS, id="all"),
        pytest.param("container=nginx", STEPS, id="of the container"),
        pytest.param("follow=true", STEPS, id="following"),
        pytest.param("tailLines=2", ["Created", "Started"], id="the last two"),
        pytest.param("tailLines=0", [], id="the last none"),
        pytest.param("tailLines=100", STEPS, id="more than there are"),
        pytest.param("sinceSeconds=60", ["Started"], id="of the last minute"),
        pytest.param("limitBytes=9", ["Scheduled"], id="nine bytes"),
    ],
)
def test_options_choose_lines(api: Api, pod: str, query: str, expected: list[str]) -> None:
    early = models.Event.objects.filter(kind="Pod").exclude(reason="Started")
    early.update(last_seen=timezone.now() - timedelta(minutes=5))
    answer = api("GET", f"{pod}/log?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain")
    assert words(answer.content.decode()) == expected


def test_timestamps_stand_before_lines_and_since_can_be_a_time(api: Api, pod: str) -> None:
    line = api("GET", f"{pod}/log?timestamps=true&tailLines=1").content.decode()
    stamp, _, rest = line.partition(" ")
    assert (len(stamp), stamp[-4:], rest) == (30, "000Z", "Started: Container started\n")
    assert api("GET", f"{pod}/log?sinceTime=2999-01-01T00:00:00Z").content == b""


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        pytest.param("container=db", 400, "container db is not valid for pod NAME", id="no such container"),
        pytest.param("previous=true", 400, 'previous terminated container "nginx" in pod "NAME" not found', id="none before"),
        pytest.param("tailLines=-5", 422, 'INVALID tailLines: Invalid value: -5: must be greater than or equal to 0', id="tail"),
        pytest.param("limitBytes=0", 422, 'INVALID limitBytes: Invalid value: 0: must be greater than 0', id="limit"),
        pytest.param("sinceSeconds=0", 422, 'INVALID sinceSeconds: Invalid value: 0: must be greater than 0', id="since"),
        pytest.param("tailLines=x", 400, 'tailLines: strconv.ParseInt: parsing "x": invalid syntax', id="no number"),
    ],
)  # fmt: skip
def test_refusals(api: Api, pod: str, query: str, code: int, message: str) -> None:
    text = message.replace("INVALID", 'PodLogOptions "NAME" is invalid:').replace("NAME", pod.rpartition("/")[2])
    found = api("GET", f"{pod}/log?{query}")
    assert (found.status_code, found.json()["message"]) == (code, text)


@pytest.mark.parametrize("pod", ["image-not-found"], indirect=True)
def test_what_never_started_has_nothing_to_read(api: Api, pod: str) -> None:
    found = api("GET", f"{pod}/log").json()
    about = f'container "nginx" in pod "{pod.rpartition("/")[2]}"'
    assert (found["reason"], found["message"]) == ("BadRequest", f"{about} is waiting to start: image can't be pulled")


@pytest.mark.parametrize("pod", ["crash-loop"], indirect=True)
def test_what_crashed_can_be_read_before_and_after(api: Api, pod: str) -> None:
    answers: list[Any] = [api("GET", f"{pod}/log{query}") for query in ("", "?previous=true")]
    assert [each.status_code for each in answers] == [200, 200]
    assert "BackOff" in words(answers[0].content.decode())
