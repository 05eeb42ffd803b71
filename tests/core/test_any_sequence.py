"""Whatever is done, in whatever order: between ceiling and floor, to an end, the same each time, and nothing twice.

A state machine of hypothesis: its rules are what people and machines do to a Deployment, its checks hold at every
controller's pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cluster.core.controllers import garbage, replicaset
from cluster.core.controllers.conditions import AVAILABLE, find
from cluster.core.controllers.revisions import DESIRED_REPLICAS, MAX_REPLICAS, find_new
from cluster.core.controllers.status import is_complete
from cluster.core.manifests import edits
from cluster.core.nodes import behaviour, kubelet
from cluster.core.objects import Change, Create, Deployment, ImageBehaviour, Node, Pod, ReplicaSet, Update
from cluster.core.reconcile import Work, reconcile
from cluster.core.state import State
from tests.core import builders
from tests.core.bounds import ceiling_of, floor_of

IMAGES = ("nginx:v1", "nginx:v2", "nginx:v3")
LIVELY = (
    ImageBehaviour(
        pattern="nginx:v2", pull_seconds=1.0, start_seconds=0.5, ready_seconds=2.0, stop_seconds=3.0, jitter=0.4
    ),
    ImageBehaviour(pattern="nginx:v3", ready_seconds=1.0, stop_seconds=40.0),
    ImageBehaviour(pattern="*"),
)
FAILURES = ("image-not-found", "crash-loop", "never-ready", "ready-then-fails")
ROLLING_RULES = {"availability-floor", "unhealthy-first", "surge-room", "too-many-new"}
MOST_PASSES = 400

limits = st.tuples(
    st.integers(0, 4) | st.sampled_from(["0%", "25%", "50%", "100%"]),
    st.integers(0, 4) | st.sampled_from(["0%", "25%", "50%", "100%"]),
).filter(lambda pair: any(each not in (0, "0%") for each in pair))


class AnySequence(RuleBasedStateMachine):
    state: State
    now: float

    @initialize(replicas=st.integers(0, 7), limit=limits, slots=st.sampled_from([4, 2000]))
    def create(self, replicas: int, limit: tuple[int | str, int | str], slots: int) -> None:
        owner = builders.deployment(replicas, max_surge=limit[0], max_unavailable=limit[1])
        nodes = [Node(name=f"node-{number}", slots=slots) for number in (1, 2, 3)]
        self.state, self.twin = State(nodes, {"": LIVELY}), State(nodes, {"": LIVELY})
        self.now = builders.NOW
        self.change(Create(object=owner))

    @property
    def owner(self) -> Deployment:
        return builders.owner_of(self.state)

    # What people do.

    @rule(image=st.sampled_from(IMAGES))
    def set_image(self, image: str) -> None:
        self.edit(edits.set_images(self.owner, {"nginx": image}))

    @rule(replicas=st.integers(0, 9))
    def scale(self, replicas: int) -> None:
        self.edit(edits.scale(self.owner, replicas))

    @rule(limit=limits, min_ready=st.sampled_from([0, 0, 2]), deadline=st.sampled_from([None, 10, 600]))
    def tune(self, limit: tuple[int | str, int | str], min_ready: int, deadline: int | None) -> None:
        changed = {"max_surge": limit[0], "max_unavailable": limit[1], "min_ready_seconds": min_ready}
        self.edit(edits.tune(self.owner, **changed, progress_deadline_seconds=deadline))

    @rule(strategy=st.sampled_from(["RollingUpdate", "RollingUpdate", "Recreate"]))
    def change_strategy(self, strategy: str) -> None:
        self.edit(edits.tune(self.owner, strategy=strategy))

    @rule(limit=st.sampled_from([0, 1, 10]))
    def keep_history(self, limit: int) -> None:
        changed = replace(self.owner, revision_history_limit=limit, generation=self.owner.generation + 1)
        self.edit(changed)

    @rule()
    def pause_or_resume(self) -> None:
        self.edit(edits.resume(self.owner) if self.owner.paused else edits.pause(self.owner))

    @precondition(lambda self: not self.owner.paused)
    @rule()
    def restart(self) -> None:
        self.edit(edits.restart(self.owner, str(self.now)))

    @precondition(lambda self: not self.owner.paused and len(self.state.replicasets_of(self.owner.uid)) > 1)
    @rule()
    def undo(self) -> None:
        self.edit(edits.undo(self.owner, self.state.replicasets_of(self.owner.uid).values()))

    # What goes wrong.

    @rule(share=st.sampled_from([1, 2, 3]))
    def kill_pods(self, share: int) -> None:
        """Every pod, every second, every third."""
        victims = list(self.state.pods.values())[::share]
        self.change(*(change for pod in victims for change in replicaset.terminate(pod, self.now)))

    @rule(image=st.sampled_from(IMAGES), failure=st.sampled_from(FAILURES))
    def break_image(self, image: str, failure: str) -> None:
        failing = ImageBehaviour(pattern=image, failure=failure, fails_after_seconds=1.5)  # type: ignore[arg-type]
        self.behave(behaviour.broken(LIVELY, [failing]))

    @rule()
    def heal_images(self) -> None:
        self.behave(LIVELY)

    @rule(name=st.sampled_from(["node-1", "node-2", "node-3"]))
    def cordon_or_uncordon(self, name: str) -> None:
        node = self.state.nodes[name]
        self.change(Update(object=replace(node, unschedulable=not node.unschedulable)))

    # What tampers with the controllers' work.

    @precondition(lambda self: self.state.replicasets)
    @rule(place=st.integers(0, 9), replicas=st.integers(0, 5))
    def scale_a_replicaset(self, place: int, replicas: int) -> None:
        found = self.any_replicaset(place)
        self.change(Update(object=replace(found, replicas=replicas, generation=found.generation + 1)))

    @precondition(lambda self: self.state.replicasets)
    @rule(place=st.integers(0, 9), orphan=st.booleans())
    def delete_a_replicaset(self, place: int, orphan: bool) -> None:
        self.change(garbage.delete(self.any_replicaset(place), "Orphan" if orphan else "Background", self.now))

    def any_replicaset(self, place: int) -> ReplicaSet:
        found = list(self.state.replicasets.values())
        return found[place % len(found)]

    # Time.

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 30.0, 700.0]))
    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(MOST_PASSES):
            due = self.due()
            if due is None or due > end:
                break
            self.now = max(due, self.now)
            self.look()
        self.now = end
        self.look()

    @precondition(lambda self: not self.owner.paused)
    @rule()
    def heal_all_and_wait(self) -> None:
        """Whatever was done before: with nothing broken, a rollout completes, and then nothing more is due."""
        nodes = list(self.state.nodes.values())
        self.apply([Update(object=replace(node, unschedulable=False, slots=2000)) for node in nodes])
        self.behave(LIVELY)
        self.wait_out()
        if is_trapped(self.state):
            self.edit(edits.scale(edits.tune(self.owner, strategy="RollingUpdate"), self.owner.replicas + 1))
            self.wait_out()
        assert is_complete(self.owner, self.owner.status)
        alive = [each for each in self.state.replicasets.values() if each.owner_uid == self.owner.uid and each.replicas]
        assert [each.replicas for each in alive] == [self.owner.replicas] * bool(self.owner.replicas)
        assert len(self.state.replicasets) - 1 <= (self.owner.revision_history_limit or 0)

    def wait_out(self) -> None:
        for _ in range(MOST_PASSES):
            due = self.due()
            if due is None:
                break
            self.now = due
            self.look()
        assert self.due() is None

    def teardown(self) -> None:
        if hasattr(self, "state"):
            if self.owner.paused:
                self.pause_or_resume()
            self.heal_all_and_wait()

    # What holds at every pass.

    def edit(self, owner: Deployment) -> None:
        self.change(Update(object=owner))

    def behave(self, behaviours: tuple[ImageBehaviour, ...]) -> None:
        for each in (self.state, self.twin):
            each.set_behaviours("", behaviours)
        self.change(*kubelet.look_again(self.state, self.now))

    def change(self, *changes: Change) -> None:
        self.apply(changes)
        self.now += 0.001
        self.look()

    def apply(self, changes: Sequence[Change]) -> None:
        """The twin has the same history, so that the same must come of it."""
        for each in (self.state, self.twin):
            each.apply(changes)

    def due(self) -> float | None:
        result = reconcile(self.state, self.now)
        assert reconcile(self.twin, self.now).changes == result.changes
        return result.due

    def look(self) -> None:
        """Goes the way of `reconcile`, and looks at each turn on the way."""
        work = Work(self.state, self.now)
        while True:
            before, told = look_at(self.state), len(work.changes)
            if not work.turn():
                break
            if not was_scaled_by_hand(before):
                check_ceiling(before, look_at(self.state))
            check_floor(before, look_at(self.state), work.changes[told:], self.now)
        assert reconcile(self.twin, self.now).changes == work.changes
        assert reconcile(self.state, self.now).changes == reconcile(self.twin, self.now).changes == []
        check_status(self.state, self.now)


class Sight(NamedTuple):
    """A Deployment with its ReplicaSets, and all pods by uid."""

    owner: Deployment
    owned: list[ReplicaSet]
    pods: Mapping[str, Pod]


def look_at(state: State) -> Sight:
    owner = builders.owner_of(state)
    return Sight(owner, list(state.replicasets_of(owner.uid).values()), dict(state.pods))


def is_trapped(state: State) -> bool:
    """Upstream's own trap (kubernetes/kubernetes#125568): what was last sized for another number of replicas makes each pass a
    scaling event, and scaling does nothing where Recreate finds several ReplicaSets with pods, or one that has the wanted size."""
    there = look_at(state)
    wanted = str(there.owner.replicas)
    return any(each.annotations[DESIRED_REPLICAS] != wanted for each in there.owned if each.replicas)


def was_scaled_by_hand(there: Sight) -> bool:
    """A ReplicaSet has more than its controller ever wanted: shares are then reckoned from a number that is too small, upstream too
    (GetReplicaSetProportion), and may go past the ceiling."""
    return any(each.replicas > int(each.annotations.get(MAX_REPLICAS, "0")) for each in there.owned)


def check_ceiling(before: Sight, after: Sight) -> None:
    """A pass asks for no more than desired + surge, or than there was asked for before."""
    asked = sum(each.replicas for each in after.owned)
    assert asked <= max(ceiling_of(after.owner), sum(each.replicas for each in before.owned))


def check_floor(before: Sight, after: Sight, decided: Iterable[Change], now: float) -> None:
    """A pass of a rolling update leaves the floor available, or at least what was; pods that are not available go first."""
    whys = {change.why.rule for change in decided if change.why}
    if not whys & {"availability-floor", "unhealthy-first"} or not whys <= ROLLING_RULES:
        return
    there = {each.uid: available(before.pods, each, now) for each in before.owned}
    left = sum(min(each.replicas, there.get(each.uid, 0)) for each in after.owned)
    assert left >= min(floor_of(after.owner), sum(there.values()))


def available(pods: Mapping[str, Pod], owner: ReplicaSet, now: float) -> int:
    mine = (pod for pod in pods.values() if pod.owner_uid == owner.uid and pod.deleted_at is None and pod.ready)
    return sum(pod.ready_since is not None and pod.ready_since + owner.min_ready_seconds <= now for pod in mine)


def check_status(state: State, now: float) -> None:
    """The status tells of the pods that are there; every ReplicaSet has as many as it should."""
    owner, mine, pods = look_at(state)
    status = owner.status
    alive = [pod for pod in pods.values() if pod.deleted_at is None and pod.phase not in ("Failed", "Succeeded")]
    counts = {each.uid: sum(pod.owner_uid == each.uid for pod in alive) for each in mine}
    assert counts == {each.uid: each.replicas for each in mine}
    assert status.replicas == sum(counts.values())
    new = find_new(owner, mine)
    assert status.updated_replicas == (counts[new.uid] if new else 0)
    assert status.available_replicas == sum(available(pods, each, now) for each in mine)
    assert status.ready_replicas == sum(pod.ready and pod.owner_uid in counts for pod in alive)
    assert status.observed_generation == owner.generation
    condition = find(status.conditions, AVAILABLE)
    assert condition is not None
    enough = status.available_replicas >= floor_of(owner)
    assert condition.status == ("True" if enough else "False")
    bound = {name: sum(pod.node == name for pod in pods.values()) for name in state.nodes}
    assert all(bound[name] <= node.slots for name, node in state.nodes.items())


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
