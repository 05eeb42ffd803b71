"""Whether a client may send a large body: the server (cluster/live/incoming.py) asks before it reads more of one, so that its
sender is checked first. The response is 100, or the refusal."""

import io
import logging
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse

from cluster.api import serving
from cluster.records import threads
from cluster.statuses import INTERNAL, failure

log = logging.getLogger(__name__)
LARGEST_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


async def application(scope: Any, receive: Any, send: Any) -> None:
    if serving.is_request(scope):
        await serving.expect(scope, receive, send)
        return
    request = ASGIRequest({**scope, "type": "http"}, io.BytesIO())
    await serving.send_whole(await threads.run(threads.page_reads, expect, request, scope["size"]), send)


def expect(request: HttpRequest, size: int) -> HttpResponse:
    """The response for a page: 401 without login on a server without anonymous access, 413 above LARGEST_BYTES, otherwise 100.
    Forms for logging in or joining a class are smaller than any size asked about."""
    try:
        if settings.ANONYMOUS == "none" and not is_logged_in(request):
            return refused(401, "Unauthorized", "Unauthorized")
    except Exception:  # the database is down
        log.exception("%s %s failed", request.method, request.path)
        return refused(500, "InternalError", INTERNAL)
    if size > LARGEST_BYTES:
        return refused(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST_BYTES}")
    return HttpResponse(status=100)


def is_logged_in(request: HttpRequest) -> bool:
    engine: Any = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return get_user(request).is_authenticated


def refused(code: int, reason: str, message: str) -> JsonResponse:
    return JsonResponse(failure(code, reason, message), status=code)
