"""A connection's deadlines, and who gives way when many are waited for."""

from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web import http

from cluster.live.incoming import BODY_SECONDS, HEADERS_SECONDS, IDLE_SECONDS, Channel, Lobby

HEAD = b"POST / HTTP/1.1\r\nHost: here\r\n"


class Answered(http.Request):
    def process(self) -> None:
        self.setHeader(b"content-length", b"0")
        self.finish()


class Line(StringTransport):
    """A connection without a network."""

    aborted = False

    def abortConnection(self) -> None:  # noqa: N802 Twisted's name
        self.aborted = True


@pytest.fixture
def lobby(monkeypatch: Any) -> Lobby:
    found = Lobby(4)
    monkeypatch.setattr(Channel, "lobby", found)
    return found


def opened(address: str = "10.0.0.1") -> tuple[Channel, Line, Clock]:
    channel, line, clock = Channel(), Line(peerAddress=IPv4Address("TCP", address, 1)), Clock()
    channel.callLater, channel.requestFactory, channel.timeOut = clock.callLater, Answered, IDLE_SECONDS
    channel.makeConnection(line)
    return channel, line, clock


def trickle(channel: Channel, clock: Clock, seconds: float) -> None:
    """A byte of a header, or of a body, each second."""
    for _ in range(round(seconds)):
        channel.dataReceived(b"x")
        clock.advance(1)


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        pytest.param(b"", HEADERS_SECONDS, id="the headers of the first request"),
        pytest.param(HEAD + b"Content-Length: 60000\r\n\r\n", BODY_SECONDS, id="a body"),
        pytest.param(HEAD + b"\r\n", HEADERS_SECONDS, id="the headers of the next request"),
    ],
)
@pytest.mark.usefixtures("lobby")
def test_a_byte_now_and_then_gains_no_time(sent: bytes, seconds: float) -> None:
    channel, line, clock = opened()
    channel.dataReceived(sent)
    trickle(channel, clock, seconds - 1)
    assert not line.disconnecting
    trickle(channel, clock, 2)
    assert line.disconnecting


@pytest.mark.usefixtures("lobby")
def test_an_idle_connection_is_kept_a_while() -> None:
    channel, line, clock = opened()
    channel.dataReceived(HEAD + b"\r\n")
    clock.advance(IDLE_SECONDS - 1)
    assert not line.disconnecting
    clock.advance(2)
    assert line.disconnecting


def test_the_oldest_of_the_address_that_has_most_gives_way(lobby: Lobby) -> None:
    first = opened("10.0.0.9")[1]
    crowd = [opened("10.0.0.1")[1] for _ in range(6)]
    second = opened("10.0.0.8")[1]
    assert [each.aborted for each in crowd] == [True] * 4 + [False] * 2
    assert not (first.aborted or second.aborted)
    assert lobby.count == 4


def test_a_request_that_is_answered_is_not_waited_for(lobby: Lobby) -> None:
    class Slow(Answered):
        def process(self) -> None:
            pass

    channel, _, _ = opened()
    channel.requestFactory = Slow
    channel.dataReceived(HEAD + b"\r\n")
    assert (lobby.count, lobby.waiting) == (0, {})
    Answered.process(channel.requests[0])
    assert lobby.count == 1
    channel.connectionLost(None)
    assert (lobby.count, lobby.waiting) == (0, {})
