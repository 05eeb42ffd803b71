"""The scheduler alone: pods a second on one core, and whether a pod costs more among many.

    .venv/bin/python -m bench.schedule [PODS] [NODES]

The pods request CPU and memory, have hard spread constraints by zone and host name, and soft anti-affinity to each other.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.labels import label_selector
from cluster.core.scheduling.nodes import NodeSpec
from cluster.core.scheduling.pods import HOSTNAME, ZONE, PodInfo, PodSpec
from cluster.core.scheduling.resources import Resources
from cluster.core.scheduling.schedule import Placed, schedule

PODS, NODES, ZONES = 5000, 200, 4
FEW, MANY, SAMPLE = 500, 50_000, 1000


def main(arguments: list[str]) -> None:
    pods, nodes = [*map(int, arguments), *(PODS, NODES)[len(arguments) :]]
    cache = make_cluster(nodes)
    seconds = timed(lambda: fill(cache, pods))
    print(f"{pods} pods on {nodes} nodes: {seconds:.2f} s, {pods / seconds:.0f} pods/s")
    few, many = cost_beside(FEW, nodes), cost_beside(MANY, nodes)
    print(f"a pod beside {FEW}: {few * 1e6:.0f} us, beside {MANY}: {many * 1e6:.0f} us, ratio {many / few:.2f}")


def cost_beside(existing: int, nodes: int) -> float:
    """Seconds per pod, with this many existing pods."""
    cache = make_cluster(nodes)
    fill(cache, existing)
    return timed(lambda: fill(cache, SAMPLE, name="more")) / SAMPLE


def fill(cache: Cache, pods: int, name: str = "web") -> None:
    manifest = template(name)
    for number in range(pods):
        spec = read(cache, manifest, name)
        pod = PodInfo(uid=f"{name}-{number}", name=f"{name}-{number}", spec=spec)
        result = schedule(cache, pod)
        assert isinstance(result, Placed), result
        cache.add_pod(replace(pod, node=result.node))


def read(cache: Cache, manifest: dict[str, Any], name: str) -> PodSpec:
    return cache.specs.read(manifest, "default", {"app": name}, label_selector({"matchLabels": {"app": name}}))


def make_cluster(nodes: int) -> Cache:
    cache = Cache()
    for number in range(nodes):
        labels = {HOSTNAME: f"node-{number}", ZONE: f"zone-{number % ZONES}"}
        room = Resources(cpu=64_000, memory=256 * 2**30)
        cache.put_node(NodeSpec(name=f"node-{number}", labels=labels, allocatable=room, pods=2000))
    return cache


def template(name: str) -> dict[str, Any]:
    selector = {"matchLabels": {"app": name}}
    hard = {"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    disliked = {"weight": 100, "podAffinityTerm": {"topologyKey": HOSTNAME, "labelSelector": selector}}
    return {
        "containers": [{"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}],
        "topologySpreadConstraints": [{**hard, "topologyKey": ZONE}, {**hard, "maxSkew": 5, "topologyKey": HOSTNAME}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [disliked]}},
    }


def timed(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main(sys.argv[1:])
