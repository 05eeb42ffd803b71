"""The stage of a rehearsal: a cluster, and a clock that jumps to the next due time. No database, no waiting."""

from collections.abc import Callable
from dataclasses import replace

from cluster.core.controllers import conditions, status
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.manifests import edits
from cluster.core.nodes import kubelet
from cluster.core.objects import Change, Deployment, Update
from cluster.core.queue import Key
from cluster.core.reconcile import Failed, raise_error, reconcile
from cluster.core.rehearsals import causes, verdict
from cluster.core.rehearsals.notes import Notes
from cluster.core.rehearsals.rehearsed import EXCEEDED, SETTLED, STUCK, Rehearsed
from cluster.core.rehearsals.stories.story import StoryError
from cluster.core.state import State
from cluster.core.traffic.model import Model, Traffic, compute
from cluster.core.traffic.timeline import Observer

UNMOVED_SECONDS = 3600.0
MOST_MOMENTS = 200_000
MOST_PODS = 100_000


class ForecastError(Exception):
    """Raised when a controller fails on the forecast's Deployment, its ReplicaSets or their pods; its cause is that error."""


class Stage:
    """`state` belongs to the stage, and counts readiness gates as met. `star` is (namespace, name) of the Deployment that is watched
    and whose pods are counted; there may be others. `watch` is called at every step of the clock, and may raise to end the
    rehearsal."""

    def __init__(self, name: str, state: State, now: float, star: tuple[str, str]) -> None:
        self.name, self.state, self.star, self.now = name, state, star, now
        state.assumes_gates = True
        self.due: float | None = None
        self.notes = Notes(state, star, now)
        self.steps_forward = verdict.Progress(now)
        self.observer: Observer | None = None
        self.model = Model()
        self.held_at_first: list[causes.Cause] = []
        self.had_failed = False
        self.watch: Callable[[], None] = lambda: None
        self.failed: Failed = raise_error
        self.completed_at: float | None = None

    def observe(self, model: Model, service: str = "") -> None:
        """Computes requests to a Service that selects the star's pods, once there is one."""
        self.model, self.observer = model, Observer(self.state, self.star, service)

    def start_measuring(self, began: float) -> None:
        self.notes.start_measuring(began)
        self.completed_at = None
        if self.found and not self.is_complete():
            self.steps_forward.begin(began)
            self.had_failed = self.has_failed()

    def advance(self, end: float) -> None:
        while self.due is not None and self.due <= end:
            self.tick(self.due)
        self.tick(end)

    def run_until(self, done: Callable[[], bool], *, is_patient: bool = False) -> bool:
        """Advances the clock until `done()`; False if more waiting would not help: for UNMOVED_SECONDS (and minReadySeconds)
        nothing has come nearer to the end, whatever went up and down meanwhile. `is_patient`: continues past the progress
        deadline, as the controllers do."""
        nearest, moved = self.missing(), self.now
        for _ in range(MOST_MOMENTS):
            if done():
                return True
            if self.due is None or (self.has_failed() and not is_patient) or self.now - moved > self.longest_wait:
                return False
            self.tick(self.due)
            nearer = tuple(map(min, nearest, self.missing()))
            if nearer != nearest:
                nearest, moved = nearer, self.now
        return False

    @property
    def longest_wait(self) -> float:
        return UNMOVED_SECONDS + (self.found.min_ready_seconds if self.found else 0)

    def run_out(self) -> None:
        """After the last step: runs to the end of the rollout, and of the pods that are still terminating."""
        if self.found and self.run_until(self.is_complete, is_patient=self.had_failed):
            self.run_until(lambda: not self.notes.tally.terminating)

    def tick(self, now: float) -> None:
        self.watch()
        self.now = now
        self.notes.tally.ripen(now)
        self.try_again()
        self.settle()

    def try_again(self) -> None:
        """Does what is due now apart from the controllers' work; `tried_at` is when that is due next."""

    def tried_at(self) -> float | None:
        return None

    def edit(self, new: Deployment) -> None:
        edits.check(self.deployment, new)
        check_size(new)
        if new.template != self.deployment.template:
            self.begin_rollout()
        self.change([Update(object=new)] if new != self.deployment else [])

    def begin_rollout(self) -> None:
        self.steps_forward.begin(self.now)
        self.notes.begin_rollout(self.now)

    def change(self, changes: list[Change]) -> None:
        self.state.apply(changes)
        for each in changes:
            self.note(each)
        self.settle()

    def settle(self) -> None:
        before = self.progress()
        result = reconcile(self.state, self.now, failed=self.failed)
        self.due = min((at for at in (result.due, self.tried_at()) if at is not None), default=None)
        for each in result.changes:
            self.note(each)
        self.note_progress(before)
        if self.found:
            self.steps_forward.look(self.found, self.now, self.progress())
        self.notes.look_at_rollout(self.found, self.now, is_complete=self.is_complete())
        if not self.is_complete():
            self.completed_at = None
        elif self.completed_at is None:
            self.completed_at = self.elapsed

    def note_progress(self, before: str) -> None:
        """Adds a line where a rollout completes or its deadline passes."""
        after = self.progress()
        if after != before and after in (status.NEW_AVAILABLE, status.TIMED_OUT):
            rule = "complete" if after == status.NEW_AVAILABLE else "deadline"
            self.notes.say_rule(self.now, "condition", rule, {"reason": after})

    def note(self, change: Change) -> None:
        if self.observer:
            self.observer.take(change, self.now)
        self.notes.take(change, self.now)

    def raise_own_error(self, key: Key, error: Exception) -> None:
        """Raises ForecastError for a failure of the star, its ReplicaSets or their pods."""
        kind, uid = key
        pod = self.state.pods.get(uid) if kind == "Pod" else None
        owner = pod.owner_uid if pod else uid
        replicaset = self.state.replicasets.get(owner or "")
        if owner in self.notes.mine or (replicaset and replicaset.owner_uid in self.notes.mine):
            raise ForecastError(f"{kind} {uid} fails in the forecast") from error

    @property
    def deployment(self) -> Deployment:
        if self.found is None:
            raise StoryError("the Deployment is not there; an `apply` step makes it")
        return self.found

    @property
    def found(self) -> Deployment | None:
        found: Deployment | None = self.state.named("Deployment", *self.star)
        return found

    @property
    def elapsed(self) -> float:
        return self.now - self.notes.began

    def progress(self) -> str:
        """The reason of the condition Progressing, or "" without one."""
        deployment = self.found
        found = deployment and conditions.find(deployment.status.conditions, conditions.PROGRESSING)
        return found.reason if found else ""

    def missing(self) -> tuple[int, ...]:
        """How many pods the rollout still has to create or remove: of the newest revision, old ones, and available ones
        missing."""
        if self.found is None:
            return 0, 0, 0
        wanted, counted = self.found.replicas, self.found.status
        old = counted.replicas - counted.updated_replicas
        return abs(wanted - counted.updated_replicas), old, max(wanted - counted.available_replicas, 0)

    def is_complete(self) -> bool:
        deployment = self.found
        return deployment is not None and status.is_complete(deployment, deployment.status)

    def has_failed(self) -> bool:
        """Whether the progress deadline has passed, which makes `kubectl rollout status` give up."""
        return self.progress() == status.TIMED_OUT

    def is_quiet(self) -> bool:
        """Whether nothing changes by itself except retries."""
        return self.due is None or not kubelet.is_moving(self.state.waiting())

    def outcome(self) -> str:
        if self.found is None or self.is_complete():
            return SETTLED
        return EXCEEDED if self.has_failed() else STUCK

    def result(self, problem: str) -> Rehearsed:
        settled = self.completed_at if self.outcome() == SETTLED else None
        notes, tally = self.notes, self.notes.tally
        told = Rehearsed(
            name=self.name,
            outcome=self.outcome(),
            problem=problem,
            duration_seconds=round(self.elapsed if settled is None else settled, 3),
            peak_pods=tally.peak,
            peak_pods_with_terminating=tally.peak_with_terminating,
            min_available=tally.min_available or 0,
            floor_held=tally.floor_broken_at is None,
            rollouts=notes.rollouts,
            lines=notes.lines,
            frames=notes.frames,
            points=[each._replace(at=each.at - notes.began) for each in tally.points],
            scalings=notes.scalings,
            after_step=notes.after_step,
            events=notes.events,
            traffic=self.traffic(),
        )
        return replace(told, verdict=self.verdict())

    def verdict(self) -> verdict.Verdict:
        """Ends the rehearsal: an incomplete rollout is continued past its deadline, and what happens then is not in the result."""
        self.notes.turn_page()
        is_complete = self.found is None or self.run_until(self.is_complete, is_patient=True)
        held = self.held_at_first if is_complete or self.found is None else causes.causes(self.state, self.found)
        known = {each.rule for each in held}
        unforeseen = causes.unforeseen(self.found) if self.found else []
        held = [*held, *(each for each in unforeseen if each.rule not in known)]
        seconds = round(self.completed_at or 0.0, 3) if is_complete else None
        steps = self.steps_forward
        passed = None if steps.passed_at is None else round(steps.passed_at - self.notes.began, 3)
        return verdict.Verdict(
            answer=verdict.judge(seconds, passed, held),
            seconds=seconds,
            deadline_passes=passed,
            causes=tuple(held),
            longest_gap=round(steps.longest, 3),
            deadline=self.found.progress_deadline_seconds if self.found else None,
            advised_deadline=verdict.advised(self.found, steps.longest) if is_complete else None,
        )

    def traffic(self) -> Traffic | None:
        """The requests until the end of the rehearsal, and until the proxies have taken notice and the last requests are over;
        None without a Service."""
        observer = self.observer
        if observer is None or observer.service is None:
            return None
        end = self.now + self.model.belief_delay_seconds + self.model.request_seconds
        return compute(observer.service.name, self.model, observer.timeline, self.notes.began, end).since(
            self.notes.began
        )


def check_size(deployment: Deployment) -> None:
    """Raises StoryError where the replicas and the surge together exceed MOST_PODS."""
    pods = deployment.replicas + max_surge(deployment)
    if pods > MOST_PODS:
        raise StoryError(f"{pods:,} pods are too many for a rehearsal; {MOST_PODS:,} are allowed")
