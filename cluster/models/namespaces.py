"""Namespaces, and the fields common to objects in them."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.clusters import Cluster
from cluster.models.described import Described
from cluster.models.fields import JSONField


class Namespace(Described):
    """`pod_quota` is Rollstage's own limit of `pods_asked` (see Cluster). `limited`: it has a ResourceQuota or a LimitRange.
    `deleted`: the time of the request to delete it; `conditions`: the progress of the deletion (status.conditions)."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="namespaces", verbose_name=_("cluster"))
    name = models.CharField(_("name"), max_length=63)
    pod_quota = models.PositiveIntegerField(_("pod quota"), default=5000)
    limited = models.BooleanField(default=False, editable=False)
    pods_asked = models.BigIntegerField(default=0, editable=False)
    deleted = models.DateTimeField(null=True, editable=False)
    conditions: Any = JSONField(default=list, editable=False)
    uid = models.CharField(max_length=36, unique=True, editable=False)
    resource_version = models.BigIntegerField(default=0, editable=False)
    created = models.DateTimeField(_("created"))

    class Meta:
        ordering: ClassVar = ["cluster", "name"]
        verbose_name = _("namespace")
        verbose_name_plural = _("namespaces")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "name"], name="namespace_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ClusterObject(models.Model):
    """The fields common to namespaced objects. `deleted_at`: when deletion was requested, while it is in progress."""

    uid = models.CharField(max_length=36, primary_key=True)
    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="%(class)ss")
    name = models.CharField(_("name"), max_length=253)
    resource_version = models.BigIntegerField(default=0)
    created = models.DateTimeField(_("created"))
    created_at = models.FloatField(default=0.0)
    deleted_at = models.FloatField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
