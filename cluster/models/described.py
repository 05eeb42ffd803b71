"""What a client may say of any object."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Described(models.Model):
    """What a client may say of any object. `managed_fields` is metadata.managedFields: who wrote which field."""

    labels: Any = models.JSONField(_("labels"), default=dict, blank=True)
    annotations: Any = models.JSONField(_("annotations"), default=dict, blank=True)
    managed_fields: Any = models.JSONField(default=list, editable=False)

    class Meta:
        abstract = True
