"""Whatever is done, in whatever order: between ceiling and floor, to an end, the same each time, and nothing twice.

A state machine of hypothesis: its rules are what people and machines do to a Deployment, its checks hold at every
controller's pass."""

from collections.abc import Iterable
from dataclasses import replace

from cluster.core.family import apply_changes, own
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cluster.core import behaviour, edits, kubelet, replicaset
from cluster.core.conditions import AVAILABLE, find
from cluster.core.objects import Change, Deployment, Family, ImageBehaviour, Node, ReplicaSet
from cluster.core.podgroups import PodGroups
from cluster.core.reconcile import Pass, reconcile
from cluster.core.revisions import DESIRED_REPLICAS, find_new
from cluster.core.status import is_complete
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
    family: Family
    now: float

    @initialize(replicas=st.integers(0, 7), limit=limits, slots=st.sampled_from([4, 2000]))
    def create(self, replicas: int, limit: tuple[int | str, int | str], slots: int) -> None:
        owner = builders.deployment(replicas, max_surge=limit[0], max_unavailable=limit[1])
        started = builders.family(owner)
        nodes = {name: Node(name=name, slots=slots) for name in started.nodes}
        self.now = builders.NOW
        self.change(replace(started, behaviours=LIVELY, nodes=nodes))

    @property
    def owner(self) -> Deployment:
        assert self.family.deployment is not None
        return self.family.deployment

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

    @precondition(lambda self: not self.owner.paused and len(self.family.replicasets) > 1)
    @rule()
    def undo(self) -> None:
        self.edit(edits.undo(self.family))

    # What goes wrong.

    @rule(share=st.sampled_from([1, 2, 3]))
    def kill_pods(self, share: int) -> None:
        """Every pod, every second, every third."""
        victims = list(self.family.pods.values())[::share]
        gone = [change for pod in victims for change in replicaset.terminate(pod, self.now)]
        self.change(apply_changes(self.family, gone))

    @rule(image=st.sampled_from(IMAGES), failure=st.sampled_from(FAILURES))
    def break_image(self, image: str, failure: str) -> None:
        failing = ImageBehaviour(pattern=image, failure=failure, fails_after_seconds=1.5)  # type: ignore[arg-type]
        self.behave(behaviour.broken(LIVELY, [failing]))

    @rule()
    def heal_images(self) -> None:
        self.behave(LIVELY)

    @rule(name=st.sampled_from(["node-1", "node-2", "node-3"]))
    def cordon_or_uncordon(self, name: str) -> None:
        node = self.family.nodes[name]
        changed = replace(node, unschedulable=not node.unschedulable)
        self.change(replace(self.family, nodes={**self.family.nodes, name: changed}))

    # What tampers with the controllers' work.

    @precondition(lambda self: self.family.replicasets)
    @rule(place=st.integers(0, 9), replicas=st.integers(0, 5))
    def scale_a_replicaset(self, place: int, replicas: int) -> None:
        found = self.any_replicaset(place)
        changed = replace(found, replicas=replicas, generation=found.generation + 1)
        self.change(replace(self.family, replicasets={**self.family.replicasets, found.uid: changed}))

    @precondition(lambda self: self.family.replicasets)
    @rule(place=st.integers(0, 9), orphan=st.booleans())
    def delete_a_replicaset(self, place: int, orphan: bool) -> None:
        gone = self.any_replicaset(place)
        left = {uid: each for uid, each in self.family.replicasets.items() if uid != gone.uid}
        pods = self.family.pods
        if orphan:
            freed = (replace(pod, owner_uid=None) if pod.owner_uid == gone.uid else pod for pod in pods.values())
            pods = {pod.uid: pod for pod in freed}
        self.change(replace(self.family, replicasets=left, pods=pods))

    def any_replicaset(self, place: int) -> ReplicaSet:
        found = list(self.family.replicasets.values())
        return found[place % len(found)]

    # Time.

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 30.0, 700.0]))
    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(MOST_PASSES):
            due = reconcile(self.family, self.now).due
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
        nodes = {name: replace(node, unschedulable=False, slots=2000) for name, node in self.family.nodes.items()}
        self.family = replace(self.family, nodes=nodes)
        self.behave(LIVELY)
        self.wait_out()
        if is_trapped(self.family):
            self.edit(edits.scale(edits.tune(self.owner, strategy="RollingUpdate"), self.owner.replicas + 1))
            self.wait_out()
        assert is_complete(self.owner, self.owner.status)
        alive = [
            each for each in self.family.replicasets.values() if each.owner_uid == self.owner.uid and each.replicas
        ]
        assert [each.replicas for each in alive] == [self.owner.replicas] * bool(self.owner.replicas)
        assert len(self.family.replicasets) - 1 <= (self.owner.revision_history_limit or 0)

    def wait_out(self) -> None:
        for _ in range(MOST_PASSES):
            due = reconcile(self.family, self.now).due
            if due is None:
                break
            self.now = due
            self.look()
        assert reconcile(self.family, self.now).due is None

    def teardown(self) -> None:
        if hasattr(self, "family"):
            if self.owner.paused:
                self.pause_or_resume()
            self.heal_all_and_wait()

    # What holds at every pass.

    def edit(self, owner: Deployment) -> None:
        self.change(replace(self.family, deployment=owner))

    def behave(self, behaviours: tuple[ImageBehaviour, ...]) -> None:
        changed = replace(self.family, behaviours=behaviours)
        self.change(apply_changes(changed, kubelet.look_again(changed, self.now)))

    def change(self, family: Family) -> None:
        self.family = family
        self.now += 0.001
        self.look()

    def look(self) -> None:
        """Goes the way of `reconcile`, and looks at each pass of the Deployment's controller on the way."""
        before = self.family
        cluster = Pass(before, self.now, PodGroups(before.pods.values()))
        cluster.settle()
        for _ in range(MOST_PASSES):
            seen, told = own(cluster.family), len(cluster.changes)
            if not cluster.decide():
                break
            check_ceiling(seen, cluster.family)
            check_floor(seen, cluster.family, cluster.changes[told:], self.now)
            cluster.settle()
        self.family = cluster.family
        result = reconcile(before, self.now)
        assert (result.family, result.changes) == (self.family, cluster.changes)
        assert reconcile(self.family, self.now).changes == []
        check_status(self.family, self.now)


def owned(family: Family) -> list[ReplicaSet]:
    owner = family.deployment.uid if family.deployment else None
    return [each for each in family.replicasets.values() if each.owner_uid == owner]


def is_trapped(family: Family) -> bool:
    """Upstream's own trap (kubernetes/kubernetes#125568): what was last sized for another number of replicas makes each pass a
    scaling event, and scaling does nothing where Recreate finds several ReplicaSets with pods, or one that has the wanted size."""
    owner = family.deployment
    assert owner is not None
    return any(each.annotations[DESIRED_REPLICAS] != str(owner.replicas) for each in owned(family) if each.replicas)


def check_ceiling(before: Family, after: Family) -> None:
    """A pass asks for no more than desired + surge, or than there was asked for before."""
    assert after.deployment is not None
    asked = sum(each.replicas for each in owned(after))
    assert asked <= max(ceiling_of(after.deployment), sum(each.replicas for each in owned(before)))


def check_floor(before: Family, after: Family, decided: Iterable[Change], now: float) -> None:
    """A pass of a rolling update leaves the floor available, or at least what was; pods that are not available go first."""
    assert after.deployment is not None
    whys = {change.why.rule for change in decided if change.why}
    if not whys & {"availability-floor", "unhealthy-first"} or not whys <= ROLLING_RULES:
        return
    there = {each.uid: available(before, each, now) for each in owned(before)}
    left = sum(min(each.replicas, there.get(each.uid, 0)) for each in owned(after))
    assert left >= min(floor_of(after.deployment), sum(there.values()))


def available(family: Family, owner: ReplicaSet, now: float) -> int:
    pods = (pod for pod in family.pods.values() if pod.owner_uid == owner.uid and pod.deleted_at is None and pod.ready)
    return sum(pod.ready_since is not None and pod.ready_since + owner.min_ready_seconds <= now for pod in pods)


def check_status(family: Family, now: float) -> None:
    """The status tells of the pods that are there; every ReplicaSet has as many as it should."""
    owner = family.deployment
    assert owner is not None
    status, mine = owner.status, owned(family)
    alive = [pod for pod in family.pods.values() if pod.deleted_at is None and pod.phase not in ("Failed", "Succeeded")]
    counts = {each.uid: sum(pod.owner_uid == each.uid for pod in alive) for each in mine}
    assert counts == {each.uid: each.replicas for each in mine}
    assert status.replicas == sum(counts.values())
    new = find_new(owner, mine)
    assert status.updated_replicas == (counts[new.uid] if new else 0)
    assert status.available_replicas == sum(available(family, each, now) for each in mine)
    assert status.ready_replicas == sum(pod.ready and pod.owner_uid in counts for pod in alive)
    assert status.observed_generation == owner.generation
    condition = find(status.conditions, AVAILABLE)
    assert condition is not None
    enough = status.available_replicas >= floor_of(owner)
    assert condition.status == ("True" if enough else "False")
    bound = {name: sum(pod.node == name for pod in family.pods.values()) for name in family.nodes}
    assert bound == {name: node.pods for name, node in family.nodes.items()}


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
