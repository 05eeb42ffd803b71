"""Rows as values: equal JSON is one object for all of them."""

import pytest

from cluster.records import rows


@pytest.fixture(autouse=True)
def nothing_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SHARED_VALUES", {})


def test_equal_values_are_shared() -> None:
    first, second = rows.shared({"a": [1, {"b": None}]}), rows.shared({"a": [1, {"b": None}]})
    assert first == {"a": [1, {"b": None}]}
    assert first is second
    assert rows.shared({"a": [1, {"b": 0}]}) is not first


def test_large_values_and_many_of_them_are_not_held() -> None:
    large = {"a": "x" * rows.MOST_SHARED_BYTES}
    assert rows.shared(large) is large
    assert not rows.SHARED_VALUES
    for number in range(rows.MOST_SHARED + 1):
        rows.shared([number])
    assert list(rows.SHARED_VALUES.values()) == [[rows.MOST_SHARED]]
