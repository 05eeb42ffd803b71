"""Metadata that clients may set on any object."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Described(models.Model):
    """Metadata that clients may set on any object. `managed_fields` is metadata.managedFields."""

    labels: Any = models.JSONField(_("labels"), default=dict, blank=True)
    annotations: Any = models.JSONField(_("annotations"), default=dict, blank=True)
    managed_fields: Any = models.JSONField(default=list, editable=False)

    class Meta:
        abstract = True
