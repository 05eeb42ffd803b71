"""The API's requests as plain ASGI, beside Django: they do not need the page's middleware (sessions, languages, cookies), which
costs a switch between threads each. A few threads, which keep their database connections, handle them; the event loop's thread
handles a small read from SQLite's file."""

import contextlib
import io
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from cluster.api import bodies, targets, views
from cluster.machinery import patches
from cluster.records import inline, stalled, threads
from cluster.statuses import INTERNAL, bad_request, failure, of_database

log = logging.getLogger(__name__)

ROOTS = frozenset(("api", "apis", "openapi", "version"))
OF_A_CLUSTER = frozenset((*ROOTS, "healthz", "livez", "readyz", "metrics"))  # at the root: the server's own
ONLY_API = "rollstage.only_api"
SMALL_BYTES = 8 * 1024
Json = dict[str, Any]
Send = Callable[[Json], Awaitable[None]]
Receive = Callable[[], Awaitable[Json]]


def is_request(scope: Json) -> bool:
    """Whether the path is one of the API; on the API's own port (ONLY_API in the scope) all are."""
    _, parts = targets.split(scope["path"])
    roots = OF_A_CLUSTER if targets.names_cluster(scope["path"]) else ROOTS
    return bool(scope.get(ONLY_API)) or (parts[:1] != [] and parts[0] in roots)


async def application(scope: Json, receive: Receive, send: Send) -> None:
    body = await read_body(receive)
    if body is None:
        return
    if lacks_host(scope):
        await send({"type": "http.response.start", "status": 400, "headers": PLAIN})
        await send({"type": "http.response.body", "body": b"400 Bad Request: missing required Host header"})
        return
    response = await respond_inline(scope, body) if is_small(scope, body) else None
    if response is None:
        pool = threads.api_reads if scope["method"] in ("GET", "HEAD") else threads.api_writes
        response = await threads.run(pool, respond, scope, body)
    await send_whole(response, send, with_body=scope["method"] != "HEAD")


def is_small(scope: Json, body: bytes) -> bool:
    """Whether the event loop's thread responds: to reads and writes of one object with a body of SMALL_BYTES at most. Not to a JSON
    patch, which may copy much, nor to a deletion, which may concern everything that the object owns."""
    method, path = scope["method"], scope["path"]
    if not inline.can_run() or len(body) > SMALL_BYTES or content_type(scope) == patches.JSON_PATCH:
        return False
    if method == "POST":
        return targets.names_collection(path)
    return method in ("GET", "PUT", "PATCH") and targets.names_object(path)


def content_type(scope: Json) -> str:
    given: bytes = next((value for key, value in scope["headers"] if key == b"content-type"), b"")
    return given.partition(b";")[0].strip().decode("latin-1")


async def respond_inline(scope: Json, body: bytes) -> HttpResponse | None:
    """The response; None if the object itself is too large for the event loop's thread."""
    try:
        run = inline.read if scope["method"] == "GET" else inline.write
        found: HttpResponse = await run(respond, scope, body)
    except inline.TooLarge:
        return None
    return found


async def expect(scope: Json, receive: Receive, send: Send) -> None:  # noqa: ARG001 an ASGI application
    """Whether the client may send a body of `size` bytes: responds with 100, or the refusal."""
    asked = {**scope, "type": "http"}
    response = await threads.run(threads.api_reads, respond, asked, b"", lambda each: views.expect(each, scope["size"]))
    await send_whole(response, send)


async def send_whole(response: HttpResponse, send: Send, *, with_body: bool = True) -> None:
    headers = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content if with_body else b""})


async def refuse_socket(scope: Json, receive: Receive, send: Send) -> None:
    """exec, attach and port-forward by WebSocket: responds as to the same request without one (ASGI's denial response)."""
    await receive()
    asked = {**scope, "type": "http", "method": "GET", "http_version": "1.1", "scheme": "https"}
    response = await threads.run(threads.api_reads, respond, asked, b"")
    headers = [(b"content-type", response["Content-Type"].encode())]
    code = response.status_code if response.status_code >= 400 else 400
    await send({"type": "websocket.http.response.start", "status": code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.content})


PLAIN = [(b"content-type", b"text/plain; charset=utf-8")]


def lacks_host(scope: Json) -> bool:
    """HTTP/1.1 requires a Host header (Go's net/http)."""
    return scope.get("http_version", "1.1") == "1.1" and not any(key.lower() == b"host" for key, _ in scope["headers"])


async def read_body(receive: Receive) -> bytes | None:
    """The body; None if the client has disconnected. Reading stops once the body is too large."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > bodies.LARGEST_BYTES or not message.get("more_body"):
            return b"".join(parts)


def release() -> None:
    """Ends stalled transactions, as one of them may hold the lock that the request waited for: the next try can then succeed."""
    with contextlib.suppress(DatabaseError):
        stalled.end_stalled()


def respond(scope: Json, body: bytes, view: Callable[[HttpRequest], HttpResponse] | None = None) -> HttpResponse:
    request = ASGIRequest(scope, io.BytesIO(body))
    request.META["CONTENT_LENGTH"] = str(len(body))
    try:
        request.get_host()
        response = (view or views.entry)(request)
    except DisallowedHost:
        response = views.answer(request, bad_request("the Host header names another server"), 400)
    except Exception as error:
        log.exception("%s %s failed", request.method, request.path)
        connection.close()
        status = of_database(error) if isinstance(error, DatabaseError) else failure(500, "InternalError", INTERNAL)
        if status["code"] == 504:
            release()
        response = views.answer(request, status, status["code"])
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
