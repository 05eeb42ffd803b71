"""The recorded commands, typed again: one session with the real kubectl against one demo."""

import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.outside.kubectl_recordings import Recording
from tests.outside.process import HOST, Demo, wait_until

KUBECTL = Path(sys.executable).parent / "kubectl"
QUIET_SECONDS = 20.0
POD = re.compile(r"\b(nginx-deployment-[0-9a-z]+)-[a-z0-9]{5}\b")
PREPARE = """
import uuid
from django.utils import timezone
from cluster.writing import clusters, namespaces
from cluster.models import Cluster, ImageBehaviour, Namespace, Node
from cluster.spaces import DEFAULT_CLUSTER, Space
clusters.ensure(DEFAULT_CLUSTER, old_versions=True)
demo = Cluster.objects.get()
Node.objects.all().delete()
ImageBehaviour.objects.all().delete()
namespaces.ensure(Space(DEFAULT_CLUSTER, "n-invalid"), actor="test")
Node.objects.create(cluster=demo, name="node1", slots=5000, uid=str(uuid.uuid4()), created=timezone.now())
ImageBehaviour.objects.create(cluster=demo, order=1, pattern="nginx:bad", failure="image-not-found")
ImageBehaviour.objects.create(cluster=demo, order=2, pattern="*", start_seconds=0.2)
never = dict(namespace=Namespace.objects.get(name="n-invalid"), ready_seconds=None)
ImageBehaviour.objects.create(cluster=demo, order=1, pattern="*", **never)
"""
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`code` None: a watch that was ended once it had printed enough."""

    stdout: str
    stderr: str
    code: int | None


def prepare(demo: Demo) -> None:
    """A cluster with one node, quick images, and nothing in its namespace."""
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", PREPARE)


class Session:
    """A terminal in a folder of its own. `pods` maps recorded pods to the ones that play their parts."""

    def __init__(self, demo: Demo, folder: Path, manifests: Mapping[str, Any]) -> None:
        self.demo, self.folder = demo, folder
        for name, manifest in manifests.items():
            (folder / name).write_text(yaml.safe_dump(manifest))
        config = folder / "kubeconfig"
        config.write_bytes((demo.data / "kubeconfig").read_bytes())
        self.environment = {**os.environ, "KUBECONFIG": str(config), "HOME": str(folder), "TZ": "UTC"}
        self.pods: dict[str, str] = {}
        read = yaml.safe_load(config.read_text())
        self.token = read["users"][0]["user"]["token"]
        self.tls = demo.trust

    def run(self, command: str, *, editor: str = "", stdin: str = "") -> Outcome:
        """`editor`: a line of shell that changes the file "$1" for `kubectl edit`."""
        arguments = self.arguments(command)
        variables = dict(self.environment)
        if editor:
            variables["KUBE_EDITOR"] = str(self.script(editor))
        done = subprocess.run(
            arguments, cwd=self.folder, env=variables, input=stdin, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        return Outcome(stdout=done.stdout, stderr=done.stderr, code=done.returncode)

    def watch(self, recording: Recording) -> Callable[[], Outcome]:
        """Starts a watch, and returns once it has told what there is; what is returned ends it."""
        file = self.folder / f"{recording.name}.out"
        lines = first_lines(recording)
        with file.open("w") as out:
            process = subprocess.Popen(
                self.arguments(recording.command), cwd=self.folder, env=self.environment, stdout=out, stderr=out
            )

        def end() -> Outcome:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
            return Outcome(stdout=file.read_text(), stderr="", code=None)

        try:
            wait_until(
                lambda: file.read_text().count("\n") >= lines, QUIET_SECONDS, lambda: f"{lines} lines of a watch"
            )
        except AssertionError:
            process.kill()
            raise
        return end

    def arguments(self, command: str) -> list[str]:
        played = POD.sub(lambda found: self.player_of(found[0], found[1]), command)
        return [str(KUBECTL), *shlex.split(played)[1:]]

    def player_of(self, recorded: str, replicaset: str) -> str:
        """The pod that plays a recorded one: one of the same ReplicaSet, or of the only broken one."""
        if recorded not in self.pods:
            names = [each["metadata"]["name"] for each in self.items("pods")]
            alike = [name for name in names if name.startswith(f"{replicaset}-")] or self.broken()
            self.pods[recorded] = next(name for name in alike if name not in self.pods.values())
        return self.pods[recorded]

    def broken(self) -> list[str]:
        return [each["metadata"]["name"] for each in self.items("pods") if waits_for_an_image(each)]

    def set_pace(self, pace: float) -> None:
        self.demo.act("pace/", {"pace": pace})

    def wait_until_quiet(self) -> None:
        """Until every rollout is over and every pod does what it will do."""
        wait_until(lambda: not self.unsettled(), QUIET_SECONDS, lambda: f"the cluster to be quiet: {self.unsettled()}")

    def wait_until_stuck(self) -> None:
        wait_until(self.broken, QUIET_SECONDS, "a pod without its image")

    def wait_until_observed(self) -> None:
        """Until the controllers have done what they can at this moment of the clock."""
        wait_until(lambda: all(map(is_observed, self.deployments())), QUIET_SECONDS, "the Deployments to be observed")

    def deployments(self) -> list[Json]:
        return self.items("deployments", "apis/apps/v1")

    def unsettled(self) -> list[Json]:
        """The statuses of what still moves."""
        pods = [each for each in self.items("pods") if not is_settled(each)]
        owners = [each for each in self.deployments() if not is_over(each)]
        return [each["status"] for each in (*pods, *owners)]

    def items(self, plural: str, group: str = "api/v1") -> list[Json]:
        url = f"https://{HOST}:{self.demo.api_port}/{group}/namespaces/default/{plural}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:
            found: list[Json] = json.load(answer)["items"]
        return found

    def script(self, line: str) -> Path:
        file = self.folder / "editor"
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return file


def first_lines(recording: Recording) -> int:
    """How many lines a watch prints of what is there when it begins: a heading, and objects of one age."""
    lines = recording.stdout.splitlines()
    if len(lines) < 5:
        return len(lines)
    return 1 + len({line.split()[0] for line in lines[1:] if line.split()[-1] == lines[1].split()[-1]})


def is_settled(pod: Json) -> bool:
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))
    return "deletionTimestamp" not in pod["metadata"] and (ready or waits_for_an_image(pod))


def waits_for_an_image(pod: Json) -> bool:
    states = [each["state"] for each in pod["status"].get("containerStatuses", [])]
    return any(each.get("waiting", {}).get("reason") == "ImagePullBackOff" for each in states)


def is_observed(deployment: Json) -> bool:
    observed: int = deployment["status"].get("observedGeneration", 0)
    return observed >= int(deployment["metadata"]["generation"])


def is_over(deployment: Json) -> bool:
    """Complete, paused, or given up."""
    status, spec = deployment["status"], deployment["spec"]
    if not is_observed(deployment):
        return False
    counts = [status.get(each, 0) for each in ("replicas", "updatedReplicas", "availableReplicas")]
    given_up = any(each["reason"] == "ProgressDeadlineExceeded" for each in status.get("conditions", []))
    return spec.get("paused", False) or given_up or counts == [spec["replicas"]] * 3
