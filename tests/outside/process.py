"""The demo as its users run it: a process, a page, a socket."""

import contextlib
import http.cookiejar
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parent.parent.parent
HOST = "127.0.0.1"
BOOK = "nginx-deployment"
START_SECONDS = 60.0
POLL_SECONDS = 0.05
DROPPED = (
    "DATABASE_URL",
    "REDIS_URL",
    "ROLLSTAGE_DATA",
    "ROLLSTAGE_ANONYMOUS",
    "ROLLSTAGE_REGISTRATION",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
)

State = dict[str, Any]
Found = TypeVar("Found")

STATIC = ROOT / "var" / "static-of-tests"

WITH_BOOK = """
from cluster.writing import actions, clusters
from cluster.models import Cluster, ImageBehaviour
from cluster.spaces import Space
clusters.create("demo", old_versions=True)
actions.example(Space("demo", "default"), actor="demo")
"""


def behaviour(order: int, pattern: str, **values: object) -> str:
    """Python for `manage.py shell`: an image behaviour of the cluster demo."""
    fields = {"order": order, "pattern": pattern, **values}
    told = ", ".join(f"{key}={value!r}" for key, value in fields.items())
    return f"ImageBehaviour.objects.create(cluster=Cluster.objects.get(), {told})\n"


class Demo:
    """`manage.py demo` on one data folder; it can be started again there. `lends_static`: its static files are those that another
    has gathered, which takes a while."""

    command = "demo"
    lends_static = True

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self.api_port = free_port()
        self.output = ""
        self.process: subprocess.Popen[str] | None = None
        self.opener = urllib.request.build_opener()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def token(self) -> str:
        """The token of its kubeconfig."""
        config = yaml.safe_load((self.data / "kubeconfig").read_text())
        return str(config["users"][0]["user"]["token"])

    @property
    def trust(self) -> ssl.SSLContext:
        """Trusts the certificate authority of its API."""
        return ssl.create_default_context(cafile=str(self.data / "tls" / "ca.crt"))

    def start(self) -> "Demo":
        """Returns when page and worker say that they are ready."""
        self.launch()
        self.await_ready()
        return self

    def launch(self) -> None:
        if self.lends_static:
            lend_static(self.data)
        ports = ("--port", str(self.port), "--api-port", str(self.api_port))
        arguments = (self.command, *ports, "--data", str(self.data))
        self.process = subprocess.Popen(
            manage(*arguments), cwd=ROOT, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.output = ""
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()
        self.opener = new_session()

    def await_ready(self) -> None:
        wait_until(self._is_ready, START_SECONDS, lambda: f"the demo to be ready; it printed:\n{self.output}")

    def stop(self, number: int = signal.SIGTERM, times: int = 1) -> tuple[int, float]:
        """(exit code, seconds it took). `times`: somebody is impatient."""
        assert self.process
        began = time.monotonic()
        for _ in range(times):
            self.process.send_signal(number)
            if times > 1 and self.process.poll() is not None:
                break
        code = self.process.wait(timeout=20)
        seconds = time.monotonic() - began
        self.reader.join(timeout=5)
        return code, seconds

    def manage(self, *arguments: str) -> None:
        """Another manage.py command on the same data."""
        variables = {**environment(), "ROLLSTAGE_DATA": str(self.data)}
        subprocess.run(manage(*arguments), cwd=ROOT, env=variables, check=True, capture_output=True, timeout=60)

    def get(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.url + path))

    def get_json(self, path: str) -> Any:
        status, text = self.get(path)
        assert status == 200, text
        return json.loads(text)

    def act(self, path: str, body: State, namespace: str = "default") -> State:
        """POSTs an action of docs/protocol.md with the page's own CSRF token."""
        self.get("")
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._csrf_token(), "Referer": self.url}
        place = "" if path in ("pace/", "step/") else f"namespaces/{namespace}/"
        request = urllib.request.Request(
            f"{self.url}clusters/demo/{place}{path}", data=json.dumps(body).encode(), headers=headers
        )
        status, text = self._open(request)
        assert status == 200, text
        return json.loads(text)  # type: ignore[no-any-return]

    def set_image(self, image: str, name: str = BOOK, namespace: str = "default") -> State:
        return self.act(f"deployments/{name}/set-image/", {"images": {"nginx": image}}, namespace)

    def socket(self, since: int | None = None, namespace: str = "default") -> ClientConnection:
        query = "" if since is None else f"?since={since}"
        return connect(
            f"ws://{HOST}:{self.port}/ws/clusters/demo/namespaces/{namespace}/{query}",
            origin=self.url.rstrip("/"),  # type: ignore[arg-type]
            max_size=None,
            max_queue=None,
        )

    def snapshot(self, namespace: str = "default") -> State:
        with self.socket(namespace=namespace) as viewer:
            return next(frames(viewer, "snapshot"))

    def deployment(self, name: str = BOOK, namespace: str = "default") -> State | None:
        return next((each for each in self.snapshot(namespace)["deployments"] if each["name"] == name), None)

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def _csrf_token(self) -> str:
        jar = next(each.cookiejar for each in self.opener.handlers if hasattr(each, "cookiejar"))
        return next(cookie.value for cookie in jar if cookie.name == "csrftoken")

    def _is_ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, f"the demo ended:\n{self.output}"
        with contextlib.suppress(OSError):
            return self.get("readyz")[0] == 200 and "Stop" in self.output
        return False

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            self.output += line


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "-u", "manage.py", *arguments]


def lend_static(data: Path) -> None:
    STATIC.mkdir(parents=True, exist_ok=True)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (data / "static").exists():
        (data / "static").symlink_to(STATIC)


def environment() -> dict[str, str]:
    """Without what a tester's shell may have set for a server of their own."""
    return {name: value for name, value in os.environ.items() if name not in DROPPED}


def new_session() -> Any:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def frames(viewer: ClientConnection, kind: str, *, seconds: float = 60.0) -> Iterator[State]:
    """The frames of one type, acknowledged as the page does."""
    until = time.monotonic() + seconds
    while True:
        frame = json.loads(viewer.recv(timeout=max(until - time.monotonic(), 0.001)))
        newest = {"snapshot": "rv", "changes": "to"}.get(frame["type"])
        if newest:
            viewer.send(json.dumps({"type": "ack", "rv": frame[newest]}))
        if frame["type"] == kind:
            yield frame


def items_since(demo: Demo, since: int, done: Callable[[State], bool], *, seconds: float = 60.0) -> list[State]:
    """The changes after `since`, up to the first that is `done`."""
    found: list[State] = []
    with demo.socket(since=since) as viewer:
        for frame in frames(viewer, "changes", seconds=seconds):
            for item in frame["items"]:
                found.append(item)
                if done(item):
                    return found
    raise AssertionError("the socket ended")


def is_complete(deployment: State | None) -> bool:
    """kubectl rollout status would say: successfully rolled out."""
    if deployment is None:
        return False
    status = deployment["status"]
    numbers = (status["replicas"], status["updated_replicas"], status["available_replicas"])
    observed = status["observed_generation"] >= deployment["generation"]
    return observed and numbers == (deployment["replicas"],) * 3


def wait_until(
    find: Callable[[], Found], seconds: float, what: str | Callable[[], str], poll: float = POLL_SECONDS
) -> Found:
    """What `find` returns once it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = find()
        if found:
            return found
        time.sleep(poll)
    raise AssertionError(f"waited {seconds} s for {what() if callable(what) else what}")
