"""Story files: YAML, or JSON for recorded stories; one story, or a list of them."""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from cluster import documents
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import Story, StoryError


def load_stories(text: str, *, name: str) -> list[Story]:
    """Every story of a text. Raises StoryError with a one-line message of the place and the reason."""
    documents, lines = parse(text)
    if len(documents) != 1:
        raise StoryError(f"expected one YAML document, found {len(documents)}")
    data = documents[0]
    if isinstance(data, list):
        if not data:
            raise StoryError("expected a story, the list is empty")
        return [read_story(mapping(each), name=f"{name}-{place}") for place, each in enumerate(data, start=1)]
    return [read_story(mapping(data), name=name, step_lines=lines)]


@cache
def library() -> Mapping[str, Story]:
    """The stories that come with the server, by file name; read once."""
    found: dict[str, Story] = {}
    for path in sorted((settings.BASE_DIR / "stories").glob("*.yaml")):
        with suppress(StoryError):  # the book's plain manifest is not a story
            found[path.stem] = load_stories(path.read_text(), name=path.stem)[0]
    return found


def names(language: str | None) -> list[tuple[str, str]]:
    """(file name, title) of each story."""
    return [(name, each.named(language or "")) for name, each in library().items()]


def parse(text: str) -> tuple[list[Any], list[int]]:
    """(the documents, the line of each step where there is one document in YAML)."""
    if text.lstrip()[:1] in ("{", "["):
        return [parse_json(text)], []
    try:
        found = documents.load_documents(text)
    except documents.DocumentError as error:
        raise StoryError(str(error)) from error
    return [each.manifest for each in found], step_lines(text) if len(found) == 1 else []


def parse_json(text: str) -> Any:
    if len(text.encode()) > documents.LARGEST_TEXT_BYTES:
        raise StoryError(f"the text is larger than {documents.LARGEST_TEXT_BYTES:,} bytes")
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoryError(f"not valid JSON: {error}") from error
    except RecursionError as error:
        raise StoryError("not valid JSON: nested too deeply") from error


def step_lines(text: str) -> list[int]:
    root = yaml.compose(text, Loader=documents.Loader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    steps = next((value for key, value in pairs if key.value == "steps"), None)
    items = steps.value if isinstance(steps, yaml.SequenceNode) else []
    return [each.start_mark.line + 1 for each in items]


def mapping(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise StoryError("a story is a mapping with manifests and steps")
    return data
