"""The cost of clusters: creating one, resetting one of 100 pods, and a worker's idle load with 1,000 of them, each with the
book's Deployment complete. Measured in processor time including SQLite's, which a busy machine changes little.

    .venv/bin/python -m bench.clusters [SECONDS]
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

CLUSTERS = 1000
RESETS = 5
PODS = 100


def main(arguments: list[str]) -> None:
    seconds = float(arguments[0]) if arguments else 20.0
    asyncio.run(measure(seconds))


async def measure(seconds: float) -> None:
    from bench import rig

    await asyncio.to_thread(rig.prepare, pods=PODS)
    took = await asyncio.to_thread(lambda: [reset_ms() for _ in range(RESETS)])
    print(f"resetting a cluster of {PODS} pods: {statistics.median(took):.0f} ms (target: under 100)")
    async with rig.worker():
        await asyncio.to_thread(fill)  # so that one-time costs of the worker and SQLite don't count
        before = resident_mb()
        took = await asyncio.to_thread(lambda: [ms(clusters().create, f"c-{number}") for number in range(CLUSTERS)])
        print(f"making a cluster: {statistics.median(took):.0f} ms (target: under 50)")
        await asyncio.to_thread(fill)
        began = time.process_time()
        await asyncio.sleep(seconds)
        share = (time.process_time() - began) / seconds
    print(f"{CLUSTERS} idle clusters: {share:.2%} of a core over {seconds:.0f} s (target: under 1 %)")
    print(f"memory for them: {resident_mb() - before:.0f} MB (target: under 100)")


def clusters() -> ModuleType:
    from cluster.writing import clusters

    return clusters


def reset_ms() -> float:
    """The time to reset a cluster whose pods are ready."""
    from bench import rig
    from cluster.live.worker import run_next

    rig.create(PODS)
    while run_next({}):
        pass
    took = ms(clusters().reset, rig.DEFAULT.cluster)
    rig.instant()
    return took


def fill() -> None:
    """Creates the book's Deployment in every cluster; returns when all are at rest."""
    from cluster import models
    from cluster.spaces import Space
    from cluster.writing import actions

    names = models.Cluster.objects.exclude(namespaces__deployments__isnull=False).values_list("name", flat=True)
    for name in list(names):
        actions.example(Space(name, "default"), actor="bench")
    while models.Deployment.objects.exclude(status__available_replicas=3).exists():
        time.sleep(0.2)
    while models.Cluster.objects.filter(due__lte=time.time() + 1).exists():
        time.sleep(0.2)


def resident_mb() -> float:
    """This process's resident memory, without the mapped pages of the database file (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("RssAnon"))
    return int(kilobytes) / 1024


def ms(call: Callable[..., object], *arguments: object) -> float:
    began = time.process_time()
    call(*arguments)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
