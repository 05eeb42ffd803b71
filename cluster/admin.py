"""The admin: Deployments by form, what controllers own read-only, and the settings of the simulation."""

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cluster import actions, journal, models, states
from cluster.forms import DeploymentForm, NewDeploymentForm

MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than MOST_COUNTED: a page of a long table must not cost a look at all of it."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin gives a query
        return rows.order_by()[:MOST_COUNTED].count()


class ReadOnly(admin.ModelAdmin):
    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(models.Deployment)
class DeploymentAdmin(admin.ModelAdmin):
    list_display = ("name", "namespace", "ready", "updated", "revision", "images", "state", "created", "live")
    list_filter = ("namespace", "paused", "strategy")
    list_select_related = ("namespace",)
    search_fields = ("name__startswith",)
    actions = ("pause", "resume", "restart", "undo")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: ARG002
        form = type("Form", (DeploymentForm if obj else NewDeploymentForm,), {"actor": request.user.get_username()})
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        fields = ["version", *DeploymentForm.Meta.fields] if obj else ["namespace", "manifest"]
        return [(None, {"fields": fields})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form has written already, through `actions`."""

    def delete_model(self, request: HttpRequest, obj: models.Deployment) -> None:
        actions.delete(obj.namespace.name, obj.name, actor=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        for each in queryset.select_related("namespace"):
            self.delete_model(request, each)

    @admin.action(description=_("Pause the rollout"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        self.each(request, queryset, actions.pause)

    @admin.action(description=_("Resume the rollout"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        self.each(request, queryset, actions.resume)

    @admin.action(description=_("Restart"), permissions=["change"])
    def restart(self, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        self.each(request, queryset, actions.restart)

    @admin.action(description=_("Undo to the revision before"), permissions=["change"])
    def undo(self, request: HttpRequest, queryset: QuerySet[models.Deployment]) -> None:
        self.each(request, queryset, actions.undo)

    def each(self, request: HttpRequest, queryset: QuerySet[models.Deployment], action: Callable[..., Any]) -> None:
        """One message for each object: what was done, or why it was not."""
        for deployment in queryset.select_related("namespace"):
            try:
                result = action(deployment.namespace.name, deployment.name, actor=request.user.get_username())
                self.message_user(request, result.message)
            except actions.Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)

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
        return format_html(
            '<a href="{}">{}</a>', reverse("deployment", args=(row.namespace.name, row.name)), _("watch")
        )


@admin.register(models.ReplicaSet)
class ReplicaSetAdmin(ReadOnly):
    list_display = ("name", "namespace", "number", "replicas", "ready", "created")
    list_filter = ("namespace",)
    list_select_related = ("namespace",)
    search_fields = ("name__startswith",)
    ordering = ("namespace", "name")

    @admin.display(description=_("ready"))
    def ready(self, row: models.ReplicaSet) -> int:
        return int(row.status.get("ready_replicas", 0))


@admin.register(models.Pod)
class PodAdmin(ReadOnly):
    list_display = ("name", "namespace", "phase", "ready", "reason", "restarts", "node", "created")
    list_filter = ("namespace", "phase")
    list_select_related = ("namespace",)
    search_fields = ("name__startswith",)
    ordering = ("namespace", "name")


@admin.register(models.Event)
class EventAdmin(ReadOnly):
    list_display = ("last_seen", "type", "reason", "kind", "object_name", "message", "count")
    list_filter = ("namespace", "type", "kind")
    search_fields = ("object_name__startswith",)
    ordering = ("-resource_version",)


@admin.register(models.Change)
class ChangeAdmin(ReadOnly):
    list_display = ("id", "verb", "kind", "name", "namespace", "actor")
    list_filter = ("kind", "verb")
    search_fields = ("=uid",)
    ordering = ("-id",)


class SettingAdmin(admin.ModelAdmin):
    """What the simulation leans on: a change of it makes every family due."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Of a change only the fields of the form are written: a worker may just have counted a node's pods."""
        if change:
            obj.save(update_fields=form.changed_data or None)
        else:
            if hasattr(obj, "uid"):
                obj.uid, obj.created = str(uuid.uuid4()), timezone.now()  # type: ignore[attr-defined]
            super().save_model(request, obj, form, change)
        journal.touch()
        journal.ring("", journal.head())


@admin.register(models.ImageBehaviour)
class ImageBehaviourAdmin(SettingAdmin):
    list_filter = ("namespace",)
    list_display = (
        "pattern", "namespace", "order", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
        "affected_share",
    )  # fmt: skip
    list_editable: ClassVar = ["order"]


@admin.register(models.Namespace)
class NamespaceAdmin(SettingAdmin):
    list_display = ("name", "pod_quota", "created")
    fields = ("name", "pod_quota")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(models.Node)
class NodeAdmin(SettingAdmin):
    list_display = ("name", "slots", "pods", "unschedulable", "created")
    fields = ("name", "slots", "unschedulable")


@admin.register(models.Token)
class TokenAdmin(ReadOnly):
    """Made by `manage.py kubeconfig`; deleting one revokes it."""

    list_display = ("name", "user", "created", "expires")
    fields = ("name", "user", "created", "expires")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(models.PinnedRollout)
class PinnedRolloutAdmin(ReadOnly):
    list_display = ("id", "deployment", "namespace", "pinned_by", "created")
    fields = ("id", "deployment", "namespace", "pinned_by", "created")
