"""A pod waits for the ConfigMaps and Secrets that it names, in a kubelet's words, and starts when they are there."""

from typing import Any

import pytest

from cluster.core.nodes import references
from cluster.core.nodes.references import Reference
from cluster.core.objects import Event
from tests.core.nodes.test_kubelet import cluster, move

CONTAINER = {"name": "x", "image": "x:1"}
BY_VARIABLE = {"containers": [{**CONTAINER, "envFrom": [{"configMapRef": {"name": "settings"}}]}]}
BY_VOLUME = {"containers": [CONTAINER], "volumes": [{"name": "v", "secret": {"secretName": "key"}}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"containers": [CONTAINER]}, (), id="none"),
        pytest.param(BY_VARIABLE, (Reference("configmap", "settings"),), id="all variables of a map"),
        pytest.param(
            {
                "containers": [
                    {**CONTAINER, "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "key", "key": "a"}}}]}
                ]
            },
            (Reference("secret", "key", key="a"),),
            id="one variable",
        ),
        pytest.param(BY_VOLUME, (Reference("secret", "key", "v"),), id="a volume"),
        pytest.param(
            {
                "volumes": [
                    {"name": "v", "projected": {"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}]}}
                ]
            },
            (Reference("configmap", "a", "v"), Reference("secret", "b", "v")),
            id="a projected volume",
        ),
        pytest.param(
            {
                "volumes": [
                    {"name": "v", "configMap": {"name": "a", "items": [{"key": "x", "path": "p"}, {"key": "y"}]}}
                ]
            },
            (Reference("configmap", "a", "v", "x"), Reference("configmap", "a", "v", "y")),
            id="items of a volume",
        ),
        pytest.param(
            {"containers": [{**CONTAINER, "envFrom": [{"configMapRef": {"name": "settings", "optional": True}}]}]},
            (),
            id="optional",
        ),
    ],
)
def test_what_a_pod_needs(spec: Any, expected: Any) -> None:
    named = [each for container in spec.get("containers", ()) for each in references.of_variables(container)]
    assert (*references.of_volumes(spec), *named) == expected


def of(spec: Any) -> Any:
    state = cluster({"metadata": {"labels": {"app": "x"}}, "spec": spec})
    state.config = set()
    return state


def told(changes: Any) -> list[tuple[str, str]]:
    return [(each.reason, each.message) for each in changes if isinstance(each, Event)]


def test_a_container_without_its_variables_is_not_made() -> None:
    state = of(BY_VARIABLE)
    assert told(move(state, 0))[-1] == ("Failed", 'Error: configmap "settings" not found')
    pod = state.pods["pod"]
    assert (pod.phase, pod.reason, pod.message) == (
        "Pending",
        "CreateContainerConfigError",
        'configmap "settings" not found',
    )
    assert told(move(state, 10))[-1][0] == "Failed"
    state.config.add(("configmap", "default", "settings"))
    assert [reason for reason, _ in told(move(state, 20))] == ["Pulled", "Created", "Started"]
    assert state.pods["pod"].phase == "Running"


def test_a_volume_without_its_secret_is_not_mounted() -> None:
    state = of(BY_VOLUME)
    assert told(move(state, 0))[-1] == (
        "FailedMount",
        'MountVolume.SetUp failed for volume "v" : secret "key" not found',
    )
    pod = state.pods["pod"]
    assert (pod.reason, pod.next_at) == ("ContainerCreating", 0.5)
    assert [move(state, pod_time) and state.pods["pod"].next_at for pod_time in (0.5, 1.5, 3.5)] == [1.5, 3.5, 7.5]
    state.config.add(("secret", "default", "key"))
    move(state, 7.5)
    assert state.pods["pod"].phase == "Running"


VARIABLE = {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}}
SECRET_VARIABLE = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "settings", "key": "a"}}}
ITEM = {"items": [{"key": "there", "path": "p"}, {"key": "a", "path": "q"}]}


@pytest.mark.parametrize(
    ("spec", "kind", "text"),
    [
        pytest.param(
            {"containers": [{**CONTAINER, "env": [VARIABLE]}]},
            "configmap",
            "couldn't find key a in ConfigMap default/settings",
            id="a variable",
        ),
        pytest.param(
            {"containers": [{**CONTAINER, "env": [SECRET_VARIABLE]}]},
            "secret",
            "couldn't find key a in Secret default/settings",
            id="a secret variable",
        ),
        pytest.param(
            {"containers": [CONTAINER], "volumes": [{"name": "v", "configMap": {"name": "settings", **ITEM}}]},
            "configmap",
            'MountVolume.SetUp failed for volume "v" : references non-existent config key: a',
            id="a volume",
        ),
        pytest.param(
            {"containers": [CONTAINER], "volumes": [{"name": "v", "secret": {"secretName": "settings", **ITEM}}]},
            "secret",
            'MountVolume.SetUp failed for volume "v" : references non-existent secret key: a',
            id="a secret volume",
        ),
    ],
)
def test_a_pod_waits_for_the_keys_that_it_names(spec: Any, kind: Any, text: str) -> None:
    state = of(spec)
    place = (kind, "default", "settings")
    state.config, state.config_keys = {place}, {place: frozenset({"there"})}
    assert told(move(state, 0))[-1][1].removeprefix("Error: ") == text
    assert state.pods["pod"].phase == "Pending"
    state.config_keys = {place: frozenset({"there", "a"})}
    move(state, 10)
    assert state.pods["pod"].phase == "Running"


def test_a_key_that_is_optional_is_not_waited_for() -> None:
    variable = {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a", "optional": True}}}
    state = of({"containers": [{**CONTAINER, "env": [variable]}]})
    place = ("configmap", "default", "settings")
    state.config, state.config_keys = {place}, {place: frozenset()}
    move(state, 0)
    assert state.pods["pod"].phase == "Running"


def test_where_nobody_knows_what_there_is_all_is_there() -> None:
    state = of(BY_VARIABLE)
    state.config = None
    move(state, 0)
    assert state.pods["pod"].phase == "Running"
