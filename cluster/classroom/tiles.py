"""The JSON of a seat for the board, and of the lesson for the learner's page."""

from typing import Any

from cluster.classroom.following import Follower
from cluster.core.lessons.lesson import Lesson, Task
from cluster.core.lessons.run import Run
from cluster.core.lessons.scene import Act, Scene
from cluster.core.nodes.podstatus import status_word
from cluster.core.objects import Pod, ReplicaSet
from cluster.models import Seat

Json = dict[str, Any]
MOST_CELLS = 200


def tile(seat: Seat, follower: Follower) -> Json:
    scene, run = follower.scene, follower.run
    act = scene.last_act
    return {
        "number": seat.number,
        "name": seat.name,
        "cluster": follower.cluster.name,
        "help": seat.help,
        "help_since": seat.help_since,
        "pace": scene.pace,
        "last": last(act) if act.told else None,
        "figure": figure(scene),
        "failing": scene.failing,
        "lesson": standing(run) if run else None,
    }


def last(act: Act) -> Json:
    return {"told": [each.as_json() for each in act.told], "wall": act.wall, "actor": act.actor.partition("@")[0]}


def standing(run: Run) -> Json:
    """A student's progress: `since` is when the task began, or when the last one was done."""
    record = run.records[-1] if run.records else None
    return {
        "task": run.number,
        "tasks": len(run.lesson.tasks),
        "is_over": run.is_over,
        "since": (record.done if run.is_over else record.began) if record else None,
        "wrong": record.wrong if record else 0,
        "hints": record.hints if record else 0,
        "missing": [each.told.as_json() for each in run.verdicts() if not each.met],
    }


def figure(scene: Scene) -> Json | None:
    """The Deployment in miniature: a letter for each pod of the ReplicaSets that have any, and of the new one."""
    found = scene.deployment
    if found is None:
        return None
    new = scene.new
    shown = [each for each in scene.owned if each.status.replicas or each.replicas or (new and each.uid == new.uid)]
    return {
        "name": found.name,
        "desired": found.replicas,
        "available": found.status.available_replicas,
        "updated": found.status.updated_replicas,
        "paused": found.paused,
        "progress": scene.progress,
        "sets": [one_set(each, scene, is_new=new is not None and each.uid == new.uid) for each in shown],
    }


def one_set(replicaset: ReplicaSet, scene: Scene, *, is_new: bool) -> Json:
    pods = sorted(scene.pods_of(replicaset), key=lambda each: (each.created_at, each.name))
    return {
        "number": replicaset.number,
        "is_new": is_new,
        "desired": replicaset.replicas,
        "cells": "".join(letter(each) for each in pods[:MOST_CELLS]),
        "more": max(len(pods) - MOST_CELLS, 0),
    }


def letter(pod: Pod) -> str:
    """t(erminating), r(eady), f(ailing), or w(aiting)."""
    if pod.deleted_at is not None:
        return "t"
    if pod.ready:
        return "r"
    word = status_word(pod)
    return "w" if word in ("Pending", "Running", "ContainerCreating") else "f"


def lesson_view(run: Run) -> Json:
    """The lesson for the learner. Only the texts of later tasks are sent: `page` and `kubectl`, which say how to act and may be
    the solution, only for tasks that are done or current; conditions and revealed hints only for the current task."""
    return {
        **texts_of(run.lesson, run),
        "translations": {language: texts_of(each, run) for language, each in run.lesson.translations.items()},
        "deployment": run.lesson.deployment_name,
        "is_over": run.is_over,
        "tasks": len(run.lesson.tasks),
        "number": run.number,
        "commands": [each.kubectl for each in told_how(run.lesson, run)],
        "now": task_view(run.task, run) if run.task and run.records else None,
    }


def texts_of(lesson: Lesson, run: Run) -> Json:
    """`lesson` is the run's, in one of its languages."""
    task = lesson.tasks[run.number] if run.task and run.records else None
    return {
        "title": lesson.title,
        "purpose": lesson.purpose,
        "texts": [each.text for each in lesson.tasks],
        "pages": [each.page for each in told_how(lesson, run)],
        "hints": list(task.hints[: run.records[-1].hints]) if task else [],
    }


def told_how(lesson: Lesson, run: Run) -> tuple[Task, ...]:
    """The tasks for which the learner is sent how to act: those that are done, and the current one."""
    return lesson.tasks[: len(run.records)]


def task_view(task: Task, run: Run) -> Json:
    record = run.records[-1]
    return {
        "kind": "check" if task.check else "predict" if task.predict else "ask",
        "hints_left": max(len(task.hints) - record.hints, 0),
        "verdicts": [each.as_json() for each in run.verdicts()],
        "predict": task.predict,
        "right": record.right,
        "wrong": record.wrong,
        "sizes": {each.name: each.replicas for each in run.scene.owned},
        "is_answered": record.predicted == run.scene.scalings,
    }
