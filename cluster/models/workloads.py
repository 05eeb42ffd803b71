"""Deployments, their ReplicaSets, and pods."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.described import Described
from cluster.models.fields import JSONField
from cluster.models.namespaces import ClusterObject


class Deployment(ClusterObject, Described):
    """`status` is the JSON of core's DeploymentStatus (cluster.records.states)."""

    api_version = models.CharField(max_length=32, default="apps/v1")
    generation = models.BigIntegerField(default=1)
    finalizers: Any = JSONField(default=list, blank=True)
    replicas = models.PositiveIntegerField(_("replicas"), default=1)
    selector: Any = JSONField(default=dict)
    template: Any = JSONField(default=dict)
    strategy = models.CharField(_("strategy"), max_length=16, default="RollingUpdate")
    max_surge = models.CharField(_("max surge"), max_length=16, default="25%")
    max_unavailable = models.CharField(_("max unavailable"), max_length=16, default="25%")
    min_ready_seconds = models.PositiveIntegerField(_("min ready seconds"), default=0)
    revision_history_limit = models.PositiveIntegerField(_("revision history limit"), null=True, default=10)
    progress_deadline_seconds = models.PositiveIntegerField(_("progress deadline seconds"), null=True, default=600)
    paused = models.BooleanField(_("paused"), default=False)
    replicasets_created = models.PositiveIntegerField(default=0)
    status: Any = JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "name"], name="deployment_name"),
        ]


class ReplicaSet(ClusterObject, Described):
    number = models.PositiveIntegerField(default=0)
    owner_uid = models.CharField(max_length=36, null=True)
    generation = models.BigIntegerField(default=1)
    finalizers: Any = JSONField(default=list, blank=True)
    replicas = models.PositiveIntegerField(_("desired"), default=1)
    selector: Any = JSONField(default=dict)
    template: Any = JSONField(default=dict)
    min_ready_seconds = models.PositiveIntegerField(default=0)
    pods_created = models.PositiveBigIntegerField(default=0)
    status: Any = JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["created_at", "number"]
        verbose_name = _("replica set")
        verbose_name_plural = _("replica sets")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "name"], name="replicaset_name"),
        ]


class Pod(ClusterObject):
    """`owner_uid`: its ReplicaSet. `spec`, `labels` and `annotations` null: those of the ReplicaSet's template; `finalizers` and
    `managed_fields` null: none. The other fields are columns of core's Pod."""

    owner_uid = models.CharField(max_length=36, null=True, db_index=True)
    labels: Any = JSONField(null=True)
    annotations: Any = JSONField(null=True)
    node = models.CharField(_("node"), max_length=63, default="", db_index=True)
    phase = models.CharField(_("phase"), max_length=16, default="Pending")
    ready = models.BooleanField(_("ready"), default=False)
    ready_since = models.FloatField(null=True)
    started_at = models.FloatField(null=True)
    reason = models.CharField(_("reason"), max_length=64, default="")
    message = models.TextField(_("message"), default="")
    restarts = models.PositiveIntegerField(_("restarts"), default=0)
    attempts = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=32, default="unscheduled")
    next_at = models.FloatField(null=True)
    spec: Any = JSONField(null=True)
    finalizers: Any = JSONField(null=True)
    grace_seconds = models.FloatField(null=True)
    containers: Any = JSONField(null=True)
    managed_fields: Any = JSONField(null=True)
    scheduled_at = models.FloatField(null=True)
    nominated_node = models.CharField(max_length=63, default="")
    disruption: Any = JSONField(null=True)
    reported: Any = JSONField(null=True)
    client_conditions: Any = JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("pod")
        verbose_name_plural = _("pods")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "name"], name="pod_name"),
        ]
