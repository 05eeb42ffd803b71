"""A cluster with the default namespace, and a worker that is called instead of awaited."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.layers import get_channel_layer

from cluster import feed, seed
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


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:  # noqa: ARG001
    """A cluster that other threads see, with nothing left of another test's feeds and channels."""
    seed.ensure_cluster()
    seed.ensure_namespace("default")
    feed.feeds.clear()
    layer: Any = get_channel_layer()
    asyncio.run(layer.flush())
    yield
    for each in feed.feeds.values():
        if each.task and not each.task.get_loop().is_closed():
            each.task.cancel()
