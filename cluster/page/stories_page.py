"""Plays a story of the library on a cluster of the user's own, and handles the buttons of its bar."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from cluster.core.fields import INT64, take
from cluster.page.clusters_page import done, making
from cluster.page.views import answers_for_cluster, read
from cluster.stories import plays


@require_POST
def play(request: HttpRequest, name: str) -> HttpResponse:
    """For users who may create clusters. Returns {message, address}, the address of the story's stage."""

    def begun(owner: Any) -> HttpResponse:
        row = plays.begin(name, owner)
        address = reverse("deployment", args=(row.cluster.name, row.namespace, row.shown["deployment"]))
        return JsonResponse({"message": f"cluster/{row.cluster.name} created", "address": address})

    return making(request, begun)


@require_POST
@answers_for_cluster("admin")
def press(request: HttpRequest, cluster: str, verb: str) -> HttpResponse:
    """{step}: the step that the user saw; optional."""
    if verb not in (*plays.PRESSES, plays.END):
        raise Http404
    body = read(request)
    step = take(body, "step", int, below=INT64) if "step" in body else None
    plays.press(cluster, verb, step)
    return done(f"cluster/{cluster} deleted" if verb == plays.END else f"story of cluster/{cluster}: {verb}")
