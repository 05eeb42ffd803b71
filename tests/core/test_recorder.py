"""The event recorder combines, drops and forgets."""

from cluster.core.objects import Event
from cluster.core.recorder import BURST, COMBINED, MOST_SIMILAR, REFILL_SECONDS, SIMILAR_SECONDS, Recorder


def event(number: int, uid: str = "a") -> Event:
    return Event(
        kind="ReplicaSet", uid=uid, name="web-1", type="Normal", reason="SuccessfulCreate", message=f"Created pod: {number}",
        source="replicaset-controller",
    )  # fmt: skip


def messages(recorder: Recorder, count: int, now: float = 0.0, uid: str = "a") -> list[str]:
    written = (recorder.record(event(number, uid), now) for number in range(count))
    return [each.message for each in written if each]


def test_the_tenth_and_later_ones_are_combined_and_those_beyond_the_burst_dropped() -> None:
    found = messages(Recorder(), BURST + 5)
    assert found == [
        f"{COMBINED if number >= MOST_SIMILAR - 1 else ''}Created pod: {number}" for number in range(BURST)
    ]


def test_a_dropped_event_counts_as_one_that_was_seen() -> None:
    recorder = Recorder()
    messages(recorder, BURST + 5)
    (found,) = messages(recorder, 1, now=REFILL_SECONDS)
    assert found == f"{COMBINED}Created pod: 0"


def test_after_ten_minutes_without_one_they_are_told_apart_again() -> None:
    recorder = Recorder()
    messages(recorder, MOST_SIMILAR)
    assert messages(recorder, 1, now=SIMILAR_SECONDS + 1.0) == ["Created pod: 0"]


def test_of_a_deleted_object_nothing_is_kept_and_of_others_all() -> None:
    recorder = Recorder()
    messages(recorder, BURST)
    messages(recorder, BURST, uid="b")
    recorder.forget("a")
    assert messages(recorder, 1) == ["Created pod: 0"]
    assert messages(recorder, 1, uid="b") == []
