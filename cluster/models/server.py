"""What belongs to a server and not to one of its clusters."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Token(models.Model):
    """A key to the API. Only its SHA-256 is kept; `expires` is when it stops to open anything, `last_used` is right to a
    minute."""

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
    """One row, which no write locks: the wall time (epoch seconds) at which a worker last said that it lives."""

    at = models.FloatField(default=0.0)


class Attempts(models.Model):
    """What has failed of one kind (`key`, a digest: cluster/writing/attempts.py), and the wall time at which all of that is forgiven."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.FloatField(db_index=True)
