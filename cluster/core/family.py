"""A family as it is after changes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from cluster.core.objects import Change, Delete, Event, Family, Node, Pod, ReplicaSet

T = TypeVar("T")


def apply_changes(family: Family, changes: Iterable[Change]) -> Family:
    """The family after the changes; the old value stays as it was."""
    deployment = family.deployment
    replicasets, pods, nodes = dict(family.replicasets), dict(family.pods), dict(family.nodes)
    for change in changes:
        if isinstance(change, Event):
            continue
        thing, gone = change.object, isinstance(change, Delete)
        if isinstance(thing, Pod):
            _put(pods, thing.uid, thing, gone=gone)
        elif isinstance(thing, ReplicaSet):
            _put(replicasets, thing.uid, thing, gone=gone)
        elif isinstance(thing, Node):
            _put(nodes, thing.name, thing, gone=gone)
        else:
            deployment = None if gone else thing
    return replace(family, deployment=deployment, replicasets=replicasets, pods=pods, nodes=nodes)


def _put(things: dict[str, T], key: str, thing: T, *, gone: bool) -> None:
    if gone:
        things.pop(key, None)
    else:
        things[key] = thing
