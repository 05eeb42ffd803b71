"""The event recorder: combines similar events and drops those beyond a rate (client-go tools/record/events_cache.go).

Of different messages of one kind about one object, the tenth and later ones are combined, until none has come for ten minutes.
An object's events of one source: 25 at once, then one in five minutes.
"""

from dataclasses import replace

from cluster.core.objects import Event

COMBINED = "(combined from similar events): "
MOST_SIMILAR = 10
SIMILAR_SECONDS = 600.0
BURST = 25
REFILL_SECONDS = 300.0


class Recorder:
    """`similar`: by object's uid and (source, type, reason), the messages seen and the time of the last. `buckets`: by object's
    uid and source, the tokens left and the time at which they were counted."""

    def __init__(self) -> None:
        self.similar: dict[str, dict[tuple[str, str, str], tuple[list[str], float]]] = {}
        self.buckets: dict[str, dict[str, tuple[float, float]]] = {}

    def record(self, event: Event, now: float) -> Event | None:
        """The event as it is written; None: it is dropped."""
        is_similar = self._is_similar(event, now)
        if not self._has_room(event, now):
            return None
        return replace(event, message=COMBINED + event.message) if is_similar else event

    def forget(self, uid: str) -> None:
        self.similar.pop(uid, None)
        self.buckets.pop(uid, None)

    def _is_similar(self, event: Event, now: float) -> bool:
        """Whether the event is combined with those before."""
        known = self.similar.setdefault(event.uid, {})
        key = (event.source, event.type, event.reason)
        seen, last = known.get(key, ([], now))
        messages = list(seen) if now - last <= SIMILAR_SECONDS else []
        if event.message not in messages:
            messages.append(event.message)
        is_similar = len(messages) >= MOST_SIMILAR
        known[key] = (messages[1:] if is_similar else messages, now)
        return is_similar

    def _has_room(self, event: Event, now: float) -> bool:
        known = self.buckets.setdefault(event.uid, {})
        tokens, counted = known.get(event.source, (float(BURST), now))
        tokens = min(tokens + (now - counted) / REFILL_SECONDS, float(BURST))
        has_room = tokens >= 1.0
        known[event.source] = (tokens - 1.0 if has_room else tokens, now)
        return has_room
