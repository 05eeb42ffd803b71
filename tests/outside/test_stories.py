"""A story that is played on the page goes on where it was when the demo is killed, and takes no step twice."""

import json
import signal
import sqlite3
from typing import Any

from cluster.stories import story_files
from tests.outside.process import Demo, wait_until

BEGIN = """
from cluster.stories import plays
from cluster.writing import pacing
plays.begin("typo-and-undo", None)
pacing.set_pace("typo-and-undo", 10.0, actor="me")
"""


def rows(demo: Demo, query: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{demo.data / 'rollstage.sqlite3'}?mode=ro", uri=True, timeout=10)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def place(demo: Demo) -> tuple[str, int, bool]:
    ((state, step, waits),) = rows(demo, "SELECT state, next, began IS NOT NULL FROM cluster_playing")
    return state, step, bool(waits)


def test_a_story_outlives_the_process_that_plays_it(demo: Demo) -> None:
    story = story_files.library()["typo-and-undo"]
    demo.manage("shell", "-c", BEGIN)
    for step in (3, 4):
        wait_until(lambda step=step: place(demo)[1] >= step, 60, f"step {step}")  # type: ignore[misc]
        demo.stop(signal.SIGKILL)
        demo.start()
    wait_until(lambda: place(demo)[0] == "over", 60, lambda: f"the end of the story; it is at {place(demo)}")
    changes = "SELECT state FROM cluster_change WHERE kind = '{}' ORDER BY rv"
    told = [json.loads(state) for (state,) in rows(demo, changes.format("Say"))]
    assert [each["text"] for each in told] == [step.value for step in story.steps if step.verb == "say"]
    steps = [json.loads(state)["step"] for (state,) in rows(demo, changes.format("Story"))]
    assert (sorted(steps), {*steps}) == (steps, {*range(len(story.steps) + 1)})
    assert place(demo) == ("over", len(story.steps), False)
