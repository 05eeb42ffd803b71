"""`manage.py demo` from outside: what it prints, how it is refused, and that a kill loses nothing."""

import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.outside.process import (
    BOOK,
    HOST,
    ROOT,
    Demo,
    environment,
    free_port,
    is_complete,
    items_since,
    manage,
    wait_until,
)

OLD, NEW = f"{BOOK}-4087004473", f"{BOOK}-3599678771"
STEPS = [
    f"Scaled up replica set {NEW} from 0 to 1",
    f"Scaled down replica set {OLD} from 3 to 2",
    f"Scaled up replica set {NEW} from 1 to 2",
    f"Scaled down replica set {OLD} from 2 to 1",
    f"Scaled up replica set {NEW} from 2 to 3",
    f"Scaled down replica set {OLD} from 1 to 0",
]
KILLS = 6
LONGEST_LIFE_SECONDS = 1.6


def test_it_prints_the_address_and_a_password_once_and_finds_its_data_again(make_demo: Any) -> None:
    demo = make_demo()
    demo.lends_static = False
    demo.start()
    assert f"Rollstage   {demo.url}" in demo.output
    assert f"Admin       {demo.url}admin/" in demo.output
    password = demo.output.partition("user admin, password ")[2].split()[0]
    assert "Stop        Ctrl-C" in demo.output
    status, page = demo.get("")
    assert (status, "<html" in page) == (200, True)
    assert [demo.get(path)[0] for path in ("livez", "readyz", "healthz")] == [200] * 3
    before = demo.deployment()
    demo.stop()
    assert not [file for file in demo.data.rglob("*") if file.is_file() and password.encode() in file.read_bytes()]
    assert not [file for file in (demo.data, *demo.data.rglob("*")) if file.stat().st_mode & 0o077]
    demo.start()
    assert "password" not in demo.output
    after = demo.deployment()
    assert before and after and after["uid"] == before["uid"]


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


def test_a_process_that_is_killed_again_and_again_loses_and_repeats_nothing(quick: Demo) -> None:
    """At moments of chance, also while it starts; what the journal tells in the end is as if nobody had been killed."""
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    since = quick.snapshot()["rv"]
    quick.set_image("nginx:1.9.1")
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, LONGEST_LIFE_SECONDS))
        quick.stop(signal.SIGKILL)
        quick.launch()
    quick.await_ready()
    items = items_since(quick, since, rolled_out)
    assert scalings(items) == STEPS, f"seed {seed}"
    born = [item["state"]["name"] for item in items if (item["kind"], item["verb"]) == ("Pod", "ADDED")]
    assert (len(born), len(set(born))) == (3, 3), f"seed {seed}"
    told = Counter(item["state"]["uid"] for item in items if (item["kind"], item["verb"]) == ("Event", "ADDED"))
    assert set(told.values()) == {1}, f"seed {seed}"
    assert [item["rv"] for item in items] == list(range(since + 1, since + 1 + len(items))), f"seed {seed}"


def test_two_demos_run_side_by_side_but_not_on_one_folder(quick: Demo, make_demo: Any) -> None:
    second = make_demo("second").start()
    second.act("deployments/nginx-deployment/delete/", {})
    assert second.deployment() is None
    assert quick.deployment() is not None
    refused = run_demo("--port", str(free_port()), "--data", str(quick.data))
    assert refused.returncode != 0
    assert refused.stderr.splitlines() == [
        f"Rollstage is running on {quick.data} already. Choose another folder with --data DIR."
    ]


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


def rolled_out(item: dict[str, Any]) -> bool:
    return item["kind"] == "Deployment" and item["state"]["revision"] == "2" and is_complete(item["state"])
