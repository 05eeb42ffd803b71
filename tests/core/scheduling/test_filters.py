"""Each filter's rule: which node is refused, in upstream's words, and whether preemption could help (`final`: it could not)."""

from typing import Any

import pytest

from cluster.core.scheduling.pods import HOSTNAME, ZONE
from tests.core.scheduling.builders import (
    GIB,
    cluster_of,
    container,
    feasible,
    node,
    placed,
    pod,
    repelling,
    required,
    said_of,
    spread,
    term,
)

FINAL, OPEN = True, False
DB = {"app": "db"}
AFFINITY = "requiredDuringSchedulingIgnoredDuringExecution"


def in_terms(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"affinity": {"nodeAffinity": {AFFINITY: {"nodeSelectorTerms": list(terms)}}}}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def field(operator: str, *values: str) -> dict[str, Any]:
    return {"matchFields": [{"key": "metadata.name", "operator": operator, "values": list(values)}]}


def ports(*ports: dict[str, Any]) -> dict[str, Any]:
    return {"containers": [{"name": "web", "ports": list(ports)}]}


CORDON = ("NodeUnschedulable", ("node(s) were unschedulable",), FINAL)
TAINT = ("TaintToleration", ("node(s) had untolerated taint(s)",), FINAL)
NO_AFFINITY = ("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",), FINAL)
OTHER = ("NodeAffinity", ("node(s) didn't satisfy plugin(s) [NodeAffinity]",), FINAL)
TOLERATED = {"tolerations": [{"key": "dedicated", "operator": "Equal", "value": "x", "effect": "NoSchedule"}]}
CORDON_TOLERATED = {"tolerations": [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]}

ALONE = [
    ("plain", {}, {}, None),
    ("cordoned", {"unschedulable": True}, {}, CORDON),
    ("cordoned-and-tainted", {"unschedulable": True, "taints": (repelling(),)}, {}, CORDON),
    ("cordon-tolerated", {"unschedulable": True}, CORDON_TOLERATED, None),
    ("other-name", {}, {"nodeName": "n2"}, ("NodeName", ("node(s) didn't match the requested node name",), FINAL)),
    ("taint", {"taints": (repelling(),)}, {}, TAINT),
    ("taint-no-execute", {"taints": (repelling(effect="NoExecute"),)}, {}, TAINT),
    ("taint-preferred", {"taints": (repelling(effect="PreferNoSchedule"),)}, {}, None),
    ("taint-tolerated", {"taints": (repelling(),)}, TOLERATED, None),
    ("taint-other-value", {"taints": (repelling(value="y"),)}, TOLERATED, TAINT),
    ("taint-other-effect", {"taints": (repelling(effect="NoExecute"),)}, TOLERATED, TAINT),
    ("taint-all-tolerated", {"taints": (repelling(),)}, {"tolerations": [{"operator": "Exists"}]}, None),
    ("taint-one-of-two", {"taints": (repelling(), repelling("other"))}, TOLERATED, TAINT),
    ("selector", {"labels": {"disk": "ssd"}}, {"nodeSelector": {"disk": "ssd"}}, None),
    ("selector-differs", {"labels": {"disk": "hdd"}}, {"nodeSelector": {"disk": "ssd"}}, NO_AFFINITY),
    ("affinity-in", {"zone": "a"}, in_terms(expression(ZONE, "In", "a", "b")), None),
    ("affinity-in-not", {"zone": "c"}, in_terms(expression(ZONE, "In", "a", "b")), NO_AFFINITY),
    ("affinity-not-in-absent", {}, in_terms(expression(ZONE, "NotIn", "a")), None),
    ("affinity-absent", {"zone": "a"}, in_terms(expression(ZONE, "DoesNotExist")), NO_AFFINITY),
    ("affinity-gt", {"labels": {"cores": "16"}}, in_terms(expression("cores", "Gt", "8")), None),
    ("affinity-gt-equal", {"labels": {"cores": "8"}}, in_terms(expression("cores", "Gt", "8")), NO_AFFINITY),
    ("affinity-lt-no-number", {"labels": {"cores": "few"}}, in_terms(expression("cores", "Lt", "8")), NO_AFFINITY),
    ("affinity-second-term", {"zone": "b"}, in_terms(expression(ZONE, "In", "a"), expression(ZONE, "In", "b")), None),
    ("affinity-no-terms", {}, in_terms(), NO_AFFINITY),
    ("affinity-empty-term", {}, in_terms({}), NO_AFFINITY),
    (
        "selector-and-affinity",
        {"zone": "a"},
        {"nodeSelector": {"disk": "ssd"}, **in_terms(expression(ZONE, "In", "a"))},
        NO_AFFINITY,
    ),
    ("field-name", {}, in_terms(field("In", "n1")), None),
    ("field-other-name", {}, in_terms(field("In", "n2")), OTHER),
    ("field-not-name", {}, in_terms(field("NotIn", "n1")), NO_AFFINITY),
    ("field-name-or-any", {}, in_terms(field("In", "n2"), expression(ZONE, "DoesNotExist")), None),
]


@pytest.mark.parametrize(("about", "spec", "said"), [row[1:] for row in ALONE], ids=[row[0] for row in ALONE])
def test_a_node_is_judged_by_what_it_is(about: Any, spec: Any, said: Any) -> None:
    cache = cluster_of(node("n1", **about))
    assert said_of(cache, pod(cache, "p", {**container(), **spec}), "n1") == said


def fit(*reasons: str, final: bool = OPEN) -> tuple[str, tuple[str, ...], bool]:
    return ("NodeResourcesFit", reasons, final)


GPU = "example.com/gpu"
ROOM = [
    ("fits", {"cpu": "500m"}, {"cpu": "500m"}, {}, None),
    ("fits-exactly", {"cpu": "600m"}, {"cpu": "400m"}, {}, None),
    ("cpu", {"cpu": "600m"}, {"cpu": "401m"}, {}, fit("Insufficient cpu")),
    ("cpu-more-than-all", {}, {"cpu": "1001m"}, {}, fit("Insufficient cpu", final=FINAL)),
    ("memory", {"memory": "600Mi"}, {"memory": "425Mi"}, {}, fit("Insufficient memory")),
    (
        "cpu-and-memory",
        {"cpu": "1", "memory": "1Gi"},
        {"cpu": "1m", "memory": "1"},
        {},
        fit("Insufficient cpu", "Insufficient memory"),
    ),
    (
        "one-final-of-two",
        {"cpu": "1"},
        {"cpu": "1m", "memory": "2Gi"},
        {},
        fit("Insufficient cpu", "Insufficient memory", final=FINAL),
    ),
    ("nothing-asked-of-a-full-node", {"cpu": "1"}, {}, {}, None),
    ("only-memory-asked-of-a-node-without-cpu", {"cpu": "1"}, {"memory": "1Mi"}, {}, None),
    ("storage", {}, {"ephemeral-storage": "2Gi"}, {"storage": GIB}, fit("Insufficient ephemeral-storage", final=FINAL)),
    ("extended", {GPU: "1"}, {GPU: "1"}, {"scalar": {GPU: 1}}, fit(f"Insufficient {GPU}")),
    ("extended-missing", {}, {GPU: "1"}, {}, fit(f"Insufficient {GPU}", final=FINAL)),
    ("extended-none", {}, {GPU: "0"}, {}, None),
    ("huge-pages", {}, {"hugepages-2Mi": "4Mi"}, {"scalar": {"hugepages-2Mi": 4 * 2**20}}, None),
    ("too-many-pods", {}, {}, {"pods": 1}, fit("Too many pods")),
    ("too-many-and-cpu", {"cpu": "1"}, {"cpu": "1m"}, {"pods": 1}, fit("Too many pods", "Insufficient cpu")),
]


@pytest.mark.parametrize(("has", "wants", "about", "said"), [row[1:] for row in ROOM], ids=[row[0] for row in ROOM])
def test_a_node_needs_room(has: Any, wants: Any, about: Any, said: Any) -> None:
    cache = cluster_of(node("n1", cpu=1000, memory=GIB, **about))
    placed(cache, "there", "n1", container(has))
    assert said_of(cache, pod(cache, "p", container(wants)), "n1") == said


PORTS = [
    ("same", {"hostPort": 80}, {"hostPort": 80}, False),
    ("other", {"hostPort": 80}, {"hostPort": 81}, True),
    ("no-host-port", {"containerPort": 80}, {"hostPort": 80}, True),
    ("other-protocol", {"hostPort": 80, "protocol": "UDP"}, {"hostPort": 80}, True),
    ("other-address", {"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80, "hostIP": "10.0.0.2"}, True),
    ("same-address", {"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80, "hostIP": "10.0.0.1"}, False),
    ("every-address-there", {"hostPort": 80}, {"hostPort": 80, "hostIP": "10.0.0.2"}, False),
    ("every-address-wanted", {"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80}, False),
]


@pytest.mark.parametrize(("has", "wants", "free"), [row[1:] for row in PORTS], ids=[row[0] for row in PORTS])
def test_a_host_port_is_taken_once(has: Any, wants: Any, free: bool) -> None:
    cache = cluster_of(node("n1"))
    placed(cache, "there", "n1", ports(has))
    taken = ("NodePorts", ("node(s) didn't have free ports for the requested pod ports",), OPEN)
    assert said_of(cache, pod(cache, "p", ports(wants)), "n1") == (None if free else taken)


def test_a_sidecars_host_port_counts_an_init_containers_does_not() -> None:
    port = {"name": "i", "ports": [{"hostPort": 80}]}
    cache = cluster_of(node("n1"))
    placed(cache, "init", "n1", {**container(), "initContainers": [port]})
    assert feasible(cache, pod(cache, "p", ports({"hostPort": 80})))
    placed(cache, "sidecar", "n1", {**container(), "initContainers": [{**port, "restartPolicy": "Always"}]})
    assert not feasible(cache, pod(cache, "p", ports({"hostPort": 80})))


# Nodes n1, n2 in zone a, n3 in zone b, n4 without a zone. Pods: two of app=web on n1, one on n3.
SPREAD = [
    ("zone", [spread()], {"n3"}),
    ("zone-skew-2", [spread(skew=2)], {"n1", "n2", "n3"}),
    ("host", [spread(HOSTNAME)], {"n2", "n4"}),
    ("zone-and-host", [spread(), spread(HOSTNAME)], set()),
    ("zone-and-host-2", [spread(skew=2), spread(HOSTNAME, 2)], {"n2", "n3"}),
    ("min-domains-reached", [spread(skew=2, minDomains=2)], {"n1", "n2", "n3"}),
    ("min-domains-not-reached", [spread(skew=2, minDomains=3)], {"n3"}),
    ("other-pods-counted", [spread(labelSelector={"matchLabels": {"app": "db"}})], {"n1", "n2", "n3"}),
    ("no-selector", [spread(labelSelector=None)], {"n1", "n2", "n3"}),
    ("empty-selector-counts-none", [spread(labelSelector={})], {"n1", "n2", "n3"}),
    ("match-label-keys", [spread(matchLabelKeys=["hash"])], {"n1", "n2", "n3"}),
    ("match-label-keys-absent", [spread(matchLabelKeys=["absent"])], {"n3"}),
    ("soft", [spread(hard=False)], {"n1", "n2", "n3", "n4"}),
]


def spread_cluster() -> Any:
    cache = cluster_of(node("n1", zone="a"), node("n2", zone="a"), node("n3", zone="b"), node("n4"))
    for name, where in (("1", "n1"), ("2", "n1"), ("3", "n3")):
        placed(cache, name, where, labels={"app": "web", "hash": "old"})
    return cache


@pytest.mark.parametrize(("constraints", "nodes"), [row[1:] for row in SPREAD], ids=[row[0] for row in SPREAD])
def test_pods_are_spread(constraints: Any, nodes: set[str]) -> None:
    cache = spread_cluster()
    spec = container(topologySpreadConstraints=constraints)
    assert feasible(cache, pod(cache, "p", spec, labels={"app": "web", "hash": "new"})) == nodes


def test_what_is_said_of_a_node_in_a_full_zone_and_of_one_without_the_label() -> None:
    cache = spread_cluster()
    given = pod(cache, "p", container(topologySpreadConstraints=[spread()]))
    words = "node(s) didn't match pod topology spread constraints"
    assert said_of(cache, given, "n1") == ("PodTopologySpread", (words,), OPEN)
    assert said_of(cache, given, "n4") == ("PodTopologySpread", (f"{words} (missing required label)",), FINAL)


def test_terminating_pods_and_those_of_other_namespaces_are_not_counted() -> None:
    cache = cluster_of(node("n1", zone="a"), node("n2", zone="b"))
    placed(cache, "going", "n1", is_terminating=True)
    placed(cache, "elsewhere", "n1", namespace="other")
    given = pod(cache, "p", container(topologySpreadConstraints=[spread()]))
    assert feasible(cache, given) == {"n1", "n2"}
    placed(cache, "there", "n1")
    assert feasible(cache, given) == {"n2"}


def test_a_pod_that_its_own_constraint_is_not_about_adds_nothing_to_the_skew() -> None:
    cache = cluster_of(node("n1", zone="a"), node("n2", zone="b"))
    placed(cache, "there", "n1", labels=DB)
    about_db = container(topologySpreadConstraints=[spread(labelSelector={"matchLabels": DB})])
    assert feasible(cache, pod(cache, "p", about_db)) == {"n1", "n2"}
    assert feasible(cache, pod(cache, "q", about_db, labels=DB)) == {"n2"}


INCLUSION = [
    ("affinity-honoured", {}, {"nodeSelector": {"disk": "ssd"}}, {"n1"}),
    ("affinity-ignored", {"nodeAffinityPolicy": "Ignore"}, {"nodeSelector": {"disk": "ssd"}}, set()),
    ("taints-ignored", {}, {}, set()),
    ("taints-honoured", {"nodeTaintsPolicy": "Honor"}, {}, {"n1"}),
]


@pytest.mark.parametrize(("policy", "spec", "nodes"), [row[1:] for row in INCLUSION], ids=[row[0] for row in INCLUSION])
def test_which_nodes_have_a_say_in_the_spread(policy: Any, spec: Any, nodes: set[str]) -> None:
    """The pod is on n1; the empty n2 has other labels and a taint, so the pod can't go there."""
    cache = cluster_of(node("n1", zone="a", labels={"disk": "ssd"}), node("n2", zone="b", taints=(repelling(),)))
    placed(cache, "there", "n1")
    given = pod(cache, "p", container(topologySpreadConstraints=[spread(**policy)], **spec))
    assert feasible(cache, given) == nodes


def test_a_taint_that_comes_takes_its_node_out_of_the_spread() -> None:
    cache = cluster_of(node("n1", zone="a"), node("n2", zone="b"))
    placed(cache, "there", "n1")
    given = pod(cache, "p", container(topologySpreadConstraints=[spread(nodeTaintsPolicy="Honor")]))
    assert feasible(cache, given) == {"n2"}
    cache.put_node(node("n2", zone="b", taints=(repelling(),)))
    assert feasible(cache, given) == {"n1"}
    cache.put_node(node("n2", zone="b"))
    assert feasible(cache, given) == {"n2"}


# Nodes n1, n2 in zone a, n3 in zone b, n4 without a zone. Pods: app=db in default on n1, app=db in team-x on n3.
NEAR, FAR = "podAffinity", "podAntiAffinity"
BETWEEN = [
    ("near-host", required(NEAR, term(DB)), {"n1"}),
    ("near-zone", required(NEAR, term(DB, ZONE)), {"n1", "n2"}),
    ("near-other-namespace", required(NEAR, term(DB, ZONE, namespaces=["team-x"])), {"n3"}),
    ("near-both-namespaces", required(NEAR, term(DB, namespaces=["team-x", "default"])), {"n1", "n3"}),
    ("near-any-namespace", required(NEAR, term(DB, namespaceSelector={})), {"n1", "n3"}),
    (
        "near-selected-namespace",
        required(NEAR, term(DB, namespaceSelector={"matchLabels": {"team": "x"}})),
        {"n3"},
    ),
    ("near-nobody", required(NEAR, term({"app": "cache"})), set()),
    ("near-itself-first", required(NEAR, term({"app": "web"}, ZONE)), {"n1", "n2", "n3"}),
    ("near-two-terms", required(NEAR, term(DB, ZONE), term(DB)), {"n1"}),
    ("near-two-terms-one-nobody", required(NEAR, term(DB, ZONE), term({"app": "cache"})), set()),
    ("near-no-selector", required(NEAR, {"topologyKey": HOSTNAME}), set()),
    ("far-host", required(FAR, term(DB)), {"n2", "n3", "n4"}),
    ("far-zone", required(FAR, term(DB, ZONE)), {"n3", "n4"}),
    ("far-any-namespace", required(FAR, term(DB, ZONE, namespaceSelector={})), {"n4"}),
    ("far-mismatch-keys", required(FAR, term(DB, mismatchLabelKeys=["hash"])), {"n2", "n3", "n4"}),
    ("far-match-keys", required(FAR, term(DB, matchLabelKeys=["hash"])), {"n1", "n2", "n3", "n4"}),
]


def affinity_cluster() -> Any:
    cache = cluster_of(node("n1", zone="a"), node("n2", zone="a"), node("n3", zone="b"), node("n4"))
    cache.put_namespace("team-x", {"team": "x"})
    placed(cache, "db", "n1", labels=DB)
    placed(cache, "db-x", "n3", labels=DB, namespace="team-x")
    return cache


@pytest.mark.parametrize(("spec", "nodes"), [row[1:] for row in BETWEEN], ids=[row[0] for row in BETWEEN])
def test_pods_go_near_and_far(spec: Any, nodes: set[str]) -> None:
    cache = affinity_cluster()
    assert feasible(cache, pod(cache, "p", container(**spec), labels={"app": "web", "hash": "1"})) == nodes


SAID = [
    ("near", required(NEAR, term({"app": "cache"})), "n1", "node(s) didn't match pod affinity rules", FINAL),
    (
        "near-no-label",
        required(NEAR, term({"app": "web"}, ZONE)),
        "n4",
        "node(s) didn't match pod affinity rules",
        FINAL,
    ),
    ("far", required(FAR, term(DB)), "n1", "node(s) didn't match pod anti-affinity rules", OPEN),
]


@pytest.mark.parametrize(("spec", "name", "words", "final"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_what_is_said_of_a_node_too_far_or_too_near(spec: Any, name: str, words: str, final: bool) -> None:
    cache = affinity_cluster()
    assert said_of(cache, pod(cache, "p", container(**spec)), name) == ("InterPodAffinity", (words,), final)


def test_the_anti_affinity_of_pods_that_are_there_counts_until_they_are_gone() -> None:
    cache = cluster_of(node("n1", zone="a"), node("n2", zone="b"))
    placed(cache, "lonely", "n1", container(**required(FAR, term(key=ZONE))), labels={"app": "lonely"})
    words = ("node(s) didn't satisfy existing pods anti-affinity rules",)
    given = pod(cache, "p")
    assert said_of(cache, given, "n1") == ("InterPodAffinity", words, OPEN)
    assert feasible(cache, pod(cache, "p", labels={"app": "other"})) == {"n1", "n2"}
    assert feasible(cache, pod(cache, "p", namespace="other")) == {"n1", "n2"}
    cache.remove_pod("lonely")
    assert feasible(cache, given) == {"n1", "n2"}


def test_a_namespace_whose_labels_change_is_selected_anew() -> None:
    cache = cluster_of(node("n1"), node("n2"))
    placed(cache, "db", "n1", labels=DB, namespace="team-x")
    selecting = term(DB, namespaceSelector={"matchLabels": {"team": "x"}})
    given = pod(cache, "p", container(**required(FAR, selecting)))
    assert feasible(cache, given) == {"n1", "n2"}
    cache.put_namespace("team-x", {"team": "x"})
    assert feasible(cache, given) == {"n2"}


def test_a_node_that_moves_to_another_zone_takes_its_pods_along() -> None:
    cache = affinity_cluster()
    given = pod(cache, "p", container(**required(FAR, term(DB, ZONE))))
    assert feasible(cache, given) == {"n3", "n4"}
    cache.put_node(node("n1", zone="b"))
    assert feasible(cache, given) == {"n2", "n4"}


def test_the_filters_speak_in_their_order() -> None:
    """One node that every filter refuses; mended one by one."""
    cache = cluster_of(node("n1", cpu=1000, unschedulable=True, taints=(repelling(),)))
    placed(cache, "there", "n1", {"containers": [{"name": "w", "ports": [{"hostPort": 80}]}]})
    spec = {
        "containers": [{"name": "w", "ports": [{"hostPort": 80}], "resources": {"requests": {"cpu": "2"}}}],
        "nodeName": "n2",
        "nodeSelector": {"disk": "ssd"},
        "topologySpreadConstraints": [spread(key=ZONE)],
        **required(FAR, term()),
    }
    mending: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("NodeUnschedulable", {"unschedulable": False}, {}),
        ("NodeName", {"unschedulable": False}, {"nodeName": ""}),
        ("TaintToleration", {"unschedulable": False, "taints": ()}, {}),
        ("NodeAffinity", {"unschedulable": False, "taints": (), "labels": {"disk": "ssd"}}, {}),
        ("NodePorts", {}, {"containers": [{"name": "w", "resources": {"requests": {"cpu": "2"}}}]}),
        ("NodeResourcesFit", {}, {"containers": [{"name": "w"}]}),
        ("PodTopologySpread", {}, {"topologySpreadConstraints": []}),
    ]
    about: dict[str, Any] = {"unschedulable": True, "taints": (repelling(),)}
    for plugin, mended, changed in mending:
        said = said_of(cache, pod(cache, "p", spec), "n1")
        assert said and said[0] == plugin
        about |= mended
        spec = {**spec, **changed}
        cache.put_node(node("n1", cpu=1000, **about))
    said = said_of(cache, pod(cache, "p", spec), "n1")
    assert said and said[0] == "InterPodAffinity"
