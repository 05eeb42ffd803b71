"""The results of each student in each lesson, from the records computed from the journals."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cluster.classroom.following import lesson_of
from cluster.classroom.watching import watch_of
from cluster.core.lessons.run import Record
from cluster.models import Classroom, Handout, Progress, Seat

COLUMNS = (
    "student", "lesson", "task", "state", "first_try", "began", "first_edit", "done", "seconds", "edits", "wrong_answers",
    "hints", "resets",
)  # fmt: skip
UNSAFE = ("=", "+", "-", "@", "\t", "\r")  # first characters that a spreadsheet reads as a formula
Row = dict[str, Any]


def rows(room: Classroom) -> list[Row]:
    """One row for each student, lesson and task, in that order; up to the newest change of each cluster."""
    watch_of(room.pk).look()
    found = Progress.objects.filter(seat__classroom=room).select_related("seat", "handout")
    by_key = {(each.seat_id, each.handout_id): each for each in found}
    seats, handouts = list(Seat.objects.filter(classroom=room)), list(Handout.objects.filter(classroom=room))
    return [
        row
        for seat in seats
        for handout in handouts
        if (progress := by_key.get((seat.pk, handout.pk)))
        for row in rows_of(seat, handout, progress)
    ]


def rows_of(seat: Seat, handout: Handout, progress: Progress) -> Iterator[Row]:
    tasks = lesson_of(handout.text).tasks
    records = [Record(**each) for each in progress.records] or [Record(began=progress.began)]
    for number, task in enumerate(tasks):
        record = records[number] if number < len(records) else None
        done = record.done if record else None
        yield {
            "student": seat.name,
            "lesson": handout.title,
            "task": number + 1,
            "state": "not begun" if record is None else "under way" if done is None else "done",
            "first_try": record.is_first_try(task) if record and done is not None else None,
            "began": iso(record.began) if record else None,
            "first_edit": iso(record.first_edit) if record and record.first_edit is not None else None,
            "done": iso(done) if done is not None else None,
            "seconds": round(done - record.began, 1) if record and done is not None else None,
            "edits": record.edits if record else 0,
            "wrong_answers": record.wrong if record else 0,
            "hints": record.hints if record else 0,
            "resets": progress.resets,
        }


def iso(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds")


def as_csv(found: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([cell(row[each]) for each in COLUMNS] for row in found)
    return out.getvalue()


def cell(value: Any) -> str:
    """A value as CSV text; text that begins like a formula is escaped."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(UNSAFE) else text
