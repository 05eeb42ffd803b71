"""Rehearsals of an image update: seconds, and their growth with the replicas (n log n would be 13 times for ten times the pods).
Also one in a cluster: pods with requests and hard spread constraints over nodes, under a quota, created and updated.

    .venv/bin/python -m bench.rehearse
"""

import math
import time
from typing import Any

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.reading import read_story

SIZES = (100, 1_000, 10_000)
AT_ONCE = [{"image": "*"}]
CLUSTERS = ((1_000, 100), (10_000, 1_000))  # replicas, nodes
UPDATE = [{"set-image": {"app": "web:2"}}, {"wait": "complete"}]
RUNNING = [{"apply": "manifest"}, {"wait": "complete"}]


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
    print("\nwith requests, hard spread and a quota\nreplicas  nodes  seconds")
    for replicas, nodes in CLUSTERS:
        print(f"{replicas:8}  {nodes:5}  {best_of(crowded(replicas, nodes)):7.2f}")


def update_seconds(replicas: int, behaviours: list[Any] | None) -> float:
    """The time of the whole rehearsal minus that of one that ends before the update."""
    return timed(replicas, behaviours, [*RUNNING, *UPDATE]) - timed(replicas, behaviours, RUNNING)


def timed(replicas: int, behaviours: list[Any] | None, steps: list[Any]) -> float:
    data: dict[str, Any] = {"manifest": manifest(replicas), "steps": steps, "nodes": [{"name": "n", "slots": 100_000}]}
    if behaviours is not None:
        data["behaviours"] = behaviours
    return best_of(data)


def crowded(replicas: int, nodes: int) -> dict[str, Any]:
    pods = manifest(replicas)
    pods["spec"]["template"]["spec"] |= {
        "containers": [{"name": "app", "image": "web:1", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {"app": "web"}},
            }
        ],
    }
    quota = {"kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": str(2 * replicas)}}}
    names = [f"node-{number}" for number in range(nodes)]
    return {
        "manifest": pods,
        "steps": [*RUNNING, *UPDATE],
        "behaviours": AT_ONCE,
        "objects": [{"apiVersion": "v1", **quota}],
        "nodes": [{"name": each, "labels": {"kubernetes.io/hostname": each}, "slots": 110} for each in names],
    }


def best_of(data: dict[str, Any]) -> float:
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
