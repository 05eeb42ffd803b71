"""A cursor that keeps statements in SQLite's notation: Django converts the places of parameters ("%s") at each execution."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper

KEPT = 512
LARGEST_KEPT = 8_000  # characters


class Cursor(SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> Any:
        if param_names is None and len(query) <= LARGEST_KEPT:
            return with_question_marks(query)
        return super().convert_query(query, param_names=param_names)


@lru_cache(maxsize=KEPT)
def with_question_marks(query: str) -> str:
    return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
