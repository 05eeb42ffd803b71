"""Stories are read whole, or refused with one line that names the step."""

from typing import Any

import pytest

from cluster.core.nodes import behaviour
from cluster.core.rehearsals.stories.behaviours import BY_HAND
from cluster.core.rehearsals.stories.nodes import read_nodes
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import StoryError
from cluster.core.rehearsals.stories.values import read_seconds

MANIFEST = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "app", "image": "nginx:1.7.9"}]},
        },
    },
}
OTHER_NAME = {**MANIFEST, "metadata": {"name": "other"}}
NO_IMAGE = {
    **MANIFEST,
    "spec": {
        **MANIFEST["spec"],  # type: ignore[dict-item]
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app"}]}},
    },
}


def story(*steps: Any, **keys: Any) -> dict[str, Any]:
    return {"manifest": MANIFEST, "steps": [{"apply": "manifest"}, *steps], **keys}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param({"steps": [{"apply": "manifest"}]}, "manifests: expected a Deployment", id="no manifest"),
        pytest.param({"manifest": MANIFEST}, "steps: expected a list of at least one step", id="no steps"),
        pytest.param({**story(), "stepz": 1}, "stepz: unknown key", id="unknown key"),
        pytest.param({**story(), "manifest": NO_IMAGE}, "containers[0].image: Required value", id="manifest: no image"),
        pytest.param(story(manifests=[MANIFEST, OTHER_NAME]), "a story plays one Deployment", id="two names"),
        pytest.param(story({"fly": 1}), "step 2 (line 7), fly: unknown step; there are apply,", id="unknown step"),
        pytest.param(story({"wait": "-3s"}), "step 2 (line 7), wait: '-3s' is not a duration", id="negative wait"),
        pytest.param(story({"wait": "soon"}), "or complete, quiet, failed", id="unknown wait"),
        pytest.param(story({"wait": "999999h"}), "is not a duration", id="endless wait"),
        pytest.param(story({"pace": "100x"}), "'100x' is not a pace; use 0.1x to 60x", id="too fast"),
        pytest.param(story({"pace": 0}), "0 is not a pace", id="no pace"),
        pytest.param(story({"set-image": {"app": ""}}), "container app: expected an image", id="missing image"),
        pytest.param(story({"set-image": {}}), "a mapping of container names to images", id="no images"),
        pytest.param(story({"scale": -1}), "replicas: -1 is not a count", id="negative scale"),
        pytest.param(story({"scale": True}), "replicas: True is not a count", id="scale to true"),
        pytest.param(story({"pause": 5}), "pause: takes no value", id="pause with a value"),
        pytest.param(story({"undo": {"too": 1}}), "too: unknown key; only to-revision", id="undo: unknown key"),
        pytest.param(story({"ready": "all"}), "a mapping of ReplicaSet numbers", id="ready: no numbers"),
        pytest.param(story({"scale": 1, "pause": {}}), "expected one verb with its value", id="two verbs"),
        pytest.param(story({"break": {"nginx": "fire"}}), "'fire' is none of image-not-found", id="unknown failure"),
        pytest.param(story({"apply": "second"}), "there is no manifest 'second'; there are manifest", id="no manifest"),
        pytest.param(story(*[{"undo": {}}] * 1000), "at most 1,000 steps, this one has 1,001", id="endless undo"),
        pytest.param(story(behaviours=[{"image": "*", "jitter": "200%"}]), "behaviours[0].jitter", id="jitter"),
        pytest.param(story(behaviours=[{"pull": 1}]), "expected a mapping with `image`", id="behaviour of nothing"),
        pytest.param(story(nodes=[]), "nodes: expected a list of {name, slots}", id="no nodes"),
        pytest.param(
            story(traffic=[1]),
            "traffic: expected a mapping of any of delay, requests, service, takes, found a list",
            id="traffic: a list",
        ),
        pytest.param(
            story(traffic={"takes": "long"}), "traffic.takes: 'long' is not a duration", id="traffic: no time"
        ),
        pytest.param(
            story(objects=[{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}]),
            "objects[0]: spec.ports: expected a list of at least one port, found nothing",
            id="a Service without ports",
        ),
    ],
)
def test_a_bad_story_gets_one_line_that_says_where(data: dict[str, Any], words: str) -> None:
    with pytest.raises(StoryError) as refused:
        read_story(data, name="bad", step_lines=[6, 7, 8])
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6s", 6.0), ("1m30s", 90.0), ("250ms", 0.25), ("1h", 3600.0), (2, 2.0), (0.5, 0.5), ("1.5s", 1.5)],
)
def test_durations_are_as_in_go(text: Any, seconds: float) -> None:
    assert read_seconds(text, "wait") == seconds


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(story({"ready": {"1": 1}}), (BY_HAND,), id="told when to be ready"),
        pytest.param(story(expect={}), (behaviour.INSTANT,), id="recorded"),
        pytest.param(story(), behaviour.DEFAULTS, id="nothing said"),
    ],
)
def test_pods_are_ready_by_hand_at_once_or_as_shipped(data: dict[str, Any], expected: Any) -> None:
    assert read_story(data, name="x").behaviours == expected


def test_a_story_says_what_its_nodes_have() -> None:
    taint = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
    given = {"name": "n", "slots": 5, "allocatable": {"cpu": 4}, "labels": {"zone": "a"}, "taints": [taint]}
    (node,) = read_nodes([given])
    assert (node.slots, node.allocatable, node.labels, node.taints) == (5, {"cpu": "4"}, {"zone": "a"}, (taint,))


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"allocatable": {"cpu": "lots"}}, "nodes[0]: status.allocatable[cpu]: Invalid value"),
        ({"taints": [{"key": "k", "effect": "Maybe"}]}, "nodes[0]: spec.taints[0].effect: Unsupported value"),
        ({"labels": {"a b": "c"}}, "nodes[0]: metadata.labels: Invalid value"),
        ({"taints": "none"}, "nodes[0]: labels, taints or allocatable are not as the API has them"),
        ({"colour": "red"}, "nodes[0]: expected {name, slots}"),
    ],
    ids=["amount", "effect", "label", "shape", "unknown"],
)
def test_a_node_that_cannot_be_is_refused_by_its_field(about: dict[str, Any], words: str) -> None:
    with pytest.raises(StoryError) as raised:
        read_nodes([{"name": "n", **about}])
    assert words in str(raised.value)
