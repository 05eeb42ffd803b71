"""The server: daphne, and in the demo a worker process beside it."""

import daphne.server  # isort:skip  # first: it chooses the reactor

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

from autobahn.websocket.types import ConnectionDeny
from channels.layers import get_channel_layer
from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from twisted.internet import reactor
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.ssl import AcceptableCiphers, CertificateOptions, PrivateCertificate, TLSVersion
from twisted.web import http
from twisted.web.http_headers import Headers

from cluster.live.incoming import MOST_WAITING, Channel, Lobby, answer, expected_by, raise_file_limit
from cluster.live.worker_process import WorkerProcess
from rollout_site.demo_environment import leave_at_once_on_signals

log = logging.getLogger(__name__)

CLOSE_SECONDS = 1
NO_HEADERS = Headers()
LONGEST_STOP_SECONDS = 1.5
LARGEST_FRAME_BYTES = 64 * 1024 * 1024  # daphne's own limit, 1 MiB, is a snapshot of 2,500 pods
LARGEST_MESSAGE_BYTES = 8 * 1024  # from a client, which only sends acknowledgements


CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2: authenticated ones only; those of 1.3 all are


@dataclass(frozen=True, kw_only=True)
class SecurePort:
    """The TLS port of the API; `has_pages`: it serves the pages too."""

    port: int
    certificate: Path
    key: Path
    has_pages: bool = False

    def endpoint(self, host: str) -> SSL4ServerEndpoint:
        pair = PrivateCertificate.loadPEM(self.certificate.read_bytes() + b"\n" + self.key.read_bytes())
        context = CertificateOptions(
            privateKey=pair.privateKey.original,
            certificate=pair.original,
            raiseMinimumTo=TLSVersion.TLSv1_2,
            acceptableCiphers=AcceptableCiphers.fromOpenSSLCipherString(CIPHERS),
        )
        return SSL4ServerEndpoint(reactor, self.port, context, interface=host)


class Inbox:
    """The messages for an application (ASGI's `receive`), which one task reads. An asyncio.Queue takes 3 kB, which each idle watch
    would hold."""

    __slots__ = ("coming", "messages")

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.coming: asyncio.Future[None] | None = None  # while the reader waits

    def put_nowait(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if self.coming and not self.coming.done():
            self.coming.set_result(None)

    async def get(self) -> dict[str, Any]:
        while not self.messages:
            self.coming = asyncio.get_running_loop().create_future()
            await self.coming
        return self.messages.pop(0)


class Server(daphne.server.Server):
    """Adds back-pressure to streaming responses: daphne itself buffers without limit what a slow client doesn't read."""

    def listen_error(self, failure: Any) -> None:
        """Also stops the reactor for the port that is opened last, just before the reactor runs."""
        super().listen_error(failure)
        if self.abort_start:
            reactor.callWhenRunning(reactor.stop)  # type: ignore[misc]

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Inbox | None:
        """Starts the application for a request or socket, as daphne does, with an Inbox; None if the client has gone."""
        inbox = Inbox()
        scope.setdefault("asgi", {"version": "3.0"})
        running = self.application(scope=scope, receive=inbox.get, send=partial(self.handle_reply, protocol))
        if protocol not in self.connections:
            return None
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        if scope["type"] == "http":
            protocol.forget_headers()
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message.get("more_body") and protocol in self.connections and protocol.channel is not None:
            await protocol.channel.until_read()
        await super().handle_reply(protocol, message)


class Request(WebRequest):
    """A request whose attributes are few enough for Python to share their names between all requests (30 in a `__dict__`): the
    others cost 1.3 kB for each idle watch."""

    __slots__ = (
        "application_queue", "clean_headers", "client_addr", "client_scheme", "query_string", "request_start", "root_path",
        "server", "server_addr",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        """Twisted does not parse forms: the application does."""
        super().__init__(*args, parsePOSTFormSubmission=False, **options)

    def forget_headers(self) -> None:
        """Drops what only the scope needs from now on: another 1.2 kB."""
        self.requestHeaders = NO_HEADERS  # type: ignore[misc]  # in the __dict__
        self.clean_headers: list[tuple[bytes, bytes]] = []


class OnlyApi:
    """The application, limited to the API on one port, like an API server."""

    _asgi_single_callable = True  # for asgiref: not a coroutine function, which would add a frame to each watch

    def __init__(self, application: Any, port: int) -> None:
        self.application, self.port = application, port

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope.get("server") and scope["server"][1] == self.port:
            scope["rollstage.only_api"] = True
        return self.application(scope, receive, send)


def extend_twisted(application: Any) -> None:
    """Adds the reason phrases that Twisted lacks ("HTTP/1.1 422 Unknown Status"), connections with limits, and sockets that may
    be refused with a Status."""
    Channel.ask = staticmethod(expected_by(application))
    Channel.largest_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    Channel.lobby = Lobby(min(MOST_WAITING, raise_file_limit() // 2))
    daphne.http_protocol.WebRequest = Request
    HTTPFactory.protocol = Channel
    HTTPFactory.log = no_access_log
    WebSocketFactory.protocol = Socket
    for each in HTTPStatus:
        http.RESPONSES.setdefault(each.value, each.phrase.encode())
    http.RESPONSES[422] = b"Unprocessable Entity"  # Python 3.13 says "Unprocessable Content"


def no_access_log(*_: Any) -> None:
    """Replaces Twisted's access log, which is shown nowhere but would be written for each request."""


class Socket(WebSocketProtocol):
    """Adds ASGI's denial responses: the application refuses a handshake with a code, headers and a body. A client's message is
    refused as soon as its frames announce more than LARGEST_MESSAGE_BYTES; sent messages may be larger. A message with a prepared
    frame (`feed.Encoded`) is sent unchanged."""

    refusal: dict[str, Any] | None = None

    def handle_reply(self, message: dict[str, Any]) -> None:
        if "prepared" in message and self.state == self.STATE_OPEN:
            self.sendPreparedMessage(message["prepared"])
        elif message["type"] == "websocket.http.response.start":
            self.refusal = message
        elif message["type"] == "websocket.http.response.body" and self.refusal:
            self.refusal["body"] = message["body"]
            code = self.refusal["status"]
            self.handshake_deferred.errback(ConnectionDeny(code=code, reason=http.RESPONSES[code].decode()))
            del self.handshake_deferred
            self.server.protocol_disconnected(self)
        else:
            super().handle_reply(message)

    def sendHttpErrorResponse(self, code: int, reason: str, responseHeaders: Any = None) -> None:  # noqa: N802, N803
        if self.refusal is None:
            super().sendHttpErrorResponse(code, reason, responseHeaders)
            return
        body = self.refusal["body"]
        self.sendData(answer(code, self.refusal["headers"], body))

    def onMessageFrameBegin(self, length: int) -> None:  # noqa: N802 autobahn's name
        super().onMessageFrameBegin(length)
        size = self.message_data_total_length
        if size > LARGEST_MESSAGE_BYTES and not self.failedByMe:
            self.wasMaxMessagePayloadSizeExceeded = True
            reason = f"a message of {size} bytes is over the limit of {LARGEST_MESSAGE_BYTES}"
            self._max_message_size_exceeded(size, LARGEST_MESSAGE_BYTES, reason)


class Failed(Exception):
    """Raised when the server could not listen, or when its worker died."""


def run_and_leave(
    host: str,
    port: int,
    *,
    secure: SecurePort | None = None,
    worker: WorkerProcess | None = None,
    on_ready: Callable[[], None],
    farewell: str,
) -> NoReturn:
    """Serves until SIGINT or SIGTERM; then the process ends with code 0. Raises Failed."""
    with contextlib.suppress(KeyboardInterrupt):  # before the server handles signals
        run(host, port, secure=secure, worker=worker, on_ready=on_ready)
    print(farewell, flush=True)
    os._exit(0)  # at a normal exit a second Ctrl-C would have no handler


def run(
    host: str,
    port: int,
    *,
    secure: SecurePort | None = None,
    worker: WorkerProcess | None = None,
    on_ready: Callable[[], None],
) -> None:
    """Serves until a signal. All tasks are ended before the interpreter exits: otherwise daphne crashes at exit on CPython 3.11
    while a socket is open."""
    application: Any = get_default_application()
    if secure and not secure.has_pages:
        application = OnlyApi(application, secure.port)
    extend_twisted(application)
    tasks: list[asyncio.Task[None]] = []

    def start() -> None:
        if worker:
            tasks.append(asyncio.get_event_loop().create_task(worker.watch(get_channel_layer())))
            tasks[-1].add_done_callback(stop_if_failed)
        if secure:
            secure.endpoint(host).listen(server.http_factory).addErrback(server.listen_error)
        reactor.callWhenRunning(on_ready)  # by then it handles signals

    server = Server(
        application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        ready_callable=start,
        application_close_timeout=CLOSE_SECONDS,
        websocket_max_message_size=LARGEST_FRAME_BYTES,
        websocket_max_frame_size=LARGEST_FRAME_BYTES,
        server_name="",
    )
    reactor.addSystemEventTrigger("before", "shutdown", limit_the_stop)  # type: ignore[arg-type]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the reactor replaces no other handler
    server.run()
    leave_at_once_on_signals()
    if worker:
        worker.kill()
    failed = server.abort_start or any(task.done() and not task.cancelled() for task in tasks)
    drain(reactor._asyncioEventloop)
    if failed:
        raise Failed


def stop_if_failed(task: asyncio.Task[None]) -> None:
    """Stops the server when no worker can run: without a worker the page would never move."""
    if not task.cancelled() and task.exception():
        log.critical("%s", task.exception())
        if reactor.running:
            reactor.stop()  # type: ignore[misc]


def limit_the_stop() -> None:
    """Ends the process after LONGEST_STOP_SECONDS, as a long pass may be running in its thread. Its transaction is lost, and the
    next start repeats the pass."""
    limit = threading.Timer(LONGEST_STOP_SECONDS, os._exit, (0,))
    limit.daemon = True
    limit.start()


def drain(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_until_complete(cancel_all())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


async def cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
