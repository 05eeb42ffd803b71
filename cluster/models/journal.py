"""The journal of a cluster: changes, blueprints and events; and rollouts copied from it."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.clusters import Cluster
from cluster.models.fields import JSONField
from cluster.models.namespaces import Namespace


class Event(models.Model):
    """A Kubernetes event; repeats increase `count` and `last_seen`. `why` is the controller's explanation."""

    uid = models.CharField(max_length=36, primary_key=True)
    name = models.CharField(max_length=253)
    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("kind"), max_length=32)
    object_uid = models.CharField(max_length=36, db_index=True)
    object_name = models.CharField(_("object"), max_length=253)
    type = models.CharField(_("type"), max_length=8)
    reason = models.CharField(_("reason"), max_length=64)
    message = models.TextField(_("message"))
    source = models.CharField(_("source"), max_length=64)
    count = models.PositiveIntegerField(_("count"), default=1)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    at = models.FloatField(default=0.0)
    why: Any = JSONField(null=True)
    resource_version = models.BigIntegerField(default=0, db_index=True)

    class Meta:
        ordering: ClassVar = ["-resource_version"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


class Change(models.Model):
    """One row of a cluster's journal: the new state of one object. `rv` is the resourceVersion: one sequence for all kinds of a
    cluster, committed in that order. `state` is the object's compact state (docs/protocol.md), the last one for DELETED; with the
    `blueprint` it is the whole object. `before`: the former labels and selectable fields that this change changed. `root`: the
    uid of the Deployment to which the object belongs, directly or through its ReplicaSet; else that of its highest owner, or its
    own. `mark`: ROLLOUT where a Deployment is created or its template changes, REVISION where a ReplicaSet gets a new revision;
    an index finds the few marked changes."""

    ROLLOUT, REVISION = "rollout", "revision"
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="changes", db_index=False)
    rv = models.BigIntegerField(_("resource version"))
    namespace = models.CharField(max_length=63)
    root = models.CharField(max_length=36, default="")
    kind = models.CharField(max_length=32)
    uid = models.CharField(max_length=36)
    name = models.CharField(max_length=253)
    verb = models.CharField(max_length=8)
    at = models.FloatField()
    wall = models.FloatField()
    actor = models.CharField(max_length=150, default="")
    state: Any = JSONField()
    why: Any = JSONField(null=True)
    blueprint = models.CharField(max_length=32, default="")
    before: Any = JSONField(null=True)
    mark = models.CharField(max_length=8, null=True)

    class Meta:
        ordering: ClassVar = ["cluster", "rv"]
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes: ClassVar = [
            models.Index(fields=["root", "rv"], name="change_root_rv"),
            models.Index(fields=["root", "mark", "rv"], name="change_marked", condition=models.Q(mark__isnull=False)),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "rv"], name="change_rv")]

    def __str__(self) -> str:
        return f"{self.rv} {self.verb} {self.kind} {self.name}"


class Blueprint(models.Model):
    """The parts of an object that compact states leave out (template, selector, labels ...), stored once for all changes of a
    cluster that share them (cluster.records.blueprints). `newest` is the last change that uses it; compaction depends on it."""

    pk = models.CompositePrimaryKey("cluster_id", "digest")
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=32)
    value = models.TextField()
    newest = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["cluster", "newest"], name="blueprint_newest")]

    def __str__(self) -> str:
        return self.digest


class PinnedRollout(models.Model):
    """A recorded rollout that is kept longer than the journal (cluster.page.rollouts). `rv` is the resource version of the edit
    that started it."""

    rv = models.BigIntegerField(_("resource version"))
    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="pinned_rollouts")
    deployment = models.CharField(_("deployment"), max_length=253)
    pinned_by = models.CharField(_("pinned by"), max_length=150)
    created = models.DateTimeField(_("created"))
    summary: Any = JSONField()
    film: Any = JSONField()

    class Meta:
        ordering: ClassVar = ["-rv"]
        indexes: ClassVar = [models.Index(fields=["namespace", "deployment"], name="pinned_deployment")]
        verbose_name = _("pinned rollout")
        verbose_name_plural = _("pinned rollouts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["namespace", "rv"], name="pinned_rv")]

    def __str__(self) -> str:
        return f"{self.deployment} {self.rv}"
