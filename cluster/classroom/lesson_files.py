"""Parses lesson files: YAML to a Lesson, or to an error with its line."""

from functools import lru_cache
from typing import Any

import yaml
from django.conf import settings

from cluster import documents
from cluster.core.lessons.lesson import Lesson, LessonError, Path
from cluster.core.lessons.reading import read_lesson

FOLDER = settings.BASE_DIR / "lessons"
Lines = dict[Path, int]


class BadLesson(Exception):
    """Raised when a text is not a lesson. `line` counts from 1; the text names the field."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line

    def at(self, file: str) -> str:
        """lessons/mine.yaml, line 12: tasks[0].check: ..."""
        return f"{file}, line {self.line}: {self}"


def load(text: str) -> Lesson:
    """Raises BadLesson."""
    try:
        found = documents.load_documents(text)
    except documents.DocumentError as error:
        raise BadLesson(error.line, str(error)) from error
    if len(found) != 1:
        raise BadLesson(1, f"expected one YAML document, found {len(found)}")
    try:
        return read_lesson(found[0].manifest)
    except LessonError as error:
        raise BadLesson(line_of(error.path, lines_of(text)), str(error)) from error


def lines_of(text: str) -> Lines:
    """The line of every value, by its path. The size of the text was checked before."""
    lines: Lines = {}

    def visit(node: Any, path: Path) -> None:
        lines[path] = min(lines.get(path, documents.line_of(node)), documents.line_of(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                lines[(*path, key.value)] = documents.line_of(key)
                visit(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for place, each in enumerate(node.value):
                visit(each, (*path, place))

    visit(yaml.compose(text, Loader=documents.Loader), ())
    return lines


def line_of(path: Path, lines: Lines) -> int:
    """The line of a field, or of the nearest enclosing one in the text."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def titles(language: str | None = None) -> list[tuple[str, str]]:
    """(name, title) of the lessons that come with Rollstage, in their order."""
    return [(name, each.spoken(language or "").title) for name, each in library().items()]


@lru_cache(maxsize=1)
def library() -> dict[str, Lesson]:
    """The lessons that come with Rollstage, by name, in their order; read once."""
    return {name: load(text) for name, text in shipped().items()}


@lru_cache(maxsize=1)
def shipped() -> dict[str, str]:
    """The texts of the lessons that come with Rollstage, by name."""
    return {each.stem: each.read_text() for each in sorted(FOLDER.glob("*.yaml"))}
