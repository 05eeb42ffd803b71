"""A story's texts in other languages."""

import re
from typing import Any

import pytest

from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import Story, StoryError
from tests.core.lessons.builders import MANIFEST

CHINESE: dict[str, Any] = {"name": "故事", "purpose": "试一试。", "say": ["一", "二"]}


def story(**changed: Any) -> Story:
    steps = [{"apply": "manifest"}, {"say": "One."}, {"wait": "complete"}, {"say": "Two."}]
    texts = {key: value for key, value in {**CHINESE, **changed}.items() if value is not None}
    return read_story({"manifest": MANIFEST, "steps": steps, "translations": {"zh-hans": texts}}, name="plain")


def test_a_story_is_named_and_spoken_in_another_language() -> None:
    found = story()
    assert (found.named("zh-hans"), found.named("en")) == ("故事", "plain")
    assert (found.spoken("One."), found.spoken("Two."), found.spoken("Else.")) == (
        {"zh-hans": "一"},
        {"zh-hans": "二"},
        {},
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param(
            {"say": ["一"]}, "translations.zh-hans.say: expected as many texts as the story says, 2, found 1", id="few"
        ),
        pytest.param({"name": None}, "translations.zh-hans.name: expected a text, found nothing", id="no name"),
        pytest.param({"say": ["一", ""]}, "translations.zh-hans.say[1]: expected a text, found ''", id="an empty text"),
        pytest.param(
            {"more": "x"}, "translations.zh-hans.more: unknown key; there are name, purpose, say", id="an unknown key"
        ),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(StoryError, match=re.escape(words)):
        story(**changed)
