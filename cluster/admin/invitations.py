"""Invitations in the admin: listed, revoked and deleted. They are created on a cluster's settings page, which shows the link
once."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cluster import models
from cluster.admin.lists import BY_BEGINNING, ReadOnly
from cluster.writing import invitations


@admin.register(models.Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("cluster", "namespace", "role", "used", "seats", "made_by", "created", "expires", "ends", "revoked")
    list_select_related = ("cluster", "made_by")
    search_fields = ("cluster__name__startswith",)
    search_help_text = BY_BEGINNING
    fields = list_display
    actions: Any = ("revoke",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.action(description=_("Revoke selected invitations"), permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[models.Invitation]) -> None:  # noqa: ARG002
        for each in queryset.select_related("cluster"):
            invitations.revoke(each)
