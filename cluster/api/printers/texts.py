"""A cache of manifests as JSON, by uid and resource version: most objects do not change between two lists."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

Key = tuple[str, int]
LARGEST_BYTES = 64 * 1024 * 1024  # some 30,000 pods


class Texts:
    """Least recently used entries are dropped beyond `largest` bytes. A list larger than half of that is not cached, as its
    entries would be dropped before the next list. Thread-safe."""

    def __init__(self, largest: int = LARGEST_BYTES) -> None:
        self.largest, self.size = largest, 0
        self.known: OrderedDict[Key, bytes] = OrderedDict()
        self.lock = threading.Lock()

    def of(self, keys: Iterable[Key]) -> dict[Key, bytes]:
        """The cached texts of these keys."""
        found = {}
        with self.lock:
            for key in keys:
                text = self.known.get(key)
                if text is not None:
                    self.known.move_to_end(key)
                    found[key] = text
        return found

    def keep(self, made: Mapping[Key, bytes]) -> None:
        if sum(map(len, made.values())) > self.largest / 2:
            return
        with self.lock:
            for key, text in made.items():
                self.size += len(text) - len(self.known.pop(key, b""))
                self.known[key] = text
            while self.size > self.largest:
                self.size -= len(self.known.popitem(last=False)[1])
