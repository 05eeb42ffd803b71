"""Saves the times assumed under a forecast as image behaviours of the namespace; for admins of its cluster."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from cluster.core.fields import take
from cluster.page.views import actor, answer, check_overrides, read
from cluster.spaces import Space
from cluster.writing import behaviours


@require_POST
def keep(request: HttpRequest, cluster: str, namespace: str) -> HttpResponse:
    """`overrides` as in a forecast: {image: {ready_seconds: 30}}."""

    def kept() -> HttpResponse:
        overrides = take(read(request), "overrides", dict)
        check_overrides(overrides)
        behaviours.keep_times(Space(cluster, namespace), overrides, actor=actor(request))
        return JsonResponse({"message": "image behaviours changed"})

    return answer(request, "admin", Space(cluster, ""), kept)
