"""Quantities as the API server keeps them and as a controller holds them."""

import json
from typing import Any

import pytest

from cluster.core.manifests.quantities import nanos, parse, spew_quantity, stored
from tests.core.recordings import GOLDEN

CASES = json.loads((GOLDEN / "quantities.json").read_text())["cases"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["text"]) for each in CASES])
def test_a_quantity_is_stored_and_hashed_as_in_kubernetes(case: dict[str, Any]) -> None:
    assert stored(case["text"]) == case["stored"]
    assert spew_quantity(case["text"], resource=False) == case["spew"]
    assert stored(case["text"], resource=True) == case["resource"]["stored"]
    assert spew_quantity(case["text"]) == case["resource"]["spew"]


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "1.2.3", "--1", "Gi"])
def test_what_is_no_quantity_is_refused_in_upstream_s_words(text: str) -> None:
    with pytest.raises(ValueError, match="quantities must match the regular expression"):
        parse(text)


@pytest.mark.parametrize("text", ["1e100", "1e-100", "1e999999999"])
def test_an_exponent_beyond_all_use_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unable to parse quantity's suffix"):
        parse(text)


def test_a_text_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="quantities must match"):
        parse("1" * 5000)


@pytest.mark.parametrize("text", ["1Kii", "1ki", "1KB", "1e", "1mi"])
def test_a_suffix_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unable to parse quantity's suffix|quantities must match"):
        parse(text)


@pytest.mark.parametrize(
    ("less", "more"),
    [("999m", "1"), ("1Gi", "1.1Gi"), ("1G", "1Gi"), ("-1", "0"), ("1n", "1u"), ("1Ei", "2Ei")],
)
def test_quantities_compare_by_amount(less: str, more: str) -> None:
    assert nanos(less) < nanos(more)
