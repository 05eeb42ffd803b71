"""What holds for every rollout, whatever its numbers: between ceiling and floor, to an end, the same each time."""

from collections.abc import Iterator
from dataclasses import replace

from cluster.core.family import apply_changes
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core import edits
from cluster.core.objects import Change, Family, ImageBehaviour, Node, ReplicaSet
from cluster.core.reconcile import reconcile
from tests.core.bounds import ceiling_of, floor_of
from tests.core.builders import NOW, deployment, edit, family, settle

percents = st.integers(0, 100).map(lambda number: f"{number}%")
limits = st.tuples(st.integers(0, 6) | percents, st.integers(0, 6) | percents).filter(
    lambda pair: pair not in ((0, 0), ("0%", "0%"), (0, "0%"), ("0%", 0))
)
behaviours = st.builds(
    ImageBehaviour,
    pattern=st.just("*"),
    pull_seconds=st.sampled_from([0.0, 1.5]),
    ready_seconds=st.sampled_from([0.0, 2.4]),
    stop_seconds=st.sampled_from([0.0, 1.0, 7.0]),
    jitter=st.sampled_from([0.0, 0.4]),
)
rollouts = given(
    replicas=st.integers(1, 17), limit=limits, behaviour=behaviours, min_ready=st.sampled_from([0, 3]),
    strategy=st.just("RollingUpdate"),
)  # fmt: skip
some = settings(max_examples=60, deadline=None)


def started(replicas: int, limit: tuple[int | str, int | str], behaviour: ImageBehaviour, min_ready: int,
            strategy: str) -> tuple[Family, float]:  # fmt: skip
    """A settled Deployment whose image was just changed, and the time of the change."""
    owner = deployment(
        replicas, max_surge=limit[0], max_unavailable=limit[1], min_ready_seconds=min_ready, strategy=strategy
    )
    settled, _, now = settle(family(owner, behaviour=behaviour), NOW)
    assert settled.deployment is not None
    return edit(settled, edits.set_images(settled.deployment, {"nginx": "nginx:v2"})), now + 1


def moments(start: Family, changes: list[Change]) -> Iterator[Family]:
    """The family after each single change."""
    for change in changes:
        start = apply_changes(start, [change])
        yield start


@rollouts
@some
def test_no_moment_is_over_the_ceiling_or_under_the_floor(replicas, limit, behaviour, min_ready, strategy) -> None:
    start, now = started(replicas, limit, behaviour, min_ready, strategy)
    assert start.deployment is not None
    ceiling, floor = ceiling_of(start.deployment), floor_of(start.deployment)
    while True:
        result = reconcile(start, now)
        for each in moments(start, result.changes):
            active = [pod for pod in each.pods.values() if pod.deleted_at is None]
            assert len(active) <= ceiling
            assert sum(available(each, now).values()) >= floor
        if result.due is None:
            return
        start, now = result.family, result.due


def available(state: Family, now: float) -> dict[str, int]:
    """Available pods by ReplicaSet, counted from the pods themselves."""
    counts: dict[str, int] = {}
    for pod in state.pods.values():
        owner = state.replicasets.get(pod.owner_uid or "")
        if owner and pod.deleted_at is None and pod.ready and pod.ready_since is not None:
            counts[owner.uid] = counts.get(owner.uid, 0) + (pod.ready_since + owner.min_ready_seconds <= now)
    return counts


@rollouts
@some
def test_a_rollout_ends_complete_with_only_new_pods(replicas, limit, behaviour, min_ready, strategy) -> None:
    end, _, _ = settle(*started(replicas, limit, behaviour, min_ready, strategy))
    assert end.deployment is not None
    status = end.deployment.status
    assert (status.updated_replicas, status.available_replicas, status.terminating_replicas) == (replicas, replicas, 0)
    assert len(end.pods) == replicas
    assert {end.replicasets[pod.owner_uid or ""].number for pod in end.pods.values()} == {2}


@rollouts
@some
def test_a_settled_family_changes_nothing(replicas, limit, behaviour, min_ready, strategy) -> None:
    end, _, now = settle(*started(replicas, limit, behaviour, min_ready, strategy))
    again = reconcile(end, now + 100_000)
    assert (again.changes, again.due) == ([], None)


@rollouts
@some
def test_the_same_start_gives_the_same_changes(replicas, limit, behaviour, min_ready, strategy) -> None:
    first = settle(*started(replicas, limit, behaviour, min_ready, strategy))
    assert settle(*started(replicas, limit, behaviour, min_ready, strategy)) == first


@rollouts
@some
def test_nodes_count_the_pods_that_are_on_them(replicas, limit, behaviour, min_ready, strategy) -> None:
    end, _, _ = settle(*started(replicas, limit, behaviour, min_ready, strategy))
    on = {name: sum(pod.node == name for pod in end.pods.values()) for name in end.nodes}
    assert {name: node.pods for name, node in end.nodes.items()} == on


@given(sizes=st.lists(st.integers(0, 12), min_size=1, max_size=4), replicas=st.integers(1, 12))
@some
def test_recreate_never_runs_two_revisions_together(sizes: list[int], replicas: int) -> None:
    slow = ImageBehaviour(pattern="*", stop_seconds=3.0)
    start, now = started(replicas, (1, 1), slow, 0, "Recreate")
    for size in sizes:
        assert start.deployment is not None
        result = reconcile(edit(start, edits.scale(start.deployment, size)), now)
        for each in moments(start, result.changes):
            assert len({pod.owner_uid for pod in each.pods.values()}) <= 1
        start, now = result.family, now + 2


@given(sizes=st.lists(st.integers(0, 25), min_size=1, max_size=5), limit=limits)
@some
def test_scaling_in_the_middle_of_a_rollout_ends_at_the_last_size(sizes, limit) -> None:
    start, now = started(9, limit, ImageBehaviour(pattern="*", ready_seconds=2.0), 0, "RollingUpdate")
    for size in sizes:
        start = reconcile(start, now).family
        assert start.deployment is not None
        start = edit(start, edits.scale(start.deployment, size))
        now += 1
    end, _, _ = settle(start, now)
    assert [each.replicas for each in end.replicasets.values()] == [0, sizes[-1]]
    assert len(end.pods) == sizes[-1]


@given(slots=st.integers(0, 5), replicas=st.integers(1, 8))
@some
def test_pods_without_room_wait_and_the_rest_runs(slots: int, replicas: int) -> None:
    owner = deployment(replicas, progress_deadline_seconds=30)
    start = replace(family(owner), nodes={"node-1": Node(name="node-1", slots=slots)})
    end, _, _ = settle(start, NOW, until=NOW + 100)
    assert sum(pod.phase == "Running" for pod in end.pods.values()) == min(slots, replicas)


def test_reconcile_leaves_its_input_alone() -> None:
    start = family(deployment())
    reconcile(start, NOW)
    assert (start.pods, start.replicasets) == ({}, {})
    assert isinstance(next(iter(reconcile(start, NOW).family.replicasets.values())), ReplicaSet)
