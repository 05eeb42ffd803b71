"""No table of upstream's is forgotten."""

from tests.core.upstream.tables import CASES_NOT_HERE, NOT_HERE, covered, index, load


def test_every_table_is_tested_or_listed_with_a_reason() -> None:
    assert covered().isdisjoint(NOT_HERE)
    assert covered() | NOT_HERE.keys() == index().keys()


def test_every_case_left_out_exists_in_a_tested_table() -> None:
    for case in CASES_NOT_HERE:
        table, _, name = case.removesuffix("]").partition("[")
        found = load(table)["cases"]
        assert name in found if isinstance(found, dict) else int(name) < len(found)
        assert table in covered()
