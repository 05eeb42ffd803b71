"""Defaults of a pod template against what the API server stored."""

import json
from typing import Any

import pytest

from cluster.core.manifests.defaults import default_template, pull_policy
from tests.core.recordings import GOLDEN

CASES = json.loads((GOLDEN / "hashes_fields.json").read_text())["cases"]
# Kubernetes 1.20 gave host ports to templates in the host's network; today only pods get them.
CHANGED_SINCE = {"host namespaces"}


def cases() -> list[Any]:
    return [pytest.param(each, id=each["name"]) for each in CASES if each["name"] not in CHANGED_SINCE]


@pytest.mark.parametrize("case", cases())
def test_a_template_is_defaulted_as_in_kubernetes(case: dict[str, Any]) -> None:
    assert without_zeros(default_template(case["template"])) == without_zeros(case["stored"])


@pytest.mark.parametrize("case", cases())
def test_defaulting_twice_changes_nothing(case: dict[str, Any]) -> None:
    once = default_template(case["template"])
    assert default_template(once) == once


def test_a_template_in_the_host_s_network_gets_no_host_ports() -> None:
    spec = {"hostNetwork": True, "containers": [{"name": "c", "ports": [{"containerPort": 80}]}]}
    assert default_template({"spec": spec})["spec"]["containers"][0]["ports"] == [
        {"containerPort": 80, "protocol": "TCP"}
    ]


def test_the_written_template_is_left_alone() -> None:
    template: dict[str, Any] = {"spec": {"volumes": [{"name": "v", "secret": {}}], "containers": [{"name": "c"}]}}
    before = json.dumps(template)
    default_template(template)
    assert json.dumps(template) == before


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.7.9", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        (f"nginx@sha256:{'a' * 64}", "IfNotPresent"),
        (f"nginx:latest@sha256:{'a' * 64}", "Always"),
        ("Not An Image", "IfNotPresent"),
        ("a" * 200 + "!", "IfNotPresent"),
    ],
)
def test_images_are_pulled_by_their_tag(image: str, policy: str) -> None:
    assert pull_policy(image) == policy


def without_zeros(value: Any) -> Any:
    """The server leaves out what is false, 0, empty or null; we keep what was written."""
    if isinstance(value, dict):
        pruned = {key: without_zeros(each) for key, each in value.items()}
        return {key: each for key, each in pruned.items() if each not in (None, False, 0, "", [], {})}
    return [without_zeros(each) for each in value] if isinstance(value, list) else value
