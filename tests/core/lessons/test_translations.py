"""A lesson's texts in other languages: none is missing, and what is wrong is named by its field."""

from typing import Any

import pytest

from cluster.core.lessons.lesson import LessonError
from cluster.core.lessons.reading import read_lesson
from tests.core.lessons.builders import ROLL_OUT, data

TASK = {**ROLL_OUT, "hints": ["Look."], "try": {"page": "Press.", "kubectl": "kubectl ..."}}
CHINESE: dict[str, Any] = {
    "title": "一课",
    "purpose": "试一试。",
    "tasks": [{"text": "上线。", "try": {"page": "按。"}, "hints": ["看。"]}],
}


def read(**changed: Any) -> Any:
    return read_lesson({**data(TASK), "translations": {"zh-hans": {**CHINESE, **changed}}})


def test_a_lesson_is_spoken_in_another_language() -> None:
    lesson = read()
    found = lesson.spoken("zh-hans")
    (task,) = found.tasks
    assert (found.title, found.purpose, task.text, task.page, task.hints) == (
        "一课",
        "试一试。",
        "上线。",
        "按。",
        ("看。",),
    )
    assert (task.kubectl, task.check) == ("kubectl ...", lesson.tasks[0].check)
    assert lesson.spoken("de") is lesson
    assert lesson.title == "A lesson"


def only(task: dict[str, Any]) -> dict[str, Any]:
    return {"tasks": [task]}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"title": None}, "translations.zh-hans.title: expected a text, found nothing", id="no title"),
        pytest.param({"tasks": []}, "translations.zh-hans.tasks: expected as many as in the lesson", id="a task is missing"),
        pytest.param({"tasks": None}, "translations.zh-hans.tasks: expected a list, found nothing", id="no tasks"),
        pytest.param(
            only({"text": "a", "try": {"page": "b"}}), "tasks[0].hints: expected as many as in the lesson, 1, found 0",
            id="a hint is missing",
        ),
        pytest.param(only({"text": "a", "hints": ["b"]}), "tasks[0].try.page: expected a text, found", id="no page"),
        pytest.param(only({"text": "a", "check": []}), "tasks[0].check: unknown key", id="more than texts"),
        pytest.param({"more": 1}, "translations.zh-hans.more: unknown key", id="an unknown key"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(LessonError, match="translations") as caught:
        read(**changed)
    assert words in str(caught.value)


def test_languages_are_a_mapping() -> None:
    with pytest.raises(LessonError, match="translations: expected a mapping, found a list"):
        read_lesson({**data(TASK), "translations": ["zh-hans"]})
