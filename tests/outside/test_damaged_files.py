"""A start that finds a file it can't use ends in one line that names the file; what can be made again is made again."""

import os
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cluster.api.auth import certificates
from tests.outside.process import ROOT, environment, free_port, manage

SECONDS = 180
LIMIT_BYTES = 100_000


def start(data: Path, *, largest_file: int | None = None) -> tuple[int, str]:
    """(exit code, what it said) of a demo that ends by itself. `largest_file`: in bytes, as if the disk were full beyond."""
    ports = ("--port", str(free_port()), "--api-port", str(free_port()))
    command = manage("demo", *ports, "--data", str(data))

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    found = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=SECONDS, preexec_fn=limit, check=False
    )  # fmt: skip
    return found.returncode, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        pytest.param("secret_key", b"", "is empty. Delete it", id="an empty secret"),
        pytest.param("tls/ca.crt", b"x", "is damaged. Put a copy of it back", id="the authority"),
        pytest.param(
            "rollstage.sqlite3", os.urandom(8192), "file is not a database. Put a copy of it back", id="SQLite"
        ),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, advice: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    code, text = start(tmp_path)
    assert (code, text.count("\n")) == (1, 1), text
    assert str(tmp_path / name) in text and advice in text


def test_a_file_that_can_t_be_written_is_named(tmp_path: Path) -> None:
    code, text = start(tmp_path, largest_file=LIMIT_BYTES)
    assert (code, text.count("\n")) == (1, 1), text
    assert str(tmp_path / "rollstage.sqlite3") in text


def test_what_can_be_made_again_is(make_demo: Any) -> None:
    demo = make_demo()
    demo.manage("migrate", "--verbosity=0")
    (demo.data / "kubeconfig").write_bytes(os.urandom(512))
    certificates.ensure(demo.data / "tls")
    for name in ("server.crt", "server.key"):
        (demo.data / "tls" / name).write_bytes(os.urandom(512))
    demo.start()
    assert "token: " in (demo.data / "kubeconfig").read_text()
