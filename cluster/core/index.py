"""Objects by a key that is read from them, kept up to date."""

from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Index(Generic[K, T]):
    """`key` returns an object's key; None: the object is left out. Under a key, objects stay in the order in which they were
    added."""

    def __init__(self, key: Callable[[T], K | None]) -> None:
        self._key = key
        self._found: dict[K, dict[str, T]] = {}

    def of(self, key: K) -> Mapping[str, T]:
        """The objects under a key, by uid."""
        return self._found.get(key, NOTHING)

    def put(self, uid: str, old: T | None, new: T | None) -> None:
        """Replaces an object. `old` None: it is new; `new` None: it is gone."""
        before = None if old is None else self._key(old)
        after = None if new is None else self._key(new)
        if before is not None and before != after:
            self._drop(before, uid)
        if after is not None and new is not None:
            self._found.setdefault(after, {})[uid] = new

    def _drop(self, key: K, uid: str) -> None:
        found = self._found.get(key)
        if found is not None:
            found.pop(uid, None)
            if not found:
                del self._found[key]

    def copy(self) -> "Index[K, T]":
        twin: Index[K, T] = Index(self._key)
        twin._found = {key: dict(found) for key, found in self._found.items()}
        return twin
