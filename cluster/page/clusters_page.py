"""The page of all clusters that a user may see, and the JSON behind its buttons."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cluster import models, statuses
from cluster.core.fields import take
from cluster.live import board
from cluster.page.views import Body, actor, answers_for_cluster, read, refusing, status_response
from cluster.stories import staging, story_files
from cluster.writing import clusters


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Redirects to the only cluster, or to the list of several; users with a seat in a class to their seat."""
    if models.Seat.objects.filter(user_id=request.user.pk or 0).exists():
        return redirect("seat-stage")
    if settings.PUBLIC_ADDRESS:
        return redirect("classes" if request.user.is_authenticated else "join")
    found = board.listing(request.user)
    if found.total == 1:
        return redirect("cluster", found.seen[0].name)
    if not found.total and not request.user.is_authenticated and not may_create(request.user):
        return redirect_to_login(request.get_full_path())
    return redirect("clusters")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    return create(request) if request.method == "POST" else show(request)


@ensure_csrf_cookie
def show(request: HttpRequest) -> HttpResponse:
    frame, _, _ = board.whole(request.user)
    if not frame["rows"] and not may_create(request.user):
        return redirect_to_login(request.get_full_path())
    stages = [("empty", ""), ("example", ""), *story_files.names(get_language())]
    context = {"board": frame, "stages": stages, "may_create": may_create(request.user)}
    return render(request, "clusters.html", context)


def may_create(user: Any) -> bool:
    """Whether a user may create clusters: every account does, visitors where they are admins, but no user with a seat in a
    class."""
    if user.is_authenticated and models.Seat.objects.filter(user_id=user.pk).exists():
        return False
    return user.is_active or settings.ANONYMOUS == "admin"


def create(request: HttpRequest) -> HttpResponse:
    """Creates a cluster, with the user as its owner and admin."""

    def made(owner: Any) -> HttpResponse:
        body = read(request)
        name, stage = take(body, "name", str), staging.stage_named(asked_stage(body))
        clusters.found(name, owner, stage)
        return done(f"cluster/{name} created")

    return making(request, made)


def making(request: HttpRequest, make: Callable[[Any], HttpResponse]) -> HttpResponse:
    """The response of `make`, which creates a cluster and is called with its owner. Visitors' clusters have no owner (None), and
    are limited as if visitors were one person. Returns a Status where the user may not create clusters, or where `make` raises
    Refused."""
    if not may_create(request.user):
        return status_response(statuses.failure(401, "Unauthorized", "Unauthorized"))
    return refusing(request, lambda: make(owner_of(request)))


def owner_of(request: HttpRequest) -> Any:
    """The owner of a cluster that a user creates; None for visitors. Raises Refused where visitors have reached their limit."""
    if request.user.is_authenticated:
        return request.user
    if models.Cluster.objects.filter(owner=None).count() >= clusters.MOST_OF_ONE_PERSON:
        message = f"{clusters.MOST_OF_ONE_PERSON} clusters are the most that visitors may have; log in to make more"
        raise statuses.Refused(statuses.failure(403, "Forbidden", message))
    return None


@require_POST
@answers_for_cluster("admin")
def rename(request: HttpRequest, cluster: str) -> HttpResponse:
    name = take(read(request), "name", str)
    clusters.rename(cluster, name, actor=actor(request))
    return done(f"cluster/{cluster} renamed to {name}")


@require_POST
@answers_for_cluster("admin")
def reset(request: HttpRequest, cluster: str) -> HttpResponse:
    clusters.reset(cluster, staging.stage_named(asked_stage(read(request))), actor=actor(request))
    return done(f"cluster/{cluster} reset")


@require_POST
@answers_for_cluster("admin")
def delete(request: HttpRequest, cluster: str) -> HttpResponse:
    """`confirm`: the cluster's name."""
    if take(read(request), "confirm", str) != cluster:
        raise statuses.Refused(statuses.bad_request(f"confirm: Invalid value: type {cluster} to delete it"))
    clusters.delete(cluster)
    return done(f"cluster/{cluster} deleted")


def done(message: str) -> JsonResponse:
    return JsonResponse({"message": message})


def asked_stage(body: Body) -> str:
    return str(take(body, "stage", str)) if "stage" in body else "empty"
