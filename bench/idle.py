"""What rest costs: the worker's share of a core with 1,000 complete Deployments, and one pod's transition in a cluster
of 10,000 pods against one of 10.

    .venv/bin/python -m bench.idle [SECONDS]
"""

import asyncio
import statistics
import sys
import time

DEPLOYMENTS = 1000
TRANSITIONS = 40
FAMILY = 10


def main(arguments: list[str]) -> None:
    seconds = float(arguments[0]) if arguments else 20.0
    share = asyncio.run(idle_share(seconds))
    print(f"{DEPLOYMENTS} idle Deployments: {share:.2%} of a core over {seconds:.0f} s")
    small, large = (asyncio.run(transition_ms(pods)) for pods in (FAMILY, 10_000))
    print(f"one pod's transition: {small:.2f} ms among 10 pods, {large:.2f} ms among 10,000: {large / small:.2f} x")


async def idle_share(seconds: float) -> float:
    from bench import rig

    await asyncio.to_thread(fill, DEPLOYMENTS, 1)
    async with rig.worker():
        await asyncio.to_thread(wait_until_quiet)
        before = time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - before) / seconds


async def transition_ms(pods: int) -> float:
    """Median time from the deletion of a pod to its family's next quiet, in a cluster of families of ten pods: the same
    few transitions each time."""
    await asyncio.to_thread(fill, pods // FAMILY, FAMILY)
    await asyncio.to_thread(run_all)
    return await asyncio.to_thread(median_replacement_ms)


def fill(deployments: int, replicas: int) -> None:
    from bench import rig

    rig.prepare(pods=deployments * replicas)
    for number in range(deployments):
        rig.create(replicas, name=f"web-{number}")


def run_all() -> None:
    """Passes until nothing is due."""
    from cluster.worker import run_next

    while run_next({}):
        pass


def wait_until_quiet() -> None:
    from cluster import models

    while models.Family.objects.filter(due__lte=time.time()).exists():
        time.sleep(0.1)


def median_replacement_ms() -> float:
    from cluster import actions, models

    took = []
    for _ in range(TRANSITIONS):
        name = models.Pod.objects.order_by("name").values_list("name", flat=True).first()
        began = time.perf_counter()
        actions.delete_pod("default", str(name), actor="bench")
        run_all()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
