"""A cluster with the default namespace, and a worker that is called instead of awaited."""

import time
from collections.abc import Callable

import pytest

from cluster import seed
from cluster.worker import run_next


@pytest.fixture
def cluster(db: None) -> None:  # noqa: ARG001
    seed.ensure_cluster()
    seed.ensure_namespace("default")


@pytest.fixture
def work() -> Callable[[], int]:
    """Runs every pass that is due; returns how many there were."""

    def run() -> int:
        passes = 0
        end = time.monotonic() + 20
        while run_next({}) and time.monotonic() < end:
            passes += 1
        return passes

    return run
