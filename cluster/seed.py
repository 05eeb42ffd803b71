"""What a new cluster starts with: three nodes, the shipped image behaviours, and a namespace on request."""

from dataclasses import asdict

from cluster import namespaces, nodes
from cluster.core import behaviour
from cluster.core.validation import formats
from cluster.models import ImageBehaviour, Namespace, Node
from cluster.statuses import Refused, bad_request

ACTOR = "seed"
NODES = ("node-1", "node-2", "node-3")


def ensure_cluster() -> None:
    for name in NODES if not Node.objects.exists() else ():
        nodes.create(name, actor=ACTOR)
    if not ImageBehaviour.objects.exists():
        rows = [
            ImageBehaviour(order=10 * place, **asdict(each)) for place, each in enumerate(behaviour.DEFAULTS, start=1)
        ]
        ImageBehaviour.objects.bulk_create(rows)


def ensure_namespace(name: str) -> bool:
    """True if it is new. Raises Refused if no namespace can have that name."""
    problems = formats.dns_label(name)
    if problems:
        raise Refused(bad_request(f"metadata.name: Invalid value: {name!r}: {problems[0]}"))
    is_new = not Namespace.objects.filter(name=name).exists()
    if is_new:
        namespaces.create(name, actor=ACTOR)
    return is_new
