"""Read-only lists of what controllers and users have written, as fast for a long table as for a short one."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cluster import models

MOST_COUNTED = 10_000
BY_BEGINNING = _(
    "By the beginning of the name. A long list ends after 10,000 rows: search or filter for what is beyond."
)


class BoundedPaginator(Paginator):
    """Counts no further than MOST_COUNTED: a page of a long table must not scan all of it."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin gives a query
        return rows.order_by()[:MOST_COUNTED].count()


class Choice(admin.SimpleListFilter):
    """A filter with fixed values. Django's own would search the table for them."""

    values: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(each, each) for each in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class Phase(Choice):
    title, parameter_name = _("phase"), "phase"
    values = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


class EventType(Choice):
    title, parameter_name = _("type"), "type"
    values = ("Normal", "Warning")


class Kind(Choice):
    title, parameter_name = _("kind"), "kind"
    values = ("Deployment", "ReplicaSet", "Pod", "Event", "Node", "Namespace")


class Verb(Choice):
    title, parameter_name = _("verb"), "verb"
    values = ("ADDED", "MODIFIED", "DELETED")


class ReadOnly(admin.ModelAdmin):
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # counts per filter value would scan the whole table
    paginator = BoundedPaginator
    list_per_page = 50
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(models.ReplicaSet)
class ReplicaSetAdmin(ReadOnly):
    list_display = ("namespace__cluster", "namespace", "name", "number", "replicas", "ready", "created")
    list_display_links = ("name",)
    list_filter = ("namespace",)
    list_select_related = ("namespace__cluster",)
    search_fields = ("name__startswith",)
    search_help_text = BY_BEGINNING
    ordering = ("namespace_id", "name")  # the index's order

    @admin.display(description=_("ready"))
    def ready(self, row: models.ReplicaSet) -> int:
        return int(row.status.get("ready_replicas", 0))


@admin.register(models.Pod)
class PodAdmin(ReadOnly):
    list_display = (
        "namespace__cluster",
        "namespace",
        "name",
        "phase",
        "ready",
        "reason",
        "restarts",
        "node",
        "created",
    )
    list_display_links = ("name",)
    list_filter = ("namespace", Phase)
    list_select_related = ("namespace__cluster",)
    search_fields = ("name__startswith",)
    search_help_text = BY_BEGINNING
    ordering = ("namespace_id", "name")


@admin.register(models.Event)
class EventAdmin(ReadOnly):
    list_display = ("last_seen", "type", "reason", "kind", "object_name", "message", "count")
    list_filter = ("namespace", EventType, Kind)
    search_fields = ("object_name__startswith",)
    search_help_text = BY_BEGINNING
    ordering = ("-resource_version", "uid")


@admin.register(models.Change)
class ChangeAdmin(ReadOnly):
    list_display = ("rv", "cluster", "verb", "kind", "name", "namespace", "actor")
    list_filter = ("cluster", Kind, Verb)
    list_select_related = ("cluster",)
    search_fields = ("=uid", "name__startswith")
    search_help_text = _("By uid, or by the beginning of the name.")
    ordering = ("-id",)


@admin.register(models.Token)
class TokenAdmin(ReadOnly):
    """Created by `manage.py kubeconfig`; deleting one revokes it."""

    list_display = ("name", "user", "created", "last_used", "expires")
    list_select_related = ("user",)
    fields = ("name", "user", "created", "last_used", "expires")
    actions: Any = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(models.PinnedRollout)
class PinnedRolloutAdmin(ReadOnly):
    list_display = ("rv", "deployment", "namespace", "pinned_by", "created")
    list_select_related = ("namespace",)
    fields = ("rv", "deployment", "namespace", "pinned_by", "created")
