"""The simulation's settings: image behaviours, namespaces and nodes. A change takes effect at once."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cluster import models
from cluster.core.validation import formats
from cluster.core.validation.nodes import validate_node
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import behaviours, namespaces, nodes


@admin.register(models.ImageBehaviour)
class ImageBehaviourAdmin(admin.ModelAdmin):
    list_filter = ("cluster", "namespace")
    list_display = (
        "pattern", "cluster", "namespace", "order", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
        "affected_share",
    )  # fmt: skip
    list_select_related = ("cluster", "namespace")
    list_editable: ClassVar = ["order"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("cluster",) if obj else ()

    def save_model(self, request: HttpRequest, obj: models.ImageBehaviour, form: Any, change: bool) -> None:
        actor, fields = request.user.get_username(), dict(form.cleaned_data)
        fields.pop("id", None)  # of the list's own form
        cluster = fields.pop("cluster", obj.cluster).name
        if change:
            behaviours.change(cluster, obj.pk, actor=actor, **fields)
        else:
            obj.pk = behaviours.create(cluster, actor=actor, **fields).pk

    def delete_model(self, request: HttpRequest, obj: models.ImageBehaviour) -> None:
        behaviours.delete(obj.cluster.name, obj.pk, actor=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.ImageBehaviour]) -> None:
        for each in queryset.select_related("cluster"):
            self.delete_model(request, each)


class NamedForm(forms.ModelForm):
    """Names follow Kubernetes' rules, and can't be changed."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        problems = self.problems_of(name)
        if problems:
            raise forms.ValidationError([f"metadata.name: Invalid value: {name!r}: {each}" for each in problems])
        return name

    def problems_of(self, name: str) -> list[str]:
        return (
            formats.dns_label(name)
            if isinstance(self.instance, (models.Namespace, models.Cluster))
            else formats.dns_subdomain(name)
        )


class NodeForm(NamedForm):
    """Empty fields get the API's empty values, or keep what the node has; the result is validated as by the API."""

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for name, empty in (("labels", {}), ("taints", []), ("capacity", {})):
            found[name] = found.get(name) or empty
        found["allocatable"] = found.get("allocatable") or self.instance.allocatable
        shown = {
            "metadata": {"name": found.get("name") or self.instance.name or "node", "labels": found["labels"]},
            "spec": {"taints": found["taints"]},
            "status": {part: found[part] for part in ("capacity", "allocatable")},
        }
        try:
            problems = validate_node(shown)
        except (AttributeError, TypeError) as error:
            raise forms.ValidationError(_("Labels, taints and amounts are not as the API has them.")) from error
        if problems:
            raise forms.ValidationError([str(each) for each in problems])
        return found


class ObjectAdmin(admin.ModelAdmin):
    """For objects without a namespace: written through the functions of `door`, so that the journal includes them."""

    form = NamedForm
    door: ClassVar[Any]  # the module with `create` and `delete`
    change: ClassVar[Any]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("cluster", "name") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """On a change writes only the form's changed fields: a worker may just have counted a node's pods."""
        actor = request.user.get_username()
        if change:
            fields = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
            self.change(*self.place_of(obj), actor=actor, **fields)
        else:
            cluster = form.cleaned_data.pop("cluster").name
            made = self.door.create(cluster, actor=actor, **form.cleaned_data)
            obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        try:
            self.door.delete(*self.place_of(obj), actor=request.user.get_username())
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    def place_of(self, obj: Any) -> tuple[Any, ...]:
        """The first arguments of the functions of `door`."""
        raise NotImplementedError

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset.select_related("cluster"):
            self.delete_model(request, each)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What would be deleted, in two lines per object: a list of every pod would be too long."""
        lines = [line for each in objs for line in (str(each), self.along_with(each)) if line]
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return lines, {str(self.opts.verbose_name_plural): len(objs)}, missing, []

    def along_with(self, obj: Any) -> str:
        raise NotImplementedError


@admin.register(models.Namespace)
class NamespaceAdmin(ObjectAdmin):
    list_display = ("name", "cluster", "pod_quota", "created")
    list_filter = ("cluster",)
    list_select_related = ("cluster",)
    fields = ("cluster", "name", "pod_quota")
    door: ClassVar = namespaces
    change: ClassVar = staticmethod(namespaces.describe)

    def place_of(self, obj: models.Namespace) -> tuple[Any, ...]:
        return (Space(obj.cluster.name, obj.name),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        kept = obj is not None and obj.name in namespaces.KEPT_FOR_EVER
        return not kept and super().has_delete_permission(request, obj)

    def along_with(self, obj: models.Namespace) -> str:
        return str(
            _("with it %(deployments)d Deployments, %(pods)d pods, and its memberships")
            % {"deployments": obj.deployments.count(), "pods": obj.pods.count()}
        )


@admin.register(models.Node)
class NodeAdmin(ObjectAdmin):
    form = NodeForm
    list_display = ("name", "cluster", "slots", "unschedulable", "created")
    list_filter = ("cluster",)
    list_select_related = ("cluster",)
    fields = ("cluster", "name", "slots", "allocatable", "capacity", "labels", "taints", "unschedulable")
    door: ClassVar = nodes
    change: ClassVar = staticmethod(nodes.change)

    def place_of(self, obj: models.Node) -> tuple[Any, ...]:
        return obj.cluster.name, obj.name

    def along_with(self, obj: models.Node) -> str:
        return str(
            _("%(pods)d pods on it are deleted; their controllers make others") % {"pods": nodes.pods_on(obj).count()}
        )
