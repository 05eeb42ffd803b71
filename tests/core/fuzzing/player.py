"""Plays a drawn sequence (see `drawing`) against the core, and words the state as the recording of a real plane does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core.controllers import garbage
from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.manifests.null_times import kept_template
from cluster.core.nodes import kubelet
from cluster.core.objects import Change, Create, Delete, Ended, Event, Manifest, Pod, ReplicaSet, Update
from cluster.core.recorder import COMBINED
from cluster.core.rehearsals.player import START, STEP_SECONDS, can_turn
from cluster.core.rehearsals.stories.behaviours import BY_HAND
from tests.core.fuzzing.drawing import FAILED, LINGER_SECONDS, READY, SHORT_SECONDS, TERMINATING, UNREADY, Traits
from tests.core.sequence_player import SequencePlayer

Json = dict[str, Any]
WORDS = {"ready": True, "unready": False}


class PlanePlayer(SequencePlayer):
    """ReplicaSets are numbered in the order in which they are seen, whoever made them."""

    def __init__(self, traits: Traits) -> None:
        super().__init__()
        if traits.slow:
            self.state.set_behaviours("", (replace(BY_HAND, stop_seconds=2.0 * LINGER_SECONDS),))
        self.numbers: dict[str, int] = {}  # by uid
        self.deployed = 0
        self.verbs |= {
            "fail-pod": lambda value: self.change_a_pod(value, lambda pod: [Update(object=failed(pod, self.now))]),
            "delete-pod": lambda value: self.change_a_pod(value, lambda pod: terminate(pod, self.now)),
            "gone": self.let_go,
            "patch-rs": lambda value: self.change_replicasets(value, patched),
            "make-rs": self.make_replicaset,
            "label-pod": self.label_a_pod,
            "label-loose": self.label_a_loose_pod,
            "make-pod": self.make_pod,
            "delete": lambda policy: self.change([garbage.delete(self.deployment, policy, self.now)]),
        }

    def perform(self, step: Json) -> Json:
        """The state after a step, once all that is due soon has happened, with the scalings and the events that led to it."""
        self.now += STEP_SECONDS
        scalings, events = len(self.notes.scalings), len(self.notes.events)
        ((verb, value),) = step.items()
        result = "done"
        try:
            self.verbs[verb](value)
        except edits.EditError:
            result = "refused"
        self.advance(self.now + self.soon())
        told = [[reason, self.unnamed(text.removeprefix(COMBINED))] for reason, text in self.notes.events[events:]]
        return self.state_now() | {"scalings": self.notes.scalings[scalings:], "evstream": told, "result": result}

    def soon(self) -> float:
        """How many seconds until the pods that are ready are available and the deadline is over, where both are short."""
        waits = {each.min_ready_seconds for each in self.replicasets()}
        if self.found:
            waits |= {self.found.min_ready_seconds, self.found.progress_deadline_seconds or 0}
        return 2 * sum(each + 1 for each in waits if 0 < each < SHORT_SECONDS)

    # Verbs

    def apply(self, manifest: Manifest) -> None:
        """Each Deployment has a uid of its own."""
        self.deployed += 1
        full = defaults.default_deployment(manifest)
        self.change([Create(object=deployment_from_manifest(full, uid=f"deployment-{self.deployed}", now=self.now))])

    def turn(self, counts: Mapping[int, int], *, ready: bool) -> None:
        for number, count in counts.items():
            found = [pod for pod in self.pods_of(number) if can_turn(pod, ready=ready)]
            self.change([Update(object=kubelet.turned(pod, self.now, ready=ready)) for pod in found[:count]])

    def change_a_pod(self, value: Mapping[str, str], change: Any) -> None:
        for number, word in value.items():
            found = [pod for pod in self.pods_of(int(number)) if pod.ready == WORDS[word]]
            self.change([each for pod in found[:1] for each in change(pod)])

    def let_go(self, counts: Mapping[str, int]) -> None:
        """Pods that stop slowly are gone."""
        for number, count in counts.items():
            found = [
                pod for pod in self.state.pods.values()
                if pod.deleted_at is not None and self.owner_number(pod) == number
            ]  # fmt: skip
            self.change([Delete(object=pod) for pod in found[:count]])

    def label_a_pod(self, value: Mapping[str, Mapping[str, str]]) -> None:
        for number, labels in value.items():
            found = [pod for pod in self.pods_of(int(number)) if pod.ready]
            self.change([Update(object=relabelled(pod, labels)) for pod in found[:1]])

    def label_a_loose_pod(self, labels: Mapping[str, str]) -> None:
        found = [pod for pod in self.state.pods.values() if pod.owner_uid is None and pod.deleted_at is None]
        self.change([Update(object=relabelled(pod, labels)) for pod in found[:1]])

    def make_pod(self, number: str) -> None:
        """A pod without an owner that looks like a ReplicaSet's."""
        template, name = self.numbered(int(number)).template, f"made-{len(self.state.pods)}-{self.now}"
        pod = Pod(
            uid=name, name=name, labels=template["metadata"]["labels"], spec=template["spec"], created_at=self.now,
            node="node-1", scheduled_at=self.now, stage="scheduled", next_at=self.now,
        )  # fmt: skip
        self.change([Create(object=pod)])

    def make_replicaset(self, value: Mapping[str, Any]) -> None:
        name = value["name"]
        self.change([Create(object=hand_made(name, value["replicas"], self.deployment.template["spec"], self.now))])

    def delete_replicaset(self, number: int, policy: garbage.Policy) -> None:
        gone: list[Change] = [garbage.delete(self.numbered(number), policy, self.now)]
        self.change([*garbage.keep_specs(gone, self.state), *gone])

    # What was seen

    def unnamed(self, text: str) -> str:
        """The longest names first: one may begin with another."""
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, f"RS{self.names[name]}")
        return text

    def note(self, change: Change) -> None:
        if isinstance(change, Event):
            self.note_written(change)
        elif isinstance(change.object, ReplicaSet):
            new = change.object
            self.names[new.name] = self.numbers.setdefault(new.uid, len(self.numbers) + 1)
            self.note_size(new, is_gone=isinstance(change, Delete))

    def note_written(self, event: Event) -> None:
        """A sequence is over before its bucket of 25 events gets another (5 minutes)."""
        written = self.notes.recorder.record(event, START) if event.kind == "Deployment" else None
        if written:
            self.notes.events.append([written.reason, written.message])

    def note_size(self, new: ReplicaSet, *, is_gone: bool) -> None:
        before, number = self.notes.sizes.pop(new.uid, None), self.numbers[new.uid]
        if is_gone:
            self.notes.scalings.append([number, "deleted", None])
            return
        self.notes.sizes[new.uid] = new
        if before is None or before.replicas != new.replicas:
            self.notes.scalings.append([number, before.replicas if before else None, new.replicas])

    def replicasets(self) -> list[ReplicaSet]:
        return [self.state.replicasets[uid] for uid in self.numbers if uid in self.state.replicasets]

    def numbered(self, number: int) -> ReplicaSet:
        return next(each for each in self.replicasets() if self.numbers[each.uid] == number)

    def pods_of(self, number: int) -> list[Pod]:
        return list(self.state.group(self.numbered(number).uid).active.values())

    # Words

    def state_now(self) -> Json:
        replicasets = {str(self.numbers[each.uid]): self.replicaset_state(each) for each in self.replicasets()}
        found = self.deployment_state() if self.found else None
        return {"deployment": found, "replicasets": replicasets, "pods": self.pod_counts()}

    def deployment_state(self) -> Json:
        return super().deployment_state() | {
            "minReadySeconds": self.deployment.min_ready_seconds,
            "progressDeadlineSeconds": self.deployment.progress_deadline_seconds,
        }

    def pod_counts(self) -> dict[str, list[int]]:
        """[ready, not ready, terminating, failed] by ReplicaSet; `-`: without an owner."""
        counts: dict[str, list[int]] = {}
        for pod in self.state.pods.values():
            counts.setdefault(self.owner_number(pod), [0, 0, 0, 0])[place_of(pod)] += 1
        return counts

    def owner_number(self, pod: Pod) -> str:
        """An owner that is gone has its number still."""
        return "-" if pod.owner_uid is None else str(self.numbers[pod.owner_uid])


def place_of(pod: Pod) -> int:
    if pod.deleted_at is not None:
        return TERMINATING
    return FAILED if pod.phase == "Failed" else READY if pod.ready else UNREADY


def relabelled(pod: Pod, labels: Mapping[str, str]) -> Pod:
    return replace(pod, labels={**pod.labels, **labels})


def failed(pod: Pod, now: float) -> Pod:
    """Its containers have ended with an error and are not started again."""
    ended = Ended(now, now, 1, "Error")
    containers = tuple(replace(each, stage="done", next_at=None, ready=False, last=ended) for each in pod.containers)
    return replace(pod, phase="Failed", ready=False, ready_since=now, containers=containers, next_at=None)


def patched(found: ReplicaSet, patch: Mapping[str, Any]) -> ReplicaSet:
    seconds = patch["spec"]["minReadySeconds"]
    changed = seconds != found.min_ready_seconds
    return replace(found, min_ready_seconds=seconds, generation=found.generation + changed)


def hand_made(name: str, replicas: int, spec: Manifest, now: float) -> ReplicaSet:
    """A ReplicaSet without an owner that the Deployment's selector fits, as the API server keeps it."""
    labels = {"app": "nginx", "hand": name}
    given = {"template": {"metadata": {"labels": labels}, "spec": spec}, "selector": {"matchLabels": {"hand": name}}}
    full = defaults.default_replicaset({"metadata": {"name": name}, "spec": {**given, "replicas": replicas}})["spec"]
    return ReplicaSet(
        uid=name, name=name, labels=labels, selector=full["selector"], replicas=replicas, created_at=now,
        template=kept_template(full["template"]),
    )  # fmt: skip
