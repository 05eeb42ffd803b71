"""A machine's clock that is set back holds up nothing."""

import time
from collections.abc import Callable

import pytest

from cluster import models
from cluster.live import wall_clock, worker
from cluster.live.wall_clock import WallClock
from cluster.records import clock, journal
from cluster.records.memory import Memory
from cluster.writing import actions, clusters
from tests.spaces import DEFAULT, demo
from tests.writing.test_actions import manifest

HOUR = 3_600.0


class Clocks:
    """The machine's, which a person sets, and one that only goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.steady = time.time()
        monkeypatch.setattr(time, "time", lambda: self.wall)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def watch(self) -> WallClock:
        return WallClock(lambda: self.wall, lambda: self.steady)


@pytest.fixture
def clocks(cluster: None, monkeypatch: pytest.MonkeyPatch) -> Clocks:  # noqa: ARG001
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*", start_seconds=5.0)
    return Clocks(monkeypatch)


def ready() -> int:
    return models.Pod.objects.filter(ready=True).count()


@pytest.mark.parametrize("is_new", [False, True], ids=["a worker that saw it", "a worker that was started after it"])
def test_a_rollout_goes_on_where_the_clock_is_set_back(
    clocks: Clocks, work: Callable[[], int], *, is_new: bool
) -> None:
    watch = clocks.watch()
    watch.look()
    journal.beat(clocks.wall)
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    before = clock.simulated(demo(), clocks.wall)
    assert ready() == 0
    clocks.wall -= HOUR
    if is_new:
        watch = clocks.watch()
    watch.look()
    assert clock.simulated(demo(), clocks.wall) == pytest.approx(before)
    clocks.pass_by(6.0)
    work()
    assert ready() == 3


def test_several_workers_move_the_clocks_once(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    clusters.create("other")
    watches = [clocks.watch() for _ in range(3)]
    for each in watches:
        each.look()
    journal.beat(clocks.wall)
    before = clock.simulated(demo(), clocks.wall)
    clocks.wall -= HOUR
    for each in watches:
        clocks.pass_by(0.5)
        each.look()
    rows = models.Cluster.objects.all()
    assert [clock.simulated(row, clocks.wall) for row in rows] == pytest.approx([before + 1.5] * 2, abs=1.0)
    assert [each.getMessage() for each in caplog.records] == [
        "The clock of this machine was set back by 3600 s; time in the clusters goes on"
    ]


@pytest.mark.parametrize("seconds", [-wall_clock.TOLERATED_SECONDS, -1.0, 0.0, HOUR], ids=str)
def test_a_clock_that_is_corrected_a_little_or_set_forward_is_believed(clocks: Clocks, seconds: float) -> None:
    watch = clocks.watch()
    watch.look()
    journal.beat(clocks.wall)
    clocks.wall += seconds
    watch.look()
    row = models.Cluster.objects.get()
    assert (row.clock_wall, clock.simulated(row, clocks.wall)) == (0.0, clocks.wall)


def test_a_worker_says_that_it_lives_also_while_the_clock_is_behind(clocks: Clocks) -> None:
    housekeeper = worker.Housekeeper()
    housekeeper.tidy()
    clocks.wall -= HOUR
    housekeeper.beaten -= worker.BEAT_SECONDS
    housekeeper.tidy()
    assert journal.beaten_at() == clocks.wall
    assert worker.run_next({}, Memory())
