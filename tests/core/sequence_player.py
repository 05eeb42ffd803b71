"""Plays a recorded sequence of edits (tests/golden-1.36) against the core, and words the state as the recording does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.controllers import garbage
from cluster.core.controllers.replicaset import terminate
from cluster.core.controllers.revisions import HASH_LABEL, LAST_APPLIED
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import deployment_spec
from cluster.core.objects import Condition, Event, Node, Pod, ReplicaSet, Update
from cluster.core.recorder import COMBINED
from cluster.core.rehearsals.player import START, STEP_SECONDS, Player
from cluster.core.rehearsals.stories.behaviours import BY_HAND
from cluster.core.state import State

Json = dict[str, Any]
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


class SequencePlayer(Player):
    """`verbs` has what the sequences do besides a story's verbs: hands on ReplicaSets and on single pods."""

    def __init__(self) -> None:
        super().__init__("sequence", State([Node(name="node-1")], {"": (BY_HAND,)}), START, ("default", "nginx"))
        self.verbs |= {
            "restart": self.restart_at,
            "undo": lambda value: self.undo_unless_equal(value.get("to-revision", 0)),
            "ready": lambda counts: self.turn(numbers(counts), ready=True),
            "unready": lambda counts: self.turn(numbers(counts), ready=False),
            "delete-pod": self.delete_a_pod,
            "scale-rs": lambda value: self.change_replicasets(value, scaled),
            "label-rs": lambda value: self.change_replicasets(value, labelled),
            "annotate-rs": lambda value: self.change_replicasets(value, annotated),
            "delete-rs": lambda number: self.delete_replicaset(int(number), "Background"),
            "delete-rs-orphan": lambda number: self.delete_replicaset(int(number), "Orphan"),
        }

    def perform(self, step: Json) -> Json:
        """The state after a step, with the scalings and the events that it led to."""
        self.now += STEP_SECONDS
        scalings, events = len(self.notes.scalings), len(self.notes.events)
        ((verb, value),) = step.items()
        self.verbs[verb](value)
        told = [[reason, self.unnamed(text.removeprefix(COMBINED))] for reason, text in self.notes.events[events:]]
        return {**self.state_now(), "scalings": self.notes.scalings[scalings:], "evstream": told}

    def restart_at(self, time: str) -> None:
        annotations = {RESTARTED_AT: time}
        self.edit(edits.patch(self.deployment, {"spec": {"template": {"metadata": {"annotations": annotations}}}}))

    def undo_unless_equal(self, revision: int) -> None:
        """kubectl skips an undo to the template that is there."""
        owned = self.state.replicasets_of(self.deployment.uid).values()
        new = edits.undo(self.deployment, owned, revision)
        if new.template != self.deployment.template:
            self.edit(new)

    def delete_a_pod(self, value: Mapping[str, str]) -> None:
        for number, word in value.items():
            found = [pod for pod in self.pods_of(int(number)) if pod.ready == (word == "ready")]
            self.change([change for pod in found[:1] for change in terminate(pod, self.now)])

    def change_replicasets(self, values: Mapping[str, Any], change: Any) -> None:
        self.change([Update(object=change(self.numbered(int(number)), each)) for number, each in values.items()])

    def delete_replicaset(self, number: int, policy: garbage.Policy) -> None:
        self.change([garbage.delete(self.numbered(number), policy, self.now)])

    def numbered(self, number: int) -> ReplicaSet:
        return next(each for each in self.replicasets() if each.number == number)

    def unnamed(self, text: str) -> str:
        for name, number in self.names.items():
            text = text.replace(name, f"RS{number}")
        return text

    def note(self, change: Any) -> None:
        super().note(change)
        if not isinstance(change, Event) and isinstance(change.object, ReplicaSet):
            self.names[change.object.name] = change.object.number

    @property
    def names(self) -> dict[str, int]:
        """ReplicaSets' names: the number of the newest that bears each."""
        found: dict[str, int] = self.__dict__.setdefault("_names", {})
        return found

    def replicasets(self) -> list[ReplicaSet]:
        return self.notes.replicasets()

    def state_now(self) -> Json:
        replicasets = {str(each.number): self.replicaset_state(each) for each in self.replicasets()}
        return {"deployment": self.deployment_state(), "replicasets": replicasets, "pods": self.pod_counts()}

    def deployment_state(self) -> Json:
        found = self.deployment
        status = found.status
        return {
            "generation": found.generation,
            "replicas": found.replicas,
            "paused": found.paused,
            "annotations": {key: value for key, value in found.annotations.items() if key != LAST_APPLIED},
            "strategy": deployment_spec(found)["strategy"],
            "status": without_zeros(
                observedGeneration=status.observed_generation,
                replicas=status.replicas,
                updatedReplicas=status.updated_replicas,
                readyReplicas=status.ready_replicas,
                availableReplicas=status.available_replicas,
                unavailableReplicas=status.unavailable_replicas,
                terminatingReplicas=status.terminating_replicas,
                collisionCount=status.collision_count,
            ),
            "conditions": [self.condition_state(each) for each in status.conditions],
        }

    def condition_state(self, condition: Condition) -> list[str]:
        return [condition.type, condition.status, condition.reason, self.unnamed(condition.message)]

    def replicaset_state(self, replicaset: ReplicaSet) -> Json:
        status = replicaset.status
        return {
            "spec": replicaset.replicas,
            "status": without_zeros(
                replicas=status.replicas,
                fullyLabeledReplicas=status.fully_labeled_replicas,
                readyReplicas=status.ready_replicas,
                availableReplicas=status.available_replicas,
                terminatingReplicas=status.terminating_replicas,
            ),
            "generation": replicaset.generation,
            "observed": status.observed_generation,
            "annotations": dict(replicaset.annotations),
            "labels": {key: value for key, value in replicaset.labels.items() if key != HASH_LABEL},
            "image": replicaset.template["spec"]["containers"][0]["image"],
            "owned": self.found is not None and replicaset.owner_uid == self.found.uid,
            "conditions": [[each.type, each.status, each.reason] for each in status.conditions],
        }

    def pod_counts(self) -> dict[str, list[int]]:
        """[ready, not ready, terminating] by ReplicaSet; `-`: without an owner."""
        counts: dict[str, list[int]] = {}
        for pod in self.state.pods.values():
            counts.setdefault(self.owner_number(pod), [0, 0, 0])[place_of(pod)] += 1
        return counts

    def owner_number(self, pod: Pod) -> str:
        owner = self.state.replicasets.get(pod.owner_uid or "")
        return str(owner.number) if owner else "-"


def place_of(pod: Pod) -> int:
    return 2 if pod.deleted_at is not None else 0 if pod.ready else 1


def numbers(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(number): count for number, count in counts.items()}


def without_zeros(**counts: int | None) -> Json:
    return {key: value for key, value in counts.items() if value}


def scaled(found: ReplicaSet, replicas: int) -> ReplicaSet:
    return replace(found, replicas=replicas, generation=found.generation + (found.replicas != replicas))


def labelled(found: ReplicaSet, labels: Mapping[str, str]) -> ReplicaSet:
    return replace(found, labels={**found.labels, **labels})


def annotated(found: ReplicaSet, annotations: Mapping[str, str]) -> ReplicaSet:
    return replace(found, annotations={**found.annotations, **annotations})
