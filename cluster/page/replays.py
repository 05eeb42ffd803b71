"""Pages of recorded rollouts, and what is taken away from them."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster import statuses
from cluster.page import export, rollouts
from cluster.page.downloads import download
from cluster.page.views import actor, answers, denied, page_for, status_response
from cluster.spaces import Space
from cluster.stories import rehearsal_svg
from cluster.writing.permissions import may

Answer = Callable[..., HttpResponse]


@require_GET
@answers("view")
def of_deployment(request: HttpRequest, space: Space, name: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse({"rollouts": rollouts.list_rollouts(space, name)})


@require_GET
@ensure_csrf_cookie
def replay(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    try:
        space, rollout = rollouts.space_of(cluster, rv), rollouts.film(cluster, rv)["rollout"]
    except statuses.Refused as refused:
        raise Http404(str(refused)) from refused
    return page_for(request, "rollout.html", space, rollout=rollout)


def answers_for_rollout(verb: str) -> Callable[[Answer], Answer]:
    """Like `answers`: the namespace is the rollout's."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
            try:
                space = rollouts.space_of(cluster, rv)
                if not may(request.user, verb, space):
                    return status_response(denied(request, verb, space))
                return view(request, cluster, rv)
            except statuses.Refused as refused:
                return status_response(refused.status)

        return wrapped

    return decorate


@require_GET
@answers_for_rollout("view")
def film(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:  # noqa: ARG001
    return JsonResponse(rollouts.film(cluster, rv))


@require_GET
@answers_for_rollout("view")
def as_svg(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:  # noqa: ARG001
    text = rehearsal_svg.draw(rollouts.as_rehearsed(rollouts.film(cluster, rv)))
    return download(text, "image/svg+xml", f"rollout-{rv}.svg")


@require_GET
@answers_for_rollout("view")
def as_html(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:  # noqa: ARG001
    return download(export.as_html(rollouts.film(cluster, rv)), "text/html; charset=utf-8", f"rollout-{rv}.html")


@require_POST
@answers_for_rollout("edit")
def pin(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    return JsonResponse(rollouts.pin(cluster, rv, actor=actor(request)))


@require_POST
@answers_for_rollout("edit")
def unpin(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:  # noqa: ARG001
    rollouts.unpin(cluster, rv)
    return JsonResponse({})
