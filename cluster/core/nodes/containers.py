"""The containers of one pod, from the pull of their images to their end (pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod
and computePodActions, kuberuntime_container.go, images/image_manager.go, prober).

A container's `stage` names what the kubelet does with the container next:

    waiting                            not begun: init containers run one after another, then the others are begun in order
    pulling, starting                  the pull or the start ends; then the container starts or runs
    ready, unready, started            running: a probe's result is due
    crash, finish, startup, liveness   running: the container exits, or a probe ends it
    running, failing                   running, and nothing is due; `failing` has lost its readiness for good
    stopping, killing                  asked to stop: ends by itself, or is killed at the end of the grace period
    pull-failed, pull-back-off, back-off, unmounted, unconfigured, refused    cannot be started now
    done                               ended for good
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from cluster.core.copying import change, copied
from cluster.core.nodes import outlook, probes
from cluster.core.nodes.lives import ContainerLife, PodLife
from cluster.core.nodes.references import Reference
from cluster.core.objects import Container, Ended, Pod

BACK_OFF_SECONDS, LONGEST_BACK_OFF_SECONDS = 10.0, 300.0
FORGET_CRASHES_SECONDS = 600.0
RESYNC_SECONDS = 10.0  # a pod whose sync failed is synced again (backOffPeriod)
FIRST_MOUNT_SECONDS, LONGEST_MOUNT_SECONDS = 0.5, 122.0
LEAST_GRACE_SECONDS = 2.0
KILLED = 137
RUNNING = frozenset(
    (
        "ready",
        "unready",
        "started",
        "crash",
        "finish",
        "startup",
        "liveness",
        "running",
        "failing",
        "stopping",
        "killing",
    )
)
STOPPING = ("stopping", "killing")
# Stages of a container that is retried again and again, or is about to fail again.
RETRYING = frozenset(
    ("pull-failed", "pull-back-off", "back-off", "unmounted", "unconfigured", "crash", "startup", "liveness")
)
REFERENCE = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)


class Node(Protocol):
    """What containers need of their node's kubelet; `now`: the time up to which the kubelet works."""

    now: float

    def has_image(self, node: str, image: str) -> bool: ...
    def lacks(self, pod: Pod, needs: Sequence[Reference]) -> str: ...
    def add_image(self, node: str, image: str) -> None: ...
    def emit(self, pod: Pod, reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal") -> None: ...


class Containers:
    """The containers of a pod while the kubelet works on them. The methods' `now` is the time at which a step happens."""

    def __init__(self, node: Node, pod: Pod, life: PodLife) -> None:
        self.node, self.pod, self.life = node, pod, life
        waiting = "PodInitializing" if life.containers[0].role != "main" else "ContainerCreating"
        self.all = list(pod.containers) or [Container(name=each.name, reason=waiting) for each in life.containers]
        self.own: set[int] = set()  # indexes of the containers that are copied already and may be changed

    def next(self) -> tuple[float, int] | None:
        """(time, the container's index) of what happens next; None: nothing by itself."""
        first, found = 0, None
        for place, each in enumerate(self.all):
            if each.next_at is not None and (found is None or each.next_at < found):
                first, found = place, each.next_at
        return None if found is None else (found, first)

    def pairs(self) -> list[tuple[Container, ContainerLife]]:
        return list(zip(self.all, self.life.containers, strict=True))

    def step(self, place: int, now: float) -> None:
        STEPS[self.all[place].stage](self, place, now)

    # Images

    def prepare(self, place: int, now: float) -> None:
        """Checks the volumes and the image, and pulls the image if necessary."""
        life = self.life.containers[place]
        image = life.image
        unmounted = self.node.lacks(self.pod, self.life.mounts) if self.all[place].started_at is None else ""
        if unmounted:
            self.wait_for_volume(place, unmounted, now)
        elif image and not REFERENCE.fullmatch(image):
            self.refuse_image(place, now)
        elif life.pull_policy == "Always" or not self.node.has_image(self.pod.node, image):
            self.pull(place, now)
        else:
            self.emit("Pulled", f'Container image "{image}" already present on machine and can be accessed by the pod')
            self.to_starting(place, now)

    def refuse_image(self, place: int, now: float) -> None:
        image = self.life.containers[place].image
        message = f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": invalid reference format'
        self.emit("InspectFailed", message, "Warning")
        self.emit("Failed", "Error: InvalidImageName", "Warning")
        self.set(place, stage="refused", reason="InvalidImageName", message=message, next_at=None)
        self.go_on_without(place, now)

    def pull(self, place: int, now: float) -> None:
        life = self.life.containers[place]
        if life.pull_policy == "Never":
            message = f'Container image "{life.image}" is not present with pull policy of Never'
            self.emit("ErrImageNeverPull", message, "Warning")
            self.emit("Failed", "Error: ErrImageNeverPull", "Warning")
            self.set(place, stage="refused", reason="ErrImageNeverPull", message=message, next_at=None)
            self.go_on_without(place, now)
            return
        self.emit("Pulling", f'Pulling image "{life.image}"')
        self.set(place, stage="pulling", next_at=now + self.pull_seconds(life))

    def finish_pull(self, place: int, now: float) -> None:
        life = self.life.containers[place]
        if life.fails(self.pod.uid, "image-not-found"):
            self.fail_pull(place, now)
            return
        took = f"{self.pull_seconds(life):.3g}s"
        self.node.add_image(self.pod.node, life.image)
        self.emit("Pulled", f'Successfully pulled image "{life.image}" in {took} ({took} including waiting)')
        if self.all[place].reason == "ImagePullBackOff":
            self.set(place, attempts=0, reason=self.waiting_reason(), message="")
        self.to_starting(place, now)

    def fail_pull(self, place: int, now: float) -> None:
        image = self.life.containers[place].image
        message = (
            f'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack image '
            f'"docker.io/library/{image}": docker.io/library/{image}: not found'
        )
        self.emit("Failed", message, "Warning")
        self.emit("Failed", "Error: ErrImagePull", "Warning")
        self.set(place, stage="pull-failed", reason="ErrImagePull", message=message, next_at=now + 1.0)
        self.go_on_without(place, now)

    def back_off_pull(self, place: int, now: float) -> None:
        text = f'Back-off pulling image "{self.life.containers[place].image}"'
        self.emit("BackOff", text)
        self.emit("Failed", "Error: ImagePullBackOff", "Warning")
        attempts = self.all[place].attempts
        self.set(
            place, stage="pull-back-off", reason="ImagePullBackOff", message=text, attempts=attempts + 1,
            next_at=now + back_off(attempts),
        )  # fmt: skip

    # ConfigMaps and Secrets

    def wait_for_volume(self, place: int, text: str, now: float) -> None:
        """A mount is retried after 0.5 s, 1 s ... 122 s (nestedpendingoperations, goroutinemap/exponentialbackoff)."""
        self.emit("FailedMount", text, "Warning")
        attempts = self.all[place].attempts
        wait = min(FIRST_MOUNT_SECONDS * 2.0 ** min(attempts, 10), LONGEST_MOUNT_SECONDS)
        self.set(place, stage="unmounted", attempts=attempts + 1, next_at=self.later(now, wait))

    def wait_for_config(self, place: int, text: str, now: float) -> None:
        self.emit("Failed", f"Error: {text}", "Warning")
        self.set(
            place, stage="unconfigured", reason="CreateContainerConfigError", message=text, attempts=0,
            next_at=self.later(now, RESYNC_SECONDS),
        )  # fmt: skip
        self.go_on_without(place, now)

    def later(self, now: float, seconds: float) -> float:
        """The time `seconds` after `now`. Retries that were missed while the server was stopped are not caught up."""
        return max(now, self.node.now) + seconds if now + seconds <= self.node.now else now + seconds

    # Running

    def to_starting(self, place: int, now: float) -> None:
        life = self.life.containers[place]
        seconds = life.lasting(life.behaviour.start_seconds, self.pod.uid, "start")
        self.set(place, stage="starting", next_at=now + seconds)

    def start(self, place: int, now: float) -> None:
        life = self.life.containers[place]
        missing = self.node.lacks(self.pod, life.needs)
        if missing:
            self.wait_for_config(place, missing, now)
            return
        self.emit("Created", "Container created")
        self.emit("Started", "Container started")
        started = life.startup is None or life.role == "init"
        self.set(
            place, stage="running", reason="", message="", ready=False, started=started, started_at=now, since=now,
            next_at=None,
        )  # fmt: skip
        self.look_ahead(place, now)
        if life.role == "main" or (life.role == "sidecar" and started):
            self.begin(place + 1, now)

    def look_ahead(self, place: int, now: float) -> None:
        """Sets what happens to a running container next."""
        coming = outlook.soonest(self.all[place], self.life.containers[place], self.pod.uid, now)
        stage = "failing" if self.all[place].stage == "failing" else "running"
        at, stage = coming if coming else (None, stage)
        self.set(place, stage=stage, next_at=at)

    def become_ready(self, place: int, now: float) -> None:
        self.set(place, ready=True)
        self.look_ahead(place, now)

    def lose_readiness(self, place: int, now: float) -> None:
        """The readiness probe has failed. An image that is never ready is probed again and again; others stay unready."""
        life = self.life.containers[place]
        self.find_unhealthy("Readiness", life.readiness)
        is_asked_again = life.fails(self.pod.uid, "never-ready")
        self.set(place, ready=False, stage="unready" if is_asked_again else "failing")
        self.look_ahead(place, now)

    def pass_startup(self, place: int, now: float) -> None:
        self.set(place, started=True)
        self.look_ahead(place, now)
        if self.life.containers[place].role == "sidecar":
            self.begin(place + 1, now)

    def look_again(self, now: float) -> None:
        """Applies changed image behaviours to the running containers from now on."""
        for place, container in enumerate(self.all):
            if container.stage in RUNNING and container.stage not in STOPPING:
                self.set(place, since=now, stage="running")
                life = self.life.containers[place]
                if life.fails(self.pod.uid, "crash-loop"):
                    self.end(place, now, exit_code=1)
                elif container.ready and life.fails(self.pod.uid, "never-ready"):
                    self.lose_readiness(place, now)
                else:
                    self.look_ahead(place, now)

    def go_on(self, now: float) -> None:
        """After an external kubelet: running containers continue, ended ones are restarted by their policy, and the next one is
        begun."""
        self.look_again(now)
        for place, life in enumerate(self.life.containers):
            container = self.all[place]
            if container.stage == "done" and is_restarted(container, life):
                self.restart(place, now)
            elif container.stage == "waiting":
                self.begin(place, now)
            elif life.role != "init" or container.stage not in RUNNING:
                continue
            if life.role != "main":
                return

    # The end

    def fail_startup(self, place: int, now: float) -> None:
        self.end_unhealthy(place, now, "Startup", self.life.containers[place].startup)

    def fail_liveness(self, place: int, now: float) -> None:
        self.end_unhealthy(place, now, "Liveness", self.life.containers[place].liveness)

    def end_unhealthy(self, place: int, now: float, kind: str, probe: probes.Probe | None) -> None:
        """Stops a container that has failed its startup or liveness probe; it is restarted by its policy."""
        life = self.life.containers[place]
        self.find_unhealthy(kind, probe)
        self.emit("Killing", f"Container {life.name} failed {kind.lower()} probe, will be restarted")
        grace = self.life.grace_seconds if probe is None or probe.grace_seconds is None else probe.grace_seconds
        self.stop(place, now, grace)

    def stop(self, place: int, now: float, grace_seconds: float) -> None:
        """Runs the preStop hook, then stops the container; at least 2 s of the grace period are left for that, unless it is 0
        (kuberuntime_container.go killContainer)."""
        life = self.life.containers[place]
        hook = min(life.pre_stop_seconds, grace_seconds)
        if life.pre_stop_seconds > grace_seconds:
            self.emit("FailedPreStopHook", "PreStopHook failed", "Warning")
        left = max(grace_seconds - hook, LEAST_GRACE_SECONDS) if grace_seconds else 0.0
        wanted = life.lasting(life.behaviour.stop_seconds, self.pod.uid, "stop")
        self.set(place, stage="killing" if wanted > left else "stopping", next_at=now + hook + min(wanted, left))

    def end(self, place: int, now: float, *, exit_code: int) -> None:
        container, life = self.all[place], self.life.containers[place]
        begun = container.started_at if container.started_at is not None else now
        ended = Ended(begun, now, exit_code, "Error" if exit_code else "Completed")
        self.set(place, stage="done", next_at=None, ready=False, started=False, last=ended)
        if self.pod.deleted_at is not None:
            self.stop_sidecar(now)
        elif life.role == "init" and exit_code == 0:
            self.begin(place + 1, now)
        elif life.restart_policy == "Always" or (life.restart_policy == "OnFailure" and exit_code):
            self.start_again(place, now, ran_seconds=now - begun)
        elif life.role == "main" and self.is_over:
            self.stop_sidecar(now)

    def start_again(self, place: int, now: float, *, ran_seconds: float) -> None:
        """Restarts a container: at once the first time and after a run of more than 10 minutes, else with back-off
        (kuberuntime_manager.go doBackOff)."""
        container = self.all[place]
        attempts = 0 if ran_seconds > FORGET_CRASHES_SECONDS else container.attempts
        if attempts == 0:
            self.set(place, attempts=1)
            self.restart(place, now)
            return
        seconds = back_off(attempts - 1)
        about = f"{self.pod.name}_{self.pod.namespace}({self.pod.uid})"
        self.emit("BackOff", f"Back-off restarting failed container {container.name} in pod {about}", "Warning")
        message = f"back-off {go_duration(seconds)} restarting failed container={container.name} pod={about}"
        self.set(
            place, stage="back-off", reason="CrashLoopBackOff", message=message, attempts=attempts + 1,
            next_at=now + seconds,
        )  # fmt: skip

    def restart(self, place: int, now: float) -> None:
        self.set(place, restarts=self.all[place].restarts + 1)
        self.prepare(place, now)

    def stop_all(self, now: float, grace_seconds: float) -> None:
        """Stops the pod: its containers together, then its sidecars one by one from the last
        (kuberuntime_termination_order.go)."""
        for place, container in enumerate(self.all):
            if self.life.containers[place].role == "sidecar":
                self.set(place, next_at=None)
            elif container.stage in RUNNING:
                self.emit("Killing", f"Stopping container {container.name}")
                self.stop(place, now, grace_seconds)
            else:
                self.set(place, stage="done", next_at=None)
        self.stop_sidecar(now)

    def stop_sidecar(self, now: float) -> None:
        if any(each.stage in STOPPING for each in self.all):
            return
        for place in reversed(range(len(self.all))):
            if self.life.containers[place].role == "sidecar" and self.all[place].stage in RUNNING:
                self.emit("Killing", f"Stopping container {self.all[place].name}")
                self.stop(place, now, self.grace_left(now))
                return

    def grace_left(self, now: float) -> float:
        pod = self.pod
        grace = self.life.grace_seconds if pod.grace_seconds is None else pod.grace_seconds
        return grace if pod.deleted_at is None else max(pod.deleted_at + grace - now, LEAST_GRACE_SECONDS)

    def crash(self, place: int, now: float) -> None:
        self.end(place, now, exit_code=1)

    def finish(self, place: int, now: float) -> None:
        self.end(place, now, exit_code=0)

    def be_killed(self, place: int, now: float) -> None:
        self.end(place, now, exit_code=KILLED)

    # Helpers

    def begin(self, place: int, now: float) -> None:
        """Prepares the container at this index, unless it has been begun already."""
        if place < len(self.all) and self.all[place].stage == "waiting":
            self.prepare(place, now)

    def go_on_without(self, place: int, now: float) -> None:
        """Begins the next container: one that cannot be started delays others only if it is an init container."""
        if self.life.containers[place].role == "main":
            self.begin(place + 1, now)

    def find_unhealthy(self, kind: str, probe: probes.Probe | None) -> None:
        self.emit("Unhealthy", f"{kind} probe failed: {(probe or probes.UNASKED).finding}", "Warning")

    def pull_seconds(self, life: ContainerLife) -> float:
        return life.lasting(life.behaviour.pull_seconds, self.pod.uid, "pull")

    def waiting_reason(self) -> str:
        return "PodInitializing" if self.life.containers[0].role != "main" else "ContainerCreating"

    @property
    def is_over(self) -> bool:
        """Whether all main containers have ended for good."""
        return all(each.stage == "done" for each, life in self.pairs() if life.role == "main")

    def set(self, place: int, **changes: object) -> None:
        if place not in self.own:
            self.own.add(place)
            self.all[place] = copied(self.all[place])
        change(self.all[place], changes)

    def emit(self, reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal") -> None:
        self.node.emit(self.pod, reason, message, kind)


STEPS: dict[str, Callable[[Containers, int, float], None]] = {
    "pulling": Containers.finish_pull,
    "starting": Containers.start,
    "ready": Containers.become_ready,
    "unready": Containers.lose_readiness,
    "started": Containers.pass_startup,
    "crash": Containers.crash,
    "finish": Containers.finish,
    "startup": Containers.fail_startup,
    "liveness": Containers.fail_liveness,
    "stopping": Containers.finish,
    "killing": Containers.be_killed,
    "pull-failed": Containers.back_off_pull,
    "pull-back-off": Containers.prepare,
    "back-off": Containers.restart,
    "unmounted": Containers.prepare,
    "unconfigured": Containers.prepare,
}


def is_restarted(container: Container, life: ContainerLife) -> bool:
    """Whether a container that has ended runs again, by its restart policy."""
    failed = container.last is not None and container.last.exit_code != 0
    if life.role == "init" and not failed:
        return False
    return life.restart_policy == "Always" or (life.restart_policy == "OnFailure" and failed)


def back_off(attempts: int) -> float:
    """10 s, doubled with each attempt, 300 s at most."""
    return min(BACK_OFF_SECONDS * 2.0 ** min(attempts, 10), LONGEST_BACK_OFF_SECONDS)


def go_duration(seconds: float) -> str:
    """Whole seconds as Go's time.Duration prints them: 10s, 1m20s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
