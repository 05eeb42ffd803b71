"""Clients that nobody knows: large bodies, long headers, requests that never end. None takes memory or keeps others out."""

import contextlib
import http.client
import json
import resource
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.outside.process import HOST, Demo, wait_until
from tests.soaking import APPS

HUGE = 400 * 1024 * 1024
LARGEST = 3 * 1024 * 1024
BUFFERED = 16 * 1024 * 1024  # what may be on its way, in the buffers of two sockets
HALF_OPEN = 1500
PATH = f"{APPS}/deployments"
TOO_LARGE = f"Request entity too large: limit is {LARGEST}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    found = Demo(tmp_path_factory.mktemp("strangers")).start()
    yield found
    found.stop()


@contextlib.contextmanager
def connected(demo: Demo, *, secure: bool = False) -> Iterator[Any]:
    found = socket.create_connection((HOST, demo.api_port if secure else demo.port), timeout=20)
    if secure:
        found = demo.trust.wrap_socket(found, server_hostname=HOST)
    with found:
        yield found


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json", *headers, "", "")
    return "\r\n".join(lines).encode()


def answer(connection: socket.socket) -> tuple[int, str]:
    found = http.client.HTTPResponse(connection)
    found.begin()
    return found.status, found.read().decode()


def pour(connection: socket.socket, *, chunked: bool, size: int) -> int:
    """Sends a body until the server answers or hangs up; returns how many bytes went."""
    piece = b"x" * 16_384
    packed = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
    connection.settimeout(0.01)
    sent, quiet_since = 0, time.monotonic()
    while sent < size and time.monotonic() - quiet_since < 5:
        with contextlib.suppress(TimeoutError):
            try:
                sent += connection.send(packed)
                quiet_since = time.monotonic()
            except (ConnectionError, ssl.SSLError):
                break
        if has_answer(connection):
            break
    connection.settimeout(20)
    return sent


def has_answer(connection: socket.socket) -> bool:
    if isinstance(connection, ssl.SSLSocket):
        return False
    with contextlib.suppress(BlockingIOError, TimeoutError):
        return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    return False


@pytest.mark.parametrize("secure", [pytest.param(False, id="the page's port"), pytest.param(True, id="the API's port")])
def test_who_has_no_token_is_refused_before_a_byte_of_the_body_is_there(demo: Demo, secure: bool) -> None:
    with connected(demo, secure=secure) as stranger:
        stranger.sendall(head(PATH, f"Content-Length: {HUGE}"))
        code, text = answer(stranger)
    assert (code, json.loads(text)["reason"]) == (401, "Unauthorized")


def test_of_a_body_without_a_length_little_is_read(demo: Demo) -> None:
    with connected(demo) as stranger:
        stranger.sendall(head(PATH, "Transfer-Encoding: chunked"))
        sent = pour(stranger, chunked=True, size=HUGE)
        assert answer(stranger)[0] == 401
    assert sent < BUFFERED


@pytest.mark.parametrize("secure", [pytest.param(False, id="the page's port"), pytest.param(True, id="the API's port")])
def test_who_has_a_token_may_send_as_much_as_upstream_takes(demo: Demo, secure: bool) -> None:
    key = f"Authorization: Bearer {demo.token}"
    with connected(demo, secure=secure) as client:
        client.sendall(head(PATH, key, f"Content-Length: {LARGEST + 1}"))
        code, text = answer(client)
        assert (code, json.loads(text)["message"]) == (413, TOO_LARGE)
    with connected(demo, secure=secure) as client:
        body = b'{"metadata": ' + b" " * LARGEST
        client.sendall(head(PATH, key, f"Content-Length: {LARGEST}") + body[:LARGEST])
        assert answer(client)[0] == 400
    with connected(demo, secure=secure) as client:  # in chunks, whose end never comes
        client.sendall(head(PATH, key, "Transfer-Encoding: chunked"))
        client.settimeout(20)
        piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        client.sendall(piece * (LARGEST // 65_536 + 1))
        code, text = answer(client)
        assert (code, json.loads(text)["message"]) == (413, TOO_LARGE)


def test_pages_take_no_larger_bodies(demo: Demo) -> None:
    with connected(demo) as stranger:
        stranger.sendall(head("/login/", f"Content-Length: {HUGE}"))
        code, text = answer(stranger)
    assert (code, json.loads(text)["message"]) == (413, TOO_LARGE)


def test_what_is_allowed_leaves_the_connection_as_it_was(demo: Demo) -> None:
    key = f"Authorization: Bearer {demo.token}"
    with connected(demo) as client:
        for _ in range(3):
            client.sendall(head(PATH, key, "Content-Length: 200000") + b"{" * 200_000)
            assert answer(client)[0] == 400
        client.sendall(head("/readyz", method="GET"))
        assert answer(client)[0] == 200


def test_a_long_address_is_read_and_one_beyond_net_http_s_limit_is_told_so(demo: Demo) -> None:
    with connected(demo) as client:
        client.sendall(head(f"/{'x' * 100_000}", method="GET"))
        assert answer(client)[0] == 404
    for sent in (head(f"/{'x' * 1_100_000}", method="GET"), head("/", f"X-Long: {'x' * 1_100_000}", method="GET")):
        with connected(demo) as client:
            client.sendall(sent)
            assert answer(client) == (431, "431 Request Header Fields Too Large")


def test_requests_that_never_end_lock_nobody_out(demo: Demo) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as held:
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        half_open = [held.enter_context(connected(demo)) for _ in range(HALF_OPEN)]
        for each in half_open:
            with contextlib.suppress(ConnectionError):
                each.sendall(b"GET / HTTP/1.1\r\nX-Never:")
        wait_until(lambda: is_closed(half_open[0]), 20, "the oldest to be closed")
        assert demo.get("readyz")[0] == 200
        assert not is_closed(half_open[-1])


def is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    ("ciphers", "is_taken"),
    [
        pytest.param("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA", False, id="CBC"),
        pytest.param("ECDHE-ECDSA-AES128-GCM-SHA256", True, id="GCM"),
        pytest.param("ECDHE-ECDSA-CHACHA20-POLY1305", True, id="ChaCha20"),
    ],
)
def test_tls_1_2_has_authenticated_ciphers_only(demo: Demo, ciphers: str, is_taken: bool) -> None:
    context = demo.trust
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    with socket.create_connection((HOST, demo.api_port), timeout=20) as found:
        if is_taken:
            context.wrap_socket(found, server_hostname=HOST).close()
            return
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(found, server_hostname=HOST)


@pytest.mark.parametrize("secure", [pytest.param(False, id="the page's port"), pytest.param(True, id="the API's port")])
@pytest.mark.parametrize("length", ["abc", "-1", "1.5", "1 2"])
def test_a_length_that_is_no_number_is_a_bad_request(demo: Demo, secure: bool, length: str) -> None:
    for path in (PATH, "/login/"):
        with connected(demo, secure=secure) as stranger:
            stranger.sendall(head(path, f"Content-Length: {length}"))
            assert answer(stranger)[0] == 400
