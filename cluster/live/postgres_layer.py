"""Doorbells through PostgreSQL's LISTEN and NOTIFY, over one connection per process that is used for nothing else.

A bell is the name of the group or channel and a number. Bells within the process don't use the database.
"""

import atexit
import contextlib
import select
import socket
import threading
import time
from typing import Any

import psycopg
from django.db import connections

from cluster.live.layers import LocalChannelLayer
from cluster.records.troubles import Troubles

CHANNEL = "rollstage"
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 15.0
LOOK_SECONDS = 30.0
FAREWELL_SECONDS = 2.0
# Without keepalives, a connection that is only read from would not notice for hours that the network is gone.
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class PostgresLayer(LocalChannelLayer):
    """The in-process layer; its bells also reach the database's other processes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.line = Line(self)

    def ring(self, heads: dict[str, int], *, channel: str = "") -> None:
        super().ring(heads, channel=channel)
        self.line.tell({**heads, **({channel: 0} if channel else {})})

    async def receive(self, channel: str) -> dict[str, Any]:
        self.line.start()
        return await super().receive(channel)

    def heard(self, name: str, head: int) -> None:
        """Passes on a bell of another process."""
        self._on_home_loop(self._heard, name, head)

    def missed(self) -> None:
        """Wakes every listener, since bells rung while there was no connection are lost."""
        self._on_home_loop(self._heard_all)

    def _heard(self, name: str, head: int) -> None:
        if name in self.groups:
            self._put_all(name, {"type": "journal.changed", "head": head})
        elif name in self.queues:
            self._put(name, {"type": "wake"})

    def _heard_all(self) -> None:
        for name in [*self.groups, *(each for each in self.queues if "!" not in each)]:
            self._heard(name, 0)


class Line:
    """The connection, in its own thread; a lost connection is opened again, after ever longer pauses. Of several waiting bells of
    one cluster, only the newest is sent."""

    def __init__(self, layer: PostgresLayer) -> None:
        self.layer = layer
        self.lock = threading.Lock()
        self.waiting: dict[str, int] = {}
        self.called, self.call = socket.socketpair()
        self.called.setblocking(False)
        self.call.setblocking(False)
        self.thread: threading.Thread | None = None
        self.is_closing = False
        self.backend: int | None = None  # the server's process, while connected

    def start(self) -> None:
        with self.lock:
            if self.thread is None:
                self.is_closing = False
                self.thread = threading.Thread(target=self.run, name="doorbell", daemon=True)
                self.thread.start()
                atexit.register(self.close)

    def tell(self, bells: dict[str, int]) -> None:
        self.start()
        with self.lock:
            self.waiting.update(bells)
            self.wake()

    def wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full of wake-ups already
            self.call.send(b"!")

    def close(self) -> None:
        """Closes the connection once the waiting bells are sent, or after FAREWELL_SECONDS."""
        with self.lock:
            thread, self.is_closing = self.thread, True
            if thread is None:
                return
            self.wake()
        thread.join(FAREWELL_SECONDS)
        with self.lock:
            self.thread = None
            atexit.unregister(self.close)

    def run(self) -> None:
        troubles = Troubles(first_seconds=FIRST_RETRY_SECONDS, longest_seconds=LONGEST_RETRY_SECONDS)
        while not self.is_closing:
            try:
                with psycopg.connect(**parameters()) as connection:
                    self.hold(connection, troubles)
            except psycopg.Error:
                if not self.is_closing:
                    time.sleep(troubles.met("line", "The doorbell's connection to PostgreSQL"))
            finally:
                self.backend = None

    def hold(self, connection: psycopg.Connection, troubles: Troubles) -> None:
        """Serves the connection until it is lost (psycopg.Error) or the line closes."""
        connection.add_notify_handler(self.notified)
        connection.execute(f"LISTEN {CHANNEL}")
        self.backend = connection.info.backend_pid
        troubles.over("line", "The doorbell's connection to PostgreSQL")
        self.layer.missed()
        while True:
            self.send(connection)
            if self.is_closing:
                return
            self.listen(connection)

    def send(self, connection: psycopg.Connection) -> None:
        with contextlib.suppress(BlockingIOError):
            self.called.recv(4096)
        with self.lock:
            taken, self.waiting = self.waiting, {}
        if taken:
            told = [f"{name} {head}" for name, head in taken.items()]
            connection.execute("SELECT pg_notify(%s, bell) FROM unnest(%s::text[]) AS bell", (CHANNEL, told))

    def listen(self, connection: psycopg.Connection) -> None:
        waits = select.poll()
        for each in (self.called.fileno(), connection.fileno()):
            waits.register(each, select.POLLIN)
        waits.poll(LOOK_SECONDS * 1000)
        connection.pgconn.consume_input()
        while notify := connection.pgconn.notifies():
            self.rung(notify.be_pid, notify.extra.decode())

    def notified(self, notify: psycopg.Notify) -> None:
        """Called for a notification that arrives with a statement's result."""
        self.rung(notify.pid, notify.payload)

    def rung(self, backend: int, bell: str) -> None:
        name, _, head = bell.rpartition(" ")
        if backend != self.backend and head.isdecimal():
            self.layer.heard(name, int(head))


def parameters() -> dict[str, Any]:
    """Django's connection parameters, with autocommit and keepalives."""
    theirs = connections["default"].get_connection_params()
    ours = {"autocommit": True, "application_name": "rollstage doorbell", **KEEPALIVES}
    return {key: each for key, each in theirs.items() if key not in ("cursor_factory", "context")} | ours
