"""What the board tells of a seat, and what a student's page tells of the lesson."""

from typing import Any

from cluster.classroom.following import Follower
from cluster.core.lessons.lesson import Task
from cluster.core.lessons.run import Run
from cluster.core.lessons.scene import Scene
from cluster.core.nodes.podstatus import status_word
from cluster.core.objects import Pod, ReplicaSet

Json = dict[str, Any]
MOST_CELLS = 200


def tile(follower: Follower) -> Json:
    seat, scene, run = follower.seat, follower.scene, follower.run
    act = scene.last_act
    return {
        "number": seat.number,
        "name": seat.name,
        "cluster": follower.cluster.name,
        "help": seat.help,
        "help_since": seat.help_since,
        "pace": scene.pace,
        "last": {"text": act.text, "wall": act.wall, "actor": act.actor.partition("@")[0]} if act.text else None,
        "figure": figure(scene),
        "failing": scene.failing,
        "lesson": standing(run) if run else None,
    }


def standing(run: Run) -> Json:
    """How far a student is: `since` is when the task began, or when the last one was done."""
    record = run.records[-1] if run.records else None
    return {
        "task": run.number,
        "tasks": len(run.lesson.tasks),
        "is_over": run.is_over,
        "since": (record.done if run.is_over else record.began) if record else None,
        "wrong": record.wrong if record else 0,
        "hints": record.hints if record else 0,
        "missing": [each.text for each in run.verdicts() if not each.met],
    }


def figure(scene: Scene) -> Json | None:
    """In miniature: a letter for each pod of the ReplicaSets that have any, and of the new one."""
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
    """For the student: texts of what was done and what is to be done now, never of what comes."""
    return {
        "title": run.lesson.title,
        "purpose": run.lesson.purpose,
        "deployment": run.lesson.deployment_name,
        "is_over": run.is_over,
        "tasks": len(run.lesson.tasks),
        "number": run.number,
        "done": [
            {"text": task.text, "is_first_try": record.is_first_try(task)}
            for task, record in zip(run.lesson.tasks, run.records, strict=False)
            if record.done is not None
        ],
        "now": task_view(run.task, run) if run.task and run.records else None,
    }


def task_view(task: Task, run: Run) -> Json:
    record = run.records[-1]
    return {
        "text": task.text,
        "kubectl": task.kubectl,
        "page": task.page,
        "kind": "check" if task.check else "predict" if task.predict else "ask",
        "hints": list(task.hints[: record.hints]),
        "hints_left": max(len(task.hints) - record.hints, 0),
        "verdicts": [{"met": each.met, "text": each.text} for each in run.verdicts()],
        "predict": task.predict,
        "right": record.right,
        "wrong": record.wrong,
    }
