"""An image update of 100, 1,000 and 2,000 replicas from edit to complete: embedded, on SQLite, readiness at once, 25 %/25 %,
everything stored and published to a viewer. Each size runs in its own process, for its memory.

    .venv/bin/python -m bench.rollout [REPLICAS ...]
"""

import asyncio
import subprocess
import sys
import time

from cluster.spaces import DEFAULT_CLUSTER, Space

DEFAULT = Space(DEFAULT_CLUSTER, "default")
REAL_SECONDS = {100: 0.75, 1000: 4.4, 2000: 7.2}
SIZES = (100, 1000, 2000)


def main(arguments: list[str]) -> None:
    if len(arguments) == 2 and arguments[0] == "--one":
        return measure_one(int(arguments[1]))
    print(
        f"{'replicas':>8} {'seconds':>8} {'of cpu':>8} {'peak MB':>8} {'changes':>8}   against the real control plane"
    )
    for replicas in [int(each) for each in arguments] or SIZES:
        subprocess.run([sys.executable, "-m", "bench.rollout", "--one", str(replicas)], check=True)
    return None


def measure_one(replicas: int) -> None:
    from bench import rig

    rig.prepare(pods=2 * replicas)
    rig.create(replicas)
    seconds, processor_seconds, changes = asyncio.run(roll())
    real = REAL_SECONDS.get(replicas)
    ratio = f"{real} s there: {real / seconds:.1f} times as fast" if real else ""
    print(
        f"{replicas:8} {seconds:8.2f} {processor_seconds:8.2f} {rig.peak_mb():8.0f} {changes:8}   {ratio}", flush=True
    )


async def roll() -> tuple[float, float, int]:
    """From the edit until a viewer of the journal has the complete status: wall seconds, processor seconds (nearly the same on an
    otherwise idle machine), and the number of changes."""
    from bench import rig
    from cluster.records import journal
    from cluster.writing import actions

    async with rig.worker():
        await rig.completed(0)
        since = await asyncio.to_thread(journal.head, DEFAULT.cluster)
        began, used = time.perf_counter(), time.process_time()
        await asyncio.to_thread(actions.act, DEFAULT, rig.NAME, "set-image", {"nginx": "nginx:1.9.1"}, actor="bench")
        changes = await rig.completed(since)
        return time.perf_counter() - began, time.process_time() - used, changes


if __name__ == "__main__":
    main(sys.argv[1:])
