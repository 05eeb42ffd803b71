"""Plays a raw recording against the core: what was done by hand is done here at its time, what followed is compared."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cluster.core import replicaset
from cluster.core.family import apply_changes
from cluster.core.objects import Delete, Pod, ReplicaSet, Update
from cluster.core.revisions import list_revisions
from tests.core.story_player import START, Player

RAW = Path(__file__).parent.parent / "golden" / "raw"


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RAW / f"{name}.json").read_text())
    return found


class RecordingPlayer(Player):
    """`pods` maps the recorded pods' names to our uids, in the order in which they became ready."""

    def __init__(self, recorded: Mapping[str, Any]) -> None:
        super().__init__(recorded)
        self.uids: dict[str, str] = {}

    def reach(self, seconds: float) -> None:
        """On to a time of the recording, through everything that is due before."""
        end = START + seconds
        while (due := self.settle(self.family)) is not None and due <= end:
            self.now = due
        self.now = end

    def act(self, entry: Mapping[str, Any]) -> None:
        action = entry["action"]
        words = action.split()
        if action in ("create", "kubectl create -f - --record"):
            self.apply(None)
        elif action == "create bare pod":
            self.put_pod(Pod(uid="bare", name="bare", labels={"app": "nginx"}, node="node-1", next_at=None))
        elif action == "set image":
            self.set_image({"nginx": entry["image"]})
        elif words[:3] == ["kubectl", "set", "image"]:
            self.set_image(dict([words[4].split("=")]))
        elif action.startswith("patch"):
            self.patch(entry["patch"])
        elif words[1] in ("scale", "delete", "label"):
            getattr(self, f"{words[1]}_{words[2]}")(*words[3:])

    def scale_rs(self, name: str, option: str) -> None:
        found = self.named(name)
        resized = replace(found, replicas=int(option.removeprefix("--replicas=")), generation=found.generation + 1)
        self.put_replicaset(resized)

    def label_rs(self, name: str, label: str) -> None:
        found = self.named(name)
        self.put_replicaset(replace(found, labels={**found.labels, **dict([label.split("=")])}))

    def delete_rs(self, name: str, cascade: str = "") -> None:
        gone = self.named(name)
        self.note(Delete(object=gone))
        pods = self.family.pods
        if cascade == "--cascade=orphan":
            orphans = (replace(pod, owner_uid=None) if pod.owner_uid == gone.uid else pod for pod in pods.values())
            pods = {pod.uid: pod for pod in orphans}
        left = {uid: each for uid, each in self.family.replicasets.items() if uid != gone.uid}
        self.settle(replace(self.family, replicasets=left, pods=pods))

    def delete_pod(self, name: str) -> None:
        pod = self.family.pods[self.uids[name]]
        self.settle(apply_changes(self.family, replicaset.terminate(pod, self.now)))

    def label_pod(self, name: str, label: str, _: str) -> None:
        pod = self.family.pods[self.uids[name]]
        self.put_pod(replace(pod, labels={**pod.labels, **dict([label.split("=")])}))

    def delete_deployment(self, _: str) -> None:
        self.settle(replace(self.family, deployment=None))

    def put_pod(self, pod: Pod) -> None:
        self.settle(replace(self.family, pods={**self.family.pods, pod.uid: pod}))

    def put_replicaset(self, changed: ReplicaSet) -> None:
        self.note(Update(object=changed))
        self.settle(replace(self.family, replicasets={**self.family.replicasets, changed.uid: changed}))

    def named(self, name: str) -> ReplicaSet:
        return next(each for each in self.family.replicasets.values() if each.name == name)

    def make_ready(self, recorded: list[Mapping[str, Any]]) -> None:
        """The oldest pods that are not ready, of the recorded ones' ReplicaSets."""
        pods = dict(self.family.pods)
        for each in recorded:
            number = int(each["rs"].removeprefix("rev")) if each["rs"] else None
            waiting = (p for p in pods.values() if self.number_of(p) == number and not p.ready and p.deleted_at is None)
            pod = next(waiting)
            self.uids[each["pod"]] = pod.uid
            pods[pod.uid] = replace(pod, ready=True, ready_since=self.now)
        self.settle(replace(self.family, pods=pods))

    def number_of(self, pod: Pod) -> int | None:
        return self.numbers.get(pod.owner_uid or "")

    def snapshot(self) -> dict[str, Any]:
        """In the words of `expected_snapshot`."""
        found: dict[str, Any] = {"deployment": None}
        if self.family.deployment:
            found = self.quiet_state() | {"generation": self.deployment.generation}
        rows = {str(self.numbers[each.uid]): each for each in self.family.replicasets.values()}
        found["replicasets"] = {
            number: state | {"observedGeneration": rows[number].status.observed_generation}
            for number, state in found.get("replicasets", {}).items()
        }
        alive = (pod for pod in self.family.pods.values() if pod.deleted_at is None)
        found["pods"] = Counter((self.number_of(pod), pod.ready) for pod in alive)
        return found

    def revisions(self) -> list[int]:
        return [number for number, _ in list_revisions(self.family)]


def expected_snapshot(entry: Mapping[str, Any]) -> dict[str, Any]:
    pods = (each for each in entry["pods"] if not each["terminating"])
    found: dict[str, Any] = {"deployment": None, "replicasets": {}}
    found["pods"] = Counter(
        (int(each["rs"].removeprefix("rev")) if each["rs"] else None, each["ready"]) for each in pods
    )
    owner = entry["deployment"]
    if not owner:
        return found
    status = {key: value or 0 for key, value in owner["status"].items() if key != "collisionCount"}
    return found | {
        "generation": owner["generation"],
        "deployment": status,
        "revision": owner["revision"],
        "conditions": {each["type"]: [each["status"], each["reason"]] for each in owner["conditions"]},
        "replicasets": {each["rs"].removeprefix("rev"): expected_replicaset(each) for each in entry["replicasets"]},
    }


def expected_replicaset(found: Mapping[str, Any]) -> dict[str, Any]:
    notes, status = found["annotations"], found["status"]
    return {
        "revision": notes.get("deployment.kubernetes.io/revision"),
        "desired": notes.get("deployment.kubernetes.io/desired-replicas"),
        "max": notes.get("deployment.kubernetes.io/max-replicas"),
        "spec": found["spec.replicas"],
        "replicas": status["replicas"] or 0,
        "ready": status["readyReplicas"] or 0,
        "available": status["availableReplicas"] or 0,
        "observedGeneration": status["observedGeneration"],
    }
