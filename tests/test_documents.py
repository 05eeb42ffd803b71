"""YAML as Kubernetes reads and writes it."""

from typing import Any

import pytest

from cluster import documents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: y", {"a": True}, id="y"),
        pytest.param("a: N", {"a": False}, id="N"),
        pytest.param("a: on", {"a": True}, id="on"),
        pytest.param('a: "y"', {"a": "y"}, id="y in quotes"),
        pytest.param("a: yy", {"a": "yy"}, id="a word"),
        pytest.param("y: 1", {"true": 1}, id="a key"),
        pytest.param("a: 2026-11-24", {"a": "2026-11-24"}, id="a date is text"),
    ],
)
def test_what_a_scalar_is(text: str, value: dict[str, Any]) -> None:
    assert documents.load_documents(text)[0].manifest == value


@pytest.mark.parametrize("value", ["y", "N", "yes", "off", "true", "null", "1", "1e3", "", "a: b", "it's"])
def test_text_is_text_again(value: str) -> None:
    assert documents.load_documents(documents.dump({"a": value}))[0].manifest == {"a": value}
