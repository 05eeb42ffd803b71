"""A lesson's texts in other languages, in the lesson's own structure. Every error names its field."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.lessons.lesson import Lesson, LessonError, Path, Task
from cluster.core.lessons.values import LONGEST_TEXT, LONGEST_TITLE, check_text, listing, mapping, text

KEYS = ("title", "purpose", "tasks")
TASK_KEYS = ("text", "try", "hints")


def read_translations(given: Any, lesson: Lesson) -> Mapping[str, Lesson]:
    """`given`: {language: {title, purpose, tasks: [{text, try: {page}, hints}]}}; it must have all of the lesson's texts."""
    languages = mapping(given, ("translations",), tuple(given) if isinstance(given, Mapping) else ())
    return {str(language): translated(each, lesson, ("translations", language)) for language, each in languages.items()}


def translated(given: Any, lesson: Lesson, path: Path) -> Lesson:
    fields = mapping(given, path, KEYS)
    tasks = listing(fields.get("tasks"), (*path, "tasks"), len(lesson.tasks))
    check_number(tasks, lesson.tasks, (*path, "tasks"))
    return replace(
        lesson,
        title=text(fields, "title", path, LONGEST_TITLE),
        purpose=text(fields, "purpose", path, LONGEST_TEXT),
        tasks=tuple(
            translated_task(each, task, (*path, "tasks", place))
            for place, (each, task) in enumerate(zip(tasks, lesson.tasks, strict=True))
        ),
    )


def translated_task(given: Any, task: Task, path: Path) -> Task:
    fields = mapping(given, path, TASK_KEYS)
    hints = listing(fields.get("hints", []), (*path, "hints"), len(task.hints))
    check_number(hints, task.hints, (*path, "hints"))
    tries = mapping(fields.get("try", {}), (*path, "try"), ("page",))
    return replace(
        task,
        text=text(fields, "text", path, LONGEST_TEXT),
        page=text(tries, "page", (*path, "try"), LONGEST_TEXT, wanted=bool(task.page)),
        hints=tuple(check_text(each, (*path, "hints", place), LONGEST_TEXT) for place, each in enumerate(hints)),
    )


def check_number(given: Any, own: Any, path: Path) -> None:
    if len(given) != len(own):
        raise LessonError(path, f"expected as many as in the lesson, {len(own)}, found {len(given)}")
