"""A Deployment with what is around it, as kubectl prints these: nodes and quotas act on the rehearsal."""

from typing import Any

import pytest

from cluster.core.rehearsals import remedies
from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.story import StoryError
from cluster.stories import variants
from cluster.stories.given_manifests import is_given, read_given

Json = dict[str, Any]


def deployment(name: str = "web", **spec: Any) -> Json:
    container = {"name": "app", "image": "nginx:1.7.9", "resources": {"requests": {"cpu": "600m"}}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    made = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": made}


def node(**status: Any) -> Json:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "labels": {"zone": "z"}}, "status": status}


def quota(pods: str, namespace: str | None = None) -> Json:
    metadata = {"name": "team", **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {"pods": pods}}}


CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}}
SMALL = {"allocatable": {"cpu": "1", "memory": "4Gi", "pods": "110"}, "capacity": {"cpu": "2"}}


@pytest.mark.parametrize(
    ("documents", "answer", "rule"),
    [
        pytest.param([deployment()], "complete", None, id="alone: three nodes with room"),
        pytest.param([deployment(), node(**SMALL)], "never", "no-node", id="a small node"),
        pytest.param([deployment(), node(capacity={"cpu": "2"})], "complete", None, id="capacity, if nothing else"),
        pytest.param([deployment(), quota("1")], "never", "quota", id="a quota"),
        pytest.param([deployment(), quota("1", "other")], "complete", None, id="another namespace's quota"),
        pytest.param([{"kind": "List", "items": [node(**SMALL), deployment()]}], "never", "no-node", id="a List"),
        pytest.param([CONFIG, deployment()], "complete", None, id="beside a ConfigMap"),
    ],
)
def test_what_is_around_a_deployment_acts(documents: list[Json], answer: str, rule: str | None) -> None:
    assert is_given(documents)
    (made,) = variants.make_variants(read_given(documents), {"app": "nginx:1.9.1"}, {})
    verdict = rehearse(made.story, measure_from=variants.UPDATE_STEP).verdict
    assert (verdict.answer, next((each.rule for each in verdict.causes), None)) == (answer, rule)


def test_what_helps_is_measured_from_the_edit() -> None:
    (made,) = variants.make_variants(read_given([deployment(), node(**SMALL)]), {"app": "nginx:1.9.1"}, {})
    rehearsed = rehearse(made.story, measure_from=variants.UPDATE_STEP)
    found = remedies.of_story(made.story, rehearsed, measure_from=variants.UPDATE_STEP)
    assert [each.candidate.key for each in found] == ["max-unavailable", "no-surge", "lower-request", "more-nodes"]
    assert all(0 < each.rehearsed.duration_seconds < 20 for each in found)


def test_what_does_not_act_is_told() -> None:
    assert read_given([CONFIG, deployment()]).beside == ["ConfigMap/web"]


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        pytest.param([CONFIG], "expected one Deployment among the manifests, found none", id="none"),
        pytest.param([deployment(), deployment("two")], "found Deployment/web, Deployment/two", id="two"),
        pytest.param([{"kind": "List", "items": 3}], "items: expected a list", id="no list"),
        pytest.param([deployment(), node(allocatable={"cpu": "much"})], "quantities must match", id="no quantity"),
        pytest.param([deployment(), quota("many")], "quantities must match", id="no quota"),
    ],
)
def test_what_can_not_be_read_is_told_in_a_line(documents: list[Json], said: str) -> None:
    with pytest.raises(StoryError, match=said):
        variants.make_variants(read_given(documents), {}, {})
