"""`manage.py demo` from outside: what it prints, how it stops, and that a kill loses nothing."""

import os
import signal
import socket
import subprocess
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.outside.process import (
    BOOK,
    HOST,
    ROOT,
    Demo,
    environment,
    frames,
    free_port,
    is_complete,
    items_since,
    manage,
    wait_until,
)

STOP_SECONDS = 2.0
OLD, NEW = f"{BOOK}-4087004473", f"{BOOK}-3599678771"
QUICK = (
    "from cluster.models import ImageBehaviour;"
    "ImageBehaviour.objects.create(order=1, pattern='*', pull_seconds=0.2, start_seconds=0.2, ready_seconds=0.2)"
)


def test_it_prints_the_address_and_a_password_once(demo: Demo) -> None:
    assert f"Rollstage   {demo.url}" in demo.output
    assert f"Admin       {demo.url}admin/" in demo.output
    assert "user admin, password " in demo.output
    demo.stop()
    demo.start()
    assert "password" not in demo.output


def test_the_page_and_the_probes_answer(demo: Demo) -> None:
    status, page = demo.get("")
    assert (status, "<html" in page) == (200, True)
    assert [demo.get(path)[0] for path in ("livez", "readyz")] == [200, 200]


def test_readyz_shows_a_worker_that_never_began(make_demo: Any, tmp_path: Path) -> None:
    """`daphne` alone, without a reconciler: alive, not ready."""
    demo = make_demo()
    demo.data.mkdir()
    demo.manage("migrate", "--verbosity=0")
    variables = {**environment(), "ROLLSTAGE_DATA": str(demo.data), "DJANGO_SETTINGS_MODULE": "rollout_site.settings"}
    command = [manage()[0], "-m", "daphne", "-b", HOST, "-p", str(demo.port), "rollout_site.asgi:application"]
    with (tmp_path / "log").open("w") as log:
        demo.process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)

    def answers() -> bool:
        try:
            return bool(demo.get("livez")[0] == 200)
        except OSError:
            return False

    wait_until(answers, 30, "daphne to answer")
    assert demo.get("readyz")[0] == 503


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("viewers", [0, 3], ids=["nobody watching", "three sockets open"])
def test_it_stops_within_two_seconds_with_exit_code_0(demo: Demo, number: int, viewers: int) -> None:
    with ExitStack() as sockets:
        for _ in range(viewers):
            next(frames(sockets.enter_context(demo.socket()), "snapshot"))
        code, seconds = demo.stop(number)
    assert code == 0, demo.output
    assert seconds < STOP_SECONDS
    assert "Traceback" not in demo.output


def test_it_stops_in_the_middle_of_a_rollout(demo: Demo) -> None:
    wait_until(lambda: is_complete(demo.deployment()), 60, "the book's Deployment")
    with demo.socket() as viewer:
        demo.set_image("nginx:1.9.1")
        next(frames(viewer, "changes"))
        code, seconds = demo.stop()
    assert (code, seconds < STOP_SECONDS) == (0, True), demo.output


def test_the_books_rollout_writes_the_books_events(make_demo: Any) -> None:
    demo = start_quick(make_demo)
    since = demo.snapshot()["rv"]
    demo.set_image("nginx:1.9.1")
    items = items_since(demo, since, rolled_out)
    assert scalings(items) == [
        f"Scaled up replica set {NEW} from 0 to 1",
        f"Scaled down replica set {OLD} from 3 to 2",
        f"Scaled up replica set {NEW} from 1 to 2",
        f"Scaled down replica set {OLD} from 2 to 1",
        f"Scaled up replica set {NEW} from 2 to 3",
        f"Scaled down replica set {OLD} from 1 to 0",
    ]


@pytest.mark.parametrize("step", [1, 2, 3], ids=lambda step: f"killed after scaling up to {step}")
def test_a_kill_in_the_middle_of_a_rollout_loses_and_repeats_nothing(make_demo: Any, step: int) -> None:
    demo = start_quick(make_demo)
    since = demo.snapshot()["rv"]
    demo.set_image("nginx:1.9.1")
    before = items_since(demo, since, lambda item: scaled_up_to(item, step))
    demo.stop(signal.SIGKILL)
    demo.start()
    items = items_since(demo, since, rolled_out)
    assert items[: len(before)] == before
    assert scalings(items) == list(dict.fromkeys(scalings(items)))
    assert len(scalings(items)) == 6
    born = [item["state"]["name"] for item in items if (item["kind"], item["verb"]) == ("Pod", "ADDED")]
    assert (len(born), len(set(born))) == (3, 3)
    told = Counter(item["state"]["uid"] for item in items if (item["kind"], item["verb"]) == ("Event", "ADDED"))
    assert set(told.values()) == {1}
    assert [item["rv"] for item in items] == list(range(since + 1, since + 1 + len(items)))


def test_a_second_start_finds_its_data_again(make_demo: Any) -> None:
    demo = start_quick(make_demo)
    demo.set_image("nginx:1.9.1")
    wait_until(lambda: updated(demo), 60, "the rollout")
    names = sorted(pod["name"] for pod in demo.snapshot()["pods"] if not pod["deleted_at"])
    demo.stop()
    demo.start()
    assert sorted(pod["name"] for pod in demo.snapshot()["pods"] if not pod["deleted_at"]) == names


def test_two_demos_run_side_by_side(make_demo: Any) -> None:
    first, second = make_demo("first").start(), make_demo("second").start()
    first.act("deployments/nginx-deployment/delete/", {})
    assert first.deployment() is None
    assert second.deployment() is not None


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = run_demo("--port", str(port), "--data", str(tmp_path))
    assert refused.returncode != 0
    assert refused.stderr.splitlines() == [
        f"Rollstage can't listen on {HOST}:{port}: Address already in use. Choose another port with --port N."
    ]


@pytest.mark.parametrize("folder", ["file/data", "locked"], ids=["below a file", "without write permission"])
def test_an_unwritable_folder_is_one_clear_line(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "locked").mkdir(mode=0o500)
    if folder == "locked" and os.access(tmp_path / "locked", os.W_OK):
        folder = "file"  # root may write everywhere, but not make a folder of a file
    refused = run_demo("--port", str(free_port()), "--data", str(tmp_path / folder))
    assert refused.returncode != 0
    assert len(refused.stderr.splitlines()) == 1
    assert f"Rollstage can't write to {tmp_path / folder}: " in refused.stderr


def start_quick(make_demo: Any) -> Demo:
    """A demo whose pods need half a second, with the book's Deployment complete."""
    demo: Demo = make_demo()
    demo.data.mkdir(exist_ok=True)
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", QUICK)
    demo.start()
    wait_until(lambda: is_complete(demo.deployment()), 60, "the book's Deployment")
    return demo


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        manage("demo", *arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=30
    )


def scalings(items: list[dict[str, Any]]) -> list[str]:
    return [
        item["state"]["message"]
        for item in items
        if item["kind"] == "Event" and item["state"]["reason"] == "ScalingReplicaSet"
    ]


def scaled_up_to(item: dict[str, Any], count: int) -> bool:
    return item["kind"] == "Event" and item["state"]["message"].endswith(f"{NEW} from {count - 1} to {count}")


def rolled_out(item: dict[str, Any]) -> bool:
    return item["kind"] == "Deployment" and item["state"]["revision"] == "2" and is_complete(item["state"])


def updated(demo: Demo) -> bool:
    deployment = demo.deployment()
    return deployment is not None and deployment["revision"] == "2" and is_complete(deployment)
