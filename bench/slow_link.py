"""The Deployment page over a slow link (3 Mbit/s each way, 60 ms round trip): the time from the address to the figure in a
browser with an empty cache, with 40 pods and with 2,000.

    .venv/bin/python -m bench.slow_link [PODS ...]
"""

import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.fanout import running
from bench.fps import MANIFEST, NAME, READY_AT_ONCE, is_ready
from tests.outside.process import HOST, Demo, free_port, wait_until

SIZES = (40, 2000)
BYTES_PER_SECOND = 3_000_000 / 8
ONE_WAY_SECONDS = 0.03
PIECE_BYTES = 1460
RUNS = 3


def main(arguments: list[str]) -> None:
    for pods in [int(each) for each in arguments] or SIZES:
        with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder:
            took = sorted(measure(Path(folder), pods))
        print(f"{pods} pods: the figure after {took[RUNS // 2]:.2f} s (of {RUNS} runs the median)", flush=True)


def measure(folder: Path, pods: int) -> list[float]:
    demo = Demo(folder)
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", READY_AT_ONCE)
    with running(demo), slow_link(demo.port) as port:
        demo.act("deployments/create/", {"yaml": MANIFEST.format(pods=pods)})
        wait_until(lambda: is_ready(demo, pods), 120, "the pods", poll=1.0)
        return [first_figure(port) for _ in range(RUNS)]


def first_figure(port: int) -> float:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        began = time.perf_counter()
        page.goto(f"http://{HOST}:{port}/clusters/demo/namespaces/default/deployments/{NAME}/", wait_until="commit")
        page.wait_for_selector("svg.figure .pod[data-state=available]")
        took = time.perf_counter() - began
        browser.close()
        return took


@contextmanager
def slow_link(port: int) -> Iterator[int]:
    """A port that forwards to the given one with the link's delay and rate."""
    loop, own = asyncio.new_event_loop(), free_port()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(asyncio.start_server(Link(port).carry, HOST, own), loop).result()
    yield own
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


class Way:
    """One direction, shared by all connections. `free_at`: when the last accepted byte has passed."""

    def __init__(self) -> None:
        self.free_at = 0.0

    async def pass_on(self, size: int) -> None:
        now = time.monotonic()
        self.free_at = max(self.free_at, now) + size / BYTES_PER_SECOND
        await asyncio.sleep(self.free_at - now)


class Link:
    def __init__(self, port: int) -> None:
        self.port, self.up, self.down = port, Way(), Way()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * ONE_WAY_SECONDS)  # TCP's handshake
        there, back = await asyncio.open_connection(HOST, self.port)
        await asyncio.gather(pipe(reader, back, self.up), pipe(there, writer, self.down))


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
    """Forwards bytes in order, each after its delay."""
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            at, data = await on_the_way.get()
            await asyncio.sleep(at - time.monotonic())
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    with suppress(ConnectionError):
        while data := await reader.read(PIECE_BYTES):
            await way.pass_on(len(data))
            on_the_way.put_nowait((time.monotonic() + ONE_WAY_SECONDS, data))
    on_the_way.put_nowait((time.monotonic() + ONE_WAY_SECONDS, b""))
    with suppress(ConnectionError):
        await delivering


if __name__ == "__main__":
    main(sys.argv[1:])
