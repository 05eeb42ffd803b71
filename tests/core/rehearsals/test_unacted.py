"""What is kept and not acted on: found where it stands in a template, and nothing found where nothing is."""

from typing import Any

import pytest

from cluster.core.manifests.pod_defaults import default_template
from cluster.core.rehearsals.unacted import unacted

CONTAINER = {"name": "app", "image": "nginx:1"}


def template(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{**CONTAINER, **(container or {})}], **spec}}


@pytest.mark.parametrize(
    ("given", "places", "word"),
    [
        pytest.param(template(readinessGates=[{"conditionType": "a"}]), ["readinessGates"], "gates", id="gates"),
        pytest.param(template(nodeName="node-1"), ["nodeName"], "OutOfcpu", id="bound by name"),
        pytest.param(
            template(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]),
            ["volumes[data].persistentVolumeClaim"],
            "claim exists",
            id="claim",
        ),
        pytest.param(
            template(volumes=[{"name": "host", "hostPath": {"path": "/"}}, {"name": "n", "nfs": {"server": "s"}}]),
            ["volumes[host].hostPath", "volumes[n].nfs"],
            "not mounted",
            id="volumes together",
        ),
        pytest.param(
            template({"command": ["sleep"], "args": ["1"]}),
            ["containers[app].command", "containers[app].args"],
            "image's rule",
            id="command",
        ),
        pytest.param(
            template({"resources": {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}}}),
            ["containers[app].resources.limits"],
            "killed for its memory",
            id="limits, not requests",
        ),
        pytest.param(
            template(initContainers=[{"name": "init", "image": "b:1", "lifecycle": {"postStart": {"exec": {}}}}]),
            ["initContainers[init].lifecycle.postStart"],
            "takes no time",
            id="hook of an init container",
        ),
        pytest.param(
            template({"lifecycle": {"preStop": {"exec": {"command": ["/bin/drain"]}}}}),
            ["containers[app].lifecycle.preStop"],
            "Only a hook that sleeps",
            id="idle preStop",
        ),
    ],
)
def test_a_field_is_found_in_its_place(given: dict[str, Any], places: list[str], word: str) -> None:
    (found,) = unacted(given)
    assert list(found.places) == places
    assert word in found.text


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(template(), id="nothing"),
        pytest.param(default_template(template()), id="what the API server fills in"),
        pytest.param(template(serviceAccountName="builder"), id="the service account"),
        pytest.param(template({"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}), id="preStop sleeps"),
        pytest.param(
            template({"lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}}), id="a command sleeps"
        ),
        pytest.param(template({"resources": {"requests": {"cpu": "1"}, "limits": None}}), id="requests"),
        pytest.param(
            template(volumes=[{"name": "v", "emptyDir": {}}, {"name": "c", "configMap": {"name": "c"}}]), id="volumes"
        ),
        pytest.param(
            template({"envFrom": [{"configMapRef": {"name": "c"}}], "readinessProbe": {"exec": {}}}), id="acted on"
        ),
        pytest.param({"spec": {"nodeSelector": {"a": "b"}, "affinity": {"podAntiAffinity": {}}}}, id="the scheduler's"),
        pytest.param({}, id="no spec"),
    ],
)
def test_what_is_acted_on_is_not_listed(given: dict[str, Any]) -> None:
    assert unacted(given) == []


def test_of_several_templates_each_place_is_named_once() -> None:
    (found,) = unacted(template({"args": ["1"]}), template({"args": ["2"], "command": ["c"]}))
    assert found.places == ("containers[app].args", "containers[app].command")
