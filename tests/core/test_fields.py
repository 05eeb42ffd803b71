"""What messages say of a value that is not as expected."""

from typing import Any

import pytest

from cluster.core.fields import unlike


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("web", "'web'", id="text"),
        pytest.param("x" * 81, "text", id="long text"),
        pytest.param(True, "true", id="a boolean, as YAML has it"),
        pytest.param(7, "7", id="a number"),
        pytest.param(16**5000, "a number", id="a number of more digits than Python writes"),
        pytest.param(None, "nothing", id="nothing"),
        pytest.param({"a": 1}, "a mapping", id="a mapping"),
    ],
)
def test_a_value_is_shown_where_it_is_short(value: Any, expected: str) -> None:
    assert unlike("a list", value) == f"expected a list, found {expected}"
