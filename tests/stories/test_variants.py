"""Variants of one manifest: what the manifest leaves open is as an API server defaults it."""

from typing import Any

import pytest

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.stories.variants import make_variants


def manifest(spec: dict[str, Any], pod: dict[str, Any]) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "nginx:1"}], **pod},
    }
    about = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    return {**about, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec}}


@pytest.mark.parametrize(
    ("spec", "pod"),
    [
        pytest.param({}, {}, id="nothing said"),
        pytest.param({"replicas": None}, {}, id="null replicas"),
        pytest.param({}, {"terminationGracePeriodSeconds": None}, id="null grace period"),
    ],
)
def test_a_null_is_as_nothing_said(spec: dict[str, Any], pod: dict[str, Any]) -> None:
    (variant,) = make_variants(manifest(spec, pod), {"c": "nginx:2"}, {"max_surge": ["1"]})
    played = rehearse(variant.story)
    assert (played.outcome, played.min_available) == ("settled", 1)
    assert {each.grace_seconds for each in variant.assumes} == {30.0}
