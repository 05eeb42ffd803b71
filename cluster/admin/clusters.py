"""Clusters in the admin: created, renamed, reset and deleted, with their members; through the same functions as elsewhere."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cluster import models
from cluster.admin.settings import NamedForm
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.stories import staging, story_files
from cluster.writing import clusters, memberships


def stages() -> list[tuple[str, Any]]:
    """The initial stages of a cluster, as choices of a select."""
    return [("empty", _("nothing")), ("example", _("the book's Deployment")), *story_files.names(get_language())]


class StageForm(forms.Form):
    stage = forms.ChoiceField(label=capfirst(_("begins with")), choices=stages)


class NewClusterForm(NamedForm):
    stage = forms.ChoiceField(label=capfirst(_("begins with")), choices=stages)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            clusters.check_limits(cleaned.get("owner"))
        except Refused as refused:
            self.add_error("owner" if cleaned.get("owner") else None, str(refused))
        return cleaned


class MembershipForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cluster, namespace = cleaned.get("cluster"), cleaned.get("namespace")
        if namespace and cluster and not cluster.namespaces.filter(name=namespace).exists():
            self.add_error("namespace", _("There is no namespace of that name."))
        try:
            memberships.check_end(cleaned.get("ends") if self.has_changed() else None)
        except Refused as refused:
            self.add_error("ends", str(refused))
        return cleaned


class MembershipInline(admin.TabularInline):
    model = models.Membership
    form = MembershipForm
    extra = 1
    autocomplete_fields = ("user",)


@admin.register(models.Cluster)
class ClusterAdmin(admin.ModelAdmin):
    form = NamedForm
    list_display = ("name", "owner", "pace", "created")
    list_select_related = ("owner",)
    search_fields = ("name__startswith",)
    autocomplete_fields = ("owner",)
    actions = ("reset",)

    def view_on_site(self, obj: models.Cluster) -> str:
        return reverse("cluster", args=(obj.name,))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:  # noqa: ARG002
        return (MembershipInline,) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("name", "owner", "old_versions") if obj else ("name", "owner", "old_versions", "stage")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=NamedForm if obj else NewClusterForm, **kwargs)

    def save_model(self, request: HttpRequest, obj: models.Cluster, form: Any, change: bool) -> None:
        """Creates or changes the cluster; the owner of a new one becomes its admin."""
        if not change:
            stage = staging.stage_named(form.cleaned_data["stage"])
            obj.pk = clusters.found(obj.name, obj.owner, stage, old_versions=obj.old_versions).pk
            return
        actor = request.user.get_username()
        if "name" in form.changed_data:
            clusters.rename(form.initial["name"], obj.name, actor=actor)
        if "old_versions" in form.changed_data:
            clusters.serve_old_versions(obj.name, on=obj.old_versions, actor=actor)
        if "owner" in form.changed_data:
            clusters.hand_over(obj.name, obj.owner)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002
        """Grants and revokes memberships by name, so that their bindings and the journal include them."""
        actor, cluster = request.user.get_username(), form.instance.name
        formset.save(commit=False)
        changed = [each[0] for each in formset.changed_objects]
        before = models.Membership.objects.filter(pk__in=[each.pk for each in changed]).select_related("user")
        try:
            for each in (*formset.deleted_objects, *before):
                memberships.revoke(Space(cluster, each.namespace), each.user, actor=actor)
            for each in (*changed, *formset.new_objects):
                memberships.grant(Space(cluster, each.namespace), each.user, each.role, actor=actor, ends=each.ends)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    @admin.action(description=_("Reset selected clusters"), permissions=["change"])
    def reset(self, request: HttpRequest, queryset: QuerySet[models.Cluster]) -> HttpResponse | None:
        """Asks for confirmation and the stage first."""
        form = StageForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            for each in queryset:
                self.reset_one(request, each.name, form.cleaned_data["stage"])
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reset clusters"),
            "opts": self.opts,
            "clusters": [f"{each}: {self.along_with(each)}" for each in queryset],
            "keys": [each.pk for each in queryset],
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
            "form": form,
        }
        return render(request, "admin/reset_clusters.html", context)

    def reset_one(self, request: HttpRequest, name: str, stage: str) -> None:
        try:
            clusters.reset(name, staging.stage_named(stage), actor=request.user.get_username())
            self.message_user(request, f"cluster/{name} reset")
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    def delete_model(self, request: HttpRequest, obj: models.Cluster) -> None:
        try:
            clusters.delete(obj.name)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Cluster]) -> None:
        for each in queryset:
            self.delete_model(request, each)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What would be deleted, in two lines per cluster: a list of every object would be too long."""
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        lines = [line for each in objs for line in (str(each), self.along_with(each))]
        return lines, {str(self.opts.verbose_name_plural): len(objs)}, missing, []

    def along_with(self, obj: models.Cluster) -> str:
        pods = models.Pod.objects.filter(namespace__cluster=obj).count()
        return str(
            _("with it %(namespaces)d namespaces, %(pods)d pods, its nodes, journal and memberships")
            % {"namespaces": obj.namespaces.count(), "pods": pods}
        )
