"""Plays a raw recording against the core: what was done by hand is done here at its time, what followed is compared."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.controllers.replicaset import terminate
from cluster.core.controllers.revisions import list_revisions
from cluster.core.manifests import defaults, edits
from cluster.core.objects import Change, Create, Delete, ImageBehaviour, Node, Pod, ReplicaSet, Update
from cluster.core.rehearsals.player import START, Player
from cluster.core.rehearsals.rehearsed import quiet_state
from cluster.core.state import State
from tests.core.recordings import GOLDEN

BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / "raw" / f"{name}.json").read_text())
    return found


class RecordingPlayer(Player):
    """`uids` maps the recorded pods' names to our uids, in the order in which they became ready."""

    def __init__(self, recorded: Mapping[str, Any]) -> None:
        self.manifest = defaults.default_deployment(recorded["manifest"])
        empty = State([Node(name="node-1")], {"": (BY_HAND,)})
        super().__init__("recorded", empty, START, ("default", self.manifest["metadata"]["name"]), is_recorded=True)
        self.uids: dict[str, str] = {}

    def reach(self, seconds: float) -> None:
        """On to a time of the recording, through everything that is due before."""
        self.advance(START + seconds)

    def act(self, entry: Mapping[str, Any]) -> None:
        action = entry["action"]
        words = action.split()
        if action in ("create", "kubectl create -f - --record"):
            self.apply(self.manifest)
        elif action == "create bare pod":
            bare = Pod(uid="bare", name="bare", labels={"app": "nginx"}, node="node-1", phase="Running", next_at=None)
            self.change([Create(object=bare)])
        elif action == "set image":
            self.edit(edits.set_images(self.deployment, {"nginx": entry["image"]}))
        elif words[:3] == ["kubectl", "set", "image"]:
            self.edit(edits.set_images(self.deployment, dict([words[4].split("=")])))
        elif action.startswith("patch"):
            self.edit(edits.patch(self.deployment, entry["patch"]))
        elif words[1] in ("scale", "delete", "label"):
            self.change(getattr(self, f"{words[1]}_{words[2]}")(*words[3:]))

    def scale_rs(self, name: str, option: str) -> list[Change]:
        found = self.named(name)
        replicas = int(option.removeprefix("--replicas="))
        return [Update(object=replace(found, replicas=replicas, generation=found.generation + 1))]

    def label_rs(self, name: str, label: str) -> list[Change]:
        found = self.named(name)
        return [Update(object=replace(found, labels={**found.labels, **dict([label.split("=")])}))]

    def delete_rs(self, name: str, cascade: str = "") -> list[Change]:
        gone = self.named(name)
        orphans: list[Change] = []
        if cascade == "--cascade=orphan":
            orphans = [Update(object=replace(pod, owner_uid=None)) for pod in self.state.group(gone.uid).everyone()]
        return [*orphans, Delete(object=gone)]

    def delete_pod(self, name: str) -> list[Change]:
        return terminate(self.state.pods[self.uids[name]], self.now)

    def label_pod(self, name: str, label: str, _: str) -> list[Change]:
        pod = self.state.pods[self.uids[name]]
        return [Update(object=replace(pod, labels={**pod.labels, **dict([label.split("=")])}))]

    def delete_deployment(self, _: str) -> list[Change]:
        return [Delete(object=self.deployment)]

    def named(self, name: str) -> ReplicaSet:
        return next(each for each in self.notes.replicasets() if each.name == name)

    def make_ready(self, recorded: list[Mapping[str, Any]]) -> None:
        """The oldest pods that are not ready, of the recorded ones' ReplicaSets."""
        made: list[Change] = []
        for each in recorded:
            waiting = [p for p in self.state.pods.values() if not p.ready and p.uid not in self.uids.values()]
            pod = next(p for p in waiting if self.number_of(p) == number_in(each["rs"]) and p.deleted_at is None)
            self.uids[each["pod"]] = pod.uid
            made.append(Update(object=replace(pod, ready=True, ready_since=self.now)))
        self.change(made)

    def number_of(self, pod: Pod) -> int | None:
        owner = self.state.replicasets.get(pod.owner_uid or "")
        return owner.number if owner else None

    def snapshot(self) -> dict[str, Any]:
        """In the words of `expected_snapshot`."""
        found: dict[str, Any] = {"deployment": None, "replicasets": {}}
        if self.found:
            found = quiet_state(self.found, self.notes.replicasets()) | {"generation": self.deployment.generation}
        for each in self.notes.replicasets():
            found["replicasets"][str(each.number)]["observedGeneration"] = each.status.observed_generation
        alive = (pod for pod in self.state.pods.values() if pod.deleted_at is None)
        return found | {"pods": Counter((self.number_of(pod), pod.ready) for pod in alive)}

    def revisions(self) -> list[int]:
        return [number for number, _ in list_revisions(self.state.replicasets_of(self.deployment.uid).values())]


def number_in(name: str | None) -> int | None:
    """Recorded ReplicaSets are rev1, rev2 ... in the order of their creation; a bare pod has none."""
    return int(name.removeprefix("rev")) if name else None


def expected_snapshot(entry: Mapping[str, Any]) -> dict[str, Any]:
    pods = (each for each in entry["pods"] if not each["terminating"])
    found: dict[str, Any] = {"deployment": None, "replicasets": {}}
    found["pods"] = Counter((number_in(each["rs"]), each["ready"]) for each in pods)
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
