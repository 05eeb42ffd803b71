"""Copies of pods and containers with some fields changed. `dataclasses.replace` goes through the constructor, which took most
of a rehearsal's time. The loops here run in C."""

from collections import deque
from dataclasses import fields
from itertools import repeat
from operator import attrgetter
from typing import Any

from cluster.core.objects import Container, Pod

POD_SETTERS = {field.name: getattr(Pod, field.name).__set__ for field in fields(Pod)}
POD_NAMES = tuple(POD_SETTERS)
CONTAINER_SETTERS = {field.name: getattr(Container, field.name).__set__ for field in fields(Container)}
CONTAINER_NAMES = tuple(CONTAINER_SETTERS)
read_pod: Any = attrgetter(*POD_NAMES)
read_container: Any = attrgetter(*CONTAINER_NAMES)
exhaust = deque[None](maxlen=0).extend


def changed(pod: Pod, **changes: Any) -> Pod:
    """Like `replace`, more than twice as fast. Raises KeyError for a field that a pod does not have."""
    copy: Pod = object.__new__(Pod)
    exhaust(map(object.__setattr__, repeat(copy), POD_NAMES, read_pod(pod)))
    for name, value in changes.items():
        POD_SETTERS[name](copy, value)
    return copy


def copied(container: Container) -> Container:
    copy: Container = object.__new__(Container)
    exhaust(map(object.__setattr__, repeat(copy), CONTAINER_NAMES, read_container(container)))
    return copy


def change(container: Container, changes: dict[str, Any]) -> None:
    """Changes a container in place: only for a copy that is not shared yet."""
    for name, value in changes.items():
        CONTAINER_SETTERS[name](container, value)
