"""A cluster's settings, for its admins: members, nodes, image behaviours, clock, and recent edits. An admin of one namespace has
that namespace's members here; every member sees the members and the edits that their role permits."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cluster import models
from cluster.page import recent
from cluster.page.settings_forms import (
    ANY_ADMINS,
    ANY_MEMBERS,
    FORMS,
    BehaviourForm,
    ClockForm,
    HandOverForm,
    InvitationForm,
    LeaveSelfForm,
    MemberForm,
    NodeForm,
    Places,
    Setting,
    VersionsForm,
)
from cluster.page.views import actor
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import behaviours, invitations, owners, permissions, presence
from cluster.writing.permissions import LEVELS, may

MOST_ROWS = 200
NOWHERE: tuple[Places, Places] = (frozenset(), frozenset())
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A form that was not saved: its name and the key of its object."""

    name: str
    form: Setting

    @property
    def key(self) -> str:
        return str(self.form.data.get("key", ""))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, cluster: str) -> HttpResponse:
    row = models.Cluster.objects.select_related("owner").filter(name=cluster).first()
    places, visible = reach(request.user, cluster) if row else NOWHERE
    if row is None or (visible is not None and not visible):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    done = save(request, cluster, places) if request.method == "POST" else None
    refused = done if isinstance(done, Refusal) else None
    if isinstance(done, LeaveSelfForm):
        return redirect("clusters")
    if isinstance(done, Setting) and not done.shown_once:
        return redirect(f"{request.path}#{section_of(request.POST.get('do', ''))}")
    context = context_of(request, row, places, visible, refused)
    if isinstance(done, Setting):
        context["link"] = link_of(request, done.shown_once)
    return render(request, "settings.html", context, status=400 if refused else 200)


def reach(user: Any, cluster: str) -> tuple[Places, Places]:
    """(namespaces that a user administers, namespaces visible to them as a member); None: the whole cluster."""
    if may(user, "admin", Space(cluster, "")):
        return None, None
    given = permissions.roles_in(user, cluster) if user.is_active else {}
    administered = frozenset(name for name, level in given.items() if level >= LEVELS["admin"])
    return administered, None if "" in given else frozenset(given)


SECTIONS = {
    "leave": "members", "member": "members", "hand-over": "members", "invite": "invitations", "revoke": "invitations",
    "step": "clock", "clock": "clock", "versions": "versions",
}  # fmt: skip


def section_of(name: str) -> str:
    return SECTIONS.get(name, "nodes" if name.startswith("node") else "behaviours")


def save(request: HttpRequest, cluster: str, places: Places) -> Refusal | Setting:
    """Saves the form of the request; returns the form, or a Refusal."""
    name = request.POST.get("do", "")
    if name not in FORMS or name not in allowed(request, cluster, places):
        raise Http404
    form = FORMS[name](request.POST, cluster=cluster, places=places, user=request.user)
    if not form.is_valid():
        return Refusal(name=name, form=form)
    try:
        messages.success(request, form.save(actor(request)))
    except Refused as refused:
        refuse(form, refused)
        return Refusal(name=name, form=form)
    return form


def allowed(request: HttpRequest, cluster: str, places: Places) -> Collection[str]:
    """The names of the forms that a user may submit."""
    own = ANY_MEMBERS if may_leave(request.user, cluster) else ()
    if places is None:
        return (*own, *(each for each in FORMS if each not in ANY_MEMBERS))
    return (*own, *ANY_ADMINS) if places else own


def may_leave(user: Any, cluster: str) -> bool:
    """Whether a user may leave: every member except users with a seat in a class."""
    return bool(permissions.roles_in(user, cluster)) and not models.Seat.objects.filter(user_id=user.pk).exists()


def link_of(request: HttpRequest, secret: str) -> str:
    base = settings.PUBLIC_ADDRESS or request.build_absolute_uri("/").rstrip("/")
    return base + reverse("invitation", args=(secret,))


def refuse(form: Setting, refused: Refused) -> None:
    """Adds the errors of a Status to the fields that it names, where the form has them."""
    causes = refused.status.get("details", {}).get("causes") or []
    for cause in causes:
        field = cause["field"]
        form.add_error(field if field in form.fields else None, cause["message"])
    if not causes:
        field, _, text = refused.status["message"].partition(": ")
        known = field in form.fields
        form.add_error(field if known else None, text if known else refused.status["message"])


def context_of(
    request: HttpRequest, row: models.Cluster, places: Places, visible: Places, refused: Refusal | None
) -> Json:
    found = {
        "cluster": row.name,
        "row": row,
        "whole": places is None,
        "may_add": places is None or bool(places),
        "registration": settings.REGISTRATION,
        "refused": refused,
        "names": names(row, places),
        "may_leave": may_leave(request.user, row.name),
        "edits": recent.edits(row, None if visible is None else frozenset(visible)),
        **members(request, row, places, visible),
        "member_form": shown(refused, "member", "", MemberForm(cluster=row.name, places=places)),
    }
    if owners.may_hand_over(row, request.user):
        found["hand_over_form"] = shown(refused, "hand-over", "", HandOverForm(cluster=row.name))
    if found["may_add"]:
        found["invitations"] = invitations_in(row, places)
        found["invitation_form"] = shown(refused, "invite", "", InvitationForm(cluster=row.name, places=places))
    if places is None:
        found |= nodes_and_behaviours(row, refused)
        found["versions_form"] = VersionsForm(initial={"old_versions": row.old_versions}, cluster=row.name)
        found["clock_form"] = shown(refused, "clock", "", ClockForm(initial={"pace": row.pace}, cluster=row.name))
    return found


def shown(refused: Refusal | None, name: str, key: str, form: Setting) -> Setting:
    """The refused form where it has this name and key, otherwise the fresh one."""
    return refused.form if refused and (refused.name, refused.key) == (name, key) else form


def names(row: models.Cluster, places: Places) -> list[str]:
    if places is not None:
        return sorted(places)
    return list(row.namespaces.order_by("name").values_list("name", flat=True)[:MOST_ROWS])


def members(request: HttpRequest, row: models.Cluster, places: Places, visible: Places) -> Json:
    """The members of the visible namespaces and of the whole cluster; `changeable`: the keys of memberships that the user may
    change, `ended`: of those that have ended, which only their admins see; `here`: the people who view the cluster now."""
    rows = row.memberships.select_related("user").order_by("namespace", "user__username")
    if visible is not None:
        rows = rows.filter(namespace__in=("", *visible))
    if places is not None:
        rows = rows.filter(Q(pk__in=permissions.living().values("pk")) | Q(namespace__in=places))
    asked = request.GET.get("member", "").strip()
    if asked:
        rows = rows.filter(user__username__contains=asked)
    found = list(rows[: MOST_ROWS + 1])
    changeable = {each.pk for each in found if places is None or each.namespace in places}
    ended = {each.pk for each in found if permissions.has_ended(each)}
    here = presence.here(row)
    about = {"changeable": changeable, "ended": ended, "is_cut": len(found) > MOST_ROWS, "asked": asked}
    looking = list(here.values())[:MOST_ROWS] if visible is None else []
    return {"members": found[:MOST_ROWS], **about, "here": here, "looking": looking}


STATES = {
    "": _("open"),
    "Revoked": _("revoked"),
    "Expired": _("over"),
    "UsedUp": _("used up"),
    "Orphaned": _("admits nobody: who made it is no admin there any more"),
}


def invitations_in(row: models.Cluster, places: Places) -> list[tuple[models.Invitation, str, Any]]:
    """(invitation, the reason why it is closed or "", that reason as text) for places that the user administers, newest first."""
    rows = row.invitations.select_related("cluster", "made_by")
    if places is not None:
        rows = rows.filter(namespace__in=places)
    is_admin = cache(invitations.is_admin)  # most are made by few people
    return [(each, reason, STATES[reason]) for each in rows[:MOST_ROWS] for reason in [reason_of(each, is_admin)]]


def reason_of(row: models.Invitation, is_admin: invitations.IsAdmin) -> str:
    try:
        invitations.check_open(row, is_admin)
    except invitations.NoInvitation as refusal:
        return refusal.reason
    return ""


def nodes_and_behaviours(row: models.Cluster, refused: Refusal | None) -> Json:
    nodes = list(row.nodes.order_by("name")[:MOST_ROWS])
    here = models.Pod.objects.filter(namespace__cluster=row, node__in=[each.name for each in nodes])
    counts = dict(here.order_by().values_list("node").annotate(Count("pk")))
    rules = row.behaviours.filter(played=False).select_related("namespace").order_by("order", "id")[:MOST_ROWS]
    return {
        "nodes": [
            (each, shown(refused, "node", str(each.pk), NodeForm.of(each, row.name)), counts.get(each.name, 0))
            for each in nodes
        ],
        "node_form": shown(refused, "node", "", NodeForm(cluster=row.name)),
        "behaviours": [
            (each, shown(refused, "behaviour", str(each.pk), BehaviourForm.of(each, row.name))) for each in rules
        ],
        "played": played(row),
        "behaviour_form": shown(refused, "behaviour", "", new_rule(row)),
    }


def new_rule(row: models.Cluster) -> BehaviourForm:
    """A form that places its rule before the others: after the shipped rule for every image it would have no effect."""
    return BehaviourForm(initial={"order": behaviours.first_order(row)}, cluster=row.name)


def played(row: models.Cluster) -> list[tuple[models.Namespace, list[models.ImageBehaviour]]]:
    """The rules that stories have set, by namespace."""
    rows = row.behaviours.filter(played=True).select_related("namespace").order_by("namespace__name", "order", "id")
    return [(namespace, list(found)) for namespace, found in groupby(rows[:MOST_ROWS], lambda each: each.namespace)]
