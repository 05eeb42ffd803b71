"""GET /livez and /readyz, in Kubernetes' format."""

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from cluster import models
from cluster.records import journal


def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """503 with the failed checks when the database does not respond or no worker is alive."""
    checks: dict[str, Callable[[], bool]] = {"database": database_answers, "worker": worker_lives}
    failed = [name for name, check in checks.items() if not check()]
    lines = [f"[-]{name} failed" if name in failed else f"[+]{name} ok" for name in checks]
    if not failed:
        return HttpResponse("ok", content_type="text/plain")
    return HttpResponse("\n".join([*lines, "readyz check failed"]), status=503, content_type="text/plain")


def database_answers() -> bool:
    try:
        models.Cluster.objects.exists()
    except DatabaseError:
        return False
    return True


def worker_lives() -> bool:
    try:
        return journal.worker_alive()
    except DatabaseError:
        return False
