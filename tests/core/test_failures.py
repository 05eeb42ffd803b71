"""One object's failure is its own: the others go on, and it is tried again ever later."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from cluster.core import reconcile as reconciling
from cluster.core.controllers import deployment as deployments
from cluster.core.controllers import garbage
from cluster.core.nodes import kubelet
from cluster.core.objects import Change, Create, Pod, Update
from cluster.core.queue import Key, WorkQueue
from cluster.core.reconcile import SYNCS, reconcile
from cluster.core.scheduling.queueing import cycles
from cluster.core.scheduling.scheduler import Scheduler
from cluster.core.state import State
from tests.core.builders import NOW, cluster, deployment, pod, running
from tests.core.builders import replicaset as a_replicaset

BAD, GOOD = "d-bad", "d-good"


class Poison(Exception):
    pass


def two(**bad: Any) -> State:
    """The cluster's State with two Deployments that nobody has looked at yet."""
    state = cluster(deployment(uid=GOOD, name="good", **labelled("good")))
    state.apply([Create(object=deployment(uid=BAD, name="bad", **{**labelled("bad"), **bad}))])
    return state


def labelled(name: str) -> dict[str, Any]:
    labels = {"app": name}
    spec = {"containers": [{"name": "nginx", "image": "nginx:v1"}]}
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}


def poisoned(sync: Callable[..., list[Change]], uids: Iterable[str]) -> Callable[..., list[Change]]:
    def failing(state: State, uid: str, now: float) -> list[Change]:
        if uid in uids:
            raise Poison(uid)
        return sync(state, uid, now)

    return failing


def settle(state: State, now: float, failures: list[tuple[float, Key]], until: float) -> None:
    """Every pass that is due up to `until`."""
    due: float | None = now
    while due is not None and due <= until:
        due, failed = passed(state, due)
        failures += failed


def passed(state: State, now: float) -> tuple[float | None, list[tuple[float, Key]]]:
    """(when something happens next, what has failed now)."""
    failures: list[tuple[float, Key]] = []
    return reconcile(state, now, failed=lambda key, _: failures.append((now, key))).due, failures


def test_the_others_roll_out_while_one_fails_and_it_goes_on_once_it_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    state = two()
    failures: list[tuple[float, Key]] = []
    with monkeypatch.context() as patch:
        patch.setitem(SYNCS, "Deployment", poisoned(deployments.sync, [BAD]))
        settle(state, NOW, failures, NOW + 3.0)
    assert {key for _, key in failures} == {("Deployment", BAD)}
    assert state.deployments[GOOD].status.available_replicas == 3
    assert not state.replicasets_of(BAD)
    settle(state, NOW + 3.0, failures, NOW + 60)
    assert state.deployments[BAD].status.available_replicas == 3
    assert not state.queue.failures


def test_a_key_is_tried_again_ever_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 ms, 10 ms, 20 ms ... (ItemExponentialFailureRateLimiter)."""
    state = two()
    failures: list[tuple[float, Key]] = []
    monkeypatch.setitem(SYNCS, "Deployment", poisoned(deployments.sync, [BAD]))
    settle(state, NOW, failures, NOW + 3_000)
    times = [at for at, _ in failures]
    pauses = [round(later - earlier, 3) for earlier, later in zip(times, times[1:], strict=False)]
    assert pauses[:5] == [0.005, 0.01, 0.02, 0.04, 0.08]
    assert pauses[-2:] == [655.36, 1_000.0]


def test_an_edit_of_what_fails_is_tried_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state = two()
    failures: list[tuple[float, Key]] = []
    with monkeypatch.context() as patch:
        patch.setitem(SYNCS, "Deployment", poisoned(deployments.sync, [BAD]))
        settle(state, NOW, failures, NOW + 500)
    state.apply([Update(object=replace(state.deployments[BAD], replicas=1, generation=2))])
    settle(state, NOW + 500, failures, NOW + 501)
    assert state.deployments[BAD].status.available_replicas == 1


def test_its_retry_is_when_something_happens_next(monkeypatch: pytest.MonkeyPatch) -> None:
    state = running(deployment())
    monkeypatch.setitem(SYNCS, "Deployment", poisoned(deployments.sync, ["d"]))
    state.queue.add(("Deployment", "d"))
    assert reconcile(state, NOW + 60, failed=lambda *_: None).due == pytest.approx(NOW + 60.005)


def test_what_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state = running(deployment())
    monkeypatch.setattr(reconciling, "SYNCS", dict.fromkeys(SYNCS, poisoned(deployments.sync, ["d"])))
    state.apply([Update(object=replace(state.deployments["d"], replicas=5, deleted_at=NOW))])
    before = contents(state)
    failures: list[Key] = []
    assert reconcile(state, NOW + 60, failed=lambda key, _: failures.append(key)).changes == []
    assert failures == [("Deployment", "d"), ("Garbage", "d")]
    assert contents(state) == before


def contents(state: State) -> Any:
    groups = {uid: state.group(uid) for uid in state.replicasets}
    return [dict(each) for each in (state.deployments, state.replicasets, state.pods, state.nodes, groups)]


def test_without_being_told_otherwise_a_failure_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SYNCS, "Deployment", poisoned(deployments.sync, [BAD]))
    with pytest.raises(Poison):
        reconcile(two(), NOW)


def test_a_selector_that_nobody_can_read_is_its_owners_trouble_only() -> None:
    broken = {"matchExpressions": [{"key": "app"}]}
    state = two(selector=broken)
    state.apply([Create(object=a_replicaset("broken", 0, owner_uid=None, selector=broken))])
    state.apply([Create(object=pod("stray", owner_uid=None, node="", phase="Pending", next_at=NOW))])
    failures: list[tuple[float, Key]] = []
    settle(state, NOW, failures, NOW + 1)
    assert {key for _, key in failures} == {("Deployment", BAD), ("ReplicaSet", "broken")}
    assert state.deployments[GOOD].status.available_replicas == 3
    assert state.pods["stray"].ready


def not_scheduled(poison: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    decide = cycles.schedule

    def failing(cache: Any, given: Any, violating: Any) -> Any:
        if given.uid in poison:
            raise Poison
        return decide(cache, given, violating)

    monkeypatch.setattr(cycles, "schedule", failing)


def not_read(poison: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    read = Scheduler.read

    def failing(self: Scheduler, given: Pod) -> Any:
        if given.uid in poison:
            raise Poison
        return read(self, given)

    monkeypatch.setattr(Scheduler, "read", failing)


def not_advanced(poison: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    move = kubelet.advance

    def failing(state: State, now: float, due: list[Pod]) -> list[Change]:
        decided = move(state, now, due)
        if poison & {each.uid for each in due}:
            raise Poison
        return decided

    monkeypatch.setattr(kubelet, "advance", failing)


@pytest.mark.parametrize("fail", [not_scheduled, not_read, not_advanced])
@pytest.mark.parametrize("bad", [(0,), (6,), (2, 3), (0, 3, 6), tuple(range(7))], ids=str)
def test_pods_that_fail_are_found_among_the_others_and_tried_again(
    fail: Callable[[set[str], pytest.MonkeyPatch], None], bad: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"p{number}" for number in range(7)]
    poison = {names[number] for number in bad}
    state = cluster(pods=[pod(name, owner_uid=None, node="", phase="Pending", next_at=NOW) for name in names])
    failures: list[Key] = []
    with monkeypatch.context() as patch:
        fail(poison, patch)
        due = reconcile(state, NOW, failed=lambda key, _: failures.append(key)).due
    assert sorted(uid for _, uid in failures) == sorted(poison)
    assert {uid for uid, each in state.pods.items() if not each.ready} == poison
    assert due == NOW + 10
    assert reconcile(state, NOW + 9).changes == []
    reconcile(state, NOW + 10)
    assert all(each.ready for each in state.pods.values())
    assert not state.queue.failures


def test_a_pod_that_is_gone_has_not_failed() -> None:
    state = cluster(pods=[pod("p")])
    state.queue.failed(("Pod", "p"), NOW)
    state.apply(garbage.terminate(replace(state.pods["p"], node=""), NOW))
    assert not state.queue.failures


def test_a_key_that_has_worked_begins_again_at_five_milliseconds() -> None:
    queue = WorkQueue()
    key: Key = ("Deployment", "d")
    assert [queue.failed(key, 0.0) for _ in range(20)][-1] == 1_000.0
    assert queue.copy().failed(key, 0.0) == 1_000.0
    queue.forget(key)
    assert queue.failed(key, 0.0) == 0.005
