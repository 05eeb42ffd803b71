"""A cluster's clock: pause, single step, pace; and what a story does beside kubectl's verbs."""

from collections.abc import Callable

import pytest

from cluster import statuses
from cluster.core.objects import ImageBehaviour
from cluster.live.worker import run_next
from cluster.models import Change, Cluster, Deployment, Node, Pod, ReplicaSet
from cluster.records import journal
from cluster.stories import staging
from cluster.writing import actions, namespaces, pacing, writes
from tests.spaces import DEFAULT, space

pytestmark = pytest.mark.usefixtures("cluster")
BOOK = "nginx-deployment"
Work = Callable[[], int]


@pytest.fixture
def paused(cluster: None, work: Work) -> None:  # noqa: ARG001
    pacing.set_pace(DEFAULT.cluster, 0, actor="me")
    staging.behave(DEFAULT, (ImageBehaviour(pattern="*", ready_seconds=4.0, stop_seconds=2.0),), actor="me")
    actions.example(DEFAULT, actor="me")
    work()


def phases() -> list[tuple[str, bool]]:
    return sorted(Pod.objects.values_list("phase", "ready"))


@pytest.mark.usefixtures("paused")
def test_a_paused_clock_lets_nothing_happen_that_takes_time(work: Work) -> None:
    assert phases() == [("Running", False)] * 3
    assert list(Cluster.objects.values_list("due", flat=True)) == [None]
    assert work() == 0


@pytest.mark.usefixtures("paused")
def test_a_step_goes_to_the_next_moment_at_which_something_happens(work: Work) -> None:
    before = Cluster.objects.get().clock_sim
    result = pacing.step(DEFAULT.cluster, actor="me")
    work()
    assert result.message == "cluster/demo clock moved on by 4.0 s"
    assert Cluster.objects.get().clock_sim == before + 4.0
    assert phases() == [("Running", True)] * 3
    assert Deployment.objects.get().status["available_replicas"] == 3


@pytest.mark.usefixtures("paused")
def test_with_nothing_due_a_step_says_so(work: Work) -> None:
    pacing.step(DEFAULT.cluster, actor="me")
    work()
    assert pacing.step(DEFAULT.cluster, actor="me").message == "nothing is due"


@pytest.mark.usefixtures("paused")
def test_steps_hold_the_controllers_between_decisions(work: Work) -> None:
    for _ in range(3):
        pacing.step(DEFAULT.cluster, actor="me")
        work()
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    work()
    seen = [sizes()]
    while seen[-1] != (0, 3):
        pacing.step(DEFAULT.cluster, actor="me")
        work()
        assert Cluster.objects.get().decisions == 0
        if sizes() != seen[-1]:
            seen.append(sizes())
    assert seen == [(3,), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]


@pytest.mark.usefixtures("paused")
def test_a_worker_that_knows_nothing_goes_on_stepping(work: Work) -> None:
    for _ in range(3):
        pacing.step(DEFAULT.cluster, actor="me")
        work()
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    for _ in range(2):
        while run_next({}):  # without a memory: the cluster is loaded anew
            pass
        assert len(sizes()) == 1
    pacing.set_pace(DEFAULT.cluster, 0, actor="me")
    work()
    assert sizes() == (3, 1)


def sizes() -> tuple[int, ...]:
    return tuple(ReplicaSet.objects.order_by("number").values_list("replicas", flat=True))


def test_a_running_clock_is_not_stepped() -> None:
    with pytest.raises(statuses.Refused, match="the clock runs at 1x; pause it to go step by step"):
        pacing.step(DEFAULT.cluster, actor="me")


@pytest.mark.parametrize("pace", [-1, 0.01, 61, 1e9])
def test_a_pace_out_of_range_is_refused(pace: float) -> None:
    with pytest.raises(statuses.Refused, match=r"must be 0 \(paused\), or from 0.1 to 60"):
        pacing.set_pace(DEFAULT.cluster, pace, actor="me")


def test_everybody_hears_of_the_clock() -> None:
    rv = pacing.set_pace(DEFAULT.cluster, 10, actor="me").rv
    item = journal.changes_since(*DEFAULT, rv - 1, 10)[0]
    assert (item["kind"], item["state"]["pace"], item["actor"]) == ("Cluster", 10, "me")


def test_time_runs_on_from_where_it_was_when_the_pace_changes() -> None:
    pacing.set_pace(DEFAULT.cluster, 60, actor="me")
    first = Cluster.objects.get()
    pacing.set_pace(DEFAULT.cluster, 0, actor="me")
    second = Cluster.objects.get()
    assert second.clock_sim - first.clock_sim == pytest.approx(60 * (second.clock_wall - first.clock_wall))


@pytest.mark.usefixtures("paused")
def test_readiness_by_hand(work: Work) -> None:
    staging.turn(DEFAULT, BOOK, {1: 2}, ready=True, actor="me")
    work()
    assert phases() == [("Running", False), ("Running", True), ("Running", True)]
    with pytest.raises(statuses.Refused, match="ReplicaSet 1 has 1 pods that run and are not ready, expected 2"):
        staging.turn(DEFAULT, BOOK, {1: 2}, ready=True, actor="me")


@pytest.mark.usefixtures("paused")
def test_a_broken_image_strikes_this_namespace_only(work: Work) -> None:
    staging.turn(DEFAULT, BOOK, {0: 3}, ready=True, actor="me")
    work()
    failing = ImageBehaviour(pattern="nginx:1.7.9", failure="never-ready")
    staging.break_images(DEFAULT, (failing,), actor="me")
    work()
    assert phases() == [("Running", False)] * 3
    namespaces.ensure(space("other"), actor="me")
    elsewhere = staging.load_behaviours(writes.find_namespace(space("other")))
    assert elsewhere[0].pattern == "nginx:1.91"
    staging.heal_image(DEFAULT, "nginx:1.7.9", actor="me")
    pacing.step(DEFAULT.cluster, actor="me")
    work()
    assert phases() == [("Running", True)] * 3


@pytest.mark.usefixtures("paused")
def test_a_drained_node_gives_its_pods_to_others(work: Work) -> None:
    node = Pod.objects.values_list("node", flat=True)[0]
    staging.drain(DEFAULT, node, actor="me")
    work()
    pacing.step(DEFAULT.cluster, actor="me")
    work()
    assert Node.objects.get(name=node).unschedulable
    told = [
        (each.name, each.actor, each.state["unschedulable"])
        for each in Change.objects.filter(kind="Node", verb="MODIFIED")
    ]
    assert (node, "me", True) in told
    assert node not in Pod.objects.filter(deleted_at=None).values_list("node", flat=True)


def test_words_for_the_audience_are_in_the_journal() -> None:
    rv = staging.say(DEFAULT, "Watch this.", actor="story").rv
    change = Change.objects.get(rv=rv)
    assert (change.kind, change.state["text"]) == ("Say", "Watch this.")
