"""manage.py rehearse: what it prints, what it draws, and what its exit code says."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.stories.story_files import load_stories
from tests.core.recordings import compare_states, stories
from tests.core.test_golden import UNTOLD

STORIES = sorted(
    path for path in (settings.BASE_DIR / "stories").glob("*.yaml") if path.name != "nginx-deployment.yaml"
)
MANIFEST = str(settings.BASE_DIR / "stories" / "nginx-deployment.yaml")
SUCCEED = {"book", "surge-only", "unavailable-only", "slow-stops"}


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
    (story,) = load_stories(path.read_text(), name=path.stem)
    assert story.purpose
    result = rehearse(story)
    assert (result.problem, result.outcome) == ("", "settled")
    assert result.succeeded == (path.stem in SUCCEED)


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("just text", "a mapping is wanted, this is a str", id="no mapping"),
        pytest.param("a: 1\n---\nb: 2", "one document is wanted, the text holds 2", id="two documents"),
        pytest.param('{"name": ', "no JSON", id="broken JSON"),
        pytest.param("[]", "a story is wanted, the list is empty", id="no story"),
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
    with pytest.raises(CommandError, match=r"step 4 \(line 24\), wait: '-1s' is no duration"):
        run(str(file))
