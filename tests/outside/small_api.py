"""A server of discovery, schemas and nothing else for the real kubectl; what is sent to it is kept."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from cluster.api import discovery, openapi
from cluster.api.kinds import SERVED, Table

KUBECTL = Path(__file__).parent.parent.parent / ".venv" / "bin" / "kubectl"
Json = dict[str, Any]


@dataclass
class SmallApi:
    """`posted`: (path, media type, body). `stored`: what a GET of a path answers."""

    table: Table = SERVED
    posted: list[tuple[str, str, bytes]] = field(default_factory=list)
    stored: dict[str, Json] = field(default_factory=dict)
    address: str = ""
    home: str = ""

    def kubectl(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(KUBECTL), "--server", self.address, "--cache-dir", self.home, "--kubeconfig", "/dev/null"]
        environment = {"HOME": self.home, "PATH": "/usr/bin:/bin"}
        return subprocess.run(
            [*command, *arguments], input=stdin, capture_output=True, text=True, timeout=60, env=environment
        )

    def answer(self, path: str, accept: str) -> Json | None:
        parts = [each for each in path.split("?")[0].split("/") if each]
        if parts[0] == "openapi" and parts[1] == "v3":
            return openapi.index(self.table) if len(parts) == 2 else openapi.document("/".join(parts[2:]), self.table)
        wants_all = discovery.AGGREGATED in accept
        if parts == ["api"]:
            return discovery.aggregated([""], self.table) if wants_all else discovery.versions()
        if parts == ["apis"]:
            names = list(self.table.group_versions)
            return discovery.aggregated(names, self.table) if wants_all else discovery.groups(self.table)
        return self.stored.get("/".join(parts))


@contextlib.contextmanager
def serving(home: Path, table: Table = SERVED) -> Iterator[SmallApi]:
    api = SmallApi(table=table, home=str(home))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802
            accept = self.headers.get("Accept", "")
            found = api.answer(self.path, accept)
            media = discovery.AGGREGATED if discovery.AGGREGATED in accept and found else "application/json"
            self.send(200 if found else 404, found or {"kind": "Status", "apiVersion": "v1", "code": 404}, media)

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            api.posted.append((self.path, self.headers.get("Content-Type", ""), body))
            self.send(403, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "kept", "code": 403})

        def send(self, code: int, value: Json, media: str = "application/json") -> None:
            content = orjson.dumps(value)
            self.send_response(code)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
