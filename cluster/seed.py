"""What a new cluster starts with: three nodes, the shipped image behaviours, and a namespace on request."""

import uuid
from dataclasses import asdict

from django.utils import timezone

from cluster.core import behaviour
from cluster.models import ImageBehaviour, Namespace, Node

NODES = ("node-1", "node-2", "node-3")


def ensure_cluster() -> None:
    for name in NODES if not Node.objects.exists() else ():
        Node.objects.create(name=name, uid=str(uuid.uuid4()), created=timezone.now())
    if not ImageBehaviour.objects.exists():
        rows = [
            ImageBehaviour(order=10 * place, **asdict(each)) for place, each in enumerate(behaviour.DEFAULTS, start=1)
        ]
        ImageBehaviour.objects.bulk_create(rows)


def ensure_namespace(name: str) -> bool:
    """True if it is new."""
    defaults = {"uid": str(uuid.uuid4()), "created": timezone.now()}
    return Namespace.objects.get_or_create(name=name, defaults=defaults)[1]
