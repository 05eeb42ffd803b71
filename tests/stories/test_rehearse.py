"""manage.py rehearse: what it prints, what it draws, and what its exit code says."""

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.rehearsals.stories.story import StoryError
from cluster.stories.story_files import load_stories
from tests.core.recordings import compare_states, stories
from tests.core.test_golden import UNTOLD

STORIES = sorted(
    path for path in (settings.BASE_DIR / "stories").glob("*.yaml") if path.name != "nginx-deployment.yaml"
)
MANIFEST = str(settings.BASE_DIR / "stories" / "nginx-deployment.yaml")
SUCCEED = {"drain-and-budget", "full-quota", "book", "surge-only", "unavailable-only", "slow-stops", "lost-requests"}


def run(*arguments: Any, **options: Any) -> tuple[int, str]:
    """(exit code, standard output)."""
    out = io.StringIO()
    try:
        call_command("rehearse", *arguments, stdout=out, stderr=io.StringIO(), **options)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_shipped_story_can_be_played_to_its_end(path: Path) -> None:
    """A story that says what will come of it comes out as told; the others complete."""
    (story,) = load_stories(path.read_text(), name=path.stem)
    assert story.purpose
    result = rehearse(story)
    assert result.problem == ""
    if story.expects:
        assert run(str(path))[0] == 0
    else:
        assert (result.outcome, result.succeeded) == ("settled", path.stem in SUCCEED)


def test_a_story_about_a_failure_fails_if_nothing_fails(tmp_path: Path) -> None:
    text = (settings.BASE_DIR / "stories" / "full-nodes.yaml").read_text()
    file = tmp_path / "story.yaml"
    file.write_text(text.replace("replicas: 2", "replicas: 1"))
    code, said = run(str(file))
    assert code == 1
    assert (
        "as expected       no; outcome: expected never, found complete; reason: expected '2 Insufficient cpu'" in said
    )
    assert json.loads(run(str(file), json=True)[1])["misses"][0] == "outcome: expected never, found complete"


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        pytest.param({"outcome": "soon"}, "expect.outcome: 'soon' is none of complete, not before", id="outcome"),
        pytest.param({"outcome": "never", "floor": 3}, "expect.floor: 3 is none of held, broken", id="floor"),
        pytest.param({"outcome": "never", "reason": 3}, "expect.reason: expected a text, found 3", id="reason"),
        pytest.param({"outcome": "never", "why": ""}, "expect.why: unknown key; there are outcome, reason", id="key"),
    ],
)
def test_what_a_story_expects_is_checked(expect: dict[str, Any], said: str) -> None:
    data = {"manifest": yaml.safe_load(Path(MANIFEST).read_text()), "steps": [{"apply": "manifest"}], "expect": expect}
    with pytest.raises(StoryError, match=re.escape(said)):
        read_story(data, name="test")


def test_json_has_the_shape_of_recorded_stories() -> None:
    code, text = run(str(settings.BASE_DIR / "stories" / "book.yaml"), json=True)
    found = json.loads(text)
    assert code == 0
    assert found["scalings"] == [[1, None, 3], [2, None, 1], [1, 3, 2], [2, 1, 2], [1, 2, 1], [2, 2, 3], [1, 1, 0]]
    assert found["after_step"]["1"]["deployment"]["availableReplicas"] == 3
    assert found["after_step"]["1"]["conditions"]["Progressing"] == ["True", "NewReplicaSetAvailable"]
    assert found["events"][0] == [
        "ScalingReplicaSet", "Scaled up replica set nginx-deployment-4087004473 from 0 to 3",
    ]  # fmt: skip
    summary = found["summary"]
    assert (summary["outcome"], summary["peak_pods"], summary["min_available"]) == ("settled", 4, 3)


def test_a_recorded_story_is_valid_input(tmp_path: Path) -> None:
    recorded = json.loads((settings.BASE_DIR / "tests" / "golden" / "rollover.json").read_text())[0]
    file = tmp_path / "story.json"
    file.write_text(json.dumps(recorded))
    found = json.loads(run(str(file), json=True)[1])
    assert found["scalings"] == recorded["expect"]["scalings"]


@pytest.mark.parametrize("file", ["rollover.json", "others.json"])
def test_recorded_stories_from_standard_input_come_out_as_recorded(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of them, without what was recorded, gives a list in the shape of what was recorded."""
    recorded = [each for each in stories(file) if each["name"] not in UNTOLD and needs_no_expectation(each)]
    given = json.dumps([{key: each[key] for key in ("name", "manifest", "steps")} for each in recorded])
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    told = json.loads(run("-", json=True)[1])
    assert [each["name"] for each in told] == [each["name"] for each in recorded]
    for mine, theirs in zip(told, recorded, strict=True):
        compare_states(mine["after_step"], theirs["expect"]["after_step"])
        assert mine["scalings"] == theirs["expect"]["scalings"]
        assert list(mine["summary"])[:5] == [
            "outcome", "duration_seconds", "peak_pods", "peak_pods_with_terminating", "min_available",
        ]  # fmt: skip


def needs_no_expectation(story: dict[str, Any]) -> bool:
    """Without `ready` steps only `expect` tells that pods were ready at once."""
    return any("ready" in step for step in story["steps"])


def test_each_step_is_a_line_with_its_time_and_its_why() -> None:
    _, text = run(MANIFEST, image=["nginx=nginx:1.9.1"])
    assert "0.0 s   ReplicaSet 2 (nginx-deployment-3599678771) created with 1" in text
    assert "maxSurge 25% of 3 rounds up to 1; 3 + 1 - 3 leaves room for 1 new pod" in text
    assert "settled after 12.8 s" in text


def test_several_values_are_compared() -> None:
    code, text = run(
        MANIFEST, "--replicas", "40", "--max-surge", "1,25%", "--max-unavailable", "0", "--ready-after", "30s"
    )
    lines = [line.split() for line in text.splitlines()]
    assert code == 0
    assert [line[:2] for line in lines[1:3]] == [["1", "1224.0"], ["25%", "122.4"]]


def test_lost_requests_are_counted_and_said_to_be_a_model() -> None:
    story = str(settings.BASE_DIR / "stories" / "lost-requests.yaml")
    code, text = run(story)
    assert code == 0
    assert "traffic, a model  100 of 4,215 requests lost: 100 refused, 0 broken off" in text
    assert [line.strip() for line in text.splitlines() if line.startswith("  revision")] == [
        "revision 1        complete after 3.5 s, 0 requests lost",
        "revision 2        complete after 13.0 s, 100 requests lost",
        "revision 3        complete after 13.0 s, 0 requests lost",
    ]
    found = json.loads(run(story, "--traffic", "10", "--belief-delay", "500ms", json=True)[1])["traffic"]
    assert (found["service"], found["refused"], found["broken"]) == ("web", 5, 0)
    assert found["model"] == {"requests_per_second": 10.0, "belief_delay_seconds": 0.5, "request_seconds": 0.1}


def test_variants_with_and_without_a_hook_are_compared() -> None:
    _, text = run(MANIFEST, "--traffic", "100", "--pre-stop", "0,5s", "--max-unavailable", "0")
    head, *rows = text.splitlines()
    assert "lost requests (a model)" in head
    assert [row.split()[-2] for row in rows[:2]] == ["100", "0"]
    assert "traffic, a model  100 a second to the Service nginx-deployment; proxies hear of a change after 1 s" in text


def test_exit_code_is_1_where_the_floor_does_not_hold() -> None:
    assert run(str(settings.BASE_DIR / "stories" / "recreate-outage.yaml"))[0] == 1


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    file = tmp_path / "film.svg"
    run(MANIFEST, image=["nginx=nginx:1.9.1"], svg=file)
    root = ElementTree.parse(file).getroot()
    cards = [each for each in root.iter("{http://www.w3.org/2000/svg}rect") if each.get("class") == "card"]
    assert len(cards) == 7
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [each for each in texts if each[0] in "\u25b2\u25bc"] == [
        "\u25b2 1",
        "\u25bc 2",
        "\u25b2 2",
        "\u25bc 1",
        "\u25b2 3",
        "\u25bc 0",
    ]
    assert {"ReplicaSet 1", "ReplicaSet 2", "ceiling 4", "floor 3"} <= set(texts)
    assert not any(each.startswith("requests") for each in texts)


def test_a_picture_has_the_lane_of_requests_where_they_were_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "film.svg"
    run(str(settings.BASE_DIR / "stories" / "lost-requests.yaml"), svg=file)
    root = ElementTree.parse(file).getroot()
    (band,) = (each for each in root.iter() if each.get("class") == "requests")
    lost = [each for each in root.iter() if each.get("class") == "lost"]
    left, right = float(band.get("x", 0)), float(band.get("x", 0)) + float(band.get("width", 0))
    assert len(lost) == 4, "one for each pod that was stopped without a hook"
    assert all(left < float(each.get("x", 0)) < right for each in lost)
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "requests, a model: 100 of 4,215 requests lost: 100 refused, 0 broken off" in texts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("just text", "expected a mapping, found a str", id="no mapping"),
        pytest.param("a: 1\n---\nb: 2", "expected one YAML document, found 2", id="two documents"),
        pytest.param('{"name": ', "not valid JSON", id="broken JSON"),
        pytest.param("[]", "expected a story, the list is empty", id="no story"),
        pytest.param("a: [", "error converting YAML to JSON: yaml: line 1", id="broken YAML"),
        pytest.param("steps: [fly: 1]\nmanifest: {}", "manifests.manifest: no matches for kind", id="no Deployment"),
    ],
)
def test_a_file_that_is_no_story_gets_one_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(CommandError) as refused:
        run(str(file))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_line_of_a_bad_step_is_named(tmp_path: Path) -> None:
    book = (settings.BASE_DIR / "stories" / "book.yaml").read_text()
    file = tmp_path / "bad.yaml"
    file.write_text(book.replace('set-image: {nginx: "nginx:1.9.1"}', "wait: -1s"))
    with pytest.raises(CommandError, match=r"step 4 \(line 24\), wait: '-1s' is not a duration"):
        run(str(file))


UNACTED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      readinessGates: [{conditionType: example.com/gate}]
      initContainers: [{name: migrate, image: "busybox:1"}]
      containers: [{name: app, image: "nginx:1.7.9", lifecycle: {preStop: {sleep: {seconds: 5}}}}]
"""


def test_every_container_is_told_and_what_is_not_acted_on(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(UNACTED)
    text = run(str(file))[1]
    assert "assumes           busybox:1 (init container migrate): pull 1.5 s, start 0.6 s, runs for 2.4 s (" in text
    assert "stop 1 s (after its preStop hook of 5 s)" in text
    assert text.count("not acted on") == 1
    assert "  not acted on      readinessGates: Clients set the conditions of readiness gates" in text
    told = json.loads(run(str(file), json=True)[1])
    assert [each["places"] for each in told["unacted"]] == [["readinessGates"]]
    assert [(each["container"], each["role"]) for each in told["assumes"]] == [("migrate", "init"), ("app", "main")]
    assert "not acted on" in run(str(file), max_surge=["1", "2"])[1]
