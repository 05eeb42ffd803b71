"""The worker process beside a server: another one begins when it ends or is frozen, and none that never worked is begun again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from cluster.live import worker_process
from cluster.live.layers import LocalChannelLayer
from cluster.live.worker_process import WorkerFailed, WorkerProcess
from tests.viewing import until

TALKS = """
import os, time
while True:
    os.write(int(os.environ["ROLLSTAGE_LINK"]), b'[{},""]\\n')
    time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(worker_process, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(WorkerProcess, "silent_seconds", 2.0)


def started(monkeypatch: pytest.MonkeyPatch, code: str) -> WorkerProcess:
    monkeypatch.setattr(WorkerProcess, "command", (sys.executable, "-c", code))
    return WorkerProcess()


@pytest.fixture
async def talking(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WorkerProcess]:
    """A worker that is watched and has been heard."""
    process = started(monkeypatch, TALKS)
    watching = asyncio.create_task(process.watch(LocalChannelLayer()))
    await until(lambda: process.is_heard)
    yield process
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
async def test_another_one_begins(talking: WorkerProcess, number: int) -> None:
    for _ in range(2):  # the second one too
        await until(lambda: talking.is_heard)
        was = talking.process
        os.kill(was.pid, number)
        await until(lambda was=was: talking.process is not was)
        assert was.returncode == -signal.SIGKILL


async def test_one_that_fails_before_it_works_is_not_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    process = started(monkeypatch, "raise SystemExit(3)")
    with pytest.raises(WorkerFailed, match="ended with code 3"):
        await asyncio.wait_for(process.watch(LocalChannelLayer()), 20)
