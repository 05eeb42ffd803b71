from copy import deepcopy
from typing import Any

import pytest

from cluster.core.lessons.lesson import LessonError
from cluster.core.lessons.reading import read_lesson
from tests.core.lessons.builders import ROLL_OUT, data, lesson


def test_a_lesson_is_read_with_its_tasks() -> None:
    found = lesson({**ROLL_OUT, "hints": ["Look."], "try": {"kubectl": "kubectl ...", "page": "Press."}})
    assert (found.title, found.deployment_name, found.is_deployed) == ("A lesson", "web", True)
    (task,) = found.tasks
    assert (task.hints, task.kubectl, task.page, task.edits) == (("Look.",), "kubectl ...", "Press.", 1)


def test_a_check_is_a_list_or_a_mapping() -> None:
    pairs = {"complete": "nginx:1.9.1", "floor": 2}
    one, other = (
        lesson({**ROLL_OUT, "check": pairs}),
        lesson({**ROLL_OUT, "check": [{key: pairs[key]} for key in pairs]}),
    )
    assert one.tasks[0].check == other.tasks[0].check


DELETE = object()


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        pytest.param(("title",), DELETE, "title", "expected a text, found", id="no title"),
        pytest.param(("title",), "x" * 101, "title", "at most 100 characters", id="a long title"),
        pytest.param(("more",), 1, "more", "unknown key", id="an unknown key"),
        pytest.param(("setup",), [], "setup", "a mapping with manifest", id="a list as setup"),
        pytest.param(("setup", "manifest"), DELETE, "setup.manifest", "expected a Deployment", id="no manifest"),
        pytest.param(("setup", "manifest", "kind"), "Pod", "setup.manifest", 'no matches for kind "Pod"', id="a pod"),
        pytest.param(
            ("setup", "behaviours"),
            [{"image": "a", "failure": "x"}],
            "setup.behaviours[0].failure",
            "is none of",
            id="failure",
        ),
        pytest.param(
            ("setup", "nodes"), [{"name": 1}], "setup.nodes[0]", "expected {name, slots}", id="a node without a name"
        ),
        pytest.param(("setup", "deployed"), "yes", "setup.deployed", "true or false", id="text for a flag"),
        pytest.param(("tasks",), [], "tasks", "at least one task", id="no tasks"),
        pytest.param(("tasks", 0), "x", "tasks[0]", "a mapping with text", id="a task that is text"),
        pytest.param(("tasks", 0, "check"), DELETE, "tasks[0]", "one of check, predict and ask", id="nothing to do"),
        pytest.param(("tasks", 0, "predict"), 1, "tasks[0]", "found check and predict", id="two things to do"),
        pytest.param(("tasks", 0, "check"), [], "tasks[0].check", "1 to 10 conditions", id="an empty check"),
        pytest.param(
            ("tasks", 0, "check"), [{"full": 1}], "tasks[0].check[0].full", "unknown kind", id="unknown condition"
        ),
        pytest.param(
            ("tasks", 0, "check"), [{"floor": -1}], "tasks[0].check[0].floor", "from 0 to 100,000", id="negative"
        ),
        pytest.param(("tasks", 0, "check"), [{"floor": True}], "tasks[0].check[0].floor", "whole number", id="a flag"),
        pytest.param(
            ("tasks", 0, "check"),
            [{"deployment": {"size": 1}}],
            "tasks[0].check[0].deployment",
            "unknown field",
            id="a field",
        ),
        pytest.param(
            ("tasks", 0, "check"), [{"clock": "off"}], "tasks[0].check[0].clock", "paused or running", id="clock"
        ),
        pytest.param(
            ("tasks", 0, "hints"), ["a", 2], "tasks[0].hints[1]", "expected a text, found", id="a number as a hint"
        ),
        pytest.param(("tasks", 0, "solution"), DELETE, "tasks[0].solution", "expected a solution", id="no solution"),
        pytest.param(
            ("tasks", 0, "solution"),
            [{"scale": 1}, {"sing": 1}],
            "tasks[0].solution[1]",
            "unknown step",
            id="unknown step",
        ),
        pytest.param(
            ("tasks", 0, "solution"), [{"scale": -1}], "tasks[0].solution[0]", "whole number", id="a bad step"
        ),
    ],
)
def test_an_error_names_its_field(path: tuple[Any, ...], value: Any, field: str, words: str) -> None:
    given: Any = deepcopy(data())
    around = given
    for each in path[:-1]:
        around = around[each]
    if value is DELETE:
        del around[path[-1]]
    else:
        around[path[-1]] = value
    with pytest.raises(LessonError) as error:
        read_lesson(given)
    assert str(error.value).startswith(f"{field}: ")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        pytest.param("ask", "weather", "can't be asked for", id="an unknown question"),
        pytest.param("ask", ["revision"], "can't be asked for", id="a list"),
        pytest.param("predict", 0, "from 1 to 20", id="no predictions"),
        pytest.param("predict", "3", "from 1 to 20", id="text"),
    ],
)
def test_questions_are_read_strictly(kind: str, value: Any, words: str) -> None:
    with pytest.raises(LessonError, match=words):
        read_lesson(data({"text": "?", kind: value}))


def test_the_answer_to_a_question_is_never_written() -> None:
    with pytest.raises(LessonError, match="the answer to a question is computed"):
        read_lesson(data({"text": "?", "ask": "revision", "solution": [{"scale": 3}]}))
