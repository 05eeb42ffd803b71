"""A separate demo for measuring the API over TLS, and a minimal watch client."""

import asyncio
import contextlib
import http.client
import json
import re
import resource
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.outside.process import HOST, WITH_BOOK, Demo, behaviour

APPS = "/apis/apps/v1/namespaces/default"
CORE = "/api/v1/namespaces/default"
OPEN_FILES = 20_000
QUICK = WITH_BOOK + behaviour(1, "*")
VERSION = re.compile(rb'"resourceVersion":"(\d+)"')


@contextmanager
def served(folder: Path, *, more: str = "") -> Iterator["Api"]:
    """A demo without a rate limit, whose containers are ready at once. `more`: Python for `manage.py shell` before its start."""
    raise_open_files()
    demo = Demo(folder)
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", QUICK + more)
    with without_rate():
        demo.start()
    try:
        yield Api(demo)
    finally:
        demo.stop()


@contextmanager
def without_rate() -> Iterator[None]:
    import os

    os.environ["ROLLSTAGE_API_RATE"] = "0"
    try:
        yield
    finally:
        del os.environ["ROLLSTAGE_API_RATE"]


def raise_open_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class Api:
    """One persistent connection, and the kubeconfig with which it was opened."""

    def __init__(self, demo: Demo) -> None:
        self.demo, self.kubeconfig, self.port = demo, demo.data / "kubeconfig", demo.api_port
        self.token, self.context = demo.token, demo.trust
        self.connection: http.client.HTTPSConnection | None = None

    def beside(self) -> "Api":
        """A further connection to the same server."""
        return Api(self.demo)

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", accept: str = "application/json"
    ) -> tuple[int, Any]:
        code, text = self.exchange(method, path, body, kind, accept)
        return code, json.loads(text)

    def exchange(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", accept: str = "application/json"
    ) -> tuple[int, bytes]:
        """The response as bytes: parsing 2 MB of JSON is the client's time, not the server's."""
        self.connection = self.connection or http.client.HTTPSConnection(HOST, self.port, context=self.context)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Accept": accept}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    @property
    def server(self) -> int:
        """The server's process; the worker is its child."""
        assert self.demo.process
        return self.demo.process.pid


class Watch:
    """One open watch; received data is kept as (time, resource version) pairs or, with `whole`, as bytes."""

    def __init__(self, port: int, token: str, ca: str) -> None:
        """`ca` empty: plain HTTP."""
        self.port, self.token = port, token
        self.context = context_of(ca) if ca else None
        self.arrivals: list[tuple[float, int]] = []
        self.body = bytearray()

    async def open(self, path: str, query: str) -> None:
        self.reader, self.writer = await asyncio.open_connection(HOST, self.port, ssl=self.context, limit=2**26)
        lines = (f"GET {path}?watch=1&{query} HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {self.token}", "", "")
        self.writer.write("\r\n".join(lines).encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head

    async def follow(self, *, whole: bool = False) -> None:
        """Receives data until the connection is closed."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                data = await self.reader.readexactly(size + 2)
                if whole:
                    self.body += data[:-2]
                else:
                    now = time.time()
                    self.arrivals += [(now, int(each)) for each in VERSION.findall(data)]

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(Exception):
            await self.writer.wait_closed()


_contexts: dict[str, ssl.SSLContext] = {}


def context_of(ca: str) -> ssl.SSLContext:
    if ca not in _contexts:
        _contexts[ca] = ssl.create_default_context(cafile=ca)
    return _contexts[ca]


def ca_of(api: Api) -> str:
    return str(api.demo.data / "tls" / "ca.crt")
