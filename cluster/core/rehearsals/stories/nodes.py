"""A story's nodes."""

from collections.abc import Mapping
from typing import Any

from cluster.core.fields import BadField, read_count
from cluster.core.objects import Node
from cluster.core.rehearsals.stories.story import NODES, StoryError
from cluster.core.validation.nodes import validate_node

NODE_KEYS = frozenset({"name", "slots", "allocatable", "labels", "taints", "unschedulable"})


def read_nodes(given: Any) -> tuple[Node, ...]:
    if given is None:
        return NODES
    if not isinstance(given, list) or not given:
        raise StoryError("nodes: expected a list of {name, slots}")
    return tuple(read_node(each, f"nodes[{place}]") for place, each in enumerate(given))


def read_node(given: Any, place: str) -> Node:
    """`allocatable`, `labels` and `taints` are as in the API's Node; omitted fields have the defaults of any node here."""
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str) or given.keys() - NODE_KEYS:
        raise StoryError(f"{place}: expected {{name, slots}}, and perhaps allocatable, labels, taints, unschedulable")
    plain = Node(name=given["name"])
    labels, taints = given.get("labels") or {}, given.get("taints") or []
    allocatable = given.get("allocatable") or plain.allocatable
    shown = {
        "metadata": {"name": plain.name, "labels": labels},
        "spec": {"taints": taints},
        "status": {"allocatable": allocatable},
    }
    try:
        errors = validate_node(shown)
        slots = read_count(given.get("slots", plain.slots), f"{place}.slots")
    except BadField as error:
        raise StoryError(str(error)) from error
    except (AttributeError, TypeError) as error:
        raise StoryError(f"{place}: labels, taints or allocatable are not as the API has them") from error
    if errors:
        raise StoryError(f"{place}: {'; '.join(map(str, errors))}")
    return Node(
        name=plain.name,
        labels=labels,
        taints=tuple(taints),
        slots=slots,
        allocatable={name: str(amount) for name, amount in allocatable.items()},
        unschedulable=bool(given.get("unschedulable")),
    )
