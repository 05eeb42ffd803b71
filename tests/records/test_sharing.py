"""Equal JSON values are one object, as long as they are small and few."""

import pytest

from cluster.records import sharing


@pytest.fixture(autouse=True)
def nothing_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "VALUES", {})


def test_equal_values_are_shared() -> None:
    first, second = sharing.shared({"a": [1, {"b": None}]}), sharing.shared({"a": [1, {"b": None}]})
    assert first == {"a": [1, {"b": None}]}
    assert first is second
    assert sharing.shared({"a": [1, {"b": 0}]}) is not first


def test_large_values_and_many_of_them_are_not_held() -> None:
    large = {"a": "x" * sharing.MOST_BYTES}
    assert sharing.shared(large) is large
    assert not sharing.VALUES
    for number in range(sharing.MOST_VALUES + 1):
        sharing.shared([number])
    assert list(sharing.VALUES.values()) == [[sharing.MOST_VALUES]]
