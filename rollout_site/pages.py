"""Django's handler for the pages, in a fixed number of threads that keep their database connections: Django itself uses a new
thread and a new connection for each request."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

from cluster.records import threads

READS = ("GET", "HEAD", "OPTIONS")


class Pages(ASGIHandler):
    """Runs a request's middleware and view together, in one thread."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 Django's signature
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handles the request without a thread of its own."""
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await threads.run(pool_of(request), self.get_response, request)
        return response


def pool_of(request: HttpRequest) -> ThreadPoolExecutor:
    """The threads for a request: forecasts have separate ones, as they compute for long and equal ones wait for each other."""
    if request.path.endswith("/forecast/"):
        return threads.forecasts
    return threads.page_reads if request.method in READS else threads.page_writes
