"""Rehearsals of an image update: seconds, and how they grow with the replicas (n log n would be 13 times for ten times the pods).

.venv/bin/python -m bench.rehearse
"""

import math
import time
from typing import Any

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories import read_story

SIZES = (100, 1_000, 10_000)
AT_ONCE = [{"image": "*"}]


def main() -> None:
    for label, behaviours in (("readiness at once", AT_ONCE), ("as shipped, with jitter", None)):
        before: tuple[int, float] | None = None
        print(f"\n{label}\nreplicas  seconds of the update   growth (n log n allows)")
        for replicas in SIZES:
            seconds = update_seconds(replicas, behaviours)
            growth = ""
            if before:
                allowed = replicas * math.log(replicas) / (before[0] * math.log(before[0]))
                growth = f"{seconds / before[1]:.1f} x ({allowed:.1f} x)"
            print(f"{replicas:8}  {seconds:21.3f}   {growth}")
            before = (replicas, seconds)


def update_seconds(replicas: int, behaviours: list[Any] | None) -> float:
    """The whole rehearsal less one that ends before the update."""
    running = [{"apply": "manifest"}, {"wait": "complete"}]
    update = [{"set-image": {"app": "web:2"}}, {"wait": "complete"}]
    return timed(replicas, behaviours, [*running, *update]) - timed(replicas, behaviours, running)


def timed(replicas: int, behaviours: list[Any] | None, steps: list[Any]) -> float:
    data: dict[str, Any] = {"manifest": manifest(replicas), "steps": steps, "nodes": [{"name": "n", "slots": 100_000}]}
    if behaviours is not None:
        data["behaviours"] = behaviours
    story = read_story(data, name="bench")
    best = math.inf
    for _ in range(3):
        began = time.perf_counter()
        rehearse(story)
        best = min(best, time.perf_counter() - began)
    return best


def manifest(replicas: int) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


if __name__ == "__main__":
    main()
