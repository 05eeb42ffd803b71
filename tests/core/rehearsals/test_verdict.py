"""Will it ever finish? The answer, its causes with numbers, and the changes that help."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.manifests import edits
from cluster.core.objects import Update
from cluster.core.reconcile import reconcile
from cluster.core.rehearsals import absent, causes, rehearsal, remedies
from cluster.core.rehearsals.rehearsal import forecast, play, rehearse
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.remedies import Remedy
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import Story

Json = dict[str, Any]
UPDATE = {"set-image": {"app": "nginx:2"}}
FIVE_SECONDS = [{"image": "nginx:*", "ready": "5s"}]


def story(pod: Json | None = None, *, container: Json | None = None, steps: Any = (UPDATE,), **parts: Any) -> Story:
    """Two pods that run, and an update. `pod` and `container` are merged into the template, `spec` into the Deployment's spec."""
    spec = {
        "replicas": 2,
        "progressDeadlineSeconds": 60,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "app", "image": "nginx:1", **(container or {})}], **(pod or {})},
        },
        **parts.pop("spec", {}),
    }
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    setup = [{"apply": "manifest"}, {"wait": "complete"}]
    data = {"manifest": manifest, "steps": [*setup, *steps], "behaviours": FIVE_SECONDS, **parts}
    return read_story(data, name="test")


def nodes(number: int = 2, **fields: Any) -> list[Json]:
    return [{"name": f"node-{place}", **fields} for place in range(1, number + 1)]


def requests(**amounts: str) -> Json:
    return {"resources": {"requests": amounts}}


def quota(**hard: str) -> list[Json]:
    return [{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": {"hard": hard}}]


SPREAD = {
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "web"}},
        }
    ]
}
APART = {
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}
            ]
        }
    }
}
LABELLED = [{"name": f"node-{n}", "labels": {"kubernetes.io/hostname": f"node-{n}"}} for n in (1, 2)]
SLOW = [{"image": "nginx:1", "ready": "5s"}, {"image": "nginx:2", "ready": "40s"}]
LIVENESS = {"livenessProbe": {"tcpSocket": {"port": 80}}}
STARTUP = {"startupProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 5, "failureThreshold": 2}}


def told(given: Story) -> tuple[Rehearsed, list[Remedy]]:
    rehearsed = rehearse(given)
    return rehearsed, remedies.of_story(given, rehearsed)


CASES = [
    pytest.param(
        story(nodes=nodes(allocatable={"cpu": "1", "memory": "4Gi"}), container=requests(cpu="600m")),
        ("never", "no-node"),
        "0/2 nodes are available: 2 Insufficient cpu; asks for 600m of cpu, node-1 has 400m free of 1",
        ["max-unavailable", "no-surge", "lower-request", "more-nodes", "undo"],
        id="full nodes, and no old pod may go first",
    ),
    pytest.param(
        story(nodes=nodes(slots=1)),
        ("never", "no-node"),
        "0/2 nodes are available: 2 Too many pods; asks for 1 of pods, node-1 has 0 free of 1",
        ["max-unavailable", "no-surge", "more-nodes", "undo"],
        id="no slot is free",
    ),
    pytest.param(
        story(APART, nodes=LABELLED),
        ("never", "no-node"),
        "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules",
        [
            "max-unavailable",
            "no-surge",
            "more-nodes",
            "undo",
        ],  # softer would not help: the old pods' rule is hard, and holds for both
        id="hard anti-affinity, as many pods as nodes",
    ),
    pytest.param(
        story(SPREAD, nodes=LABELLED, steps=[{"drain": "node-2"}, UPDATE]),
        ("never", "no-node"),
        "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable",
        ["soft-spread", "uncordon", "more-nodes"],
        id="hard spread over a drained node",
    ),
    pytest.param(
        story(objects=quota(pods="2")),
        ("never", "quota"),
        "exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2",
        ["no-surge", "quota", "undo"],  # with maxUnavailable 1 alone a try of the ReplicaSet comes after the deadline
        id="the quota has no room for the surge",
    ),
    pytest.param(
        story(steps=[{"drain": "node-2"}, UPDATE], nodes=nodes(slots=2)),
        ("never", "no-node"),
        "0/2 nodes are available: 1 Too many pods, 1 node(s) were unschedulable; asks for 1 of pods, node-1 has 0 free of 2",
        ["max-unavailable", "no-surge", "uncordon", "more-nodes", "undo"],
        id="a node is drained",
    ),
    pytest.param(
        story(steps=[{"break": {"nginx:2": "image-not-found"}}, UPDATE]),
        ("never", "image"),
        "the image nginx:2 can't be pulled",
        ["undo"],
        id="no such image",
    ),
    pytest.param(
        story(steps=[{"break": {"nginx:2": "crash-loop"}}, UPDATE]),
        ("never", "crash"),
        "container app (nginx:2) ends after each start",
        ["undo"],
        id="ends after each start",
    ),
    pytest.param(
        story(steps=[{"break": {"nginx:2": "never-ready"}}, UPDATE]),
        ("never", "never-ready"),
        "container app (nginx:2) never gets ready",
        ["undo"],
        id="never ready, without a probe",
    ),
    pytest.param(
        story(
            container={"readinessProbe": {"tcpSocket": {"port": 80}}},
            steps=[{"break": {"nginx:2": "never-ready"}}, UPDATE],
        ),
        ("never", "probe"),
        "the readiness probe of container app (nginx:2) never succeeds",
        ["undo"],
        id="never ready, by its probe",
    ),
    pytest.param(
        story(container=LIVENESS, behaviours=SLOW),
        ("never", "slow-start"),
        "container app answers 40 s after its start, its liveness probe gives up after 20 s",
        ["slow-start", "undo"],
        id="the liveness probe ends what starts slowly",
    ),
    pytest.param(
        story(container=STARTUP, behaviours=SLOW),
        ("never", "slow-start"),
        "container app answers 40 s after its start, its startup probe gives up after 5 s",
        ["slow-start", "undo"],
        id="the startup probe ends what starts slowly",
    ),
    pytest.param(
        story(steps=["pause", UPDATE]), ("never", "paused"), "the Deployment is paused", ["resume"], id="paused"
    ),
    pytest.param(
        story({"readinessGates": [{"conditionType": "example.com/lb"}]}),
        ("unknown", "readiness-gates"),
        "clients decide when the conditions of the pods' readiness gates are True: example.com/lb",
        [],
        id="readiness gates",
    ),
    pytest.param(
        story({"schedulerName": "mine"}, steps=[], spec={"progressDeadlineSeconds": 60}),
        ("unknown", "other-scheduler"),
        "the scheduler mine gives its pods their nodes, and it is not simulated",
        [],
        id="another scheduler",
    ),
]


@pytest.mark.parametrize(("given", "answer", "text", "keys"), CASES)
def test_what_holds_a_rollout_and_what_helps(given: Story, answer: tuple[str, str], text: str, keys: list[str]) -> None:
    rehearsed, found = told(given)
    (cause,) = rehearsed.verdict.causes
    assert (rehearsed.verdict.answer, cause.rule) == answer
    assert cause.text == text
    assert [each.candidate.key for each in found] == keys
    assert all(each.rehearsed.verdict.answer == "complete" for each in found)


def test_gates_that_clients_have_not_met_are_one_cause_with_the_pods() -> None:
    """On a running cluster the gates of the old pods are met; those of a new pod are not."""
    stage, _ = play(story({"readinessGates": [{"conditionType": "example.com/lb"}]}), until=2)
    assert stage.found is not None
    state = stage.state
    state.assumes_gates = False
    state.apply([Update(object=edits.set_images(stage.found, {"app": "nginx:2"}))])
    for now in (stage.now, stage.now + 30.0):
        reconcile(state, now)
    assert [pod.ready for pod in state.pods.values()] == [True, True, False]
    (cause,) = causes.causes(state, stage.found)
    assert (cause.rule, cause.pods, cause.is_certain) == ("readiness-gates", 1, False)
    rehearsed = forecast(state, stage.now + 30.0, state.deployments[stage.found.uid])
    assert rehearsed.verdict.answer == "unknown"
    assert [(each.rule, each.pods) for each in rehearsed.verdict.causes] == [("readiness-gates", 1)]


def variable(kind: str, name: str, key: str) -> Json:
    return {"name": key.upper(), "valueFrom": {f"{kind}KeyRef": {"name": name, "key": key}}}


FROM_A_SECRET = {"envFrom": [{"prefix": "X_", "secretRef": {"name": "keys"}}, {"configMapRef": {"name": "there"}}]}
MOUNTED = {
    "volumes": [
        {"name": "site", "configMap": {"name": "pages", "items": [{"key": "index.html", "path": "index.html"}]}},
        {"name": "all", "projected": {"sources": [{"secret": {"name": "keys"}}, {"configMap": {"name": "there"}}]}},
    ]
}
ACCOUNT = {"serviceAccountName": "shop"}
CLAIMED = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}
ABSENT = [
    pytest.param(
        {}, {"env": [variable("configMap", "settings", "b"), variable("configMap", "settings", "a")]},
        'configmap "settings" not found',
        {
            "create-absent": "create the ConfigMap settings with empty values for a, b",
            "optional": "make the references optional: ConfigMap settings",
        },
        id="keys of a ConfigMap",
    ),
    pytest.param(
        {}, {"env": [variable("configMap", "there", "a"), variable("configMap", "there", "known")]},
        "couldn't find key a in ConfigMap default/there",
        {
            "create-absent": "add a with empty values to the ConfigMap there",
            "optional": "make the references optional: ConfigMap there",
        },
        id="a key of a ConfigMap that exists",
    ),
    pytest.param(
        {}, FROM_A_SECRET, 'secret "keys" not found',
        {"create-absent": "create the empty Secret keys", "optional": "make the references optional: Secret keys"},
        id="all of a Secret",
    ),
    pytest.param(
        MOUNTED, {}, 'MountVolume.SetUp failed for volume "site" : configmap "pages" not found',
        {
            "create-absent": "create the ConfigMap pages with empty values for index.html; create the empty Secret keys",
            "optional": "make the references optional: ConfigMap pages, Secret keys",
        },
        id="volumes",
    ),
    pytest.param(
        CLAIMED, {}, '0/2 nodes are available: persistentvolumeclaim "data" not found',
        {"create-absent": "create the PersistentVolumeClaim data of 1Gi"},
        id="a volume claim",
    ),
    pytest.param(
        ACCOUNT, FROM_A_SECRET, 'error looking up service account default/shop: serviceaccount "shop" not found',
        {"create-absent": "create the empty Secret keys; create the empty ServiceAccount shop",
         "optional": "make the references optional: Secret keys; create the empty ServiceAccount shop"},
        id="the service account",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("pod", "container", "text", "told"), ABSENT)
def test_what_is_not_there_is_made_or_done_without(pod: Json, container: Json, text: str, told: dict[str, str]) -> None:
    """The ConfigMap `there` exists, with the key `known`; two pods run, from before the others went."""
    stage, _ = play(story(pod, container=container, nodes=nodes()), until=2)
    assert stage.found is not None
    state, after = stage.state, edits.set_images(stage.found, {"app": "nginx:2"})
    state.config = {("configmap", "default", "there")}
    state.config_keys = {("configmap", "default", "there"): frozenset({"known"})}
    state.surroundings = replace(state.surroundings, claims=frozenset(), accounts=frozenset())
    rehearsed = forecast(state, stage.now, after)
    (cause,) = rehearsed.verdict.causes
    assert (rehearsed.verdict.answer, cause.text) == ("never", text)
    found = {each.candidate.key: each for each in remedies.find_remedies(state, stage.now, after, rehearsed)}
    assert {key: each.candidate.text for key, each in found.items()} == told
    assert all(each.rehearsed.verdict.is_good and each.rehearsed.min_available == 2 for each in found.values())
    assert state.config == {("configmap", "default", "there")}, "a try leaves the state as it is"


def test_other_references_stay_as_they_are() -> None:
    stage, _ = play(story(MOUNTED, container=FROM_A_SECRET, nodes=nodes()), until=2)
    assert stage.found is not None
    patch = absent.as_optional(absent.spec_of(stage.found), [("secret", "keys")])
    after = edits.patch(stage.found, {"spec": {"template": {"spec": patch}}})
    volumes = absent.spec_of(after)["volumes"]
    assert volumes[0] == absent.spec_of(stage.found)["volumes"][0]
    assert [each.get("optional") for source in volumes[1]["projected"]["sources"] for each in source.values()] == [
        True,
        None,
    ]
    (container,) = absent.spec_of(after)["containers"]
    assert container["envFrom"] == [
        {"prefix": "X_", "secretRef": {"name": "keys", "optional": True}}, {"configMapRef": {"name": "there"}},
    ]  # fmt: skip


def test_a_rollout_that_completes_needs_no_help() -> None:
    rehearsed, found = told(story())
    assert (rehearsed.verdict.answer, rehearsed.verdict.causes, found) == ("complete", (), [])
    assert rehearsed.verdict.seconds == rehearsed.duration_seconds


def test_a_deadline_that_passes_too_early() -> None:
    """Each pod takes 80 s, and every new pod is progress: 120 s leave half as much again."""
    late = story(behaviours=[{"image": "nginx:1", "ready": "1s"}, {"image": "nginx:2", "ready": "80s"}])
    verdict = rehearse(late).verdict
    assert (verdict.answer, verdict.causes) == ("not before", ())
    assert (verdict.longest_gap, verdict.deadline, verdict.advised_deadline) == (80.0, 60, 120)
    assert verdict.deadline_passes is not None and verdict.seconds is not None
    assert verdict.deadline_passes < verdict.seconds
    enough = story(
        behaviours=[{"image": "nginx:1", "ready": "1s"}, {"image": "nginx:2", "ready": "80s"}],
        spec={"progressDeadlineSeconds": 120},
    )
    assert rehearse(enough).verdict.answer == "complete"


def test_what_waits_for_its_back_off_is_not_before_its_end() -> None:
    broken = [{"break": {"nginx:2": "image-not-found"}}, UPDATE, {"wait": "59s"}, {"heal": "nginx:2"}]
    verdict = rehearse(story(steps=broken)).verdict
    assert verdict.answer == "not before" and verdict.seconds is not None and verdict.seconds > 65


def test_nodes_that_are_added_have_names_that_are_free() -> None:
    full = [*nodes(1, slots=2), {"name": "node-1-more-1", "slots": 9, "taints": [{"key": "a", "effect": "NoSchedule"}]}]
    _, found = told(story(nodes=full))
    (added,) = [each.candidate for each in found if each.candidate.key == "more-nodes"]
    assert [each.name for each in added.commands] == ["node-1-more-2"]


def test_few_of_many_cordoned_nodes_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    taken = remedies.taken

    def noted(state: Any, after: Any, candidate: Any) -> Any:
        tried.append(candidate.key)
        return taken(state, after, candidate)

    monkeypatch.setattr(remedies, "taken", noted)
    cordoned = [{"name": f"away-{place}", "slots": 0, "unschedulable": True} for place in range(9)]
    told(story(nodes=[*nodes(2, slots=1), *cordoned]))
    assert tried.count("uncordon") == 4


def test_what_goes_up_and_down_for_ever_ends_the_look_ahead() -> None:
    """Pods that get ready and crash change the numbers at all times, and bring the end no nearer."""
    moments = 0

    def counted() -> None:
        nonlocal moments
        moments += 1

    limits = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    crashing = [
        {"image": "nginx:1"},
        {"image": "nginx:2", "ready": "5s", "failure": "crash-loop", "fails-after": "7s"},
    ]
    made = story(behaviours=crashing, spec={"replicas": 20, "strategy": limits})
    stage, _ = rehearsal.play(made, until=2)
    stage.watch = counted
    stage.play(made.steps[2])
    assert stage.result("").verdict.answer == "never"
    assert moments < 1000


def test_looking_ahead_tells_nothing_of_what_comes_after_the_story() -> None:
    rehearsed = rehearse(story(objects=quota(pods="2")))
    assert max(each.at for each in rehearsed.lines) <= rehearsed.duration_seconds + 0.001
    assert rehearsed.outcome == "deadline exceeded"


@settings(deadline=None)
@given(
    replicas=st.integers(1, 4),
    slots=st.integers(1, 4),
    number=st.integers(1, 3),
    surge=st.sampled_from([0, 1, "25%", "100%"]),
    unavailable=st.sampled_from([0, 1, "25%", "100%"]),
    hard=st.sampled_from([None, "2", "4"]),
)
def test_the_answer_is_what_comes(
    replicas: int, slots: int, number: int, surge: Any, unavailable: Any, hard: str | None
) -> None:
    """An answer of never has a cause, complete means so, and every remedy completes."""
    if (surge, unavailable) == (0, 0):
        unavailable = 1
    limits = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    spec = {"replicas": replicas, "strategy": limits}
    made = story(nodes=nodes(number, slots=slots), spec=spec, objects=quota(pods=hard) if hard else None)
    rehearsed, found = told(made)
    verdict = rehearsed.verdict
    assert (verdict.answer == "complete") <= (rehearsed.outcome == "settled")
    assert (verdict.answer == "never") == bool(verdict.causes)
    assert (rehearsed.outcome == "settled" and not rehearsed.problem) <= (verdict.seconds is not None)
    assert all(each.rehearsed.outcome == "settled" for each in found)
