"""Kept objects, which are stored whole."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.clusters import Cluster
from cluster.models.fields import JSONField


class KeptObject(models.Model):
    """An object that is stored whole: a ConfigMap, a Service ... `resource` as services or jobs.batch, `namespace` is "" for
    objects without one. `manifest` is the whole object except for its resourceVersion."""

    uid = models.CharField(max_length=36, primary_key=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="kept_objects", db_index=False)
    namespace = models.CharField(_("namespace"), max_length=63, blank=True, default="")
    resource = models.CharField(_("resource"), max_length=255)
    name = models.CharField(_("name"), max_length=253)
    manifest: Any = JSONField()
    resource_version = models.BigIntegerField(default=0)
    recorded_kind = models.CharField(max_length=32, default="", db_default="", editable=False)

    class Meta:
        ordering: ClassVar = ["cluster", "resource", "namespace", "name"]
        verbose_name = _("kept object")
        verbose_name_plural = _("kept objects")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "resource", "namespace", "name"], name="kept_object_name"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.name}"

    @property
    def recorded_as(self) -> str:
        """The kind in the journal; for a custom kind a name of its own, as it may have the name of another kind."""
        return self.recorded_kind or self.manifest["kind"]


class Allocation(models.Model):
    """An address or port of a Service, which no other may get: `value` is 10.96.1.1, or port/30086; `uid` is the Service's."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="allocations", db_index=False)
    value = models.CharField(max_length=64)
    uid = models.CharField(max_length=36, db_index=True)

    class Meta:
        ordering: ClassVar = ["cluster", "value"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "value"], name="allocation_value")]

    def __str__(self) -> str:
        return self.value
