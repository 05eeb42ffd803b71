"""Invitation links to memberships."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.clusters import Cluster, Membership


class Invitation(models.Model):
    """A link that makes people members of a cluster or, with `namespace`, of that namespace. Only the SHA-256 of its secret is
    stored. It admits `seats` people until `expires`; `used` counts them. `ends`: the end of these memberships. `made_by` null: an
    anonymous visitor, or a deleted account."""

    MOST_SEATS: ClassVar = 100
    digest = models.CharField(max_length=64, unique=True, editable=False)
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("cluster")
    )
    namespace = models.CharField(_("namespace"), max_length=63, blank=True, default="")
    role = models.CharField(_("role"), max_length=8, choices=Membership.ROLES)
    seats = models.PositiveSmallIntegerField(
        _("people at most"), validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)]
    )
    used = models.PositiveSmallIntegerField(_("people joined"), default=0)
    ends = models.DateTimeField(_("memberships end"), null=True, blank=True)
    created = models.DateTimeField(_("created"))
    expires = models.DateTimeField(_("good until"), db_index=True)
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="invitations",
        verbose_name=_("made by"),
    )

    last_day = Membership.last_day  # of the memberships

    class Meta:
        ordering: ClassVar = ["-created"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.cluster}: {self.role} ({self.used}/{self.seats})"
