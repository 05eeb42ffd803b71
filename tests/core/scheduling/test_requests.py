"""What a pod asks for and what a node offers."""

from typing import Any

import pytest

from cluster.core.objects import Node
from cluster.core.scheduling.nodes import read_node
from cluster.core.scheduling.pods import PodSpecs, read_spec
from cluster.core.scheduling.resources import NONZERO, Resources, pod_amounts, resources


def asking(cpu: str = "", memory: str = "", **fields: Any) -> dict[str, Any]:
    requests = {name: value for name, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"name": "c", "resources": {"requests": requests}, **fields}


SIDECAR = {"restartPolicy": "Always"}
REQUESTS = [
    ("nothing", {"containers": [{"name": "c"}]}, 0, 0),
    ("sum", {"containers": [asking("100m", "1Ki"), asking("250m", "1Ki")]}, 350, 2048),
    ("numbers", {"containers": [asking("2", "1000")]}, 2000, 1000),
    ("rounded-up", {"containers": [asking("0.1m", "1500m")]}, 1, 2),
    ("init-smaller", {"containers": [asking("300m")], "initContainers": [asking("200m")]}, 300, 0),
    ("init-greater", {"containers": [asking("100m", "5")], "initContainers": [asking("200m", "1")]}, 200, 5),
    ("init-one-by-one", {"containers": [asking("100m")], "initContainers": [asking("200m"), asking("150m")]}, 200, 0),
    ("sidecar", {"containers": [asking("100m")], "initContainers": [asking("50m", **SIDECAR)]}, 150, 0),
    (
        "init-after-sidecar",
        {"containers": [asking("100m")], "initContainers": [asking("50m", **SIDECAR), asking("120m")]},
        170,
        0,
    ),
    (
        "init-before-sidecar",
        {"containers": [asking("100m")], "initContainers": [asking("120m"), asking("50m", **SIDECAR)]},
        150,
        0,
    ),
    ("overhead", {"containers": [asking("100m")], "overhead": {"cpu": "10m", "memory": "7"}}, 110, 7),
    (
        "pod-level",
        {"containers": [asking("100m", "5")], "resources": {"requests": {"cpu": "1"}}, "overhead": {"cpu": "10m"}},
        1010,
        5,
    ),
]


@pytest.mark.parametrize(("spec", "cpu", "memory"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
def test_what_a_pod_asks_for(spec: Any, cpu: int, memory: int) -> None:
    assert resources(pod_amounts(spec)) == Resources(cpu=cpu, memory=memory)


MISSING = [
    ("nothing", {"containers": [{"name": "c"}]}, 100, 200 * 2**20),
    ("two", {"containers": [{"name": "c"}, {"name": "d"}]}, 200, 400 * 2**20),
    ("only-cpu", {"containers": [asking("1")]}, 1000, 200 * 2**20),
    ("zero-is-said", {"containers": [asking("0", "0")]}, 0, 0),
]


@pytest.mark.parametrize(("spec", "cpu", "memory"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING])
def test_what_a_container_without_requests_counts_for(spec: Any, cpu: int, memory: int) -> None:
    assert resources(pod_amounts(spec, missing=NONZERO)) == Resources(cpu=cpu, memory=memory)


def test_limits_have_no_overhead_where_there_is_no_limit() -> None:
    spec = {
        "containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}],
        "overhead": {"cpu": "10m", "memory": "7"},
    }
    assert resources(pod_amounts(spec, "limits")) == Resources(cpu=1010)


def test_extended_resources_are_counted_by_name() -> None:
    spec = {"containers": [{"name": "c", "resources": {"requests": {"example.com/gpu": "2", "hugepages-2Mi": "4Mi"}}}]}
    scalar = {"example.com/gpu": 2, "hugepages-2Mi": 4 * 2**20}
    assert resources(pod_amounts(spec)) == Resources(scalar=scalar)


def test_a_wrong_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="quantities must match"):
        pod_amounts({"containers": [asking("many")]})


def test_a_node_is_read() -> None:
    size = {"cpu": "3500m", "memory": "8Gi"}
    taints = ({"key": "k", "effect": "NoSchedule"},)
    found = read_node(
        Node(name="n1", labels={"a": "b"}, taints=taints, unschedulable=True, allocatable=size, slots=110)
    )
    assert (found.name, found.unschedulable, found.taints[0].key) == ("n1", True, "k")
    assert found.labels == {
        "a": "b", "kubernetes.io/hostname": "n1", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
    }  # fmt: skip
    assert (found.allocatable, found.pods) == (Resources(cpu=3500, memory=8 * 2**30), 110)


def test_a_spec_is_read_once_for_an_object_and_once_for_equal_objects() -> None:
    specs, one, other = PodSpecs(), {"containers": [asking("1")]}, {"containers": [asking("1")]}
    read = specs.read(one, "default", {"app": "web"})
    assert specs.read(one, "default", {"app": "web"}) is read
    assert specs.read(other, "default", {"app": "web"}) is read
    assert specs.read(one, "default", {"app": "db"}) is not read
    assert specs.read(one, "other", {"app": "web"}) is not read
    assert specs.read({"containers": [asking("2")]}, "default", {"app": "web"}) is not read


def test_what_else_is_read_of_a_spec() -> None:
    spec = {
        "containers": [{"name": "c", "image": "web"}],
        "initContainers": [{"name": "i", "image": "init:1"}],
        "priority": 7,
        "preemptionPolicy": "Never",
        "schedulerName": "mine",
        "schedulingGates": [{"name": "wait"}],
    }
    found = read_spec(spec, "default", {})
    assert (found.priority, found.preempts, found.scheduler_name, found.gates) == (7, False, "mine", ("wait",))
    assert found.images == ("init:1", "web")
