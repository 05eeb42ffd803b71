"""Statements that write many rows at once write each of them."""

import pytest

from cluster.models import Blueprint
from cluster.records.rows import ROWS_AT_ONCE, insert
from tests.spaces import demo

COLUMNS = ("cluster_id", "digest", "value", "newest")
COUNTS = (0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 3)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("count", COUNTS)
def test_all_rows_are_written_and_a_conflict_is_resolved_in_each(count: int) -> None:
    key = demo().pk
    again = " ON CONFLICT (cluster_id, digest) DO UPDATE SET newest = excluded.newest"
    for newest in (1, 2):
        rows = [(key, f"{place}", f"50 % of {place}", newest) for place in range(count)]
        insert("cluster_blueprint", COLUMNS, rows, again)
        written = Blueprint.objects.filter(cluster=key).values_list(*COLUMNS)
        assert sorted(written) == sorted(rows)
