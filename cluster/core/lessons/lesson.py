"""A lesson: its setup, and tasks one after another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.core.manifests.verbs import VERBS
from cluster.core.nodes.behaviour import DEFAULTS
from cluster.core.objects import ImageBehaviour, Manifest, Node
from cluster.core.rehearsals.stories.story import Step

Path = tuple[str | int, ...]


class LessonError(Exception):
    """Raised when a lesson can't be read. `path` is that of the wrong field: ("tasks", 0, "check", 1)."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{field_name(path)}: {problem}" if path else problem)
        self.path = path


def field_name(path: Path) -> str:
    """The path as text, such as tasks[0].check[1]."""
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One condition of a check: its kind in `checks.CHECKS`, and the value as that kind has read it."""

    kind: str
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Done when all conditions of `check` hold at the same time, after `predict` right predictions, or after a right answer to
    the question `ask`. `kubectl` and `page` suggest how to act."""

    text: str
    hints: tuple[str, ...] = ()
    kubectl: str = ""
    page: str = ""
    check: tuple[Condition, ...] = ()
    predict: int = 0
    ask: str = ""
    solution: tuple[Step, ...] = ()

    @property
    def edits(self) -> int:
        """How many edits of the Deployment the solution makes."""
        return sum(step.verb in VERBS and VERBS[step.verb].edit is not None for step in self.solution)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """`is_deployed`: the Deployment exists when the first task begins; else the first task is to create it. `translations` are
    the same lesson with its texts in other languages, by language (`zh-hans`)."""

    title: str
    purpose: str
    manifest: Manifest
    behaviours: tuple[ImageBehaviour, ...]
    nodes: tuple[Node, ...]
    is_deployed: bool
    tasks: tuple[Task, ...]
    translations: Mapping[str, "Lesson"] = field(default_factory=dict)

    def spoken(self, language: str) -> "Lesson":
        """The lesson in that language, else the original."""
        return self.translations.get(language, self)

    @property
    def deployment_name(self) -> str:
        name: str = self.manifest["metadata"]["name"]
        return name

    @property
    def own_behaviours(self) -> tuple[ImageBehaviour, ...]:
        """The lesson's own behaviours, without the default ones."""
        return self.behaviours[: len(self.behaviours) - len(DEFAULTS)]
