"""Reads a lesson from plain data, as YAML gives it. Every error names its field."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.fields import unlike
from cluster.core.lessons.checks import CHECKS
from cluster.core.lessons.lesson import Condition, Lesson, LessonError, Path, Task
from cluster.core.lessons.questions import ASKS
from cluster.core.lessons.translations import read_translations
from cluster.core.lessons.values import LONGEST_TEXT, LONGEST_TITLE, check_text, flag, listing, mapping, text
from cluster.core.objects import Manifest
from cluster.core.rehearsals.stories.behaviours import read_behaviours
from cluster.core.rehearsals.stories.manifests import FIRST_MANIFEST, read_manifest
from cluster.core.rehearsals.stories.nodes import read_nodes
from cluster.core.rehearsals.stories.steps import MOST_STEPS, read_step
from cluster.core.rehearsals.stories.story import Step, StoryError

MOST_TASKS, MOST_HINTS, MOST_CONDITIONS, MOST_PREDICTIONS = 50, 10, 10, 20
LESSON_KEYS = ("title", "purpose", "setup", "tasks", "translations")
SETUP_KEYS = ("manifest", "behaviours", "nodes", "deployed")
TASK_KEYS = ("text", "hints", "try", "check", "predict", "ask", "solution")
TRY_KEYS = ("kubectl", "page")
PLACE = re.compile(r"^([\w-]+)((?:\[\d+\]|\.[\w-]+)*): (.*)$", re.DOTALL)


def read_lesson(data: Any) -> Lesson:
    """Reads a lesson. Raises LessonError."""
    fields = mapping(data, (), LESSON_KEYS)
    setup = mapping(fields.get("setup"), ("setup",), SETUP_KEYS)
    try:
        manifest = read_manifest(setup.get("manifest"), "manifest")
        behaviours = read_behaviours({"behaviours": setup.get("behaviours", [])}, ())
        nodes = read_nodes(setup.get("nodes"))
    except StoryError as error:
        raise of_story(error, ("setup",)) from error
    lesson = Lesson(
        title=text(fields, "title", (), LONGEST_TITLE),
        purpose=text(fields, "purpose", (), LONGEST_TEXT),
        manifest=without_namespace(manifest),
        behaviours=behaviours,
        nodes=nodes,
        is_deployed=flag(setup.get("deployed", True), ("setup", "deployed")),
        tasks=read_tasks(fields.get("tasks"), manifest),
    )
    return replace(lesson, translations=read_translations(fields.get("translations", {}), lesson))


def of_story(error: StoryError, under: Path) -> LessonError:
    """A LessonError from a story's error, with the path at the beginning of its text, as in behaviours[1].failure: ..."""
    found = PLACE.match(str(error))
    if not found:
        return LessonError(under, str(error))
    first, rest, problem = found.groups()
    parts = re.findall(r"\[(\d+)\]|\.([\w-]+)", rest)
    return LessonError((*under, first, *(int(number) if number else name for number, name in parts)), problem)


def without_namespace(manifest: Manifest) -> Manifest:
    """The manifest without its namespace: a lesson runs in the student's namespace."""
    metadata = {key: each for key, each in manifest["metadata"].items() if key != "namespace"}
    return {**manifest, "metadata": metadata}


def read_tasks(given: Any, manifest: Manifest) -> tuple[Task, ...]:
    tasks = listing(given, ("tasks",), MOST_TASKS)
    if not tasks:
        raise LessonError(("tasks",), "expected at least one task, found none")
    return tuple(read_task(each, ("tasks", place), manifest) for place, each in enumerate(tasks))


def read_task(given: Any, path: Path, manifest: Manifest) -> Task:
    fields = mapping(given, path, TASK_KEYS)
    kinds = [key for key in ("check", "predict", "ask") if key in fields]
    if len(kinds) != 1:
        raise LessonError(path, f"expected one of check, predict and ask, found {' and '.join(kinds) or 'none'}")
    hints = listing(fields.get("hints", []), (*path, "hints"), MOST_HINTS)
    for place, hint in enumerate(hints):
        check_text(hint, (*path, "hints", place), LONGEST_TEXT)
    tries = mapping(fields.get("try", {}), (*path, "try"), TRY_KEYS)
    task = Task(
        text=text(fields, "text", path, LONGEST_TEXT),
        hints=tuple(hints),
        kubectl=text(tries, "kubectl", (*path, "try"), LONGEST_TEXT, wanted=False),
        page=text(tries, "page", (*path, "try"), LONGEST_TEXT, wanted=False),
        check=read_check(fields["check"], (*path, "check")) if "check" in fields else (),
        predict=read_predict(fields["predict"], (*path, "predict")) if "predict" in fields else 0,
        ask=read_ask(fields["ask"], (*path, "ask")) if "ask" in fields else "",
        solution=read_solution(fields.get("solution", []), (*path, "solution"), manifest),
    )
    if task.check and not task.solution:
        raise LessonError((*path, "solution"), "expected a solution, so that the check can be tested, found none")
    if not task.check and task.solution:
        raise LessonError((*path, "solution"), "the answer to a question is computed; only a check has a solution")
    return task


def read_check(given: Any, path: Path) -> tuple[Condition, ...]:
    """Reads a list of conditions, or a mapping where each kind occurs once."""
    if isinstance(given, Mapping):
        pairs = [(kind, value, (*path, kind)) for kind, value in given.items()]
    else:
        items = listing(given, path, MOST_CONDITIONS)
        pairs = [only_pair(each, (*path, place)) for place, each in enumerate(items)]
    if not 1 <= len(pairs) <= MOST_CONDITIONS:
        raise LessonError(path, f"expected 1 to {MOST_CONDITIONS} conditions, found {len(pairs)}")
    return tuple(read_condition(kind, value, place) for kind, value, place in pairs)


def only_pair(given: Any, path: Path) -> tuple[str, Any, Path]:
    if not isinstance(given, Mapping) or len(given) != 1:
        raise LessonError(path, unlike("one kind with its value, such as `complete: nginx:1.9.1`", given))
    ((kind, value),) = given.items()
    return str(kind), value, (*path, str(kind))


def read_condition(kind: str, value: Any, path: Path) -> Condition:
    if kind not in CHECKS:
        raise LessonError(path, f"unknown kind of condition; there are {', '.join(CHECKS)}")
    try:
        return Condition(kind=kind, value=CHECKS[kind].read(value))
    except ValueError as error:
        raise LessonError(path, str(error)) from error


def read_predict(given: Any, path: Path) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MOST_PREDICTIONS:
        raise LessonError(path, unlike(f"a number of right predictions from 1 to {MOST_PREDICTIONS}", given))
    return given


def read_ask(given: Any, path: Path) -> str:
    if not isinstance(given, str) or given not in ASKS:
        raise LessonError(path, f"{given!r} can't be asked for; there are {', '.join(ASKS)}")
    return given


def read_solution(given: Any, path: Path, manifest: Manifest) -> tuple[Step, ...]:
    steps = listing(given, path, MOST_STEPS)
    manifests = {FIRST_MANIFEST: manifest}
    found = []
    for index, each in enumerate(steps):
        try:
            found.append(read_step(each, index, 0, manifests))
        except StoryError as error:
            raise LessonError((*path, index), str(error).partition(": ")[2] or str(error)) from error
    return tuple(found)
