"""Objects that do not act here, although in a real cluster they would: fields of a Deployment's template, and autoscalers of
it."""

from typing import Any

from django.utils.translation import gettext

from cluster import models
from cluster.core.objects import Deployment
from cluster.core.rehearsals.unacted import AUTOSCALER, Unacted, unacted
from cluster.spaces import Space

AUTOSCALERS = "horizontalpodautoscalers.autoscaling"


def unacted_of(space: Space, deployment: Deployment) -> list[Unacted]:
    found = unacted(deployment.template)
    names = autoscalers_of(space, deployment.name)
    if names:
        places = tuple(f"HorizontalPodAutoscaler/{each}" for each in names)
        found.append(Unacted(places=places, text=AUTOSCALER))
    return found


def autoscalers_of(space: Space, name: str) -> list[str]:
    rows = models.KeptObject.objects.filter(
        cluster__name=space.cluster, namespace=space.namespace, resource=AUTOSCALERS
    )
    target = {"manifest__spec__scaleTargetRef__kind": "Deployment", "manifest__spec__scaleTargetRef__name": name}
    return list(rows.filter(**target).order_by("name").values_list("name", flat=True))


def told(each: Unacted) -> dict[str, Any]:
    """As JSON, its text in the reader's language."""
    return {"places": list(each.places), "text": gettext(each.text)}
