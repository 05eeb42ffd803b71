"""What a browser sees first is of one piece, whatever is written while it is read."""

from typing import Any

import pytest

from cluster import models
from cluster.records import snapshot
from cluster.writing import nodes
from tests.spaces import DEFAULT

pytestmark = pytest.mark.usefixtures("cluster")


def test_a_node_that_comes_meanwhile_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """One query reads them: the node is there from the next look on."""
    read = snapshot.node_value

    def meanwhile(row: models.Node) -> Any:
        if not models.Node.objects.filter(name="late").exists():
            nodes.create(DEFAULT.cluster, "late", actor="me")
        return read(row)

    before = set(models.Node.objects.values_list("name", flat=True))
    monkeypatch.setattr(snapshot, "node_value", meanwhile)
    assert {each["name"] for each in snapshot.namespace_snapshot(DEFAULT)["nodes"]} == before
    assert {each["name"] for each in snapshot.namespace_snapshot(DEFAULT)["nodes"]} == {*before, "late"}
