"""A story's texts in other languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.core.fields import kind_of, unlike

KEYS = frozenset({"name", "purpose", "say"})
KNOWN = ", ".join(sorted(KEYS))


class TextError(Exception):
    """Raised where a text is missing or of the wrong type; names the field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryTexts:
    """`said`: the translations of what the story says, by the original text."""

    name: str
    purpose: str
    said: Mapping[str, str]


def read_texts(given: Any, said: Sequence[str]) -> Mapping[str, StoryTexts]:
    """`given`: {language: {name, purpose, say: [...]}}, with as many texts under `say` as the story has; `said` are the story's
    own texts. Raises TextError."""
    if not isinstance(given, Mapping):
        raise TextError(f"translations: {unlike('a mapping of languages', given)}")
    return {str(language): read_one(each, said, f"translations.{language}") for language, each in given.items()}


def read_one(given: Any, said: Sequence[str], place: str) -> StoryTexts:
    if not isinstance(given, Mapping):
        raise TextError(f"{place}: {unlike(f'a mapping with {KNOWN}', given)}")
    unknown = sorted(map(str, given.keys() - KEYS))
    if unknown:
        raise TextError(f"{place}.{unknown[0]}: unknown key; there are {KNOWN}")
    texts = given.get("say", [])
    if not isinstance(texts, list) or len(texts) != len(said):
        found = len(texts) if isinstance(texts, list) else kind_of(texts)
        raise TextError(f"{place}.say: expected as many texts as the story says, {len(said)}, found {found}")
    named = {"name": given.get("name"), "purpose": given.get("purpose")}
    for key, each in {**named, **{f"say[{index}]": text for index, text in enumerate(texts)}}.items():
        if not isinstance(each, str) or not each.strip():
            raise TextError(f"{place}.{key}: {unlike('a text', each)}")
    return StoryTexts(name=given["name"], purpose=given["purpose"], said=dict(zip(said, texts, strict=True)))
