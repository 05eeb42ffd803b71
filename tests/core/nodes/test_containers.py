"""Containers of one pod: probes, restarts, init containers and sidecars, hooks and the grace period."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.core.controllers.replicaset import terminate
from cluster.core.nodes import behaviour, kubelet
from cluster.core.nodes.containers import REFERENCE, RUNNING
from cluster.core.objects import Change, Create, Event, ImageBehaviour, Node, Pod, Update
from cluster.core.state import State


def pod(containers: Sequence[Any], init: Sequence[Any] = (), **spec: Any) -> Pod:
    full = {"containers": [*containers], "initContainers": [*init], **spec}
    return Pod(uid="pod", name="web", node="node-1", stage="scheduled", next_at=0.0, spec=full)


def container(name: str = "web", image: str = "x:1", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": image, **more}


class Life:
    """A pod's life on a clock of its own: `seen` has (seconds, event's reason, message)."""

    def __init__(self, about: Pod, *behaviours: ImageBehaviour) -> None:
        self.state = State([Node(name="node-1"), about], {"": (*behaviours, behaviour.INSTANT)})
        self.seen: list[tuple[float, str, str]] = []
        self.kept: list[Pod] = []
        self.now = 0.0

    def until(self, end: float) -> "Life":
        while (due := self.state.pod_times.next()) is not None and due <= end:
            self.now = due
            waiting = [each for each in self.state.pods.values() if each.next_at is not None and each.next_at <= due]
            self.do(kubelet.advance(self.state, due, waiting))
        self.now = end
        return self

    def do(self, changes: list[Change]) -> None:
        self.seen += [(self.now, each.reason, each.message) for each in changes if isinstance(each, Event)]
        self.kept += [each.object for each in changes if isinstance(each, Update) and isinstance(each.object, Pod)]
        self.state.apply(changes)

    def stop(self, grace: float | None = None) -> None:
        self.do(terminate(self.pod, self.now, grace))

    @property
    def pod(self) -> Pod:
        return self.state.pods["pod"]

    def restarts(self) -> list[float]:
        """When the (only) container was started."""
        return [at for at, reason, _ in self.seen if reason == "Started"]

    def times(self, reason: str) -> list[float]:
        return [at for at, found, _ in self.seen if found == reason]


SLOW = ImageBehaviour(pattern="x:*", ready_seconds=30.0)


@pytest.mark.parametrize(
    ("probes", "starts"),
    [
        pytest.param({"livenessProbe": {"periodSeconds": 5, "failureThreshold": 3}}, [0, 10, 30, 60], id="liveness too eager"),
        pytest.param({"livenessProbe": {"initialDelaySeconds": 30, "periodSeconds": 5}}, [0], id="liveness that waits"),
        pytest.param({"livenessProbe": {"periodSeconds": 10, "failureThreshold": 4}}, [0], id="liveness that is patient"),
        pytest.param(
            {"startupProbe": {"periodSeconds": 5, "failureThreshold": 10}, "livenessProbe": {"periodSeconds": 1, "failureThreshold": 1}},
            [0], id="a startup probe holds liveness back",
        ),
        pytest.param({"startupProbe": {"periodSeconds": 5, "failureThreshold": 3}}, [0, 10, 30, 60], id="startup too eager"),
        pytest.param({"readinessProbe": {"periodSeconds": 1, "failureThreshold": 1}}, [0], id="readiness restarts nothing"),
    ],
)  # fmt: skip
def test_a_probe_that_is_not_answered_in_time_restarts_its_container(
    probes: dict[str, Any], starts: list[float]
) -> None:
    """The first restart is at once; the second waits 10 s, the third 20 s."""
    assert Life(pod([container(**probes)]), SLOW).until(61).restarts() == starts


@pytest.mark.parametrize(
    ("probes", "ready_at"),
    [
        pytest.param({}, 30.0, id="without a probe, as the image says"),
        pytest.param({"readinessProbe": {"periodSeconds": 7}}, 35.0, id="at a tick of the readiness probe"),
        pytest.param({"startupProbe": {"periodSeconds": 8, "failureThreshold": 9}}, 32.0, id="at a tick of the startup probe"),
        pytest.param(
            {"startupProbe": {"periodSeconds": 8, "failureThreshold": 9}, "readinessProbe": {"periodSeconds": 10}}, 40.0,
            id="after both",
        ),
    ],
)  # fmt: skip
def test_a_container_is_ready_when_its_probes_say_so(probes: dict[str, Any], ready_at: float) -> None:
    assert Life(pod([container(**probes)]), SLOW).until(60).pod.ready_since == ready_at


def test_the_kubelet_says_why_a_container_is_restarted() -> None:
    life = Life(pod([container(livenessProbe={"periodSeconds": 5, "tcpSocket": {"port": 80}})]), SLOW).until(10)
    assert [(reason, text) for at, reason, text in life.seen if at == 10][:2] == [
        ("Unhealthy", "Liveness probe failed: dial tcp: connect to port 80: connection refused"),
        ("Killing", "Container web failed liveness probe, will be restarted"),
    ]


def test_an_image_that_stops_answering_is_restarted_by_its_liveness_probe() -> None:
    hangs = ImageBehaviour(pattern="x:*", failure="hangs", fails_after_seconds=20.0, stop_seconds=60.0)
    probed = container(
        livenessProbe={"periodSeconds": 5, "failureThreshold": 2},
        readinessProbe={"periodSeconds": 5, "failureThreshold": 1},
    )
    life = Life(pod([probed]), hangs).until(24)
    assert not life.pod.ready
    last = life.until(60).pod.containers[0].last
    assert last is not None
    assert (life.restarts()[:2], last.finished_at, last.exit_code) == ([0.0, 55.0], 55.0, 137)


def test_a_crash_long_after_the_last_is_restarted_at_once() -> None:
    crashing = ImageBehaviour(pattern="x:*", failure="crash-loop", fails_after_seconds=700.0)
    assert Life(pod([container()]), crashing).until(2200).restarts() == [0.0, 700.0, 1400.0, 2100.0]


@pytest.mark.parametrize(
    ("policy", "failure", "starts", "phase", "word"),
    [
        pytest.param("Always", "crash-loop", 3, "Running", "CrashLoopBackOff", id="Always"),
        pytest.param("OnFailure", "crash-loop", 3, "Running", "CrashLoopBackOff", id="OnFailure, failed"),
        pytest.param("Never", "crash-loop", 1, "Failed", "Error", id="Never"),
    ],
)
def test_the_restart_policy_decides(policy: str, failure: Any, starts: int, phase: str, word: str) -> None:
    crashing = ImageBehaviour(pattern="x:*", failure=failure, fails_after_seconds=1.0)
    life = Life(pod([container()], restartPolicy=policy), crashing).until(14)
    assert (len(life.restarts()), life.pod.phase, life.pod.reason) == (starts, phase, word)


def test_containers_are_begun_in_order_and_live_for_themselves() -> None:
    behaviours = (
        ImageBehaviour(pattern="a", pull_seconds=2.0, ready_seconds=1.0),
        ImageBehaviour(pattern="b", pull_seconds=3.0, failure="crash-loop", fails_after_seconds=5.0),
    )
    life = Life(pod([container("a", "a"), container("b", "b")]), *behaviours).until(4)
    assert (life.pod.phase, life.pod.reason, [each.ready for each in life.pod.containers]) == (
        "Pending",
        "ContainerCreating",
        [True, False],
    )
    life.until(5)
    assert (life.pod.phase, life.pod.ready) == ("Running", True)
    life.until(20)
    assert [each.restarts for each in life.pod.containers] == [0, 1]
    assert (life.pod.ready, life.pod.reason) == (False, "CrashLoopBackOff")


def test_a_container_that_cannot_be_pulled_holds_up_no_other() -> None:
    missing = ImageBehaviour(pattern="gone", pull_seconds=1.0, failure="image-not-found")
    life = Life(pod([container("a", "gone"), container("b", "b")]), missing).until(1)
    assert [each.stage in RUNNING for each in life.pod.containers] == [False, True]
    assert (life.pod.phase, life.pod.reason) == ("Pending", "ErrImagePull")


@pytest.mark.parametrize(
    ("at", "word", "phase"),
    [
        pytest.param(1, "Init:0/2", "Pending", id="the first runs"),
        pytest.param(4, "Init:1/2", "Pending", id="the second runs"),
        pytest.param(9, "", "Running", id="all are done"),
    ],
)
def test_init_containers_run_one_after_another(at: float, word: str, phase: str) -> None:
    behaviours = (ImageBehaviour(pattern="one", ready_seconds=3.0), ImageBehaviour(pattern="two", ready_seconds=5.0))
    life = Life(pod([container()], [container("one", "one"), container("two", "two")]), *behaviours).until(at)
    assert (life.pod.reason, life.pod.phase) == (word, phase)


@pytest.mark.parametrize(
    ("policy", "word", "phase"),
    [
        pytest.param("Always", "Init:CrashLoopBackOff", "Pending", id="tried again"),
        pytest.param("Never", "Init:Error", "Failed", id="given up"),
    ],
)
def test_an_init_container_that_fails_keeps_the_others_from_starting(policy: str, word: str, phase: str) -> None:
    failing = ImageBehaviour(pattern="one", failure="crash-loop", fails_after_seconds=1.0, ready_seconds=9.0)
    life = Life(pod([container()], [container("one", "one")], restartPolicy=policy), failing).until(5)
    assert (life.pod.reason, life.pod.phase, life.pod.containers[1].started_at) == (word, phase, None)


def test_a_sidecar_is_started_before_and_stopped_after_the_others() -> None:
    behaviours = (
        ImageBehaviour(pattern="proxy", ready_seconds=4.0, stop_seconds=1.0),
        ImageBehaviour(pattern="x:1", stop_seconds=10.0),
    )
    sidecar = container("proxy", "proxy", restartPolicy="Always", startupProbe={"periodSeconds": 2})
    life = Life(pod([container()], [sidecar]), *behaviours).until(3)
    assert life.pod.reason == "Init:0/1"
    life.until(4)
    assert (life.pod.ready, life.restarts()) == (True, [0.0, 4.0])
    life.until(100).stop()
    life.until(200)
    ends = {text.removeprefix("Stopping container "): at for at, reason, text in life.seen if reason == "Killing"}
    assert ends == {"web": 100.0, "proxy": 110.0}
    assert life.now == 200 and "pod" not in life.state.pods


@pytest.mark.parametrize(
    ("hook", "stop", "grace", "expected", "phase"),
    [
        pytest.param({}, 4.0, None, 4.0, "Succeeded", id="without a hook"),
        pytest.param({"sleep": {"seconds": 5}}, 4.0, None, 9.0, "Succeeded", id="sleep, then stop"),
        pytest.param({"exec": {"command": ["sleep", "5"]}}, 4.0, None, 9.0, "Succeeded", id="a command that sleeps"),
        pytest.param({"exec": {"command": ["/bin/sh", "-c", "sleep 5"]}}, 4.0, None, 9.0, "Succeeded", id="in a shell"),
        pytest.param({"exec": {"command": ["nginx", "-s", "quit"]}}, 4.0, None, 4.0, "Succeeded", id="another command"),
        pytest.param(
            {"sleep": {"seconds": 25}}, 20.0, None, 30.0, "Failed", id="killed at the end of the grace period"
        ),
        pytest.param(
            {"sleep": {"seconds": 40}}, 4.0, None, 32.0, "Failed", id="two seconds are left after a long hook"
        ),
        pytest.param({}, 20.0, 5.0, 5.0, "Failed", id="a shorter grace period was asked for"),
    ],
)
def test_a_pod_stops_after_its_hook_and_within_its_grace(
    hook: dict[str, Any], stop: float, grace: float | None, expected: float, phase: str
) -> None:
    life = Life(pod([container(lifecycle={"preStop": hook})]), ImageBehaviour(pattern="*", stop_seconds=stop)).until(
        100
    )
    life.stop(grace)
    life.until(100 + expected - 0.1)
    assert life.pod.ready
    life.until(100 + expected)
    assert "pod" not in life.state.pods
    assert (life.kept[-1].phase, life.kept[-1].ready) == (phase, False)


@pytest.mark.parametrize(
    ("image", "policy", "reason"),
    [
        pytest.param("nginx 1.9", "IfNotPresent", "InvalidImageName", id="a space"),
        pytest.param("NGINX:1.9", "IfNotPresent", "InvalidImageName", id="capitals"),
        pytest.param("nginx:1.9", "Never", "ErrImageNeverPull", id="may not be pulled"),
    ],
)
def test_an_image_that_cannot_be_brought_is_refused(image: str, policy: str, reason: str) -> None:
    life = Life(pod([container(image=image, imagePullPolicy=policy)])).until(100)
    assert (life.pod.reason, life.pod.phase, life.pod.next_at) == (reason, "Pending", None)
    assert f"Error: {reason}" in [text for _, _, text in life.seen]


@pytest.mark.parametrize(
    "image",
    ["nginx", "nginx:1.9.1", "library/nginx", "registry.k8s.io/pause:3.9", "localhost:5000/a/b:v1", "a__b/c.d-e:T_a.g",
     "nginx@sha256:" + "0" * 64, "MyRegistry.example.com/app:1"],
)  # fmt: skip
def test_references_that_a_registry_knows_are_accepted(image: str) -> None:
    assert REFERENCE.fullmatch(image)


def test_a_changed_image_restarts_only_its_container() -> None:
    life = Life(pod([container("a", "a"), container("b", "b")])).until(5)
    life.do([Update(object=kubelet.restarted(life.pod, 5.0, ["b"]))])
    life.until(6)
    assert [each.restarts for each in life.pod.containers] == [0, 1]
    assert life.pod.ready


@given(
    ready=st.floats(0, 100), stop=st.floats(0, 50), after=st.floats(0, 60), period=st.integers(1, 20), threshold=st.integers(1, 5),
    failure=st.sampled_from(["", "crash-loop", "never-ready", "ready-then-fails", "hangs", "image-not-found"]),
    policy=st.sampled_from(["Always", "OnFailure", "Never"]), count=st.integers(1, 3), inits=st.integers(0, 2),
)  # fmt: skip
def test_any_pod_comes_to_an_end_when_it_is_told_to(
    ready: float,
    stop: float,
    after: float,
    period: int,
    threshold: int,
    failure: Any,
    policy: str,
    count: int,
    inits: int,
) -> None:
    """And time never goes back, a ready pod runs, and its containers are those of its spec."""
    probe = {"periodSeconds": period, "failureThreshold": threshold}
    mains = [container(f"c{n}", f"x:{n}", livenessProbe=probe, readinessProbe=probe) for n in range(count)]
    life = Life(
        pod(mains, [container(f"i{n}", f"i:{n}") for n in range(inits)], restartPolicy=policy),
        ImageBehaviour(
            pattern="x:*", ready_seconds=ready, stop_seconds=stop, failure=failure, fails_after_seconds=after
        ),
    ).until(500)
    for each in life.kept:
        assert not each.ready or (each.phase == "Running" and all(one.ready for one in each.containers[inits:]))
        assert [one.name for one in each.containers] == [
            *(f"i{n}" for n in range(inits)),
            *(f"c{n}" for n in range(count)),
        ]
    life.stop()
    life.until(500 + 35 * (count + inits))
    assert "pod" not in life.state.pods


def test_a_pod_that_joins_later_finds_the_images_there() -> None:
    life = Life(pod([container()]), ImageBehaviour(pattern="*", pull_seconds=5.0)).until(9)
    second = Pod(uid="second", name="second", node="node-1", stage="scheduled", next_at=9.0, spec=life.pod.spec)
    life.do([Create(object=second)])
    life.until(9)
    assert life.state.pods["second"].ready
