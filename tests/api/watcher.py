"""One open watch, read line by line."""

import json
from collections.abc import Callable
from typing import Any

from asgiref.testing import ApplicationCommunicator

from cluster.api.watch import watching

PATIENCE_SECONDS = 10


class Watcher:
    def __init__(self, path: str, query: str, token: str, accept: str = "application/json") -> None:
        headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept", accept.encode())]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
        self.communicator = ApplicationCommunicator(watching.application, scope)
        self.events: list[dict[str, Any]] = []
        self.status = 0

    async def __aenter__(self) -> "Watcher":
        await self.communicator.send_input({"type": "http.request"})
        self.status = (await self.communicator.receive_output(PATIENCE_SECONDS))["status"]
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.communicator.send_input({"type": "http.disconnect"})
        await self.communicator.wait(PATIENCE_SECONDS)

    async def until(self, done: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        while not done(self.events):
            body = (await self.communicator.receive_output(PATIENCE_SECONDS))["body"]
            self.events += [json.loads(line) for line in body.splitlines()]
        return self.events

    async def ends(self) -> list[dict[str, Any]]:
        """Everything that comes until it is closed from the other side."""
        while True:
            message = await self.communicator.receive_output(PATIENCE_SECONDS)
            self.events += [json.loads(line) for line in message["body"].splitlines()]
            if not message.get("more_body"):
                return self.events
