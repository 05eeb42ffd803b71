"""The event recorder: combines similar events and drops those beyond a rate (client-go tools/record/events_cache.go).

Of different messages of one kind about one object, the tenth and later ones are combined, until none has come for ten minutes.
An object's events of one source: 25 at once, then one in five minutes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.objects import Event

COMBINED = "(combined from similar events): "
MOST_SIMILAR = 10
SIMILAR_SECONDS = 600.0
BURST = 25
REFILL_SECONDS = 300.0


class Recorder:
    """`state` is JSON: the recorder's memory for each object; it can be stored and passed to another Recorder."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        self.state: dict[str, Any] = dict(state or {})

    def record(self, event: Event, now: float) -> Event | None:
        """The event as it is written; None: it is dropped."""
        is_similar = self._is_similar(event, now)
        if not self._has_room(event, now):
            return None
        return replace(event, message=COMBINED + event.message) if is_similar else event

    def forget(self, uid: str) -> None:
        for key in [each for each in self.state if each.startswith(f"{uid}/")]:
            del self.state[key]

    def _is_similar(self, event: Event, now: float) -> bool:
        """Whether the event is combined with those before."""
        key = f"{event.uid}/{event.source}/{event.type}/{event.reason}"
        known = self.state.get(key)
        messages = list(known["messages"]) if known and now - known["at"] <= SIMILAR_SECONDS else []
        if event.message not in messages:
            messages.append(event.message)
        is_similar = len(messages) >= MOST_SIMILAR
        self.state[key] = {"messages": messages[1:] if is_similar else messages, "at": now}
        return is_similar

    def _has_room(self, event: Event, now: float) -> bool:
        key = f"{event.uid}/{event.source}"
        known = self.state.get(key) or {"tokens": float(BURST), "at": now}
        tokens = min(known["tokens"] + (now - known["at"]) / REFILL_SECONDS, float(BURST))
        has_room: bool = tokens >= 1.0
        self.state[key] = {"tokens": tokens - 1.0 if has_room else tokens, "at": now}
        return has_room
