"""How images behave is changed by one write: told in the journal, felt by running pods, refused at the field."""

from collections.abc import Callable

import pytest

from cluster import models
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import actions, behaviours, clusters
from tests.spaces import DEFAULT, demo
from tests.writing.test_actions import manifest, refused

pytestmark = pytest.mark.usefixtures("cluster")


def told() -> list[tuple[str, str]]:
    return list(models.Change.objects.filter(kind="ImageBehaviour").order_by("rv").values_list("verb", "actor"))


def test_a_rule_is_made_changed_and_deleted() -> None:
    row = behaviours.create("demo", actor="ann", pattern="web:*", order=1, ready_seconds=3.0)
    behaviours.change("demo", row.pk, actor="ben", ready_seconds=5.0)
    assert models.ImageBehaviour.objects.get(pk=row.pk).ready_seconds == 5.0
    behaviours.delete("demo", row.pk, actor="ann")
    assert not models.ImageBehaviour.objects.filter(pk=row.pk).exists()
    assert told() == [("MODIFIED", "ann"), ("MODIFIED", "ben"), ("MODIFIED", "ann")]


def test_running_pods_feel_it(work: Callable[[], int]) -> None:
    models.ImageBehaviour.objects.update(pull_seconds=0, start_seconds=0, ready_seconds=0, jitter=0)
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    assert models.Pod.objects.filter(ready=True).count() == 3
    behaviours.create("demo", actor="me", pattern="*", order=0, failure="ready-then-fails", ready_seconds=0.0)
    work()
    assert models.Pod.objects.filter(ready=True).count() == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"pattern": "", "order": 1}, "pattern", id="no pattern"),
        pytest.param({"pattern": "a", "pull_seconds": -1.0}, "pull_seconds", id="negative"),
        pytest.param({"pattern": "a", "affected_share": 1.5}, "affected_share", id="more than all"),
        pytest.param({"pattern": "a", "failure": "odd"}, "failure", id="an unknown failure"),
        pytest.param({"pattern": "a" * 256}, "pattern", id="too long"),
    ],
)
def test_what_is_wrong_is_told_by_field(fields: dict[str, object], field: str) -> None:
    before = demo().behaviours.count()
    answer = refused(lambda: behaviours.create("demo", actor="me", **fields))
    assert (answer["code"], [each["field"] for each in answer["details"]["causes"]]) == (422, [field])
    assert (demo().behaviours.count(), told()) == (before, [])


def test_a_rule_of_another_cluster_is_not_found() -> None:
    clusters.create("blue")
    row = models.ImageBehaviour.objects.filter(cluster__name="blue")[0]
    for call in (lambda: behaviours.change("demo", row.pk, actor="me", order=5),
                 lambda: behaviours.delete("demo", row.pk, actor="me")):  # fmt: skip
        assert refused(call)["code"] == 404
    assert behaviours.changed(Space("blue", ""), actor="me").rv > 0


def test_rules_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviours, "MOST_IN_A_CLUSTER", demo().behaviours.count())
    with pytest.raises(Refused, match="image behaviours are the most that a cluster may have"):
        behaviours.create("demo", actor="me", pattern="a")
