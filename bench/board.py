"""A teacher's board with 60 tiles of 200 pods each in Chromium: frames per second while every tile changes once a second. The
page is a class's own; its socket is simulated, so that the server's use of the machine does not count.

    .venv/bin/python -m bench.board [TILES]
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import WebSocketRoute, expect, sync_playwright
from websockets.sync.client import connect

from bench.classroom import Browser, Server, join
from bench.fps import COUNT_FRAMES

TILES, PODS = 60, 200
SECONDS = 10
BATCHES_PER_SECOND = 6
Json = dict[str, Any]


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else TILES
    with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder:
        server = Server(Path(folder), 1)
        server.start()
        try:
            join(server, 0)
            rate, longest = measure(server, Script(first_frame(server), count))
        finally:
            server.kill()
    print(f"{count} tiles of {PODS} pods, each changing once a second: {rate:.1f} frames/s, longest {longest:.0f} ms")


def first_frame(server: Server) -> Json:
    """The board's first frame in which the student's tile has a figure."""
    teacher = Browser(server.told["teacher_url"])
    address = server.site.replace("http", "ws") + "/ws/classes/class/"
    cookie = {"Cookie": f"sessionid={teacher.cookies['sessionid']}"}
    while True:
        with connect(address, origin=server.site, additional_headers=cookie, max_size=None) as socket:  # type: ignore[arg-type]
            found: Json = json.loads(socket.recv())
        if found.get("tiles") and found["tiles"][0]["figure"]:
            return found
        time.sleep(0.2)


class Script:
    """The simulated frames: the real first frame with more seats, then tiles in which a pod moves to the new ReplicaSet."""

    def __init__(self, frame: Json, count: int) -> None:
        self.count, self.turn = count, 0
        (seat,), (tile,) = frame["seats"], frame["tiles"]
        self.frame = {**frame, "seats": [{**seat, "number": each, "name": f"Student {each}"} for each in range(count)]}
        self.tile = tile

    def first(self) -> str:
        return json.dumps({**self.frame, "tiles": [self.tile_of(each, 0) for each in range(self.count)]})

    def batch(self) -> str:
        size = max(self.count // BATCHES_PER_SECOND, 1)
        tiles = [self.tile_of((self.turn * size + each) % self.count, self.turn) for each in range(size)]
        self.turn += 1
        return json.dumps({"type": "tiles", "tiles": tiles})

    def tile_of(self, number: int, turn: int) -> Json:
        new = turn % PODS
        sets = [
            {"number": 1, "is_new": False, "desired": PODS - new, "cells": "r" * (PODS - new), "more": 0},
            {"number": 2, "is_new": True, "desired": new, "cells": "r" * new, "more": 0},
        ]
        figure = {**self.tile["figure"], "desired": PODS, "available": PODS, "updated": new, "sets": sets}
        return {**self.tile, "number": number, "name": f"Student {number}", "figure": figure}


def measure(server: Server, script: Script) -> tuple[float, float]:
    routes: list[WebSocketRoute] = []

    def greet(route: WebSocketRoute) -> None:
        route.send(script.first())
        routes.append(route)

    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        page = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]).new_page(
            viewport={"width": 1440, "height": 900}
        )
        page.route_web_socket("**/ws/classes/**", greet)
        page.goto(server.told["teacher_url"])
        page.goto(f"{server.site}/classes/class/board/")
        expect(page.locator("#tiles .tile")).to_have_count(script.count)
        page.evaluate(
            f"window.counted = null; setTimeout(() => ({COUNT_FRAMES})({SECONDS}).then(n => window.counted = n), 1000)"
        )
        while (counted := page.evaluate("window.counted")) is None:
            routes[-1].send(script.batch())
            page.wait_for_timeout(1000 / BATCHES_PER_SECOND)
        return counted[0], counted[1]


if __name__ == "__main__":
    main(sys.argv[1:])
