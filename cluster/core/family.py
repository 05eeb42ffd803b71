"""A family as it is after changes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar, cast

from cluster.core.objects import Change, Delete, Event, Family, Node, Pod, ReplicaSet

T = TypeVar("T")


def apply_changes(family: Family, changes: Iterable[Change]) -> Family:
    """The family after the changes; the old value stays as it was."""
    return absorb(own(family), changes)


def own(family: Family) -> Family:
    """An equal family with dicts of its own."""
    return replace(
        family, replicasets=dict(family.replicasets), pods=dict(family.pods), nodes=dict(family.nodes)
    )  # fmt: skip


def absorb(family: Family, changes: Iterable[Change]) -> Family:
    """The family after the changes, in the same dicts: for who made it with `own` and shows it to nobody meanwhile."""
    deployment = family.deployment
    replicasets, pods = cast(dict[str, ReplicaSet], family.replicasets), cast(dict[str, Pod], family.pods)
    for change in changes:
        if isinstance(change, Event):
            continue
        thing, gone = change.object, isinstance(change, Delete)
        if isinstance(thing, Pod):
            _put(pods, thing.uid, thing, gone=gone)
        elif isinstance(thing, ReplicaSet):
            _put(replicasets, thing.uid, thing, gone=gone)
        elif isinstance(thing, Node):
            _put(cast(dict[str, Node], family.nodes), thing.name, thing, gone=gone)
        else:
            deployment = None if gone else thing
    return family if deployment is family.deployment else replace(family, deployment=deployment)


def _put(things: dict[str, T], key: str, thing: T, *, gone: bool) -> None:
    if gone:
        things.pop(key, None)
    else:
        things[key] = thing
