"""A pod with some fields changed. `dataclasses.replace` goes through the constructor; most of a rehearsal's time went there."""

from dataclasses import fields
from typing import Any

from cluster.core.objects import Pod

SETTERS = {field.name: getattr(Pod, field.name).__set__ for field in fields(Pod)}
MEMBERS = tuple((getattr(Pod, name).__get__, setter) for name, setter in SETTERS.items())


def changed(pod: Pod, **changes: Any) -> Pod:
    """Like `replace`, more than twice as fast. Raises KeyError for a field that a pod does not have."""
    copy: Pod = object.__new__(Pod)
    for read, write in MEMBERS:
        write(copy, read(pod))
    for name, value in changes.items():
        SETTERS[name](copy, value)
    return copy
