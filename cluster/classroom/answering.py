"""What a student does on the lesson panel: hints and answers. Each is a change in the journal of the student's cluster, so the
results can be computed from the journal alone."""

import uuid
from typing import Any

from cluster.classroom.following import Follower
from cluster.classroom.observing import NAMESPACE
from cluster.classroom.watching import ClassWatch, watch_of
from cluster.core.lessons.lesson import Task
from cluster.core.lessons.questions import ASKS, is_right, judge, next_scaling
from cluster.core.lessons.run import Run
from cluster.models import Seat
from cluster.records import journal
from cluster.records.loading import load
from cluster.statuses import Refused, bad_request, failure

Json = dict[str, Any]
SIDES = ("new", "old", "none")
LONGEST_ANSWER = 200


def show_hint(seat: Seat) -> None:
    """One more. Raises Refused."""
    watch, run, task = at_work(seat)
    if run.records[-1].hints < len(task.hints):
        note(seat, "Hint", {"task": run.number})
        watch.look()


def answer(seat: Seat, given: str) -> Json:
    """{right, text}: whether the answer is right at this moment, and where to read it. Raises Refused."""
    watch, run, task = at_work(seat)
    if not task.ask:
        raise Refused(failure(409, "Conflict", "this task does not ask for an answer"))
    if len(given) > LONGEST_ANSWER:
        raise Refused(bad_request(f"value: Too long: may not be more than {LONGEST_ANSWER} characters"))
    try:
        found = ASKS[task.ask](run.scene)
    except LookupError as error:
        raise Refused(failure(409, "Conflict", str(error))) from error
    right = is_right(given, found)
    note(seat, "Answer", {"task": run.number, "right": right, "given": given})
    watch.look()
    return {"right": right, "text": found.why if right else "Look again."}


def predict(seat: Seat, side: str, replicas: int) -> Json:
    """{right, text, moments}: what happens next by the core's own decision, and why; `moments` of the clock lie before it. Raises
    Refused."""
    if side not in SIDES:
        raise Refused(bad_request(f"side: Unsupported value: {side!r}: supported values: {', '.join(SIDES)}"))
    watch, run, task = at_work(seat)
    if not task.predict:
        raise Refused(failure(409, "Conflict", "this task does not ask what happens next"))
    assert seat.cluster is not None
    with journal.exclusive(seat.cluster.name) as cluster:
        if cluster.pace:
            raise Refused(
                failure(409, "Conflict", "Pause time first: what happens next must not happen before you say it.")
            )
        loaded = load(cluster)
        deployment = loaded.state.named("Deployment", NAMESPACE, run.lesson.deployment_name)
        if deployment is None:
            raise Refused(failure(409, "Conflict", f"there is no Deployment {run.lesson.deployment_name}"))
        found = next_scaling(loaded.state, loaded.now, deployment)
        right, text = judge(found, side, replicas)
        note(seat, "Answer", {"task": run.number, "right": right, "given": f"{side} {replicas}"})
    watch.look()
    return {"right": right, "text": text, "moments": found.moments if found else 0}


def at_work(seat: Seat) -> tuple[ClassWatch, Run, Task]:
    """The seat's run as of now, with the task that is under way. Raises Refused."""
    watch = watch_of(seat.classroom_id)
    watch.look()
    follower: Follower | None = watch.followers.get(seat.pk)
    run = follower.run if follower else None
    if run is None or not run.records:
        raise Refused(failure(409, "Conflict", "no lesson was handed out"))
    if run.task is None:
        raise Refused(failure(409, "Conflict", "the lesson is over"))
    return watch, run, run.task


def note(seat: Seat, kind: str, data: Json) -> None:
    assert seat.cluster is not None
    with journal.write(seat.cluster.name, NAMESPACE, actor=seat.user.get_username()) as writer:
        writer.append("ADDED", kind, {"uid": str(uuid.uuid4()), **data}, name=kind.lower())
