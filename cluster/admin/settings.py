"""What the simulation leans on: image behaviours, namespaces and nodes. A change of it is felt at once."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cluster import families, journal, models, namespaces, nodes, states, writes
from cluster.core import kubelet
from cluster.core.validation import formats
from cluster.snapshot import load
from cluster.statuses import Refused


@admin.register(models.ImageBehaviour)
class ImageBehaviourAdmin(admin.ModelAdmin):
    list_filter = ("namespace",)
    list_display = (
        "pattern", "namespace", "order", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
        "affected_share",
    )  # fmt: skip
    list_select_related = ("namespace",)
    list_editable: ClassVar = ["order"]

    def save_model(self, request: HttpRequest, obj: models.ImageBehaviour, form: Any, change: bool) -> None:
        before = models.ImageBehaviour.objects.filter(pk=obj.pk).values_list("pattern", flat=True)
        patterns = {obj.pattern, *before}
        super().save_model(request, obj, form, change)
        look_again(patterns, actor=request.user.get_username())

    def delete_model(self, request: HttpRequest, obj: models.ImageBehaviour) -> None:
        super().delete_model(request, obj)
        look_again({obj.pattern}, actor=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.ImageBehaviour]) -> None:
        patterns = set(queryset.values_list("pattern", flat=True))
        super().delete_queryset(request, queryset)
        look_again(patterns, actor=request.user.get_username())


def look_again(patterns: Iterable[str], *, actor: str) -> None:
    """Running pods of such images are probed anew, and what waits is tried again."""
    rows = models.ReplicaSet.objects.filter(replicas__gt=0).values_list("family_id", "template")
    images = [(family, each["image"]) for family, template in rows for each in states.containers(template)]
    hit = {family for family, image in images for pattern in patterns if fnmatchcase(image, pattern)}
    for pk in sorted(hit):
        with journal.exclusive():
            row = families.locked_if_there(pk)
            if row is None:
                continue
            loaded = load(row)
            changes = kubelet.look_again(loaded.family, writes.time_of(loaded))
            writes.write(loaded, changes, "image behaviours changed", actor=actor)
    journal.touch()
    journal.ring("", journal.head())


class NamedForm(forms.ModelForm):
    """Names are as Kubernetes wants them, and stay."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        problems = self.problems_of(name)
        if problems:
            raise forms.ValidationError([f"metadata.name: Invalid value: {name!r}: {each}" for each in problems])
        return name

    def problems_of(self, name: str) -> list[str]:
        return formats.dns_label(name) if isinstance(self.instance, models.Namespace) else formats.dns_subdomain(name)


class ObjectAdmin(admin.ModelAdmin):
    """Of what belongs to no namespace: written through its own door, so that the journal has it."""

    form = NamedForm
    door: ClassVar[Any]  # the module with `create` and `delete`
    change: ClassVar[Any]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("name",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Of a change only the fields of the form are written: a worker may just have counted a node's pods."""
        actor = request.user.get_username()
        if change:
            self.change(obj, actor=actor, **{name: form.cleaned_data[name] for name in form.changed_data})
        else:
            made = self.door.create(actor=actor, **form.cleaned_data)
            obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        try:
            self.door.delete(obj.name, actor=request.user.get_username())
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset:
            self.delete_model(request, each)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What goes, in a line each: a list of every pod would be the longest page of all."""
        lines = [line for each in objs for line in (str(each), self.along_with(each)) if line]
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return lines, {str(self.opts.verbose_name_plural): len(objs)}, missing, []

    def along_with(self, obj: Any) -> str:
        raise NotImplementedError


@admin.register(models.Namespace)
class NamespaceAdmin(ObjectAdmin):
    list_display = ("name", "pod_quota", "created")
    fields = ("name", "pod_quota")
    door: ClassVar = namespaces
    change: ClassVar = staticmethod(namespaces.describe)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        kept = obj is not None and obj.name in namespaces.KEPT_FOR_EVER
        return not kept and super().has_delete_permission(request, obj)

    def along_with(self, obj: models.Namespace) -> str:
        return str(
            _("with it %(deployments)d Deployments, %(pods)d pods, and its groups")
            % {"deployments": obj.deployments.count(), "pods": obj.pods.count()}
        )


@admin.register(models.Node)
class NodeAdmin(ObjectAdmin):
    list_display = ("name", "slots", "pods", "unschedulable", "created")
    fields = ("name", "slots", "unschedulable")
    door: ClassVar = nodes
    change: ClassVar = staticmethod(nodes.change)

    def along_with(self, obj: models.Node) -> str:
        return str(_("%(pods)d pods on it are deleted; their controllers make others") % {"pods": obj.pods})
