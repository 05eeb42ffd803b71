"""A story: a Deployment's manifests, how its images behave, and the steps to play."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.core.objects import ImageBehaviour, Manifest, Node
from cluster.core.rehearsals.expectation import Expectation
from cluster.core.rehearsals.stories.texts import StoryTexts
from cluster.core.traffic.model import Model

NODES = tuple(Node(name=f"node-{number}") for number in (1, 2, 3))


class StoryError(Exception):
    """Raised when a story can't be read or a step can't be played; one line says where and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """`index` counts from 0, `line` from 1 (0: unknown). `value` is the result of the verb's reader (steps.py). `where`: the place
    that an error names, for a step that is not in the file."""

    index: int
    line: int
    verb: str
    value: Any
    where: str = ""

    def problem(self, text: str) -> StoryError:
        return StoryError(f"{self.place}: {text}")

    @property
    def place(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return self.where or f"step {self.index + 1}{line}, {self.verb}"


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedTraffic:
    """Requests to a Service, by name; "": the first that selects the Deployment's pods."""

    service: str = ""
    model: Model


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """`manifests` are valid Deployments of one name, as given, by the key that `apply` uses. `is_recorded`: the story contains
    a real cluster's results (under `expect`). `objects`: ResourceQuotas, LimitRanges, PodDisruptionBudgets and Services that
    exist from the beginning. `expects`: the result that the story expects; None: a rollout that completes."""

    name: str
    purpose: str = ""
    manifests: Mapping[str, Manifest]
    behaviours: tuple[ImageBehaviour, ...]
    nodes: tuple[Node, ...] = NODES
    steps: tuple[Step, ...]
    objects: tuple[Manifest, ...] = ()
    traffic: AskedTraffic | None = None
    is_recorded: bool = False
    expects: Expectation | None = None
    translations: Mapping[str, StoryTexts] = field(default_factory=dict)

    def named(self, language: str) -> str:
        """The story's name in a language, else the original one."""
        found = self.translations.get(language)
        return found.name if found else self.name

    def spoken(self, text: str) -> dict[str, str]:
        """The translations of a text that the story says, by language."""
        return {language: each.said[text] for language, each in self.translations.items() if text in each.said}

    @property
    def deployment_name(self) -> str:
        name: str = next(iter(self.manifests.values()))["metadata"]["name"]
        return name

    @property
    def deployment(self) -> tuple[str, str]:
        """(namespace, name) of the Deployment."""
        metadata = next(iter(self.manifests.values()))["metadata"]
        return metadata.get("namespace") or "default", self.deployment_name
