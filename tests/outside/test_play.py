"""`manage.py play` on a running demo: what happens there is what the rehearsal said."""

import subprocess
from pathlib import Path
from typing import Any

from cluster.core.rehearsals.rehearsal import rehearse
from cluster.stories.story_files import load_stories
from tests.outside.process import ROOT, Demo, environment, frames, manage

STORY = Path(__file__).parent / "own_story.yaml"


def play(demo: Demo, story: Path) -> subprocess.CompletedProcess[str]:
    command = manage("play", str(story), "--data", str(demo.data))
    return subprocess.run(
        command, cwd=ROOT, env=environment(), text=True, capture_output=True, timeout=120, check=False
    )


def test_a_story_gives_the_same_scalings_live_and_rehearsed(demo: Demo) -> None:
    since = demo.snapshot()["rv"]
    played = play(demo, STORY)
    assert played.returncode == 0, played.stderr
    assert "# The third version crashes." in played.stdout
    (story,) = load_stories(STORY.read_text(), name="own")
    items = changes(demo, since)
    assert scalings(items) == rehearse(story).scalings
    assert [item["state"]["text"] for item in items if item["kind"] == "Say"] == ["The third version crashes."]


def test_without_a_worker_nothing_is_played(demo: Demo) -> None:
    demo.stop()
    demo.manage("shell", "-c", "from cluster.models import Heartbeat; Heartbeat.objects.update(at=0)")
    played = play(demo, STORY)
    assert (played.returncode, "no worker is running; start one with" in played.stderr) == (1, True)


def changes(demo: Demo, since: int) -> list[dict[str, Any]]:
    with demo.socket(since=since) as viewer:
        found: list[dict[str, Any]] = next(frames(viewer, "changes"))["items"]
    return found


def scalings(items: list[dict[str, Any]]) -> list[list[Any]]:
    sizes: dict[int, int] = {}
    found = []
    for item in items:
        number, size = item["state"].get("number"), item["state"].get("replicas")
        is_ours = item["kind"] == "ReplicaSet" and item["state"]["name"].startswith("shop-")
        if is_ours and sizes.get(number) != size:
            found.append([number, sizes.get(number), size])
            sizes[number] = size
    return found


def test_a_missing_file_gets_one_line(demo: Demo) -> None:
    assert play(demo, Path("nothing.yaml")).stderr.strip() == "CommandError: nothing.yaml: No such file or directory"
