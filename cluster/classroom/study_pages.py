"""A lesson of the library on a cluster of the user's own: beginning it, and the actions of its panel."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cluster.classroom import addresses, answering, study_feed, studying
from cluster.classroom.answering import Panel
from cluster.models import SelfStudy
from cluster.page.clusters_page import making
from cluster.page.views import actor, answers_for_cluster, check_rate, read
from cluster.statuses import Refused, not_found
from cluster.writing import limits

ACTS_A_SECOND = 5.0  # per user: without viewers each one reads the journal
buckets = limits.Buckets()


@require_POST
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """For users who may create clusters. Returns {message, address}, the address of the lesson's stage."""

    def begun(owner: Any) -> HttpResponse:
        cluster = studying.begin(name, owner).cluster.name
        return JsonResponse({"message": f"cluster/{cluster} created", "address": addresses.stage_of(cluster)})

    return making(request, begun)


@require_POST
@answers_for_cluster("admin")
def act(request: HttpRequest, cluster: str, verb: str) -> HttpResponse:
    """hint, answer (with `value`, or `side` and `replicas`), reset, or end."""
    if verb not in VERBS:
        raise Http404
    check_rate(request, buckets, ACTS_A_SECOND)
    return JsonResponse(VERBS[verb](request, cluster))


def panel_of(request: HttpRequest, cluster: str) -> Panel:
    """The panel of the cluster's lesson. Raises Refused."""
    row = SelfStudy.objects.select_related("cluster").filter(cluster__name=cluster).first()
    if row is None:
        raise Refused(not_found("lessons", cluster))
    return Panel(watch=study_feed.watch_of(row), key=row.pk, actor=actor(request))


def hint(request: HttpRequest, cluster: str) -> dict[str, Any]:
    answering.show_hint(panel_of(request, cluster))
    return {}


def answer(request: HttpRequest, cluster: str) -> dict[str, Any]:
    return answering.give(panel_of(request, cluster), read(request))


def reset(request: HttpRequest, cluster: str) -> dict[str, Any]:  # noqa: ARG001 the shape of a verb
    studying.start_over(cluster)
    return {"message": _("Your cluster was reset."), "address": addresses.stage_of(cluster)}


def end(request: HttpRequest, cluster: str) -> dict[str, Any]:  # noqa: ARG001
    studying.end(cluster)
    return {"message": f"cluster/{cluster} deleted"}


VERBS: Mapping[str, Callable[[HttpRequest, str], dict[str, Any]]] = {
    "hint": hint,
    "answer": answer,
    "reset": reset,
    "end": end,
}
