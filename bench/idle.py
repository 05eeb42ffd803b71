"""The cost of idling: the worker's share of a core with 1,000 complete Deployments, and one pod's replacement in a cluster of
10,000 pods compared with one of 10: a thousand Deployments of ten pods, and one of all. The worker keeps its cluster in memory.

    .venv/bin/python -m bench.idle [SECONDS]
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable

from cluster.spaces import DEFAULT_CLUSTER, Space

DEFAULT = Space(DEFAULT_CLUSTER, "default")
DEPLOYMENTS = 1000
TRANSITIONS = 40
FAMILY = 10


def main(arguments: list[str]) -> None:
    seconds = float(arguments[0]) if arguments else 20.0
    share = asyncio.run(idle_share(seconds))
    print(f"{DEPLOYMENTS} idle Deployments: {share:.2%} of a core over {seconds:.0f} s")
    small, many = (transition_ms(families, FAMILY) for families in (1, 1000))
    print(f"one pod's replacement: {small:.1f} ms among 10 pods, {many:.1f} ms among 10,000: {many / small:.2f} x")
    large = transition_ms(1, 10_000)
    print(f"the same where one Deployment has all 10,000: {large:.1f} ms, {large / small:.1f} x")


async def idle_share(seconds: float) -> float:
    from bench import rig

    await asyncio.to_thread(fill, DEPLOYMENTS, 1)
    async with rig.worker():
        await asyncio.to_thread(wait_until_quiet)
        before = time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - before) / seconds


def transition_ms(deployments: int, replicas: int) -> float:
    """Median processor time (including SQLite's) from the deletion of a pod until the cluster is quiet: the same few transitions
    each time. A busy machine changes it little."""
    fill(deployments, replicas)
    run = worker()
    run()
    return median_replacement_ms(run)


def fill(deployments: int, replicas: int) -> None:
    from bench import rig

    rig.prepare(pods=deployments * replicas)
    for number in range(deployments):
        rig.create(replicas, name=f"web-{number}")


def worker() -> Callable[[], None]:
    """A worker with a memory, as a function that runs passes until nothing is due."""
    from cluster.live.worker import run_next
    from cluster.records.memory import Memory

    memory = Memory()

    def run() -> None:
        while run_next({}, memory):
            pass

    return run


def wait_until_quiet() -> None:
    from cluster import models

    while models.Cluster.objects.filter(due__lte=time.time()).exists():
        time.sleep(0.1)


def median_replacement_ms(run: Callable[[], None]) -> float:
    from cluster import models
    from cluster.writing import actions

    took = []
    for _ in range(TRANSITIONS):
        name = models.Pod.objects.order_by("name").values_list("name", flat=True).first()
        began = time.process_time()
        actions.delete_pod(DEFAULT, str(name), actor="bench")
        run()
        took.append(time.process_time() - began)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
