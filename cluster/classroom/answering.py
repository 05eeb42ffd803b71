"""A learner's actions on the lesson panel: hints and answers. Each is a change in the journal of the learner's cluster, so the
results can be computed from the journal alone."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cluster.classroom.observing import NAMESPACE
from cluster.classroom.watching import Watch
from cluster.core.fields import take
from cluster.core.lessons.lesson import Task
from cluster.core.lessons.questions import ASKS, is_right, judge, next_scaling
from cluster.core.lessons.run import Run
from cluster.core.lessons.telling import tell
from cluster.records import journal
from cluster.records.loading import load
from cluster.statuses import Refused, bad_request, failure

Json = dict[str, Any]
SIDES = ("new", "old", "none")
LONGEST_ANSWER = 200


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A lesson panel: `watch` follows its learner under `key`; `actor` is the learner's name in the journal."""

    watch: Watch
    key: int
    actor: str


def show_hint(panel: Panel) -> None:
    """Reveals one more hint, if there is one. Raises Refused."""
    run, task = at_work(panel)
    if run.records[-1].hints < len(task.hints):
        note(panel, "Hint", {"task": run.number})
        panel.watch.look()


def give(panel: Panel, body: Mapping[str, Any]) -> Json:
    """Handles an answer as a page sends it: `value`, or `side` with `replicas`. Raises Refused and BadField."""
    if "side" in body:
        return predict(panel, take(body, "side", str), take(body, "replicas", int))
    return answer(panel, take(body, "value", str))


def answer(panel: Panel, given: str) -> Json:
    """{right, rule, inputs, text}: whether the answer is right at this moment, and where to read the value. Raises Refused."""
    run, task = at_work(panel)
    if not task.ask:
        raise Refused(not_now(_("This task does not ask for an answer.")))
    if len(given) > LONGEST_ANSWER:
        raise Refused(bad_request(f"value: Too long: may not be more than {LONGEST_ANSWER} characters"))
    try:
        found = ASKS[task.ask](run.scene)
    except LookupError as error:
        raise Refused(
            not_now(_("There is no Deployment %(name)s yet.") % {"name": run.lesson.deployment_name})
        ) from error
    right = is_right(given, found)
    note(panel, "Answer", {"task": run.number, "right": right, "given": given})
    panel.watch.look()
    told = found.why if right else tell("look-again")
    return {"right": right, **told.as_json()}


def predict(panel: Panel, side: str, replicas: int) -> Json:
    """{right, rule, inputs, text, next: {name, replicas}}: the next scaling that the controller would do, and why; `next` is null
    where there is none. Raises Refused."""
    if side not in SIDES:
        raise Refused(bad_request(f"side: Unsupported value: {side!r}: supported values: {', '.join(SIDES)}"))
    run, task = at_work(panel)
    if not task.predict:
        raise Refused(not_now(_("This task does not ask what happens next.")))
    if run.records[-1].predicted == run.scene.scalings:
        raise Refused(not_now(_("You have answered this one. Take the step, then say what comes after that.")))
    with journal.exclusive(cluster_of(panel)) as cluster:
        if cluster.pace:
            raise Refused(not_now(_("Pause time first: what happens next must not happen before you answer.")))
        loaded = load(cluster)
        deployment = loaded.state.named("Deployment", NAMESPACE, run.lesson.deployment_name)
        if deployment is None:
            raise Refused(not_now(_("There is no Deployment %(name)s yet.") % {"name": run.lesson.deployment_name}))
        found = next_scaling(loaded.state, loaded.now, deployment)
        right, told = judge(found, side, replicas)
        note(panel, "Answer", {"task": run.number, "right": right, "given": f"{side} {replicas}"})
    panel.watch.look()
    return {"right": right, **told.as_json(), "next": {"name": found.name, "replicas": found.after} if found else None}


def not_now(message: str) -> Json:
    """A Conflict Status with this message."""
    return failure(409, "Conflict", message)


def at_work(panel: Panel) -> tuple[Run, Task]:
    """The learner's run as of now, and its current task. Raises Refused."""
    panel.watch.look()
    follower = panel.watch.followers.get(panel.key)
    run = follower.run if follower else None
    if run is None or not run.records:
        raise Refused(not_now(_("No lesson was handed out.")))
    if run.task is None:
        raise Refused(not_now(_("The lesson is over.")))
    return run, run.task


def cluster_of(panel: Panel) -> str:
    return panel.watch.followers[panel.key].cluster.name


def note(panel: Panel, kind: str, data: Json) -> None:
    with journal.write(cluster_of(panel), NAMESPACE, actor=panel.actor) as writer:
        writer.append("ADDED", kind, {"uid": str(uuid.uuid4()), **data}, name=kind.lower())
