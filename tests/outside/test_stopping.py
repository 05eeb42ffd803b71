"""The demo stops on Ctrl-C and SIGTERM with exit code 0, whoever is connected and whatever it is doing."""

import contextlib
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.outside.process import HOST, Demo, frames, wait_until

STOP_SECONDS = 2.0
SOCKETS = 40


@pytest.mark.parametrize(
    ("number", "times"),
    [
        pytest.param(signal.SIGTERM, 1, id="SIGTERM"),
        pytest.param(signal.SIGINT, 1, id="Ctrl-C"),
        pytest.param(signal.SIGINT, 200, id="Ctrl-C until it is gone"),
    ],
)
def test_it_stops_in_the_middle_of_a_rollout_with_everybody_connected(quick: Demo, number: int, times: int) -> None:
    """Browsers, kubectl's watches, a connection kept alive, and some that never say a word."""
    with ExitStack() as open_ones:
        for _ in range(SOCKETS):
            next(frames(open_ones.enter_context(quick.socket()), "snapshot"))
        for path in ("pods?watch=1", "pods?watch=1", "pods"):
            open_ones.enter_context(asked(quick, f"/api/v1/namespaces/default/{path}"))
        for port in (quick.port, quick.api_port):
            open_ones.enter_context(socket.create_connection((HOST, port)))
        with quick.socket() as viewer:
            quick.set_image("nginx:1.9.1")
            next(frames(viewer, "changes"))
            code, seconds = quick.stop(number, times)
    assert code == 0, quick.output
    assert seconds < STOP_SECONDS
    assert "Traceback" not in quick.output


def test_it_stops_with_nobody_watching(quick: Demo) -> None:
    code, seconds = quick.stop(signal.SIGINT)
    assert (code, seconds < STOP_SECONDS) == (0, True), quick.output
    assert quick.output.rstrip().endswith("Stopped. The same command goes on from here.")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_stops_while_it_starts_and_the_next_start_finds_all_in_order(make_demo: Any, number: int) -> None:
    demo = make_demo()
    for sign in ("lock", "secret_key", "rollstage.sqlite3", "tls/server.key"):  # in the order in which they come
        demo.launch()
        wait_until(lambda sign=sign: (demo.data / sign).exists(), 20, sign, poll=0.001)
        code, seconds = demo.stop(number)
        assert (code, seconds < STOP_SECONDS) == (0, True), f"{sign}: {demo.output}"
        assert "Traceback" not in demo.output
    demo.start()
    assert demo.deployment() is not None


@contextlib.contextmanager
def asked(demo: Demo, path: str) -> Iterator[ssl.SSLSocket]:
    """An answer has begun to come, and the connection stays."""
    token = demo.token
    with demo.trust.wrap_socket(socket.create_connection((HOST, demo.api_port)), server_hostname="localhost") as secure:
        secure.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert secure.recv(4096).startswith(b"HTTP/1.1 200")
        yield secure
