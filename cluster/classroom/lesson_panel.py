"""The lesson panel of a page, for templates: a student's on all pages of clusters, and that of a lesson without a class on its
cluster's pages, for the cluster's admins."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from cluster.models import SelfStudy
from cluster.spaces import Space
from cluster.writing.permissions import may


@dataclass(frozen=True, kw_only=True)
class LessonPanel:
    """`base`: the base address of the panel's actions. `cluster`: the learner's. `is_study`: the lesson is taken without a
    class."""

    base: str
    socket: str
    cluster: str
    is_study: bool


def context(request: HttpRequest) -> dict[str, Any]:
    """`panel`: None on a page without one. Looked up once per page that uses the panel."""
    return {"panel": SimpleLazyObject(lambda: panel_of(request))}


def panel_of(request: HttpRequest) -> LessonPanel | None:
    match = request.resolver_match
    cluster = match.kwargs.get("cluster") if match else None
    if cluster is None:
        return None
    seat = getattr(request.user, "seat", None)
    if seat:
        own = seat.cluster.name if seat.cluster else ""
        return LessonPanel(base=reverse("seat"), socket="/ws/seat/", cluster=own, is_study=False)
    if SelfStudy.objects.filter(cluster__name=cluster).exists() and may(request.user, "admin", Space(cluster, "")):
        base = f"{reverse('cluster', args=(cluster,))}lesson/"
        return LessonPanel(base=base, socket=f"/ws{base}", cluster=cluster, is_study=True)
    return None
