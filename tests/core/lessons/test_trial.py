"""Every kind of condition is met by what it is about, and not before; and the trial finds lessons that are wrong."""

from typing import Any

import pytest

from cluster.core.lessons.checks import CHECKS
from cluster.core.lessons.questions import ASKS
from cluster.core.lessons.trial import try_out
from tests.core.lessons.builders import ROLL_OUT, lesson, task

IMAGE = {"set-image": {"app": "nginx:1.9.1"}}
TYPO = {"set-image": {"app": "nginx:1.91"}}
DONE = {"wait": "complete"}
RECREATE = {"patch": {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}}
SMALL = [{"name": "node-1", "slots": 3}]
QUICK = {"patch": {"spec": {"progressDeadlineSeconds": 15}}}
MET = [
    pytest.param({"complete": "nginx:1.9.1"}, [IMAGE, DONE], {}, id="complete"),
    pytest.param({"deployment": {"replicas": 5, "paused": True}}, [{"pause": {}}, {"scale": 5}], {}, id="deployment"),
    pytest.param({"limits": {"floor": 2, "ceiling": 2}}, [RECREATE, {"scale": 2}], {}, id="limits"),
    pytest.param(
        {"updated": 1, "deployment": {"paused": True}}, [IMAGE, {"pause": {}}, {"wait": "1s"}], {}, id="updated"
    ),
    pytest.param({"floor": 3, "complete": "nginx:1.9.1"}, [IMAGE, DONE], {}, id="floor"),
    pytest.param({"ceiling": 4, "complete": "nginx:1.9.1"}, [IMAGE, DONE], {}, id="ceiling"),
    pytest.param({"outage": True}, [RECREATE, IMAGE, DONE], {}, id="outage"),
    pytest.param({"undone": "nginx:1.7.9"}, [IMAGE, DONE, {"undo": {}}, DONE], {}, id="undone"),
    pytest.param({"failing": "ImagePullBackOff"}, [TYPO, {"wait": "20s"}], {}, id="failing"),
    pytest.param({"deadline-exceeded": True}, [QUICK, TYPO, {"wait": "failed"}], {}, id="deadline"),
    pytest.param({"pending": 1}, [IMAGE, {"wait": "5s"}], {"nodes": SMALL}, id="pending"),
    pytest.param({"none-pending": True, "complete": "nginx:1.9.1"}, [IMAGE, DONE], {}, id="none pending"),
    pytest.param({"event": "ScalingReplicaSet"}, [IMAGE], {}, id="event"),
    pytest.param({"revisions": 2}, [IMAGE, DONE], {}, id="revisions"),
    pytest.param({"scaled-midway": True}, [IMAGE, {"wait": "1s"}, {"scale": 6}], {}, id="scaled midway"),
    pytest.param({"pods-deleted": 2}, [{"delete-pod": 2}], {}, id="pods deleted"),
    pytest.param({"deleted": True}, [{"delete": {}}], {}, id="deleted"),
    pytest.param({"clock": "paused"}, [{"pace": "pause"}], {}, id="clock"),
]


@pytest.mark.parametrize(("check", "solution", "setup"), MET)
def test_a_condition_is_met_by_what_it_is_about(check: Any, solution: list[Any], setup: Any) -> None:
    assert try_out(lesson(task(check, *solution), **setup)) == []


def test_every_kind_of_condition_has_its_case() -> None:
    cases: list[Any] = [each.values[0] for each in MET]
    assert {kind for check in cases for kind in check} == set(CHECKS)


@pytest.mark.parametrize(
    ("check", "solution", "problem"),
    [
        pytest.param(
            {"complete": "nginx:1.7.9"}, [DONE], "before anything was done: All 3 pods are updated", id="met at once"
        ),
        pytest.param(
            {"complete": "nginx:1.9.1"}, [IMAGE, DONE, {"scale": 4}], "too early, by step 2", id="met too early"
        ),
        pytest.param(
            {"complete": "nginx:1.9.1"},
            [TYPO, {"wait": "5s"}],
            "image is nginx:1.91, expected nginx:1.9.1",
            id="another image",
        ),
        pytest.param(
            {"floor": 3},
            [RECREATE, IMAGE, DONE],
            "Only 0 pods were available during the rollout, expected at least 3",
            id="floor",
        ),
        pytest.param(
            {"ceiling": 3, "complete": True},
            [IMAGE, DONE],
            "There were 4 pods during the rollout, expected at most 3",
            id="ceiling",
        ),
        pytest.param({"floor": 3}, [{"scale": 5}], "No rollout has begun in this task", id="no rollout"),
        pytest.param({"updated": 2}, [IMAGE, {"pause": {}}], "1 pods are updated, expected exactly 2", id="updated"),
        pytest.param({"undone": "nginx:1.7.9"}, [IMAGE], "expected nginx:1.7.9", id="not undone"),
        pytest.param({"outage": True}, [IMAGE, DONE], "3 pods were available even at the worst moment", id="no outage"),
        pytest.param({"undone": True}, [{"undo": {}}], "can't be played: step 1, undo", id="a step that is refused"),
    ],
)
def test_a_lesson_that_is_wrong_is_found(check: Any, solution: list[Any], problem: str) -> None:
    (failure,) = try_out(lesson(task(check, *solution)))
    assert failure.task == 0
    assert problem in failure.problem


def test_the_trial_ends_with_the_first_task_that_fails() -> None:
    wrong = task({"complete": "nginx:2"}, IMAGE, DONE)
    (failure,) = try_out(lesson(ROLL_OUT, wrong, wrong))
    assert failure.task == 1


@pytest.mark.parametrize("ask", ASKS)
def test_every_question_has_an_answer_while_a_rollout_is_stuck(ask: str) -> None:
    stuck = task({"failing": "ImagePullBackOff"}, TYPO, {"wait": "20s"})
    assert try_out(lesson(stuck, {"text": "?", "ask": ask})) == []


def test_predictions_need_something_to_come() -> None:
    (failure,) = try_out(lesson({"text": "?", "predict": 1}))
    assert "nothing more happens" in failure.problem
