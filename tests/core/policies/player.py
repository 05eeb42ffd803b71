"""Plays recordings of quotas and disruption budgets (tests/golden-1.36/quota, pdb) against the core, and words the state as they do."""

import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import edits
from cluster.core.nodes import kubelet
from cluster.core.objects import Change, Create, Delete, Event, Kept, Node, Pod, ReplicaSet, Update
from cluster.core.policies import budgets, evictions, quotas
from cluster.core.rehearsals.player import START, Player, can_turn
from cluster.core.rehearsals.stories.behaviours import BY_HAND
from cluster.core.state import State
from tests.core.recordings import GOLDEN

Json = dict[str, Any]
FOLDER = GOLDEN.parent / "golden-1.36"
KINDS = {"resourcequotas": quotas.RESOURCE, "poddisruptionbudgets": budgets.RESOURCE}


def recording(name: str) -> Json:
    found: Json = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def names_in(folder: str) -> list[str]:
    return sorted(f"{folder}/{path.stem}" for path in (FOLDER / folder).glob("*.json"))


class PoliciesPlayer(Player):
    """A cluster in which pods run at once, become ready when the recording says so, and go at once."""

    def __init__(self) -> None:
        nodes = [Node(name=name) for name in ("n1", "n2", "n3")]
        super().__init__("recorded", State(nodes, {"": (BY_HAND,)}), START, ("default", "web"), is_recorded=True)
        self.happened: list[Event] = []
        self.answers: list[int] = []
        self.numbers: dict[str, int] = {}
        self.last: list[Json] = []
        self.ours: dict[str, str] = {}

    def perform(self, step: Json) -> None:
        """The step's requests, then on to the moment at which the recording looked."""
        self.happened, self.answers = [], []
        for method, path, body, *_ in step.get("requests") or ():
            self.request(method, path, body)
        if step.get("pods"):
            self.make_ready(step["pods"])
        words = (step.get("kubectl") or [""])[0].split()
        if words[:1] == ["drain"]:
            self.drain_once(self.node_like(words[1]))
        elif words[:1] == ["uncordon"]:
            self.change([self.cordoned(self.node_like(words[1]), cordoned=False)])
        self.last = step["after"]["pods"]
        self.advance(START + step["after"]["t"])

    def request(self, method: str, path: str, body: Json | None) -> None:
        resource = next((each for each in KINDS if f"/{each}" in path), None)
        if path.endswith("/eviction"):
            self.evict(next(pod for pod in self.state.pods.values() if pod.ready))
        elif resource is not None:
            self.change([self.of_policy(method, resource, body or {})])
        elif method == "POST":
            self.apply(ours_to_schedule(body or {}))
        else:
            self.edit(edits.patch(self.deployment, body or {}))

    def of_policy(self, method: str, resource: str, body: Json) -> Change:
        held = next((each for each in self.state.kept.values() if each.resource == KINDS[resource]), None)
        if held is None:
            metadata = {**body["metadata"], "generation": 1}
            return Create(
                object=Kept(
                    uid=resource,
                    resource=KINDS[resource],
                    name=metadata["name"],
                    namespace="default",
                    manifest={**body, "metadata": metadata},
                )
            )
        if method == "DELETE":
            return Delete(object=held)
        return Update(
            object=replace(held, manifest={**held.manifest, "spec": {**held.manifest["spec"], **body["spec"]}})
        )

    def make_ready(self, count: int) -> None:
        """The oldest ones, as the recording saw them before."""
        waiting = [pod for pod in self.state.pods.values() if can_turn(pod, ready=True)]
        first = [each["owner"] for each in self.last if not each["ready"]][:count]
        found: list[Pod] = []
        for owner in first:
            found.append(next(pod for pod in waiting if pod not in found and self.pod(pod)[0] == owner))
        assert len(found) == count
        self.change([Update(object=kubelet.turned(pod, self.now, ready=True)) for pod in found])

    def node_like(self, node: str) -> str:
        """Our node with as many pods: which of equal nodes gets the odd one is chance."""
        count = sum(each["node"] == node for each in self.last)
        fitting = (name for name in self.state.nodes if len(self.state.pods_on(name)) == count)
        return self.ours.setdefault(node, next(fitting))

    def drain_once(self, node: str) -> None:
        """As far as it goes within two seconds: kubectl comes again after five."""
        self.change([self.cordoned(node, cordoned=True)])
        for pod in list(self.state.pods_on(node).values()):
            self.evict(pod)

    def evict(self, pod: Pod) -> None:
        covering = self.state.rules.covering(pod)
        try:
            evicted = evictions.evict(pod, covering, self.now)
        except evictions.NotEvicted as error:
            self.answers.append(error.code)
            return
        self.answers.append(201)
        counted: list[Change] = [Update(object=evicted.budget)] if evicted.budget else []
        self.change([*counted, *terminate(replace(pod, disruption=evicted.disruption), self.now)])

    def note(self, change: Change) -> None:
        if isinstance(change, Event):
            self.happened.append(change)
        elif isinstance(change.object, ReplicaSet):
            self.numbers[change.object.name] = change.object.number
        super().note(change)

    def note_trouble(self, event: Event) -> None:
        pass

    def roles(self, text: str) -> str:
        """With RS1, RS2 ... for the ReplicaSets, and POD for the random part of a pod's name."""
        for name, number in self.numbers.items():
            text = text.replace(name, f"RS{number}")
        return re.sub(r"(RS\d)-[a-z0-9]{5}\b", r"\1-POD", text)

    def events(self) -> Counter[tuple[str, ...]]:
        return Counter(
            (each.kind, self.roles(each.name), each.type, each.reason, self.roles(each.message))
            for each in self.happened
            if each.kind != "Pod"
        )

    def state_now(self) -> Json:
        found: Json = {"replicasets": {f"RS{each.number}": self.replicaset(each) for each in self.notes.replicasets()}}
        if self.found:
            status = self.found.status
            found["deployment"] = {
                "generation": self.found.generation,
                "replicas": self.found.replicas,
                "status": present(
                    observedGeneration=status.observed_generation, replicas=status.replicas,
                    updatedReplicas=status.updated_replicas, readyReplicas=status.ready_replicas,
                    availableReplicas=status.available_replicas, unavailableReplicas=status.unavailable_replicas,
                ) | {"terminatingReplicas": status.terminating_replicas},
                "conditions": [[e.type, e.status, e.reason, self.roles(e.message)] for e in status.conditions],
            }  # fmt: skip
        for kept in self.state.kept.values():
            status = kept.manifest.get("status") or {}
            if kept.resource == quotas.RESOURCE:
                found["quota"] = status
            else:
                counts = ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods")
                conditions = [[e["type"], e["status"], e["reason"], e["message"]] for e in status["conditions"]]
                found["pdb"] = {**{name: status[name] for name in counts}, "conditions": conditions}
        return found | {"pods": Counter(self.pod(each) for each in self.state.pods.values())}

    def replicaset(self, found: ReplicaSet) -> Json:
        status = found.status
        return {
            "spec": found.replicas,
            "status": {"replicas": status.replicas, "terminatingReplicas": status.terminating_replicas}
            | present(
                fullyLabeledReplicas=status.fully_labeled_replicas, readyReplicas=status.ready_replicas,
                availableReplicas=status.available_replicas, observedGeneration=status.observed_generation,
            ),
            "conditions": [[e.type, e.status, e.reason, self.roles(e.message)] for e in status.conditions],
        }  # fmt: skip

    def pod(self, pod: Pod) -> tuple[Any, ...]:
        owner = self.state.replicasets[pod.owner_uid or ""]
        return f"RS{owner.number}", pod.phase, pod.ready, owner.template["spec"]["containers"][0]["image"]


def present(**counts: int) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def recorded_state(after: Json) -> Json:
    """What a recording says of the same."""
    found = {key: after[key] for key in ("deployment", "quota") if key in after}
    if "pdb" in after:
        found["pdb"] = after["pdb"]
    replicasets = after.get("replicasets") or {}
    text = json.dumps({**found, "replicasets": replicasets})
    found = json.loads(re.sub(r"(RS\d)-[a-z0-9]{5}\b", r"\1-POD", text))
    return found | {"pods": Counter((e["owner"], e["phase"], e["ready"], e["image"]) for e in after["pods"])}


def recorded_events(step: Json) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for kind, role, type_, reason, message, count in step["events"]:
        if kind != "Pod":
            found[kind, role, type_, reason, message.removeprefix("(combined from similar events): ")] += count
    return found


def ours_to_schedule(manifest: Json) -> Json:
    """A script gave the recorded pods to their node (schedulerName "hand")."""
    template = manifest["spec"]["template"]
    spec = {key: value for key, value in template["spec"].items() if key != "schedulerName"}
    return {**manifest, "spec": {**manifest["spec"], "template": {**template, "spec": spec}}}
