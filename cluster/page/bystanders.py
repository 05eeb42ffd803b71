"""What is there and does not act, although a real cluster would: fields of a Deployment's template, and autoscalers that name it."""

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
    """In the reader's language."""
    return {"places": list(each.places), "text": gettext(each.text)}
