"""Clusters, their members and viewers."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Cluster(models.Model):
    """A simulated Kubernetes cluster: nodes, namespaces, a clock, image behaviours, a journal, members. A write to a cluster
    locks this row first, and no other.

    `head` is the newest resource version, `tail` the newest one removed from the journal. `due` is the wall time (epoch seconds)
    of the worker's next pass, `next_at` the simulated time of the next event; null: none, or the clock is paused. `pace`:
    simulated seconds per wall second since `clock_wall`, when the simulated time was `clock_sim`; 0: paused. `decisions`: how
    many decisions the controllers may still make in a step of a paused clock (`core.reconcile`); null: any number. `held_pace`:
    the former pace of a clock held by a teacher; null: not held.

    Counted with each write, for Rollstage's own limits (cluster.writing.capacity): `pods_asked`: pods of Deployments with their
    surge, and of ReplicaSets and pods without an owner; `objects_count`: namespaces, nodes, Deployments, ReplicaSets and kept
    objects; `kept_bytes`: the size of the kept objects' manifests."""

    name = models.CharField(_("name"), max_length=63, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="clusters",
        verbose_name=_("owner"),
    )
    created = models.DateTimeField(_("created"))
    pace = models.FloatField(_("pace"), default=1.0)
    clock_wall = models.FloatField(default=0.0, editable=False)
    clock_sim = models.FloatField(default=0.0, editable=False)
    head = models.BigIntegerField(default=0, editable=False)
    tail = models.BigIntegerField(default=0, editable=False)
    due = models.FloatField(null=True, default=0.0, db_index=True, editable=False)
    next_at = models.FloatField(null=True, editable=False)
    decisions = models.PositiveSmallIntegerField(null=True, editable=False)
    pods_asked = models.BigIntegerField(default=0, editable=False)
    objects_count = models.BigIntegerField(default=0, editable=False)
    kept_bytes = models.BigIntegerField(default=0, editable=False)
    old_versions = models.BooleanField(
        _("old API versions"),
        default=False,
        help_text=_(
            "Serve apps/v1beta1, apps/v1beta2 and extensions/v1beta1 too, which Kubernetes has not since 1.16: for manifests of "
            "the book's days. Some clients find “deployments” ambiguous then."
        ),
    )
    held_pace = models.FloatField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """The role of a user in a cluster or, with `namespace`, in that namespace (cluster.writing.permissions). `binding` is the
    RoleBinding or ClusterRoleBinding that the API shows for it; if that is deleted, so is the membership. From `ends` on it has
    no effect; a worker then removes the binding, and later the row."""

    ROLES: ClassVar = [("view", _("view")), ("edit", _("edit")), ("admin", _("admin"))]
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("cluster")
    )
    namespace = models.CharField(
        _("namespace"), max_length=63, blank=True, default="", help_text=_("Empty: the whole cluster.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=8, choices=ROLES)
    ends = models.DateTimeField(_("ends"), null=True, blank=True, db_index=True, help_text=_("Empty: it does not end."))
    binding = models.ForeignKey(
        "KeptObject", on_delete=models.CASCADE, null=True, related_name="memberships", editable=False
    )

    class Meta:
        ordering: ClassVar = ["cluster", "namespace", "user"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["binding", "user"], name="membership_of_binding"),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "namespace", "user"], name="membership_place")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"

    @property
    def last_day(self) -> date | None:
        """The last day (UTC) on which it has effect."""
        return (self.ends - timedelta(microseconds=1)).date() if self.ends else None


class Presence(models.Model):
    """A user was viewing a cluster at the wall time `at` (cluster.writing.presence)."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.FloatField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "user"], name="presence_of_user")]
