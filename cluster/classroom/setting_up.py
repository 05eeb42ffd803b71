"""Sets a lesson up in a new or reset cluster."""

import time
from typing import Any

from cluster import documents
from cluster.classroom import lesson_files
from cluster.classroom.lesson_files import BadLesson
from cluster.core.lessons.lesson import Lesson
from cluster.core.manifests import edits
from cluster.core.rehearsals.stories.story import NODES
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request
from cluster.stories import staging
from cluster.writing import actions, clusters, nodes

ACTOR = "lesson"


def load(text: str) -> Lesson:
    """The lesson of a text. Raises Refused."""
    try:
        return lesson_files.load(text)
    except BadLesson as error:
        raise Refused(bad_request(f"line {error.line}: {error}")) from error


def set_up(lesson: Lesson, cluster: str) -> None:
    """Creates the lesson's nodes, behaviours and Deployment, under the cluster's lock. Raises Refused."""
    space = Space(cluster, "default")
    if lesson.nodes != NODES:
        for old in clusters.NODES:
            nodes.delete(cluster, old.name, actor=ACTOR)
        for each in lesson.nodes:
            nodes.create(cluster, each.name, actor=ACTOR, slots=each.slots)
    if lesson.own_behaviours:
        staging.behave(space, lesson.own_behaviours, actor=ACTOR)
    if lesson.is_deployed:
        actions.create(space, documents.dump(edits.with_last_applied(lesson.manifest)), actor=ACTOR)


def beginning(base: int, start: int) -> dict[str, Any]:
    """The initial fields of a learner's progress. The lesson was set up between the resource versions `base` and `start`."""
    return {"base": base, "start": start, "rv": start, "began": time.time(), "records": []}
