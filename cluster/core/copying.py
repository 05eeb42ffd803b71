"""A pod with some fields changed. `dataclasses.replace` goes through the constructor; most of a rehearsal's time went there."""

from collections import deque
from dataclasses import fields
from itertools import repeat
from operator import attrgetter
from typing import Any

from cluster.core.objects import Pod

SETTERS = {field.name: getattr(Pod, field.name).__set__ for field in fields(Pod)}
NAMES = tuple(SETTERS)
read_all: Any = attrgetter(*NAMES)
exhaust = deque[None](maxlen=0).extend


def changed(pod: Pod, **changes: Any) -> Pod:
    """Like `replace`, more than twice as fast: its loop runs in C. Raises KeyError for a field that a pod does not have."""
    copy: Pod = object.__new__(Pod)
    exhaust(map(object.__setattr__, repeat(copy), NAMES, read_all(pod)))
    for name, value in changes.items():
        SETTERS[name](copy, value)
    return copy
