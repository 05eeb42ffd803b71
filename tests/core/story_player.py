"""Plays a recorded story against the core, pods becoming ready only when told, and keeps what the recordings keep."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from cluster.core import conditions, defaults, edits, manifests
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    Family,
    ImageBehaviour,
    Node,
    ReplicaSet,
    Update,
)
from cluster.core.reconcile import reconcile
from cluster.core.revisions import DESIRED_REPLICAS, MAX_REPLICAS, REVISION

GOLDEN = Path(__file__).parent.parent / "golden"
BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)
START = 1_000_000.0
STEP_SECONDS = 0.01


@cache
def stories(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((GOLDEN / name).read_text())
    return found


class Player:
    def __init__(self, story: Mapping[str, Any]) -> None:
        self.manifest = story["manifest"]
        self.now = START
        self.family = Family(deployment=None, nodes={"node-1": Node(name="node-1")}, behaviours=(BY_HAND,))
        self.scalings: list[list[Any]] = []
        self.events: list[list[str]] = []
        self.sizes: dict[str, int] = {}
        self.numbers: dict[str, int] = {}

    def play(self, step: Mapping[str, Any]) -> None:
        (verb, value), *_ = step.items()
        self.now += STEP_SECONDS
        getattr(self, verb.replace("-", "_"))(value)

    def apply(self, _: Any) -> None:
        manifest = defaults.default_deployment(self.manifest)
        deployment = manifests.deployment_from_manifest(manifest, uid="deployment", now=self.now)
        self.settle(replace(self.family, deployment=deployment))

    def set_image(self, images: Mapping[str, str]) -> None:
        self.edit(edits.set_images(self.deployment, images))

    def scale(self, replicas: int) -> None:
        self.edit(edits.scale(self.deployment, replicas))

    def patch(self, patch: Mapping[str, Any]) -> None:
        manifest = merge(manifests.deployment_manifest(self.deployment), patch)
        wanted = manifests.deployment_from_manifest(manifest, uid=self.deployment.uid, now=self.now)
        self.edit(edits.replace_spec(self.deployment, wanted))

    def pause(self, _: Any) -> None:
        self.edit(edits.pause(self.deployment))

    def resume(self, _: Any) -> None:
        self.edit(edits.resume(self.deployment))

    def restart(self, _: Any) -> None:
        self.edit(edits.restart(self.deployment, f"2026-01-01T00:00:{self.now % 60:02.0f}Z"))

    def undo(self, options: Mapping[str, int]) -> None:
        self.edit(edits.undo(self.family, options.get("to-revision", 0)))

    def ready(self, counts: Mapping[str, int]) -> None:
        self.turn(counts, ready=True)

    def unready(self, counts: Mapping[str, int]) -> None:
        self.turn(counts, ready=False)

    def wait(self, text: str) -> None:
        end = self.now + float(text.removesuffix("s"))
        while (due := self.settle(self.family)) is not None and due <= end:
            self.now = due
        self.now = end
        self.settle(self.family)

    def turn(self, counts: Mapping[str, int], *, ready: bool) -> None:
        """The oldest pods of a ReplicaSet that are not ready (or are) become so, in one moment."""
        pods = dict(self.family.pods)
        for number, count in counts.items():
            uid = next(uid for uid, own in self.numbers.items() if own == int(number))
            fitting = [p for p in pods.values() if p.owner_uid == uid and p.ready is not ready and p.deleted_at is None]
            for pod in fitting[:count]:
                pods[pod.uid] = replace(pod, ready=ready, ready_since=self.now)
        self.settle(replace(self.family, pods=pods))

    def edit(self, deployment: Deployment) -> None:
        self.settle(replace(self.family, deployment=deployment))

    def settle(self, family: Family) -> float | None:
        result = reconcile(family, self.now)
        self.family = result.family
        for change in result.changes:
            self.note(change)
        return result.due

    def note(self, change: Change) -> None:
        if isinstance(change, Event):
            if change.kind == "Deployment":
                self.events.append([change.reason, change.message])
            return
        thing = change.object
        if isinstance(thing, ReplicaSet):
            self.note_replicaset(change, thing)

    def note_replicaset(self, change: Create | Update | Delete, thing: ReplicaSet) -> None:
        number = self.numbers.setdefault(thing.uid, len(self.numbers) + 1)
        if isinstance(change, Delete):
            self.scalings.append([number, "deleted", None])
            return
        before = self.sizes.get(thing.uid)
        if before != thing.replicas:
            self.scalings.append([number, before, thing.replicas])
        self.sizes[thing.uid] = thing.replicas

    @property
    def deployment(self) -> Deployment:
        assert self.family.deployment is not None
        return self.family.deployment

    def quiet_state(self) -> dict[str, Any]:
        status = self.deployment.status
        return {
            "deployment": {
                "observedGeneration": status.observed_generation,
                "replicas": status.replicas,
                "updatedReplicas": status.updated_replicas,
                "readyReplicas": status.ready_replicas,
                "availableReplicas": status.available_replicas,
                "unavailableReplicas": status.unavailable_replicas,
            },
            "revision": self.deployment.annotations.get(REVISION),
            "conditions": {each.type: [each.status, each.reason] for each in status.conditions},
            "replicasets": {
                str(self.numbers[each.uid]): replicaset_state(each) for each in self.family.replicasets.values()
            },
        }

    def progressing_reason(self) -> str:
        found = conditions.find(self.deployment.status.conditions, "Progressing")
        return found.reason if found else ""


def replicaset_state(replicaset: ReplicaSet) -> dict[str, Any]:
    return {
        "revision": replicaset.annotations.get(REVISION),
        "desired": replicaset.annotations.get(DESIRED_REPLICAS),
        "max": replicaset.annotations.get(MAX_REPLICAS),
        "spec": replicaset.replicas,
        "replicas": replicaset.status.replicas,
        "ready": replicaset.status.ready_replicas,
        "available": replicaset.status.available_replicas,
    }


def merge(target: Any, patch: Any) -> Any:
    """A strategic merge: lists are of things with a name, and merge by it."""
    if isinstance(patch, list) and isinstance(target, list):
        named = {each["name"]: each for each in target}
        return [*(named | {each["name"]: merge(named.get(each["name"], {}), each) for each in patch}).values()]
    if not isinstance(patch, Mapping) or not isinstance(target, Mapping):
        return patch
    merged = {**target}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(target.get(key, {}), value)
    return merged
