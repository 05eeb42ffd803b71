"""Who may do what in a namespace. Groups named `<namespace>:view`, `:edit` and `:admin` give it to their members."""

from typing import Any

from django.conf import settings

from cluster.models import Namespace

LEVELS = {"none": 0, "view": 1, "edit": 2, "admin": 3}


def may(user: Any, verb: str, namespace: str) -> bool:
    """`verb` is view, edit or admin."""
    return level(user, namespace) >= LEVELS[verb]


def level(user: Any, namespace: str) -> int:
    anyone = LEVELS[settings.ANONYMOUS]
    if not user.is_authenticated or not user.is_active:
        return anyone
    if user.is_superuser:
        return LEVELS["admin"]
    groups = {f"{namespace}:{verb}": LEVELS[verb] for verb in ("view", "edit", "admin")}
    names = user.groups.filter(name__in=groups).values_list("name", flat=True)
    return max([anyone, *(groups[name] for name in names)])


def allowed_namespaces(user: Any) -> list[str]:
    names = Namespace.objects.order_by("name").values_list("name", flat=True)
    return [name for name in names if may(user, "view", name)]
