"""Variants of one manifest: what the manifest leaves open is as an API server defaults it."""

from typing import Any

import pytest

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.story import StoryError
from cluster.core.traffic.model import Model
from cluster.stories import rehearsal_text
from cluster.stories.given_manifests import Given
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
    (variant,) = make_variants(Given(deployment=manifest(spec, pod)), {"c": "nginx:2"}, {"max_surge": ["1"]})
    played = rehearse(variant.story)
    assert (played.outcome, played.min_available) == ("settled", 1)
    assert {each.grace_seconds for each in variant.assumes} == {30.0}


def test_a_hook_is_assumed_of_the_pods_that_run_already_and_the_service_too() -> None:
    options = {"pre_stop": ["0", "5s"], "max_unavailable": ["0"]}
    without, hooked = make_variants(
        Given(deployment=manifest({"replicas": 4}, {})), {"c": "nginx:2"}, options, traffic=Model()
    )
    lost = {each.values["preStop"]: rehearse(each.story, measure_from=2).traffic for each in (without, hooked)}
    assert {text: found and found.counts["lost"] for text, found in lost.items()} == {"0": 100, "5s": 0}
    assert hooked.story.manifests["wanted"]["spec"]["template"]["spec"]["containers"][0]["lifecycle"] == {
        "preStop": {"sleep": {"seconds": 5}}
    }


def test_without_being_asked_there_is_no_traffic() -> None:
    (plain,) = make_variants(Given(deployment=manifest({}, {})), {"c": "nginx:2"}, {})
    assert rehearse(plain.story).traffic is None


def test_an_image_of_no_container_is_refused_before_anything_is_played() -> None:
    with pytest.raises(StoryError, match=r"^--image: expected the name of a container \(c\), found 'wrong'$"):
        make_variants(Given(deployment=manifest({}, {})), {"wrong": "nginx:2"}, {})


def test_an_error_names_no_steps_that_nobody_has_written() -> None:
    broken = manifest({"replicas": 3}, {"containers": [{"name": "c", "image": "nginx:1.91"}]})
    (variant,) = make_variants(Given(deployment=broken), {"c": "nginx:2"}, {})
    played = rehearse(variant.story, measure_from=3)
    assert played.problem.startswith("the manifest as it is: waited for complete, but the rollout is stuck")
    lowest = next(line for line in rehearsal_text.verdict(played) if "lowest" in line)
    assert lowest == "  lowest available  0 (floor 3 at the end; no step went below the floor)"


@pytest.mark.parametrize("text", ["soon", "-1s", "60s"])
def test_a_hook_that_can_not_be_is_refused(text: str) -> None:
    with pytest.raises(StoryError):
        make_variants(Given(deployment=manifest({}, {})), {"c": "nginx:2"}, {"pre_stop": [text]})
