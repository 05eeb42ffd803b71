"""Fields given twice, and nesting without end."""

import json

import pytest

from cluster.machinery import strict_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a": 1, "b": {"a": 2}}', [], id="none"),
        pytest.param('{"spec": {"replicas": 1, "replicas": 2}}', ["spec.replicas"], id="nested"),
        pytest.param(
            '{"a": [{"x": 1}, {"x": 1, "x": 2, "x": 3}], "a": [{"x": 1, "x": 2}]}', ["a", "a[0].x"], id="in lists"
        ),
    ],
)
def test_fields_given_twice_are_found_by_path_and_the_last_wins(text: str, expected: list[str]) -> None:
    value, repeated = strict_json.loads(text)
    assert repeated == expected
    assert value == json.loads(text)
    assert not any(type(item) is not dict for item in [value, value.get("spec", {})]), (
        "plain objects for who comes next"
    )


@pytest.mark.parametrize("depth", [101, 100_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="exceeded max depth"):
        strict_json.loads('{"a":' * depth + "1" + "}" * depth)


def test_a_manifest_is_never_that_deep() -> None:
    strict_json.loads('{"a":[' * 40 + "1" + "]}" * 40)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="looking for beginning of object key string"):
        strict_json.loads("{spec: 1}")
