"""The worker process beside the demo's server: a rollout of thousands of pods then delays no page."""

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
import time
from typing import Any

from django.conf import settings

from cluster.live.layers import LocalChannelLayer
from cluster.live.link import Link, connect
from cluster.records.doorbell import WORKER_CHANNEL
from cluster.records.journal import WORKER_SILENT_SECONDS

log = logging.getLogger(__name__)

LINK = "ROLLSTAGE_LINK"  # the variable that tells the worker which of its files is the link
BEAT_SECONDS = LOOK_SECONDS = 1.0
PAUSE_SECONDS = 1.0  # before the next worker begins


class WorkerFailed(Exception):
    """Raised when the worker process failed before it was heard."""


class WorkerProcess:
    """`manage.py runworker` as a child of this process. It ends with this process, however that ends."""

    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "runworker", WORKER_CHANNEL)
    silent_seconds = WORKER_SILENT_SECONDS

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """In a session of its own, as a Ctrl-C of the terminal is for the server only."""
        self.linked: Link | None = None
        self.end, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                self.command, env={**os.environ, LINK: str(number)}, pass_fds=(number,), start_new_session=True
            )

    async def watch(self, layer: LocalChannelLayer) -> None:
        """For as long as the server runs: links it with its worker, and starts another worker when this one has ended. Raises
        WorkerFailed."""
        while True:
            await self.until_ended(layer)
            code = self.kill()
            if code > 0 and not self.is_heard:
                raise WorkerFailed(f"The worker process ended with code {code} as soon as it began")
            log.error("The worker process ended with code %s; another one starts", code)
            await asyncio.sleep(PAUSE_SECONDS)
            self.begin()

    async def until_ended(self, layer: LocalChannelLayer) -> None:
        """Links the worker to the layer until its process has ended. Kills the process if it is frozen."""
        ended = asyncio.Event()
        self.linked = await connect(self.end, layer, ended.set)
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOK_SECONDS)
            if self.linked.heard and time.monotonic() - self.linked.heard > self.silent_seconds:
                log.error("The worker process was silent for %s seconds and is killed", self.silent_seconds)
                self.kill()

    @property
    def is_heard(self) -> bool:
        return self.linked is not None and self.linked.heard is not None

    def kill(self) -> int:
        """Ends the process at once; a pass that it was in is rolled back. Returns its exit code: below zero for a signal."""
        self.process.kill()
        return self.process.wait()


def is_beside_a_server() -> bool:
    """Whether a server has started this process as its worker."""
    return LINK in os.environ


async def stay_linked(layer: Any) -> None:
    """In the worker process: links it with the server that started it, and sends a beat each second, which shows that this process
    is not frozen. When the server has ended, this process ends. Returns at once in a worker that no server started."""
    number = os.environ.pop(LINK, None)
    if number is None:
        return
    linked = await connect(socket.socket(fileno=int(number)), layer, lambda: os._exit(0))
    while True:
        linked.ring({}, "")
        await asyncio.sleep(BEAT_SECONDS)
