"""Pods and containers with some fields changed. `dataclasses.replace` goes through the constructor; most of a rehearsal's time went
there."""

from dataclasses import fields
from typing import Any

from cluster.core.objects import Container, Pod

POD_SETTERS = {field.name: getattr(Pod, field.name).__set__ for field in fields(Pod)}
POD_MEMBERS = tuple((getattr(Pod, name).__get__, setter) for name, setter in POD_SETTERS.items())
CONTAINER_SETTERS = {field.name: getattr(Container, field.name).__set__ for field in fields(Container)}
CONTAINER_MEMBERS = tuple((getattr(Container, name).__get__, setter) for name, setter in CONTAINER_SETTERS.items())


def changed(pod: Pod, **changes: Any) -> Pod:
    """Like `replace`, more than twice as fast. Raises KeyError for a field that a pod does not have."""
    copy: Pod = object.__new__(Pod)
    for read, write in POD_MEMBERS:
        write(copy, read(pod))
    for name, value in changes.items():
        POD_SETTERS[name](copy, value)
    return copy


def copied(container: Container) -> Container:
    copy: Container = object.__new__(Container)
    for read, write in CONTAINER_MEMBERS:
        write(copy, read(container))
    return copy


def change(container: Container, changes: dict[str, Any]) -> None:
    """In place: only for a copy that nobody else has yet."""
    for name, value in changes.items():
        CONTAINER_SETTERS[name](container, value)
