"""Metadata that clients may set on any object."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.fields import JSONField


class Described(models.Model):
    """Metadata that clients may set on any object. `managed_fields` is metadata.managedFields."""

    labels: Any = JSONField(_("labels"), default=dict, blank=True)
    annotations: Any = JSONField(_("annotations"), default=dict, blank=True)
    managed_fields: Any = JSONField(default=list, editable=False)

    class Meta:
        abstract = True
