"""Whatever is done, in whatever order: no quota is exceeded, no budget is broken, and what is counted is what is there."""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import edits
from cluster.core.nodes import kubelet
from cluster.core.objects import Change, Create, Delete, ImageBehaviour, Kept, Node, Update
from cluster.core.policies import evictions, reading
from cluster.core.reconcile import Work
from cluster.core.state import State
from tests.core import builders

CPU = {"nginx:v1": 100, "nginx:v2": 300, "nginx:v3": 0}  # thousandths; 0: nothing is said
LIVELY = (ImageBehaviour(pattern="nginx:v2", ready_seconds=2.0, stop_seconds=3.0), ImageBehaviour(pattern="*"))
MOST_TURNS = 3000


def template(image: str) -> dict[str, Any]:
    resources = {"resources": {"requests": {"cpu": f"{CPU[image]}m"}}} if CPU[image] else {}
    found = builders.template(image)
    return {**found, "spec": {"containers": [{"name": "nginx", "image": image, **resources}]}}


def quota(pods: int, cpu: int) -> Kept:
    hard = {"pods": str(pods), "requests.cpu": f"{cpu}m"}
    about = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}}
    return reading.read({**about, "spec": {"hard": hard}}, "default")


def limit_range() -> Kept:
    items = [{"type": "Container", "defaultRequest": {"cpu": "200m"}}]
    about = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}}
    return reading.read({**about, "spec": {"limits": items}}, "default")


def budget(spec: dict[str, Any]) -> Kept:
    about = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}}
    return reading.read({**about, "spec": {"selector": {"matchLabels": builders.LABELS}, **spec}}, "default")


class AnySequence(RuleBasedStateMachine):
    """`allowed` is the most that the quota ever allowed; `used` what pods ask for by their uids, counted apart."""

    @initialize(replicas=st.integers(0, 6), pods=st.integers(0, 8), cpu=st.integers(0, 1500))
    def create(self, replicas: int, pods: int, cpu: int) -> None:
        self.state = State([Node(name="node-1"), Node(name="node-2")], {"": LIVELY})
        self.now = builders.NOW
        self.allowed = (pods, cpu)
        owner = builders.deployment(replicas, template=template("nginx:v1"), max_surge=2, max_unavailable=1)
        self.change(Create(object=quota(pods, cpu)), Create(object=owner))

    @rule(replicas=st.integers(0, 8))
    def scale(self, replicas: int) -> None:
        self.change(Update(object=edits.scale(builders.owner_of(self.state), replicas)))

    @rule(image=st.sampled_from(list(CPU)))
    def set_image(self, image: str) -> None:
        owner = builders.owner_of(self.state)
        self.change(Update(object=replace(owner, template=template(image), generation=owner.generation + 1)))

    @rule(more=st.tuples(st.integers(0, 4), st.integers(0, 700)))
    def raise_quota(self, more: tuple[int, int]) -> None:
        self.allowed = (self.allowed[0] + more[0], self.allowed[1] + more[1])
        new = quota(*self.allowed)
        self.change(Update(object=reading.over(self.state.kept[new.uid], new)))

    @rule(there=st.booleans())
    def set_limit_range(self, there: bool) -> None:
        new = limit_range()
        if there or new.uid in self.state.kept:
            self.change(Create(object=new) if there else Delete(object=new))

    @rule(spec=st.one_of(
        st.builds(lambda n: {"minAvailable": n}, st.integers(0, 4) | st.sampled_from(["30%", "100%"])),
        st.builds(lambda n: {"maxUnavailable": n}, st.integers(0, 3) | st.sampled_from(["30%", "50%"])),
    ))  # fmt: skip
    def set_budget(self, spec: dict[str, Any]) -> None:
        new = budget(spec)
        old = self.state.kept.get(new.uid)
        self.change(Create(object=new) if old is None else Update(object=reading.over(old, new)))

    @rule(data=st.data())
    def evict(self, data: Any) -> None:
        """A healthy pod that goes leaves as many as the budget wants."""
        pods = [pod for pod in self.state.pods.values() if pod.deleted_at is None]
        if not pods:
            return
        pod = data.draw(st.sampled_from(pods))
        covering = self.state.rules.covering(pod)
        going, counted, _ = evictions.evict_all([pod], lambda _: covering, self.now)
        if going and pod.ready and covering:
            left = sum(each.ready for each in pods) - 1
            assert left >= covering[0].manifest["status"]["desiredHealthy"]
        gone = [change for each in going for change in terminate(each, self.now)]
        self.change(*(Update(object=each) for each in counted), *gone)

    @rule(data=st.data(), ready=st.booleans())
    def turn(self, data: Any, ready: bool) -> None:
        found = [pod for pod in self.state.pods.values() if pod.phase == "Running" and pod.deleted_at is None]
        if found:
            pod = data.draw(st.sampled_from(found))
            self.change(Update(object=kubelet.turned(pod, self.now, ready=ready)))

    @rule(seconds=st.sampled_from([0.1, 3.0, 200.0]))
    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.state.next_due()) is not None and due <= end:
            self.now = max(due, self.now)
            self.work()
        self.now = end
        self.work()

    def change(self, *changes: Change) -> None:
        self.state.apply(changes)
        self.check()
        self.work()

    def work(self) -> None:
        work = Work(self.state, self.now)
        for _ in range(MOST_TURNS):
            if not work.turn():
                break
            self.check()
        work.settle_quotas()
        self.check_statuses()

    def check(self) -> None:
        pods, cpu = self.usage()
        assert pods <= self.allowed[0]
        assert cpu <= self.allowed[1]

    def usage(self) -> tuple[int, int]:
        specs = [
            pod.spec or self.state.replicasets[pod.owner_uid or ""].template["spec"] for pod in self.state.pods.values()
        ]
        asked = (each["containers"][0].get("resources", {}).get("requests", {}).get("cpu", "0m") for each in specs)
        return len(specs), sum(int(each.removesuffix("m")) for each in asked)

    def check_statuses(self) -> None:
        for kept in self.state.kept.values():
            status = kept.manifest.get("status") or {}
            if kept.name == "q":
                pods, cpu = self.usage()
                used = {"pods": int(status["used"]["pods"]), "cpu": thousandths(status["used"]["requests.cpu"])}
                assert used == {"pods": pods, "cpu": cpu}
            elif kept.name == "b":
                healthy = sum(pod.ready and pod.deleted_at is None for pod in self.state.pods.values())
                assert status["currentHealthy"] == healthy
                assert status["observedGeneration"] == kept.manifest["metadata"]["generation"]


def thousandths(text: str) -> int:
    return int(text.removesuffix("m")) if text.endswith("m") else 1000 * int(text)


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
