"""Accounts. Bindings and the journal name users: a name can't be changed, and deleting an account removes its bindings."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from cluster.writing import memberships

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *(("username",) if obj else ()))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        memberships.leave_all(obj, actor=request.user.get_username())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset:
            self.delete_model(request, each)
