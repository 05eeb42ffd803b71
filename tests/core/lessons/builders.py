"""Lessons as data, with what a test changes."""

from typing import Any

from cluster.core.lessons.lesson import Lesson
from cluster.core.lessons.reading import read_lesson

MANIFEST: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "app", "image": "nginx:1.7.9"}]},
        },
    },
}
ROLL_OUT: dict[str, Any] = {
    "text": "Roll out 1.9.1.",
    "check": [{"complete": "nginx:1.9.1"}],
    "solution": [{"set-image": {"app": "nginx:1.9.1"}}, {"wait": "complete"}],
}


def data(*tasks: dict[str, Any], **setup: Any) -> dict[str, Any]:
    return {
        "title": "A lesson",
        "purpose": "To be tested.",
        "setup": {"manifest": MANIFEST, **setup},
        "tasks": list(tasks) or [ROLL_OUT],
    }


def lesson(*tasks: dict[str, Any], **setup: Any) -> Lesson:
    return read_lesson(data(*tasks, **setup))


def task(check: Any, *solution: Any) -> dict[str, Any]:
    return {"text": "Do it.", "check": check, "solution": list(solution)}
