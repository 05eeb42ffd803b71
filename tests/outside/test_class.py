"""`manage.py class` as a teacher starts it: one process, a file with its addresses, and a kubectl that gets in."""

import json
import os
import stat
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.outside.process import Demo, manage, new_session
from tests.outside.test_kubectl import KUBECTL


class ClassProcess(Demo):
    command = "class"

    @property
    def told(self) -> dict[str, str]:
        return json.loads((self.data / "class.json").read_text())  # type: ignore[no-any-return]

    def join(self, name: str, code: str | None = None) -> Any:
        body = json.dumps({"code": code or self.told["code"], "name": name}).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._open(urllib.request.Request(self.told["join_url"], data=body, headers=headers))


@pytest.fixture
def lesson(tmp_path: Path) -> Iterator[ClassProcess]:
    held = ClassProcess(tmp_path / "data").start()
    yield held
    if held.process and held.process.poll() is None:
        held.process.kill()
        held.process.wait()


def test_a_class_is_joined_from_the_network_and_worked_in_with_kubectl(lesson: ClassProcess, tmp_path: Path) -> None:
    told = lesson.told
    assert told["code"] in told["join_url"] and told["address"] in told["teacher_url"]
    assert stat.S_IMODE((lesson.data / "class.json").stat().st_mode) == 0o600
    status, text = lesson.join("Ada")
    assert status == 201, text
    seat = json.loads(text)
    with new_session().open(seat["seat_url"], timeout=10) as page:
        assert "/deployments/nginx-deployment/" in page.url
    file = tmp_path / "kubeconfig"
    file.write_text(seat["kubeconfig"])
    if KUBECTL.exists():
        assert "nginx-deployment" in kubectl(file, "get", "deployments", "-o", "name")
        json.loads(lesson.join("Ben")[1])
        with pytest.raises(subprocess.CalledProcessError) as refused:
            kubectl(file, "get", "pods", "--server", api_of(file).replace("class-01", "class-02"))
        assert "Forbidden" in refused.value.stderr


def test_a_class_goes_on_with_its_code_and_seats_after_a_kill(lesson: ClassProcess) -> None:
    seat = json.loads(lesson.join("Ada")[1])
    before = lesson.told
    assert lesson.process
    lesson.process.kill()
    lesson.process.wait()
    lesson.start()
    assert lesson.told == before
    with new_session().open(seat["seat_url"], timeout=10) as page:
        assert "/deployments/nginx-deployment/" in page.url
    assert json.loads(lesson.join("Ada")[1])["name"] == "Ada 2"


def test_the_encrypted_page_is_vouched_for_by_the_classes_own_authority(lesson: ClassProcess) -> None:
    address = next(word for word in lesson.output.split() if word.startswith("https://"))
    with urllib.request.urlopen(f"{address}/join/", context=lesson.trust, timeout=10) as page:
        assert page.status == 200


def test_what_is_no_number_of_seats_is_refused_in_one_line(tmp_path: Path) -> None:
    arguments = ("class", "--students", "0", "--data", str(tmp_path / "data"), "--port", "0")
    done = subprocess.run(manage(*arguments), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "most_seats: Invalid value: 0: must be between 1 and 200" in done.stderr
    assert "Traceback" not in done.stderr


def kubectl(file: Path, *arguments: str) -> str:
    environment = {**os.environ, "KUBECONFIG": str(file), "HOME": str(file.parent)}
    done = subprocess.run(
        [str(KUBECTL), *arguments], env=environment, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout


def api_of(file: Path) -> str:
    return next(line.split()[1] for line in file.read_text().splitlines() if line.strip().startswith("server:"))
