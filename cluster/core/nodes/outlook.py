"""What happens to a running container next, from its image's behaviour and its probes (pkg/kubelet/prober/worker.go)."""

from cluster.core.nodes import probes
from cluster.core.nodes.lives import ContainerLife
from cluster.core.objects import Container

NEVER = float("inf")
Coming = tuple[float, str]


def soonest(container: Container, life: ContainerLife, uid: str, now: float) -> Coming | None:
    """(time, stage) of the next event of a container of the pod with this uid; None: none by itself."""
    return min(Outlook(container, life, uid, now).events(), default=None)


class Outlook:
    """The application responds to its probes from `answers` until `silent`."""

    def __init__(self, container: Container, life: ContainerLife, uid: str, now: float) -> None:
        self.container, self.life, self.uid, self.now = container, life, uid, now
        image = life.behaviour
        self.begun = container.started_at or 0.0
        ready_seconds = 0.0 if container.ready else life.lasting(image.ready_seconds or 0.0, uid, "ready")
        self.answers = container.since + ready_seconds
        self.silent = container.since + image.fails_after_seconds if life.fails(uid, "hangs") else NEVER

    def events(self) -> list[Coming]:
        crash = self.container.since + self.life.behaviour.fails_after_seconds
        found = [(crash, "crash")] if self.life.fails(self.uid, "crash-loop") else []
        if self.life.role == "init":
            return [*found, (self.answers, "finish")]
        if self.life.startup and not self.container.started:
            return [*found, self.startup(self.life.startup)]
        return [*found, *self.liveness(), *self.readiness()]

    def startup(self, probe: probes.Probe) -> Coming:
        passes, ends = probe.tick(self.begun, self.answers), probe.gives_up(self.begun, self.container.since)
        return (passes, "started") if passes <= ends and passes < self.silent else (ends, "startup")

    @property
    def asked(self) -> float:
        """The time from which liveness and readiness are probed: once the startup probe has succeeded."""
        begun = max(self.begun, self.container.since)
        return max(begun, self.life.startup.tick(self.begun, self.answers)) if self.life.startup else begun

    def liveness(self) -> list[Coming]:
        """A container is ended if it does not respond in time or stops responding."""
        probe = self.life.liveness
        if probe is None:
            return []
        early = probe.gives_up(self.begun, self.asked)
        if early < self.answers:
            return [(early, "liveness")]
        return [(probe.gives_up(self.begun, max(self.silent, self.asked)), "liveness")] if self.silent < NEVER else []

    def readiness(self) -> list[Coming]:
        """With `ready_seconds` None, readiness is set by hand only. A container without a readiness probe is ready when its
        image says so."""
        probe, image = self.life.readiness, self.life.behaviour
        if self.container.stage == "failing" or image.ready_seconds is None:
            return []
        if self.life.fails(self.uid, "never-ready"):
            return [(self.next_refusal(probe or probes.UNASKED), "unready")]
        if self.container.ready:
            return self.loss(probe)
        answers = max(self.asked, self.answers)
        at = probe.passes(self.begun, answers) if probe else answers
        return [(at, "ready")] if at < self.silent else []

    def next_refusal(self, probe: probes.Probe) -> float:
        at = probe.tick(self.begun, self.now)
        return at + probe.period if at <= self.now and self.container.stage == "unready" else at

    def loss(self, probe: probes.Probe | None) -> list[Coming]:
        """When a ready container becomes unready."""
        if self.life.fails(self.uid, "ready-then-fails"):
            fails = self.now + self.life.behaviour.fails_after_seconds
            return [(probe.gives_up(self.begun, fails) if probe else fails, "unready")]
        return [(probe.gives_up(self.begun, self.silent), "unready")] if probe and self.silent < NEVER else []
