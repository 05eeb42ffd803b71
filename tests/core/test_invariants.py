"""What holds for every rollout, whatever its numbers: between ceiling and floor, to an end, the same each time."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.manifests import edits
from cluster.core.objects import Change, ImageBehaviour, Node, ReplicaSet, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core.bounds import ceiling_of, floor_of
from tests.core.builders import NOW, cluster, deployment, edit, only, owner_of, settle

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
            strategy: str) -> tuple[State, float]:  # fmt: skip
    """A settled Deployment whose image was just changed, and the time of the change."""
    owner = deployment(
        replicas, max_surge=limit[0], max_unavailable=limit[1], min_ready_seconds=min_ready, strategy=strategy
    )
    state = cluster(owner, behaviour=behaviour)
    _, now = settle(state, NOW)
    return edit(state, edits.set_images(owner_of(state), {"nginx": "nginx:v2"})), now + 1


def moments(state: State, changes: list[Change]) -> Iterator[State]:
    """The cluster after each single change."""
    for change in changes:
        state.apply([change])
        yield state


@rollouts
@some
def test_no_moment_is_over_the_ceiling_or_under_the_floor(replicas, limit, behaviour, min_ready, strategy) -> None:
    state, now = started(replicas, limit, behaviour, min_ready, strategy)
    ceiling, floor = ceiling_of(owner_of(state)), floor_of(owner_of(state))
    while True:
        before = state.copy()
        result = reconcile(state, now)
        for each in moments(before, result.changes):
            active = [pod for pod in each.pods.values() if pod.deleted_at is None]
            assert len(active) <= ceiling
            assert sum(available(each, now).values()) >= floor
        if result.due is None:
            return
        now = result.due


def available(state: State, now: float) -> dict[str, int]:
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
    end, now = started(replicas, limit, behaviour, min_ready, strategy)
    settle(end, now)
    status = owner_of(end).status
    assert (status.updated_replicas, status.available_replicas, status.terminating_replicas) == (replicas, replicas, 0)
    assert len(end.pods) == replicas
    assert {end.replicasets[pod.owner_uid or ""].number for pod in end.pods.values()} == {2}


@rollouts
@some
def test_a_settled_cluster_changes_nothing(replicas, limit, behaviour, min_ready, strategy) -> None:
    end, now = started(replicas, limit, behaviour, min_ready, strategy)
    _, now = settle(end, now)
    again = reconcile(end, now + 100_000)
    assert (again.changes, again.due) == ([], None)
    loaded = State([*end.nodes.values(), *end.pods.values(), *end.replicasets.values(), *end.deployments.values()])
    anew = reconcile(loaded, now + 100_000)
    assert (anew.changes, anew.due) == ([], None)


@rollouts
@some
def test_the_same_start_gives_the_same_changes(replicas, limit, behaviour, min_ready, strategy) -> None:
    first = settle(*started(replicas, limit, behaviour, min_ready, strategy))
    assert settle(*started(replicas, limit, behaviour, min_ready, strategy)) == first


@given(sizes=st.lists(st.integers(0, 12), min_size=1, max_size=4), replicas=st.integers(1, 12))
@some
def test_recreate_never_runs_two_revisions_together(sizes: list[int], replicas: int) -> None:
    slow = ImageBehaviour(pattern="*", stop_seconds=3.0)
    state, now = started(replicas, (1, 1), slow, 0, "Recreate")
    for size in sizes:
        before = edit(state, edits.scale(owner_of(state), size)).copy()
        for each in moments(before, reconcile(state, now).changes):
            assert len({pod.owner_uid for pod in each.pods.values()}) <= 1
        now += 2


@given(sizes=st.lists(st.integers(0, 25), min_size=1, max_size=5), limit=limits)
@some
def test_scaling_in_the_middle_of_a_rollout_ends_at_the_last_size(sizes, limit) -> None:
    end, now = started(9, limit, ImageBehaviour(pattern="*", ready_seconds=2.0), 0, "RollingUpdate")
    for size in sizes:
        reconcile(end, now)
        edit(end, edits.scale(owner_of(end), size))
        now += 1
    settle(end, now)
    assert [each.replicas for each in end.replicasets.values()] == [0, sizes[-1]]
    assert len(end.pods) == sizes[-1]


@given(slots=st.integers(0, 5), replicas=st.integers(1, 8))
@some
def test_pods_without_room_wait_and_the_rest_runs(slots: int, replicas: int) -> None:
    owner = deployment(replicas, progress_deadline_seconds=30)
    end = cluster(owner, nodes=1)
    end.apply([Update(object=Node(name="node-1", slots=slots))])
    settle(end, NOW, until=NOW + 100)
    assert sum(pod.phase == "Running" for pod in end.pods.values()) == min(slots, replicas)


@given(most=st.integers(1, 40), replicas=st.integers(1, 17))
@some
def test_work_in_portions_ends_where_work_at_once_does(most: int, replicas: int) -> None:
    whole, now = started(replicas, (1, 1), ImageBehaviour(pattern="*", stop_seconds=1.0), 0, "RollingUpdate")
    parts = whole.copy()
    due: float | None = now
    for _ in range(10_000):
        if due is None:
            break
        due = reconcile(parts, max(due, now), most_changes=most).due
    settle(whole, now)
    assert owner_of(parts).status.available_replicas == owner_of(whole).status.available_replicas == replicas
    assert [each.replicas for each in parts.replicasets.values()] == [0, replicas]


def test_a_portion_is_about_as_large_as_allowed() -> None:
    result = reconcile(cluster(deployment(400)), NOW, most_changes=50)
    assert result.due == NOW
    assert 50 <= len(result.changes) < 50 + 2 * 400 + 1


def test_a_copy_goes_its_own_way() -> None:
    state = cluster(deployment())
    twin = state.copy()
    reconcile(twin, NOW)
    assert (state.pods, state.replicasets) == ({}, {})
    reconcile(state, NOW)
    assert (state.pods, only(state.deployments)) == (twin.pods, only(twin.deployments))


def test_a_replicaset_makes_500_pods_at_once() -> None:
    """burstReplicas: the statuses in between tell of 500 more each."""
    result = reconcile(cluster(deployment(1200)), NOW, most_changes=2500)
    told = [each.object.status.replicas for each in result.changes if isinstance(each, Update)
            and isinstance(each.object, ReplicaSet)]  # fmt: skip
    assert told[:4] == [0, 500, 1000, 1200]
