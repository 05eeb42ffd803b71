"""A client that opens a watch and does not read: the server must not fill its memory for it."""

import http.client
import json
import socket
from typing import Any

from tests.outside.process import HOST, WITH_BOOK, Demo, behaviour, wait_until
from tests.soaking import APPS, CORE, manifest

STRATEGIC = "application/strategic-merge-patch+json"
QUICK = WITH_BOOK + behaviour(1, "*")


def test_who_does_not_read_is_cut_off(make_demo: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("ROLLSTAGE_API_RATE", "0")
    demo: Demo = make_demo()
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", QUICK)
    demo.start()
    api = Caller(demo)
    assert api("POST", f"{APPS}/deployments", manifest("web", 100))[0] == 201
    stalled = [api.stall(secure) for secure in (False, True)]
    number = 0

    def grown() -> bool:
        """Every rollout of 100 pods with a long environment is some megabytes of events."""
        nonlocal number
        number += 1
        environment = [{"name": "LONG", "value": "x" * 20_000}, {"name": "NUMBER", "value": str(number)}]
        template = {"spec": {"containers": [{"name": "c", "env": environment}]}}
        api("PATCH", f"{APPS}/deployments/web", {"spec": {"template": template}}, STRATEGIC)
        return demo.output.count("its client reads too slowly") == len(stalled)

    wait_until(grown, 60, "both watches to be cut off", poll=0.5)
    for each in stalled:
        each.close()


class Caller:
    """Calls the demo's API, each time on a connection of its own."""

    def __init__(self, demo: Demo) -> None:
        self.demo, self.token, self.context = demo, demo.token, demo.trust

    def __call__(self, method: str, path: str, body: Any, kind: str = "application/json") -> tuple[int, str]:

        connection = http.client.HTTPSConnection(HOST, self.demo.api_port, context=self.context, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        connection.request(method, path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def stall(self, secure: bool) -> socket.socket:
        """A watch of pods that nobody reads."""
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        found.connect((HOST, self.demo.api_port if secure else self.demo.port))
        if secure:
            found = self.context.wrap_socket(found, server_hostname=HOST)
        lines = (f"GET {CORE}/pods?watch=1 HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {self.token}", "", "")
        found.sendall("\r\n".join(lines).encode())
        return found
