"""No table of upstream's is forgotten."""

import importlib
from pathlib import Path

from tests.core.upstream.tables import CASES_NOT_HERE, NOT_HERE, TESTED, index, load


def test_every_table_is_tested_or_listed_with_a_reason() -> None:
    for file in Path(__file__).parent.glob("test_*.py"):
        importlib.import_module(f"tests.core.upstream.{file.stem}")
    assert TESTED.isdisjoint(NOT_HERE)
    assert TESTED | NOT_HERE.keys() == index().keys()


def test_every_case_left_out_exists_in_a_tested_table() -> None:
    for case in CASES_NOT_HERE:
        table, _, name = case.removesuffix("]").partition("[")
        found = load(table)["cases"]
        assert name in found if isinstance(found, dict) else int(name) < len(found)
        assert table in TESTED
