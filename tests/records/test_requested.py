"""What is asked for of each node: the journal leads to the same sums as the rows, and those are the scheduler's own."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster import models
from cluster.core.nodes.reported import ANNOTATION, EXTERNAL
from cluster.core.scheduling.requested import Amount
from cluster.core.scheduling.scheduler import Scheduler
from cluster.records import loading, requested
from cluster.records.requested import Known, Stale
from cluster.stories import staging
from cluster.writing import actions, namespaces, nodes
from tests.spaces import DEFAULT, demo, space
from tests.stories.test_draining import budget
from tests.writing.test_actions import manifest

pytestmark = pytest.mark.usefixtures("cluster")
Work = Callable[[], int]
SIDECAR = "initContainers: [{name: s, image: s, restartPolicy: Always, resources: {requests: {cpu: 50m, memory: 1Mi}}}]"
ONE = Amount(350, 2**20, 1)  # what a pod of `asking` asks for


def asking(name: str = "web", replicas: int = 3) -> str:
    """With a sidecar, whose request counts too."""
    text = manifest(name=name, replicas=replicas)
    container = '      - {name: web, image: "nginx:1", resources: {requests: {cpu: 300m}}}'
    return "\n".join([*text.rstrip().splitlines()[:-1], container, f"      {SIDECAR}"])


@pytest.fixture(autouse=True)
def at_once(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


def sums(known: Known) -> dict[str, Amount]:
    found = {name: known.requested.of(name, ())[1] for name in known.nodes}
    return {name: amount for name, amount in found.items() if amount.pods}


def scheduler_sums() -> dict[str, Amount]:
    scheduler = Scheduler(loading.load(demo()).state)
    scheduler.catch_up(0.0, lambda uid, error: pytest.fail(f"{uid}: {error}"))
    infos = scheduler.cache.nodes.values()
    return {each.spec.name: Amount(each.cpu, each.memory, len(each.pods)) for each in infos if each.pods}


def begin(work: Work) -> None:
    actions.create(DEFAULT, asking(), actor="me")
    work()


def roll_out(work: Work) -> None:
    actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me")
    work()


def scale(work: Work) -> None:
    actions.act(DEFAULT, "web", "scale", 5, actor="me")
    work()


def add_another_namespace(work: Work) -> None:
    namespaces.create("demo", "extra", actor="me")
    actions.create(space("extra"), asking("other", 2), actor="me")
    work()


def limit(work: Work) -> None:
    """Pods get what they ask for from a LimitRange, so their specs are their own."""
    default = {"type": "Container", "defaultRequest": {"memory": "3Mi"}}
    about = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "range"}}
    staging.apply_rule(DEFAULT, {**about, "spec": {"limits": [default]}}, actor="me")
    roll_out(work)


def drain(work: Work) -> None:
    staging.drain(DEFAULT, "node-1", actor="me")
    work()


def remove_a_node(work: Work) -> None:
    nodes.delete("demo", "node-2", actor="me")
    work()


def delete_the_deployment(work: Work) -> None:
    actions.delete(DEFAULT, "web", actor="me")
    work()


ACTS = [roll_out, scale, add_another_namespace, limit, drain, remove_a_node, delete_the_deployment]


@pytest.mark.parametrize("count", range(len(ACTS) + 1))
def test_the_journal_leads_to_what_rows_say_and_the_scheduler_counts(work: Work, count: int) -> None:
    known = requested.load("demo")
    begin(work)
    for act in ACTS[:count]:
        act(work)
    requested.catch_up("demo", known)
    anew = requested.load("demo")
    assert (known.rv, known.nodes) == (anew.rv, anew.nodes)
    assert known.requested.by_node == anew.requested.by_node
    assert sums(known) == scheduler_sums()


def test_init_containers_and_sidecars_count_by_the_scheduler_s_rules(work: Work) -> None:
    begin(work)
    known = requested.load("demo")
    total = Amount()
    for amount in sums(known).values():
        total = total.plus(amount)
    assert total == Amount(3 * ONE.cpu, 3 * ONE.memory, 3)
    assert list(requested.asks(DEFAULT, "web").values()) == [ONE]


def test_news_are_the_nodes_whose_sums_changed(work: Work) -> None:
    begin(work)
    known = requested.load("demo")
    assert requested.catch_up("demo", known) == requested.News()
    roll_out(work)
    assert "ReplicaSet" in requested.catch_up("demo", known).kinds
    nodes.change("demo", "node-3", actor="me", unschedulable=True)
    assert requested.catch_up("demo", known).nodes == {"node-3"}
    assert known.nodes["node-3"]["unschedulable"]


def test_what_the_wire_says_of_a_node() -> None:
    taints = [{"key": "dedicated", "value": "web", "effect": "NoSchedule"}, {"key": "spot", "effect": "NoExecute"}]
    labels = {"topology.kubernetes.io/zone": "zone-a"}
    sizes = {"allocatable": {"cpu": "1900m", "memory": "4Gi"}, "slots": 7}
    annotations = {ANNOTATION: EXTERNAL}
    described = {"taints": taints, "labels": labels, "annotations": annotations}
    nodes.create("demo", "node-9", actor="me", unschedulable=True, **described, **sizes)
    known = requested.load("demo")
    assert known.nodes["node-9"] == {
        "name": "node-9",
        "allocatable": [1900, 4 * 2**30, 7],
        "zone": "zone-a",
        "unschedulable": True,
        "external": True,
        "taints": ["dedicated=web:NoSchedule", "spot:NoExecute"],
    }, "the taint of a cordon is the cordon itself"
    assert known.nodes["node-1"].keys() == {"name", "allocatable"}


def test_what_a_limit_range_adds_is_asked_for(work: Work) -> None:
    begin(work)
    limit(work)
    newest = list(requested.asks(DEFAULT, "web").values())[-1]
    assert newest == Amount(350, 4 * 2**20, 1)


def test_the_budgets_are_those_of_the_deployment_s_pods(work: Work) -> None:
    begin(work)
    staging.apply_rule(DEFAULT, budget(3), actor="me")
    work()
    found: list[dict[str, Any]] = requested.budgets_of(DEFAULT, "web")
    assert found == [{"name": "b", "allowed": 0, "healthy": 3, "desired": 3}]
    staging.apply_rule(DEFAULT, budget(2), actor="me")
    work()
    assert [each["allowed"] for each in requested.budgets_of(DEFAULT, "web")] == [1]
    assert requested.budgets_of(DEFAULT, "nothing") == []


def test_a_journal_that_does_not_lead_here_is_stale(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    known = requested.load("demo")
    begin(work)
    models.Cluster.objects.update(tail=known.rv + 1)
    with pytest.raises(Stale):
        requested.catch_up("demo", known)
    models.Cluster.objects.update(tail=0)
    monkeypatch.setattr(requested, "MOST_CHANGES", 2)
    with pytest.raises(Stale):
        requested.catch_up("demo", known)
