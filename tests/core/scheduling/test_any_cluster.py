"""Whatever happens in a cache: the scheduler decides as the naive one does, which counts everything anew each time, and
what the rules forbid never comes about."""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.labels import default_selector
from cluster.core.scheduling.nodes import NodeSpec
from cluster.core.scheduling.pods import HOSTNAME, ZONE, PodInfo
from cluster.core.scheduling.schedule import Placed, Unschedulable, schedule
from tests.core.scheduling import naive
from tests.core.scheduling.builders import container, node, repelling

NAMES = ["n1", "n2", "n3", "n4"]
NAMESPACES = {"default": {}, "team": {"team": "x"}}
APPS = st.sampled_from(["web", "db"])
KEYS = st.sampled_from([HOSTNAME, ZONE])
SELECTORS = st.one_of(
    APPS.map(lambda app: {"matchLabels": {"app": app}}),
    st.just({}),
    st.just({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]}),
)


@st.composite
def nodes(draw: st.DrawFn) -> NodeSpec:
    effects = draw(st.lists(st.sampled_from(["NoSchedule", "PreferNoSchedule"]), max_size=2))
    return node(
        draw(st.sampled_from(NAMES)),
        cpu=draw(st.sampled_from([1000, 2000])),
        zone=draw(st.sampled_from(["", "a", "b"])),
        pods=draw(st.sampled_from([2, 110])),
        unschedulable=draw(st.integers(0, 5)) == 0,
        taints=tuple(repelling(f"t{place}", effect) for place, effect in enumerate(effects))
        if draw(st.booleans())
        else (),
    )


@st.composite
def terms(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {"topologyKey": draw(KEYS), "labelSelector": draw(SELECTORS)}
    about = draw(st.sampled_from(["", "", "namespaces", "namespaceSelector"]))
    if about:
        found[about] = ["team", "default"] if about == "namespaces" else {"matchLabels": {"team": "x"}}
    return found


@st.composite
def affinities(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("podAffinity", "podAntiAffinity"):
        hard = draw(st.lists(terms(), max_size=2)) if draw(st.integers(0, 2)) == 0 else []
        soft = [
            {"weight": draw(st.integers(1, 100)), "podAffinityTerm": each}
            for each in draw(st.lists(terms(), max_size=2))
        ]
        found[kind] = {
            "requiredDuringSchedulingIgnoredDuringExecution": hard,
            "preferredDuringSchedulingIgnoredDuringExecution": soft,
        }
    return found


@st.composite
def constraints(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "maxSkew": draw(st.integers(1, 2)),
        "topologyKey": draw(KEYS),
        "whenUnsatisfiable": draw(st.sampled_from(["DoNotSchedule", "ScheduleAnyway"])),
        "labelSelector": draw(SELECTORS),
        "nodeAffinityPolicy": draw(st.sampled_from(["Honor", "Ignore"])),
        "nodeTaintsPolicy": draw(st.sampled_from(["Honor", "Ignore"])),
        "minDomains": draw(st.sampled_from([None, 1, 2])),
    }


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    spec = container(draw(st.sampled_from([{}, {"cpu": "300m"}, {"cpu": "500m", "memory": "1Gi"}])))
    spec["priority"] = draw(st.sampled_from([0, 0, 5]))
    if draw(st.integers(0, 3)) == 0:
        spec["containers"][0]["ports"] = [{"hostPort": 80}]
    if draw(st.booleans()):
        spec["affinity"] = draw(affinities())
    if draw(st.booleans()):
        spec["topologySpreadConstraints"] = draw(st.lists(constraints(), max_size=3))
    if draw(st.integers(0, 4)) == 0:
        spec["nodeSelector"] = {ZONE: "a"}
    if draw(st.booleans()):
        spec["tolerations"] = [{"key": "t0", "operator": "Exists"}]
    return spec


TEMPLATES = st.tuples(specs(), APPS, st.sampled_from(sorted(NAMESPACES)))
STEPS = st.one_of(
    st.tuples(st.just("schedule"), st.integers(0, 2)),
    st.tuples(st.just("schedule"), st.integers(0, 2)),
    st.tuples(st.just("remove"), st.integers(0, 20)),
    st.tuples(st.just("terminate"), st.integers(0, 20)),
    st.tuples(st.just("node"), nodes()),
    st.tuples(st.just("lose"), st.sampled_from(NAMES)),
)


class Both:
    """The cache and its naive double."""

    def __init__(self, templates: list[Any]) -> None:
        self.cache, self.world, self.templates, self.made = Cache(), naive.World(), templates, 0
        for name, labels in NAMESPACES.items():
            self.cache.put_namespace(name, labels)
            self.world.namespaces[name] = labels

    def take(self, step: Any) -> None:
        kind, about = step
        getattr(self, kind)(about)

    def node(self, spec: NodeSpec) -> None:
        self.cache.put_node(spec)
        self.world.nodes[spec.name] = spec

    def lose(self, name: str) -> None:
        if self.world.nodes.pop(name, None):
            self.cache.remove_node(name)

    def add(self, pod: PodInfo) -> None:
        self.cache.add_pod(pod)
        self.world.pods[pod.uid] = pod

    def remove(self, number: int) -> None:
        if pod := self.some_pod(number):
            self.cache.remove_pod(pod.uid)
            del self.world.pods[pod.uid]

    def terminate(self, number: int) -> None:
        if pod := self.some_pod(number):
            self.add(replace(pod, is_terminating=True))

    def some_pod(self, number: int) -> PodInfo | None:
        uids = sorted(self.world.pods)
        return self.world.pods[uids[number % len(uids)]] if uids else None

    def new_pod(self, number: int) -> PodInfo:
        self.made += 1
        manifest, app, namespace = self.templates[number % len(self.templates)]
        spread_with = default_selector({"matchLabels": {"app": app}})
        spec = self.cache.specs.read(manifest, namespace, {"app": app}, spread_with)
        return PodInfo(uid=f"p{self.made}", name=f"p{self.made}", spec=spec)

    def schedule(self, number: int) -> None:
        pod = self.new_pod(number)
        result = schedule(self.cache, pod)
        if isinstance(result, Placed):
            self.check_placed(pod, result)
            before = naive.refusal(self.world, pod, self.world.nodes[result.node])
            self.add(replace(pod, node=result.node))
            assert before is None
            self.check_rules(replace(pod, node=result.node))
        else:
            self.check_refused(pod, result)

    def check_placed(self, pod: PodInfo, result: Placed) -> None:
        said = naive.refusals(self.world, pod)
        names = sorted(name for name, status in said.items() if status is None)
        assert result.node in names
        evaluation = self.cache.evaluation(pod.spec)
        indices = evaluation.feasible()
        assert [evaluation.names[index] for index in indices] == names
        totals = naive.totals(self.world, pod, names)
        assert dict(zip(names, evaluation.totals(indices), strict=True)) == totals
        assert totals[result.node] == max(totals.values())

    def check_refused(self, pod: PodInfo, result: Unschedulable) -> None:
        said = naive.refusals(self.world, pod)
        if not said:
            assert result.message == "no nodes available to schedule pods"
            return
        assert all(said.values())
        counts = Counter(reason for status in said.values() if status for reason in status[1])
        listed = ", ".join(sorted(f"{number} {reason}" for reason, number in counts.items()))
        assert result.message.startswith(f"0/{len(said)} nodes are available: {listed}.")
        assert result.plugins == {status[0] for status in said.values() if status}
        self.check_preemption(pod, result)

    def check_preemption(self, pod: PodInfo, result: Unschedulable) -> None:
        """Without the victims the pod fits; where there are none, not even all pods of a lower priority are enough."""
        assert ("no new claims to deallocate" in result.message) is not bool(result.victims)
        if result.victims:
            assert result.nominated and all(each.priority < pod.priority for each in result.victims)
            assert not self.refusal_without({each.uid for each in result.victims}, pod, result.nominated)
            return
        for name in self.world.nodes:
            lower = {each.uid for each in self.world.on(name) if each.priority < pod.priority}
            assert not lower or self.refusal_without(lower, pod, name)

    def refusal_without(self, uids: set[str], pod: PodInfo, name: str) -> naive.Said | None:
        left = {uid: each for uid, each in self.world.pods.items() if uid not in uids}
        return naive.refusal(replace(self.world, pods=left), pod, self.world.nodes[name])

    def check_rules(self, pod: PodInfo) -> None:
        about = self.cache.nodes[pod.node]
        has = self.world.nodes[pod.node].allocatable
        there = self.world.on(pod.node)
        wanted = pod.spec.requests
        assert not wanted.cpu or sum(each.spec.requests.cpu for each in there) <= has.cpu
        assert not wanted.memory or sum(each.spec.requests.memory for each in there) <= has.memory
        assert (about.cpu, about.memory) == (
            sum(each.spec.requests.cpu for each in there),
            sum(each.spec.requests.memory for each in there),
        )
        assert self.is_lonely(pod)

    def is_lonely(self, pod: PodInfo) -> bool:
        """No other pod is where a hard anti-affinity of either forbids it."""
        here = self.world.nodes[pod.node]
        return not any(
            naive.shares(term, labels, here)
            for other, labels in self.world.placed()
            for one, another in ((pod, other), (other, pod))
            for term in one.spec.anti_affinity
            if other.uid != pod.uid and self.world.is_about(term, another)
        )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(nodes(), min_size=1, max_size=4),
    st.lists(TEMPLATES, min_size=1, max_size=3),
    st.lists(STEPS, max_size=25),
)
def test_it_decides_as_the_naive_scheduler_does(first: list[NodeSpec], templates: list[Any], steps: list[Any]) -> None:
    both = Both(templates)
    for each in first:
        both.node(each)
    for step in steps:
        both.take(step)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6),
    st.integers(1, 3),
    st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=40),
)
def test_the_skew_is_never_greater_than_max_skew(zones: list[str], skew: int, steps: list[tuple[bool, int]]) -> None:
    """While pods only come; one that goes may leave a skew that new pods then mend."""
    cache = Cache()
    for number, zone in enumerate(zones):
        cache.put_node(node(f"n{number}", zone=zone, cpu=100_000))
    selector = {"matchLabels": {"app": "web"}}
    hard = {"maxSkew": skew, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    spec = cache.specs.read(container(topologySpreadConstraints=[hard]), "default", {"app": "web"})
    counts = Counter(dict.fromkeys(zones, 0))
    for made, (comes, number) in enumerate(steps):
        if comes or not cache.pods:
            pod = PodInfo(uid=f"p{made}", name=f"p{made}", spec=spec)
            result = schedule(cache, pod)
            assert isinstance(result, Placed)
            cache.add_pod(replace(pod, node=result.node))
            zone = cache.nodes[result.node].spec.labels[ZONE]
            assert counts[zone] + 1 - min(counts.values()) <= skew
            counts[zone] += 1
        else:
            gone = cache.remove_pod(sorted(cache.pods)[number % len(cache.pods)])
            assert gone
            counts[cache.nodes[gone.node].spec.labels[ZONE]] -= 1
