"""The demo's worker is a process of its own: killed or frozen, the pages answer and the rollout completes; it leaves with the demo."""

import os
import signal

import pytest

from tests.outside import procfs
from tests.outside.process import Demo, frames, is_complete, wait_until

pytestmark = pytest.mark.skipif(not procfs.IS_THERE, reason="finds processes in Linux's /proc")


def worker_of(demo: Demo) -> int:
    assert demo.process
    (found,) = procfs.children(demo.process.pid)
    return found


def complete(demo: Demo, image: str) -> None:
    demo.set_image(image)
    wait_until(lambda: is_complete(demo.deployment()), 30, "the rollout")


def test_a_rollout_completes_though_its_worker_was_killed(quick: Demo) -> None:
    with quick.socket() as viewer:
        next(frames(viewer, "snapshot"))
        quick.set_image("nginx:1.9.1")
        next(frames(viewer, "changes"))
    was = worker_of(quick)
    os.kill(was, signal.SIGKILL)
    wait_until(lambda: is_complete(quick.deployment()), 30, "the rollout")
    assert worker_of(quick) != was
    assert "The worker process ended with code -9; another one starts" in quick.output


def test_pages_and_writes_are_answered_while_the_worker_is_frozen(quick: Demo) -> None:
    """Frozen at rest: within a transaction it is killed when it has been silent for a while (tests/live/test_worker_process.py)."""
    complete(quick, "nginx:1.9.1")
    worker = worker_of(quick)
    os.kill(worker, signal.SIGSTOP)
    try:
        assert quick.get("readyz")[0] == 200
        quick.set_image("nginx:1.7.9")
    finally:
        os.kill(worker, signal.SIGCONT)
    wait_until(lambda: is_complete(quick.deployment()), 30, "the rollout")
    assert worker_of(quick) == worker, "it goes on"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_the_worker_ends_with_the_demo(quick: Demo, number: int) -> None:
    worker = worker_of(quick)
    quick.stop(number)
    wait_until(lambda: not procfs.is_alive(worker), 10, "the worker to be gone")
