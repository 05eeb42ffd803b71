"""Limits of client connections: how long a request may take to arrive, how much of its body is read before the application has
checked its sender, and how many connections may wait."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from twisted.web import http

HEADERS_SECONDS = 32.0  # ReadHeaderTimeout (apiserver pkg/server/secure_serving.go), including the TLS handshake
IDLE_SECONDS = 90.0  # IdleTimeout, as there
BODY_SECONDS = 60.0  # --request-timeout
LINGER_SECONDS = 0.5  # net/http server.go, rstAvoidanceDelay: time for a refused client to read the response
LARGEST_HEADERS_BYTES = 1024 * 1024  # net/http server.go, DefaultMaxHeaderBytes
UNASKED_BYTES = 64 * 1024  # of a body, from any client
MOST_WAITING = 1000
EXPECTATION = "rollstage.expectation"  # scope type: may the client send the body? 100 means yes
Scope = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]


class Lobby:
    """The connections whose next request has not fully arrived, including idle ones, by client address. When there are more than
    `most`, the oldest one of the address with most connections is closed: a client that opens many loses its own."""

    def __init__(self, most: int) -> None:
        self.most, self.count = most, 0
        self.waiting: dict[str, dict[Channel, None]] = {}

    def enter(self, channel: "Channel") -> None:
        self.waiting.setdefault(channel.address, {})[channel] = None
        self.count += 1
        if self.count > self.most:
            fullest = max(self.waiting.values(), key=len)
            oldest = next(iter(fullest))
            self.leave(oldest)
            oldest.transport.abortConnection()

    def leave(self, channel: "Channel") -> None:
        group = self.waiting.get(channel.address, {})
        if channel in group:
            del group[channel]
            self.count -= 1
            if not group:
                del self.waiting[channel.address]


HTTPChannel: Any = http.HTTPChannel  # Twisted has few types


class Channel(HTTPChannel):  # type: ignore[misc]
    """An HTTP/1.1 connection. Its time-outs are deadlines: single bytes do not extend them. When a body is larger than
    UNASKED_BYTES, or than `largest_bytes`, the application is asked before more is read, and may refuse (see `expected_by`)."""

    totalHeadersSize = MAX_LENGTH = LARGEST_HEADERS_BYTES  # noqa: N815 Twisted's names
    abortTimeout = 5  # noqa: N815 seconds
    lobby = Lobby(MOST_WAITING)
    largest_bytes = 0
    ask: Callable[[Scope], Awaitable[Answer]]
    address = ""
    is_idle = is_refused = False
    received = allowed = 0
    asking: asyncio.Task[None] | None = None
    reading: asyncio.Future[None] | None = None  # while a writer waits for the client to read

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self.address = getattr(self.getPeer(), "host", "")
        self.setTimeout(HEADERS_SECONDS)
        self.lobby.enter(self)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.lobby.leave(self)
        if self.asking:
            self.asking.cancel()
        super().connectionLost(reason)
        self.let_write()

    def resumeProducing(self) -> None:  # noqa: N802
        super().resumeProducing()
        self.let_write()

    async def until_read(self) -> None:
        """Waits while the client does not read what was written, or until the client has gone."""
        if self._waitingForTransport and self.transport is not None:
            if self.reading is None or self.reading.done():
                self.reading = asyncio.get_running_loop().create_future()
            await self.reading

    def let_write(self) -> None:
        if self.reading and not self.reading.done():
            self.reading.set_result(None)

    def resetTimeout(self) -> None:  # noqa: N802
        """Does nothing: the time-outs are deadlines."""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.is_idle:
            self.is_idle = False
            self.setTimeout(HEADERS_SECONDS)
        if not self.is_refused:
            super().dataReceived(data)

    def lineReceived(self, line: bytes) -> bool | None:  # noqa: N802
        if self._receivedHeaderSize + len(line) > self.totalHeadersSize:
            return self.lineLengthExceeded(line)
        super().lineReceived(line)
        return self.is_refused or None

    def lineLengthExceeded(self, line: bytes) -> bool:  # noqa: ARG002, N802
        """Responds 431 as net/http does, even if it is the path that is too long."""
        code = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        text = f"{code.value} {code.phrase}".encode()
        return self.refuse(code.value, [(b"content-type", b"text/plain; charset=utf-8")], text)

    def allHeadersReceived(self) -> None:  # noqa: N802
        super().allHeadersReceived()
        self.received, self.allowed = 0, UNASKED_BYTES
        if self.length != 0:
            self.setTimeout(BODY_SECONDS)
            self.look_at(self.length or 0)

    def rawDataReceived(self, data: bytes) -> bool | None:  # noqa: N802
        if not self._handlingRequest:
            self.received += len(data)
            self.look_at(self.received)
        super().rawDataReceived(data)
        return self.is_refused or None

    def allContentReceived(self) -> None:  # noqa: N802
        self.lobby.leave(self)
        if self.asking:
            self.asking.cancel()
            self.stop_asking()
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:  # noqa: N802
        self.lobby.enter(self)
        self.is_idle, self._savedTimeOut = True, IDLE_SECONDS
        super().requestDone(request)

    def look_at(self, size: int) -> None:
        """Pauses reading and calls `ask`, where a body of this size in bytes is not allowed yet."""
        if size > self.allowed:
            self._networkProducer.pauseProducing()
            if self.asking is None:
                self.asking = asyncio.get_event_loop().create_task(self.wait_for_answer(size))

    async def wait_for_answer(self, size: int) -> None:
        code, headers, body = await type(self).ask(self.scope_of(self.requests[-1], size))
        self.stop_asking()
        if code == HTTPStatus.CONTINUE:
            self.allowed = max(size, self.largest_bytes)
            self.look_at(self.received)
        else:
            self.refuse(code, headers, body)

    def stop_asking(self) -> None:
        self.asking = None
        if not self._waitingForTransport:
            self._networkProducer.resumeProducing()

    def scope_of(self, request: Any, size: int) -> Scope:
        """The scope of a request whose body has not arrived. `size`: the bytes of the body known so far."""
        host = self.getHost()
        given = request.requestHeaders.getAllRawHeaders()
        return {
            "type": EXPECTATION,
            "method": self._command.decode("latin-1"),
            "path": unquote(self._path.partition(b"?")[0].decode("latin-1")),
            "query_string": b"",
            "headers": [(key.lower(), value) for key, values in given for value in values],
            "server": [str(host.host), host.port],
            "size": size,
        }

    def refuse(self, code: int, headers: Headers, body: bytes) -> bool:
        """Sends the response, and discards further data for LINGER_SECONDS."""
        self.is_refused = True
        self.clearLineBuffer()
        self.transport.write(answer(code, headers, body))
        self.setTimeout(LINGER_SECONDS)
        return True


def expected_by(application: Any) -> Callable[[Scope], Awaitable[Answer]]:
    """Returns a function that calls an ASGI application with a scope of the type EXPECTATION and returns its response."""

    async def ask(scope: Scope) -> Answer:
        messages: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await application(scope, asyncio.Queue().get, send)
        start, body = messages
        return start["status"], list(start["headers"]), body["body"]

    return ask


def answer(code: int, headers: Headers, body: bytes) -> bytes:
    """The bytes of the last response on a connection."""
    own = [*headers, (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    lines = b"".join(key + b": " + value + b"\r\n" for key, value in own)
    return b"HTTP/1.1 %d %s\r\n" % (code, http.RESPONSES[code]) + lines + b"\r\n" + body


def raise_file_limit() -> int:
    """Raises the limit of open files to the hard limit, as Go's runtime does (os/rlimit.go); returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
