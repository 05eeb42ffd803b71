"""Deployments by form, with list actions; each uses the same actions as the page (cluster.writing.actions)."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cluster import models
from cluster.admin.forms import EDITED, DeploymentForm, NewDeploymentForm
from cluster.admin.lists import BY_BEGINNING, BoundedPaginator, Choice
from cluster.records import states
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import actions


def space_of(row: models.Deployment) -> Space:
    return Space(row.namespace.cluster.name, row.namespace.name)


LISTED = {
    "pause": _("Pause the rollout"),
    "resume": _("Resume the rollout"),
    "restart": _("Restart"),
    "undo": _("Undo to the revision before"),
}


def listed(verb: str, label: Any) -> Callable[..., None]:
    """A list action, with one message for each object: what was done, or why it was refused."""

    def act(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        for row in queryset.select_related("namespace__cluster"):
            try:
                result = actions.act(space_of(row), row.name, verb, actor=request.user.get_username())
                model_admin.message_user(request, result.message)
            except Refused as refused:
                model_admin.message_user(request, str(refused), messages.ERROR)

    act.__name__ = verb
    return admin.action(description=label, permissions=["change"])(act)


class Strategy(Choice):
    title, parameter_name = _("strategy"), "strategy"
    values = ("RollingUpdate", "Recreate")


@admin.register(models.Deployment)
class DeploymentAdmin(admin.ModelAdmin):
    list_display = (
        "cluster",
        "namespace",
        "name",
        "live",
        "ready",
        "updated",
        "revision",
        "images",
        "state",
        "created",
    )
    list_display_links = ("name",)
    list_filter = ("namespace__cluster", "namespace", "paused", Strategy)
    list_select_related = ("namespace__cluster",)
    search_fields = ("name__startswith",)
    search_help_text = BY_BEGINNING
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = tuple(listed(verb, label) for verb, label in LISTED.items())

    class Media:
        css: ClassVar = {"all": ["css/admin.css"]}

    def view_on_site(self, obj: models.Deployment) -> str:
        return reverse("deployment", args=(*space_of(obj), obj.name))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: ARG002
        form = type("Form", (DeploymentForm if obj else NewDeploymentForm,), {"actor": request.user.get_username()})
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        fields = ["seen", *EDITED] if obj else ["namespace", "manifest"]
        return [(None, {"fields": fields})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Does nothing: the form has written already, through `actions`."""

    def delete_model(self, request: HttpRequest, obj: models.Deployment) -> None:
        try:
            actions.delete(space_of(obj), obj.name, actor=request.user.get_username())
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        for each in queryset.select_related("namespace__cluster"):
            self.delete_model(request, each)

    @admin.display(description=_("cluster"))
    def cluster(self, row: models.Deployment) -> str:
        return row.namespace.cluster.name

    @admin.display(description=_("ready"))
    def ready(self, row: models.Deployment) -> str:
        return f"{row.status.get('ready_replicas', 0)}/{row.replicas}"

    @admin.display(description=_("updated"))
    def updated(self, row: models.Deployment) -> int:
        return int(row.status.get("updated_replicas", 0))

    @admin.display(description=_("revision"))
    def revision(self, row: models.Deployment) -> str:
        return str(row.annotations.get(states.REVISION, ""))

    @admin.display(description=_("images"))
    def images(self, row: models.Deployment) -> str:
        return ", ".join(each["image"] for each in states.containers(row.template))

    @admin.display(description=_("state"))
    def state(self, row: models.Deployment) -> str:
        if row.paused:
            return "Paused"
        conditions = {each["type"]: each["reason"] for each in row.status.get("conditions", [])}
        return str(conditions.get("Progressing", ""))

    @admin.display(description=_("live page"))
    def live(self, row: models.Deployment) -> str:
        return format_html('<a href="{}">{}</a>', self.view_on_site(row), _("watch"))
