"""Failures are counted for all processes together, and forgiven with time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from cluster.live.worker import Housekeeper
from cluster.models import Attempts
from cluster.writing import attempts
from cluster.writing.attempts import Limit
from tests.writing.test_logins import Clock

FEW, MANY = Limit(most=5, seconds=12.0), Limit(most=8, seconds=0.5)
SLOW = Limit(most=8, seconds=1000.0)
ONE, OTHER, ALL = (("code", "10.0.0.1"), FEW), (("code", "10.0.0.2"), FEW), (("code",), MANY)


@pytest.fixture
def clock(cluster: None, monkeypatch: pytest.MonkeyPatch) -> Clock:  # noqa: ARG001
    made = Clock()
    monkeypatch.setattr(attempts, "now", made)
    return made


def fail(times: int, *limits: tuple[attempts.Key, Limit]) -> None:
    for _ in range(times):
        assert attempts.wait(limits) == 0
        attempts.add(limits)


def test_after_as_many_as_are_allowed_each_further_one_waits(clock: Clock) -> None:
    fail(FEW.most, ONE)
    for _ in range(3):
        assert attempts.wait([ONE]) == FEW.seconds
        clock.now += FEW.seconds - 1
        assert attempts.wait([ONE]) == 1
        clock.now += 1
        fail(1, ONE)
    assert attempts.wait([OTHER]) == 0
    clock.now += FEW.most * FEW.seconds
    fail(FEW.most, ONE)


def test_the_strictest_limit_counts(clock: Clock) -> None:  # noqa: ARG001
    fail(4, ONE, ALL)
    fail(4, OTHER, ALL)
    assert attempts.wait([ONE, ALL]) == MANY.seconds
    fail(1, ONE)
    assert attempts.wait([ONE, ALL]) == FEW.seconds


def test_who_succeeds_is_forgiven(clock: Clock) -> None:  # noqa: ARG001
    fail(FEW.most, ONE)
    attempts.forgive(ONE[0])
    fail(FEW.most, ONE)


def test_a_worker_forgets_what_is_forgiven(clock: Clock) -> None:
    fail(1, ONE)
    fail(3, OTHER)
    clock.now += FEW.seconds + 1
    Housekeeper().tidy()
    assert Attempts.objects.count() == 1
    assert "10.0.0" not in Attempts.objects.get().key


@pytest.mark.usefixtures("committed")
def test_none_is_lost_where_processes_count_at_once() -> None:
    def count(_: int) -> None:
        attempts.add([(ONE[0], SLOW)])
        connection.close()

    with ThreadPoolExecutor(4) as processes:
        list(processes.map(count, range(40)))
    left = Attempts.objects.get().until - attempts.now()
    assert 40 * SLOW.seconds - 100 < left <= 40 * SLOW.seconds
