"""The results as a page, as CSV and as JSON; and the view that ends a class."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster.classroom import ending, results
from cluster.classroom.class_pages import taught
from cluster.core.fields import take
from cluster.models import Classroom
from cluster.page.views import read
from cluster.statuses import Refused, bad_request


@require_GET
@never_cache
@ensure_csrf_cookie
@taught
def page(request: HttpRequest, room: Classroom) -> HttpResponse:
    return render(
        request, "class_results.html", {"room": room, "rows": results.rows(room), "goes": ending.what_goes(room)}
    )


@require_GET
@never_cache
@taught
def as_csv(request: HttpRequest, room: Classroom) -> HttpResponse:  # noqa: ARG001
    headers = {"Content-Disposition": f'attachment; filename="{room.slug}.csv"'}
    return HttpResponse(results.as_csv(results.rows(room)), content_type="text/csv; charset=utf-8", headers=headers)


@require_GET
@never_cache
@taught
def as_json(request: HttpRequest, room: Classroom) -> HttpResponse:  # noqa: ARG001
    headers = {"Content-Disposition": f'attachment; filename="{room.slug}.json"'}
    return JsonResponse({"class": room.name, "results": results.rows(room)}, headers=headers)


@require_POST
@taught
def end(request: HttpRequest, room: Classroom) -> HttpResponse:
    """`erase`: the class's name, as a confirmation."""
    if take(read(request), "erase", str) != room.name:
        raise Refused(bad_request("erase: Invalid value: expected the name of the class"))
    ending.erase(room)
    return JsonResponse({"message": f"{room.name} was erased"})
