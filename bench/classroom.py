"""A class of sixty in one process over SQLite: all join, and do lesson 2 at once, half with kubectl's requests, half with the
page's, while a teacher's board follows; the process is killed in between. At the end every tile, check and line of the results
must be right.

    .venv/bin/python -m bench.classroom [STUDENTS]
"""

import base64
import csv
import io
import json
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from websockets.sync.client import connect

from tests.outside import procfs
from tests.outside.process import ROOT, environment, free_port, manage, new_session

LESSON, TASKS, NAME = "02-rolling-update", 4, "nginx-deployment"
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
LONGEST_SECONDS = 60.0
SHOWN_SECONDS = 1.5  # the time limit for the board to show a step
NEXT = {
    (3, 1): ("old", 2),
    (2, 1): ("new", 2),
    (2, 2): ("old", 1),
    (1, 2): ("new", 3),
    (1, 3): ("old", 0),
}  # old and new desired
Json = dict[str, Any]


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 60
    server = Server(Path(tempfile.mkdtemp()), count)
    server.start()
    with ThreadPoolExecutor(count) as pool:
        began = time.monotonic()
        seats = list(pool.map(lambda number: join(server, number), range(count)))
        print(f"{count} joined in {time.monotonic() - began:.1f} s")
        teacher = Browser(server.told["teacher_url"])
        board = Board(teacher, server)
        teacher.post("/classes/class/hand-out/", {"lesson": LESSON})
        began = time.monotonic()
        teacher.post("/classes/class/reset/", {})
        print(f"{count} clusters reset in {time.monotonic() - began:.1f} s")
        board.wait(lambda tiles: sum(each["lesson"] is not None for each in tiles.values()) == count)
        began = time.monotonic()
        working = [pool.submit(Student(seat, number, board).do_lesson) for number, seat in enumerate(seats)]
        board.wait(lambda tiles: sum(each["lesson"]["task"] >= 2 for each in tiles.values()) >= count / 2)
        peak = server.peak_mib
        server.kill()
        server.start()
        for each in working:
            each.result()
        print(f"{count} did lesson 2 in {time.monotonic() - began:.1f} s, one kill -9 in between")
        board.wait(lambda tiles: all(each["lesson"]["is_over"] for each in tiles.values()))
    check_results(teacher, count)
    latencies = sorted(board.latencies)
    p99 = latencies[int(len(latencies) * 0.99)]
    print(
        f"from an act to the board: median {statistics.median(latencies) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms "
        f"({len(latencies)} acts); memory at most {max(peak, server.peak_mib):.0f} MiB"
    )
    server.kill()


class Server:
    def __init__(self, data: Path, students: int) -> None:
        self.data = data
        page, api = free_port(), free_port()
        self.site = f"http://127.0.0.1:{page}"
        options = ("--port", page, "--api-port", api, "--data", data, "--students", students, "--address", "127.0.0.1")
        self.command = manage("class", *map(str, options))

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL)
        insist(lambda: new_session().open(f"{self.site}/readyz", timeout=5))

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def told(self) -> dict[str, str]:
        return json.loads((self.data / "class.json").read_text())  # type: ignore[no-any-return]

    @property
    def peak_mib(self) -> float:
        """Of the server and its worker."""
        return procfs.peak_kb(self.process.pid) / 1024


def insist(call: Callable[[], Any]) -> Any:
    """Retries while the server is down or busy."""
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return call()
        except urllib.error.HTTPError as error:
            if error.code < 500 or time.monotonic() > until:
                raise
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def send(opener: Any, url: str, body: Json, headers: dict[str, str], method: str = "POST") -> Json:
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers, method=method)
    with opener.open(request, timeout=60) as answer:
        return json.loads(answer.read())  # type: ignore[no-any-return]


def join(server: Server, number: int) -> Json:
    told = server.told
    body = {"code": told["code"], "name": f"Student {number}"}
    return send(new_session(), told["join_url"], body, JSON)


class Browser:
    """A session that logged in with a link."""

    def __init__(self, link: str) -> None:
        self.opener = new_session()
        self.site = "/".join(link.split("/")[:3])
        insist(lambda: self.opener.open(link, timeout=60).read())

    @property
    def cookies(self) -> dict[str, str]:
        jar = next(each.cookiejar for each in self.opener.handlers if hasattr(each, "cookiejar"))
        return {each.name: each.value for each in jar}

    def post(self, path: str, body: Json) -> Json:
        headers = {**JSON, "X-CSRFToken": self.cookies["csrftoken"], "Referer": self.site}
        return insist(lambda: send(self.opener, f"{self.site}{path}", body, headers))  # type: ignore[no-any-return]

    def get(self, path: str) -> str:
        return str(insist(lambda: self.opener.open(f"{self.site}{path}", timeout=60).read().decode()))


class Board:
    """The teacher's socket: the current tiles, and the delay from each act to its tile."""

    def __init__(self, teacher: Browser, server: Server) -> None:
        self.tiles: dict[str, Json] = {}
        self.latencies: list[float] = []
        self.acts: dict[str, float] = {}
        self.news = threading.Condition()
        self.address = server.site.replace("http", "ws") + "/ws/classes/class/"
        self.headers = {"Cookie": f"sessionid={teacher.cookies['sessionid']}"}
        self.origin: Any = server.site
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self) -> None:
        while True:
            try:
                with connect(
                    self.address, origin=self.origin, additional_headers=self.headers, max_size=None
                ) as socket:
                    for number, text in enumerate(socket):
                        self.take(json.loads(text), is_live=number > 0)
            except OSError:
                time.sleep(0.1)
            except Exception as error:  # a socket broken by the kill
                print(f"the board comes again: {type(error).__name__}")
                time.sleep(0.1)

    def take(self, frame: Json, *, is_live: bool) -> None:
        with self.news:
            for tile in frame.get("tiles", ()):
                act = (tile["last"] or {}).get("wall", 0.0)
                if is_live and act > self.acts.get(tile["cluster"], 0.0):
                    self.latencies.append(time.time() - act)
                self.acts[tile["cluster"]] = act
                self.tiles[tile["cluster"]] = tile
            self.news.notify_all()

    def wait(self, done: Callable[[dict[str, Json]], bool]) -> None:
        with self.news:
            if not self.news.wait_for(lambda: done(self.tiles), LONGEST_SECONDS):
                raise SystemExit("the board does not show what is so")

    def wait_briefly(self, done: Callable[[], bool]) -> None:
        with self.news:
            self.news.wait_for(done, SHOWN_SECONDS)


class Student:
    """Even numbers use kubectl's requests, odd ones the page's. Every third gives one wrong answer."""

    def __init__(self, seat: Json, number: int, board: Board) -> None:
        self.cluster, self.number, self.board = seat["cluster"], number, board
        self.browser = Browser(seat["seat_url"])
        config = yaml.safe_load(seat["kubeconfig"])
        cluster = config["clusters"][0]["cluster"]
        context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        self.api = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
        self.url = f"{cluster['server']}/apis/apps/v1/namespaces/default/deployments/{NAME}"
        self.token = config["users"][0]["user"]["token"]

    def do_lesson(self) -> None:
        self.await_pods()
        self.turn_clock(0)
        self.await_task(1)
        self.set_image("nginx:1.9.1")
        self.await_task(2)
        self.predict_all()
        self.await_task(3)
        self.turn_clock(20)
        self.await_task(TASKS)

    def predict_all(self) -> None:
        """Predicts until the task is done."""
        self.board.wait(lambda tiles: len(tiles[self.cluster]["figure"]["sets"]) == 2)
        says_wrong = self.number % 3 == 0
        while self.board.tiles[self.cluster]["lesson"]["task"] < 3 and tuple(self.sizes()) in NEXT:
            self.predict(("new", 99) if says_wrong else NEXT[tuple(self.sizes())])
            says_wrong = False

    def await_pods(self) -> None:
        self.board.wait(lambda tiles: (tiles[self.cluster]["figure"] or {}).get("available") == 3)

    def await_task(self, number: int) -> None:
        self.board.wait(lambda tiles: tiles[self.cluster]["lesson"]["task"] >= number)

    def turn_clock(self, pace: float) -> None:
        self.browser.post(f"/clusters/{self.cluster}/pace/", {"pace": pace})

    def set_image(self, image: str) -> None:
        if self.number % 2:
            path = f"/clusters/{self.cluster}/namespaces/default/deployments/{NAME}/set-image/"
            self.browser.post(path, {"images": {"nginx": image}})
            return
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/strategic-merge-patch+json",
        }
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": image}]}}}}
        insist(lambda: send(self.api, self.url, patch, headers, "PATCH"))

    def predict(self, answer: tuple[str, int]) -> None:
        """Answers, then steps until the sizes change. 409 is fine: a killed server may have recorded the answer already."""
        side, replicas = answer
        before = self.sizes()
        try:
            self.browser.post("/seat/answer/", {"side": side, "replicas": replicas})
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
        until = time.monotonic() + LONGEST_SECONDS
        while self.sizes() == before:
            if time.monotonic() > until:
                raise SystemExit(f"{self.cluster}: the step after {before} does not come")
            self.browser.post(f"/clusters/{self.cluster}/step/", {})
            self.board.wait_briefly(lambda: self.sizes() != before)

    def sizes(self) -> list[int]:
        return [each["desired"] for each in self.board.tiles[self.cluster]["figure"]["sets"]]


def check_results(teacher: Browser, count: int) -> None:
    """Checks that every student has done every task, with the wrong answers given, in both files."""
    told = json.loads(teacher.get("/classes/class/results.json"))["results"]
    lines = list(csv.DictReader(io.StringIO(teacher.get("/classes/class/results.csv"))))
    assert len(told) == len(lines) == count * TASKS, (len(told), len(lines))
    for row, line in zip(told, lines, strict=True):
        number = int(row["student"].split()[1])
        wrong = int(row["task"] == 3 and number % 3 == 0)
        assert (row["state"], row["wrong_answers"]) == ("done", wrong), row
        assert (line["student"], line["task"], line["state"]) == (row["student"], str(row["task"]), "done"), line
    print(f"{len(lines)} lines of the results are right")


if __name__ == "__main__":
    main(sys.argv[1:])
