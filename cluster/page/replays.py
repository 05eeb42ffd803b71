"""Pages and downloads of recorded rollouts."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster import statuses
from cluster.page import export, lanes, replay_nodes, rollouts
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
    """Like `answers`, in the rollout's namespace."""

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
def traffic(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    lanes.check_rate(request)
    return JsonResponse(lanes.of_rollout(cluster, rv, lanes.model_of(request)).as_json())


@require_GET
@answers_for_rollout("view")
def as_svg(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    rehearsed, lane = rollouts.as_rehearsed(rollouts.film(cluster, rv)), lane_of(request, cluster, rv)
    text = rehearsal_svg.draw(replace(rehearsed, traffic=lane.since_began if lane else None))
    return download(text, "image/svg+xml", f"rollout-{rv}.svg")


@require_GET
@answers_for_rollout("view")
def as_html(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    lane, nodes = lane_of(request, cluster, rv), nodes_of(cluster, rv)
    text = export.as_html({**rollouts.film(cluster, rv), "lane": lane and lane.as_json(), "nodes": nodes})
    return download(text, "text/html; charset=utf-8", f"rollout-{rv}.html")


@require_GET
@answers_for_rollout("view")
def nodes(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    lanes.check_rate(request)
    return JsonResponse({"frames": replay_nodes.of_rollout(cluster, rv)})


def lane_of(request: HttpRequest, cluster: str, rv: int) -> lanes.Lane | None:
    """The lane with the query's model; None where the journal no longer has it, or it takes too long."""
    lanes.check_rate(request)
    model = lanes.model_of(request)
    with suppress(statuses.Refused):
        return lanes.of_rollout(cluster, rv, model)
    return None


def nodes_of(cluster: str, rv: int) -> list[dict[str, Any]]:
    """The frames of nodes; empty where the journal no longer has them, or they take too long."""
    with suppress(statuses.Refused):
        return replay_nodes.of_rollout(cluster, rv)
    return []


@require_POST
@answers_for_rollout("edit")
def pin(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:
    lane = None
    with suppress(statuses.Refused):
        lane = lanes.to_keep(cluster, rv)
    beside = {"lane": lane, "nodes": nodes_of(cluster, rv)}
    return JsonResponse(rollouts.pin(cluster, rv, actor=actor(request), beside=beside))


@require_POST
@answers_for_rollout("edit")
def unpin(request: HttpRequest, cluster: str, rv: int) -> HttpResponse:  # noqa: ARG001
    rollouts.unpin(cluster, rv)
    return JsonResponse({})
