"""Reads a story from plain data; an error names the field or the step."""

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.core.fields import BadField, read_count, unlike
from cluster.core.rehearsals.expectation import (
    Expectation,
    ExpectationError,
    is_expectation,
    is_recorded,
    read_expectation,
)
from cluster.core.rehearsals.stories.behaviours import read_behaviours
from cluster.core.rehearsals.stories.manifests import read_manifests, read_objects
from cluster.core.rehearsals.stories.nodes import read_nodes
from cluster.core.rehearsals.stories.steps import read_steps
from cluster.core.rehearsals.stories.story import AskedTraffic, Step, Story, StoryError
from cluster.core.rehearsals.stories.texts import StoryTexts, TextError, read_texts
from cluster.core.rehearsals.stories.values import read_seconds
from cluster.core.traffic.model import Model

KEYS = frozenset({
    "name", "purpose", "manifest", "manifests", "objects", "behaviours", "nodes", "steps", "traffic", "expect", "translations",
})  # fmt: skip
TRAFFIC_KEYS = frozenset({"service", "requests", "delay", "takes"})


def read_story(data: Mapping[str, Any], *, name: str, step_lines: Sequence[int] = ()) -> Story:
    """A Story from a mapping as YAML or JSON gives it; `name` is used where the mapping has none. Raises StoryError."""
    unknown = sorted(data.keys() - KEYS)
    if unknown:
        raise StoryError(f"{unknown[0]}: unknown key; a story has {', '.join(sorted(KEYS))}")
    manifests = read_manifests(data)
    steps = read_steps(data.get("steps"), manifests, step_lines)
    return Story(
        name=str(data.get("name") or name),
        purpose=str(data.get("purpose") or ""),
        manifests=manifests,
        behaviours=read_behaviours(data, steps),
        nodes=read_nodes(data.get("nodes")),
        steps=steps,
        objects=read_objects(data.get("objects")),
        traffic=read_traffic(data["traffic"]) if "traffic" in data else None,
        is_recorded=is_recorded(data),
        expects=read_expects(data.get("expect")),
        translations=read_translations(data, steps),
    )


def read_translations(data: Mapping[str, Any], steps: Sequence[Step]) -> Mapping[str, StoryTexts]:
    try:
        return read_texts(data.get("translations", {}), [step.value for step in steps if step.verb == "say"])
    except TextError as error:
        raise StoryError(str(error)) from error


def read_expects(given: Any) -> Expectation | None:
    try:
        return read_expectation(given) if is_expectation(given) else None
    except ExpectationError as error:
        raise StoryError(str(error)) from error


def read_traffic(given: Any) -> AskedTraffic:
    """Reads `{service, requests, delay, takes}`, all optional: requests per second, the delay of the proxies, and how long a
    request takes."""
    if given is None or given is True:
        given = {}
    known = ", ".join(sorted(TRAFFIC_KEYS))
    if not isinstance(given, Mapping):
        raise StoryError(f"traffic: {unlike(f'a mapping of any of {known}', given)}")
    unknown = sorted(map(str, given.keys() - TRAFFIC_KEYS))
    if unknown:
        raise StoryError(f"traffic.{unknown[0]}: unknown key; there are {known}")
    usual = Model()
    try:
        rate = float(read_count(given.get("requests", int(usual.requests_per_second)), "traffic.requests"))
    except BadField as error:
        raise StoryError(str(error)) from error
    return AskedTraffic(
        service=str(given.get("service") or ""),
        model=Model(
            requests_per_second=rate,
            belief_delay_seconds=read_seconds(given.get("delay", usual.belief_delay_seconds), "traffic.delay"),
            request_seconds=read_seconds(given.get("takes", usual.request_seconds), "traffic.takes"),
        ),
    )
