"""The admin: forms for Deployments, read-only lists of the controllers' objects, and the simulation's settings."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _

from cluster.admin import clusters, deployments, invitations, lists, people, settings
from cluster.writing.logins import limited

__all__ = ["clusters", "deployments", "invitations", "lists", "people", "settings"]

admin.site.login_form = limited(AdminAuthenticationForm)
admin.site.site_header = _("Rollstage: administration")
admin.site.site_title = _("Rollstage")
admin.site.index_title = _("The cluster and its people")
