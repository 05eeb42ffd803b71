"""A cluster's settings, for its admins: members, nodes, image behaviours, clock, and who did what. An admin of one namespace has
the members of that namespace here."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cluster import models
from cluster.page import recent
from cluster.page.settings_forms import (
    ANY_ADMINS,
    FORMS,
    BehaviourForm,
    ClockForm,
    MemberForm,
    NodeForm,
    Places,
    Setting,
)
from cluster.page.views import actor
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import permissions
from cluster.writing.permissions import LEVELS, may

MOST_ROWS = 200
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A form that was not saved: its name and the key of what it is about."""

    name: str
    form: Setting

    @property
    def key(self) -> str:
        return str(self.form.data.get("key", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, cluster: str) -> HttpResponse:
    row = models.Cluster.objects.select_related("owner").filter(name=cluster).first()
    places = administered(request.user, cluster) if row else frozenset()
    if row is None or (places is not None and not places):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    refused = save(request, cluster, places) if request.method == "POST" else None
    if request.method == "POST" and refused is None:
        return redirect(f"{request.path}#{section_of(request.POST.get('do', ''))}")
    context = context_of(request, row, places, refused)
    return render(request, "settings.html", context, status=400 if refused else 200)


def administered(user: Any, cluster: str) -> Places:
    if may(user, "admin", Space(cluster, "")):
        return None
    given = permissions.roles_in(user, cluster) if user.is_active else {}
    return frozenset(name for name, level in given.items() if level >= LEVELS["admin"])


def section_of(name: str) -> str:
    return {"leave": "members", "member": "members", "step": "clock", "clock": "clock"}.get(
        name, "nodes" if name.startswith("node") else "behaviours"
    )


def save(request: HttpRequest, cluster: str, places: Places) -> Refusal | None:
    """None: it is done."""
    name = request.POST.get("do", "")
    if name not in FORMS or (places is not None and name not in ANY_ADMINS):
        raise Http404
    form = FORMS[name](request.POST, cluster=cluster, places=places)
    if not form.is_valid():
        return Refusal(name=name, form=form)
    try:
        messages.success(request, form.save(actor(request)))
    except Refused as refused:
        refuse(form, refused)
        return Refusal(name=name, form=form)
    return None


def refuse(form: Setting, refused: Refused) -> None:
    """At the field that the Status names, as far as the form has it."""
    causes = refused.status.get("details", {}).get("causes") or []
    for cause in causes:
        field = cause["field"]
        form.add_error(field if field in form.fields else None, cause["message"])
    if not causes:
        field, _, text = refused.status["message"].partition(": ")
        known = field in form.fields
        form.add_error(field if known else None, text if known else refused.status["message"])


def context_of(request: HttpRequest, row: models.Cluster, places: Places, refused: Refusal | None) -> Json:
    found = {
        "cluster": row.name,
        "row": row,
        "whole": places is None,
        "refused": refused,
        "names": names(row, places),
        "edits": recent.edits(row, None if places is None else frozenset(places)),
        **members(request, row, places),
        "member_form": shown(refused, "member", "", MemberForm(cluster=row.name, places=places)),
    }
    if places is None:
        found |= nodes_and_behaviours(row, refused)
        found["clock_form"] = shown(refused, "clock", "", ClockForm(initial={"pace": row.pace}, cluster=row.name))
    return found


def shown(refused: Refusal | None, name: str, key: str, form: Setting) -> Setting:
    """The form as it was refused, in the place of the fresh one."""
    return refused.form if refused and (refused.name, refused.key) == (name, key) else form


def names(row: models.Cluster, places: Places) -> list[str]:
    if places is not None:
        return sorted(places)
    return list(row.namespaces.order_by("name").values_list("name", flat=True)[:MOST_ROWS])


def members(request: HttpRequest, row: models.Cluster, places: Places) -> Json:
    rows = row.memberships.select_related("user", "binding").order_by("namespace", "user__username")
    if places is not None:
        rows = rows.filter(namespace__in=places)
    asked = request.GET.get("member", "").strip()
    if asked:
        rows = rows.filter(user__username__contains=asked)
    found = list(rows[: MOST_ROWS + 1])
    return {"members": found[:MOST_ROWS], "is_cut": len(found) > MOST_ROWS, "asked": asked}


def nodes_and_behaviours(row: models.Cluster, refused: Refusal | None) -> Json:
    nodes = row.nodes.order_by("name")[:MOST_ROWS]
    rules = row.behaviours.filter(played=False).select_related("namespace").order_by("order", "id")[:MOST_ROWS]
    return {
        "nodes": [(each, shown(refused, "node", str(each.pk), NodeForm.of(each, row.name))) for each in nodes],
        "node_form": shown(refused, "node", "", NodeForm(cluster=row.name)),
        "behaviours": [
            (each, shown(refused, "behaviour", str(each.pk), BehaviourForm.of(each, row.name))) for each in rules
        ],
        "behaviour_form": shown(refused, "behaviour", "", BehaviourForm(cluster=row.name)),
    }
