"""A lesson: what to set up, and tasks one after another."""

from dataclasses import dataclass
from typing import Any

from cluster.core.nodes.behaviour import DEFAULTS
from cluster.core.objects import ImageBehaviour, Manifest, Node
from cluster.core.rehearsals.stories import Step

Path = tuple[str | int, ...]


class LessonError(Exception):
    """Raised when a lesson can't be read. `path` leads to the field that is wrong: ("tasks", 0, "check", 1)."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{field_name(path)}: {problem}" if path else problem)
        self.path = path


def field_name(path: Path) -> str:
    """tasks[0].check[1]."""
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One line of a check: its kind in `checks.CHECKS`, and the value as that kind has read it."""

    kind: str
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Done when all conditions of `check` hold at one moment, or after `predict` right predictions, or when what `ask` names
    was answered. `kubectl` and `page` suggest how to act."""

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
        return sum(step.verb in EDITS for step in self.solution)


EDITS = frozenset({"apply", "set-image", "scale", "patch", "pause", "resume", "restart", "undo"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """`is_deployed`: the Deployment is there when the first task begins; else the first task is to make it."""

    title: str
    purpose: str
    manifest: Manifest
    behaviours: tuple[ImageBehaviour, ...]
    nodes: tuple[Node, ...]
    is_deployed: bool
    tasks: tuple[Task, ...]

    @property
    def deployment_name(self) -> str:
        name: str = self.manifest["metadata"]["name"]
        return name

    @property
    def own_behaviours(self) -> tuple[ImageBehaviour, ...]:
        """Those that the lesson gives itself, before the shipped ones."""
        return self.behaviours[: len(self.behaviours) - len(DEFAULTS)]
