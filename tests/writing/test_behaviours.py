"""How images behave is changed by one write: told in the journal, felt by running pods, refused at the field."""

from collections.abc import Callable

import pytest

from cluster import models
from cluster.core.nodes.behaviour import find
from cluster.core.objects import ImageBehaviour
from cluster.records.loading import load, load_behaviours
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.stories import staging
from cluster.writing import actions, behaviours, clusters, namespaces
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


TYPED = {"nginx:1.7.9": {"ready_seconds": 30.0}}


def kept() -> list[tuple[str, float, float, float | None]]:
    rows = models.ImageBehaviour.objects.filter(namespace__name="default").order_by("order")
    return list(rows.values_list("pattern", "jitter", "pull_seconds", "ready_seconds"))


def test_times_are_kept_for_one_image_of_one_namespace_before_its_other_rules() -> None:
    space = models.Namespace.objects.get(name="default")
    behaviours.create("demo", actor="ann", namespace=space, pattern="nginx:*", order=-5, pull_seconds=9.0)
    behaviours.keep_times(DEFAULT, TYPED, actor="ben")
    assert kept() == [("nginx:1.7.9", 0.0, 9.0, 30.0), ("nginx:*", 0.0, 9.0, 0.0)]
    assert find(load_behaviours(space), "nginx:1.7.9").ready_seconds == 30.0
    assert find(load_behaviours(space), "nginx:1.9.1").ready_seconds == 0.0
    assert told() == [("MODIFIED", "ann"), ("MODIFIED", "ben")]


def test_times_that_are_kept_again_replace_the_rule() -> None:
    behaviours.keep_times(DEFAULT, TYPED, actor="ben")
    behaviours.keep_times(DEFAULT, {"nginx:1.7.9": {"pull_seconds": 0.0}}, actor="ben")
    assert kept() == [("nginx:1.7.9", 0.0, 0.0, 30.0)]


def test_signs_of_a_pattern_in_a_name_match_themselves_alone() -> None:
    behaviours.keep_times(DEFAULT, {"odd*": {"ready_seconds": 1.0}}, actor="ben")
    assert [each[0] for each in kept()] == ["odd[*]"]


def test_where_no_rules_were_the_shipped_ones_stay_in_force() -> None:
    demo().behaviours.all().delete()
    space = models.Namespace.objects.get(name="default")
    before = load_behaviours(space)
    behaviours.keep_times(DEFAULT, TYPED, actor="ben")
    assert load_behaviours(space)[1:] == before


def test_the_first_rule_of_a_cluster_comes_before_the_shipped_ones_which_stay() -> None:
    demo().behaviours.all().delete()
    space = models.Namespace.objects.get(name="default")
    shipped = load_behaviours(space)
    behaviours.create("demo", actor="ann", pattern="web:*", order=behaviours.first_order(demo()), ready_seconds=3.0)
    first, *others = load_behaviours(space)
    assert (first.pattern, tuple(others)) == ("web:*", shipped)
    assert told() == [("MODIFIED", "ann")]
    behaviours.create("demo", actor="ann", pattern="*", order=behaviours.first_order(demo()), ready_seconds=9.0)
    assert [each.pattern for each in load_behaviours(space)] == ["*", "web:*", *(each.pattern for each in shipped)]


@pytest.mark.parametrize("kept", [True, False], ids=["with rules of the cluster", "with the shipped ones"])
def test_a_story_s_rules_leave_those_of_other_namespaces(kept: bool) -> None:
    if not kept:
        demo().behaviours.all().delete()
    namespaces.create("demo", "other", actor="me")
    other = models.Namespace.objects.get(name="other")
    before = load_behaviours(other)
    staging.behave(DEFAULT, (ImageBehaviour(pattern="web:*", ready_seconds=9.0),), actor="me")
    assert load_behaviours(other) == before
    assert load_behaviours(models.Namespace.objects.get(name="default"))[1:] == before
    state = load(demo()).state
    assert state.behaviours_of("other") == before
    assert state.behaviours_of("default")[0].pattern == "web:*" and state.behaviours_of("default")[1:] == before


def test_times_that_are_refused_change_nothing() -> None:
    answer = refused(lambda: behaviours.keep_times(DEFAULT, {**TYPED, "b:1": {"pull_seconds": -1.0}}, actor="ben"))
    assert (answer["code"], kept(), told()) == (422, [], [])
