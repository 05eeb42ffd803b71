"""Values of a lesson's YAML: mappings, lists and texts of a bounded size, or an error that names the field."""

from collections.abc import Mapping
from typing import Any

from cluster.core.fields import unlike
from cluster.core.lessons.lesson import LessonError, Path

LONGEST_TITLE, LONGEST_TEXT = 100, 5000


def mapping(given: Any, path: Path, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise LessonError(path, unlike(f"a mapping with {', '.join(keys)}" if keys else "a mapping", given))
    unknown = sorted(str(each) for each in given.keys() - set(keys))
    if unknown:
        raise LessonError((*path, unknown[0]), f"unknown key; there are {', '.join(keys)}")
    return given


def listing(given: Any, path: Path, most: int) -> list[Any]:
    if not isinstance(given, list):
        raise LessonError(path, unlike("a list", given))
    if len(given) > most:
        raise LessonError(path, f"expected at most {most:,}, found {len(given):,}")
    return given


def text(fields: Mapping[str, Any], key: str, path: Path, most: int, *, wanted: bool = True) -> str:
    if key not in fields and not wanted:
        return ""
    return check_text(fields.get(key), (*path, key), most)


def check_text(given: Any, path: Path, most: int) -> str:
    if not isinstance(given, str) or not given.strip():
        raise LessonError(path, unlike("a text", given))
    if len(given) > most:
        raise LessonError(path, f"expected at most {most:,} characters, found {len(given):,}")
    return given.strip()


def flag(given: Any, path: Path) -> bool:
    if not isinstance(given, bool):
        raise LessonError(path, unlike("true or false", given))
    return given
