"""Rows of the server, which belong to no cluster."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Token(models.Model):
    """A token for the API. Only its SHA-256 is stored; it is valid until `expires`; `last_used` is accurate to a minute."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100, blank=True)
    created = models.DateTimeField(_("created"))
    expires = models.DateTimeField(_("expires"))
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-created"]
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return self.name or f"token of {self.user}"


class Heartbeat(models.Model):
    """One row, not locked by writes to clusters: the wall time (epoch seconds) of a worker's last heartbeat."""

    at = models.FloatField(default=0.0)


class Attempts(models.Model):
    """Failures of one `key` (a digest: cluster/writing/attempts.py), with the wall time at which all of them are forgiven."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.FloatField(db_index=True)
