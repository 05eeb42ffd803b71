"""Pods whose statuses clients write: what is read of a status, and that the simulated kubelet lets such pods alone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import timestamp
from cluster.core.nodes import behaviour, kubelet
from cluster.core.nodes.addresses import address_of
from cluster.core.nodes.podstatus import status_word
from cluster.core.nodes.reported import followed, scheduled, with_condition
from cluster.core.objects import Change, Create, Delete, Event, ImageBehaviour, Node, Pod, Update
from cluster.core.reconcile import reconcile
from cluster.core.rehearsals import causes
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import NOW

Json = dict[str, Any]
SPEC: Json = {"containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]}
WITH_INIT: Json = {**SPEC, "initContainers": [{"name": "i", "image": "i:1"}]}
RUNS: Json = {"running": {"startedAt": timestamp(NOW)}}
FAILED: Json = {"terminated": {"exitCode": 3, "startedAt": timestamp(NOW), "finishedAt": timestamp(NOW + 5)}}
KUBELETS_OWN = (
    "phase",
    "ready",
    "ready_since",
    "started_at",
    "reason",
    "message",
    "restarts",
    "containers",
    "reported",
)


def when(text: Any) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None


def told(**more: Any) -> Json:
    return {"phase": "Running", **more}


def status_of(name: str, state: Json, **more: Any) -> Json:
    return {"name": name, "state": state, "lastState": {}, "ready": False, "restartCount": 0, **more}


def ready(word: str, since: float | None = NOW) -> Json:
    return {"type": "Ready", "status": word, "lastTransitionTime": since and timestamp(since)}


def follow(status: Json, spec: Json = SPEC, **fields: Any) -> Pod:
    return followed(Pod(uid="p", name="p", node="node-1", **fields), status, spec, when)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([ready("True")], (True, NOW)),
        ([ready("False", NOW + 7)], (False, NOW + 7)),
        ([ready("Unknown")], (False, NOW)),
        ([ready("True", None)], (True, None)),
        ([], (False, None)),
    ],
    ids=["ready", "not ready", "unknown", "without a time", "no condition"],
)
def test_readiness_is_the_condition_s(conditions: list[Json], expected: tuple[bool, float | None]) -> None:
    pod = follow(told(conditions=conditions))
    assert (pod.ready, pod.ready_since) == expected


def test_a_pod_that_is_ready_since_nobody_knows_when_is_never_available() -> None:
    """IsPodAvailable, with minReadySeconds."""
    pod = replace(follow(told(conditions=[ready("True", None)])), owner_uid="rs")
    group = State([pod]).group("rs")
    assert (group.available(0, NOW), group.available(1, NOW + 1e6), group.next_available(1, NOW)) == (1, 0, None)


@pytest.mark.parametrize(
    ("status", "spec", "word", "restarts"),
    [
        (told(), SPEC, "Running", 0),
        (told(phase="Odd"), SPEC, "Pending", 0),
        (told(containerStatuses=[status_of("a", RUNS, restartCount=2), status_of("b", RUNS)]), SPEC, "Running", 2),
        (told(containerStatuses=[status_of("a", RUNS), status_of("b", FAILED)]), SPEC, "Error", 0),
        (told(containerStatuses=[status_of("a", {"waiting": {"reason": "Odd"}})]), SPEC, "Odd", 0),
        (told(phase="Failed", reason="Evicted"), SPEC, "Evicted", 0),
        (told(phase="Succeeded"), SPEC, "Completed", 0),
        (told(initContainerStatuses=[status_of("i", RUNS)]), WITH_INIT, "Init:0/1", 0),
    ],
    ids=["no containers", "odd phase", "running", "ended", "waiting", "reason", "over", "init"],
)
def test_words_and_restarts_are_as_kubectl_tells_them(status: Json, spec: Json, word: str, restarts: int) -> None:
    pod = follow(status, spec)
    assert (status_word(pod), pod.restarts) == (word, restarts)


@pytest.mark.parametrize(
    ("status", "address"),
    [
        ({"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}, "10.0.0.1"),
        ({"podIP": "fd00::1", "podIPs": [{"ip": "fd00::1"}, {"ip": "10.0.0.2"}]}, "10.0.0.2"),
        ({"podIP": "fd00::1"}, ""),
        ({}, ""),
    ],
    ids=["one", "two families", "the other family", "none"],
)
def test_the_address_is_the_client_s(status: Json, address: str) -> None:
    assert address_of(follow(status)) == address


def test_a_condition_takes_the_place_of_the_former_one() -> None:
    held = {"conditions": [{"type": "A", "status": "x"}, {"type": "PodScheduled", "status": "False"}, {"type": "B"}]}
    found = scheduled(held, NOW)["conditions"]
    assert [(each["type"], each.get("status")) for each in found] == [("A", "x"), ("PodScheduled", "True"), ("B", None)]
    assert scheduled({"conditions": found}, NOW + 60)["conditions"] == found
    assert with_condition({}, {"type": "C"})["conditions"] == [{"type": "C"}]


def test_containers_that_were_left_in_many_states_go_on() -> None:
    """One runs, one has failed and is restarted, and what was being initialized goes on there."""
    node = Node(name="node-1", is_external=True)
    pods = [
        follow(told(containerStatuses=[status_of("a", RUNS), status_of("b", FAILED)]), spec=SPEC),
        follow(told(phase="Pending", initContainerStatuses=[status_of("i", FAILED)]), spec=WITH_INIT),
    ]
    pods = [replace(each, uid=f"p{place}", name=f"p{place}") for place, each in enumerate(pods)]
    specs = (SPEC, WITH_INIT)
    state = State([node, *(replace(each, spec=spec) for each, spec in zip(pods, specs, strict=True))])
    assert reconcile(state, NOW + 10).changes == []
    state.apply([Update(object=replace(node, is_external=False))])
    reconcile(state, NOW + 20)
    first, second = state.pods["p0"], state.pods["p1"]
    assert [(each.stage, each.restarts, each.ready) for each in first.containers] == [
        ("running", 0, True),
        ("running", 1, True),
    ]
    assert [(each.stage, each.restarts) for each in second.containers] == [("done", 1), ("running", 0), ("running", 0)]
    assert (first.reported, first.ready, second.phase) == (None, True, "Running")


@pytest.mark.parametrize("strategy", ["RollingUpdate", "Recreate"])
def test_whether_a_rollout_completes_there_is_unknown(strategy: str) -> None:
    """New pods wait for the client's kubelet, and of Recreate the old ones."""
    state = State([Node(name="node-1", is_external=True), builders.deployment(2, strategy=strategy)])
    reconcile(state, NOW)
    for pod in state.pods.values():
        state.apply([Update(object=followed(pod, told(conditions=[ready("True")]), SPEC, when))])
    reconcile(state, NOW + 1)
    assert causes.causes(state, builders.owner_of(state)) == []
    state.apply([Update(object=edits.set_images(builders.owner_of(state), {"nginx": "nginx:v2"}))])
    reconcile(state, NOW + 2)
    found = {each.rule: each.is_certain for each in causes.causes(state, builders.owner_of(state))}
    assert found == {"external-kubelet": False}


class AnyClient(RuleBasedStateMachine):
    """A client writes the statuses of one node's pods and takes them away, the other node is simulated."""

    @initialize(replicas=st.integers(1, 6))
    def create(self, replicas: int) -> None:
        self.state = State([Node(name="node-1", is_external=True), Node(name="node-2")], {"": LIVELY})
        self.now = NOW
        self.change(Create(object=builders.deployment(replicas)))

    @rule(image=st.sampled_from(["nginx:v1", "nginx:v2"]))
    def set_image(self, image: str) -> None:
        self.edit(edits.set_images(builders.owner_of(self.state), {"nginx": image}))

    @rule(replicas=st.integers(0, 8))
    def scale(self, replicas: int) -> None:
        self.edit(edits.scale(builders.owner_of(self.state), replicas))

    @rule(failure=st.sampled_from(["", "crash-loop", "never-ready"]))
    def behave(self, failure: str) -> None:
        self.state.set_behaviours("", behaviour.broken(LIVELY, [ImageBehaviour(pattern="*", failure=failure)]))  # type: ignore[arg-type]
        self.change(*kubelet.look_again(self.state, self.now))

    @precondition(lambda self: self.external())
    @rule(
        place=st.integers(0, 9),
        phase=st.sampled_from(["Pending", "Running", "Succeeded", "Failed"]),
        is_ready=st.booleans(),
    )
    def write(self, place: int, phase: str, is_ready: bool) -> None:
        pod = self.any_external(place)
        status = {"phase": phase, "conditions": [ready("True" if is_ready else "False", self.now)]}
        spec = self.state.replicasets[pod.owner_uid].template["spec"] if pod.owner_uid in self.state.replicasets else {}
        self.change(Update(object=followed(pod, status, spec, when)))

    @precondition(lambda self: self.external())
    @rule(place=st.integers(0, 9))
    def take_away(self, place: int) -> None:
        self.change(Delete(object=self.any_external(place)))

    @rule(share=st.sampled_from([1, 2]))
    def delete_pods(self, share: int) -> None:
        self.change(*(each for pod in list(self.state.pods.values())[::share] for each in terminate(pod, self.now)))

    @rule(seconds=st.sampled_from([0.5, 5.0, 100.0, 4000.0]))
    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.state.next_due()) is not None and due <= end:
            self.now = max(self.now, due)
            self.change()
        self.now = end
        self.change()

    def external(self) -> list[Pod]:
        return [pod for pod in self.state.pods.values() if self.state.is_external(pod)]

    def any_external(self, place: int) -> Pod:
        found = self.external()
        return found[place % len(found)]

    def edit(self, new: Any) -> None:
        if new != builders.owner_of(self.state):
            self.change(Update(object=new))

    def change(self, *changes: Change) -> None:
        """Nothing that a kubelet does is done to a pod of the external node, and the scheduler and the controllers go on."""
        self.state.apply(changes)
        before = {pod.uid: pod for pod in self.external()}
        for each in reconcile(self.state, self.now).changes:
            if isinstance(each, Event):
                assert each.source != "kubelet" or each.uid not in before, each
            elif isinstance(each, Delete):
                held = before.get(getattr(each.object, "uid", ""))
                assert held is None or held.phase in ("Succeeded", "Failed"), each
            elif isinstance(each.object, Pod) and each.object.uid in before:
                held = before[each.object.uid]
                assert all(getattr(held, key) == getattr(each.object, key) for key in KUBELETS_OWN), each
        assert all(pod.next_at is None for pod in self.external())
        assert not any(uid in self.state.pod_times for uid in (pod.uid for pod in self.external()))


LIVELY = (ImageBehaviour(pattern="*", pull_seconds=1.0, ready_seconds=2.0, stop_seconds=3.0),)
TestAnyClient = AnyClient.TestCase
TestAnyClient.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_a_pod_that_ended_and_was_deleted_goes_once_the_kubelet_is_simulated() -> None:
    """The client whose kubelet it was has left before its last DELETE."""
    state = State([Node(name="node-1")], {"": (ImageBehaviour(pattern="*"),)})
    ended = follow({"phase": "Succeeded"}, deleted_at=NOW, spec=SPEC)
    state.apply([Create(object=ended)])
    reconcile(state, NOW)
    assert "p" not in state.pods
