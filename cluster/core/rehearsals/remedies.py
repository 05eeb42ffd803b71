"""Remedies for a rollout that can't finish: each candidate is tried in the core, and those after which the rollout completes
are returned with their costs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cluster.core.manifests import edits
from cluster.core.manifests.merging import strategic_merge
from cluster.core.nodes.references import KINDS, Place
from cluster.core.objects import Change, Create, Deployment, Manifest, Node, ReplicaSet, Update
from cluster.core.policies import quotas, reading
from cluster.core.rehearsals import absent
from cluster.core.rehearsals.candidates import Candidate, Command, candidates
from cluster.core.rehearsals.player import STEP_SECONDS
from cluster.core.rehearsals.rehearsal import forecast, play
from cluster.core.rehearsals.rehearsed import SETTLED, Rehearsed
from cluster.core.rehearsals.stage import ForecastError
from cluster.core.rehearsals.stories.story import Story, StoryError
from cluster.core.scheduling.shortfalls import PODS
from cluster.core.state import State

ConfigKeys = Mapping[Place, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A change after which the rollout completes, and the course of that rollout."""

    candidate: Candidate
    rehearsed: Rehearsed

    def as_json(self) -> dict[str, Any]:
        """`commands` are in the order in which to run them, before the edit itself."""
        told, rehearsed = self.candidate, self.rehearsed
        return {
            "key": told.key,
            "text": told.text,
            "inputs": dict(told.inputs),
            "commands": [{"verb": e.verb, "kind": e.kind, "name": e.name, "value": e.value} for e in told.commands],
            "duration_seconds": rehearsed.duration_seconds,
            "peak_pods": rehearsed.peak_pods,
            "min_available": rehearsed.min_available,
            "floor_held": rehearsed.floor_held,
        }


def of_story(story: Story, rehearsed: Rehearsed, *, measure_from: int = 0) -> list[Remedy]:
    """Remedies for a story that was `rehearsed`. With `measure_from` they are tried from the state before that step, with the
    step's edit; with 0 from the state at the story's end."""
    if rehearsed.verdict.is_good or rehearsed.problem or (rehearsed.outcome == SETTLED and not measure_from):
        return []
    edited_stage, _ = play(story, until=measure_from + 1 if measure_from else None)
    stage = play(story, until=measure_from)[0] if measure_from else edited_stage
    if edited_stage.found is None or stage.found is None:
        return []
    after = edits.replace_spec(stage.found, edited_stage.found) if measure_from else edited_stage.found
    return list(find_remedies(stage.state, stage.now + STEP_SECONDS, after, rehearsed))


def find_remedies(
    state: State, now: float, after: Deployment, rehearsed: Rehearsed, *, watch: Callable[[], None] = lambda: None
) -> Iterator[Remedy]:
    """Remedies for an edit that makes a Deployment `after`, which has been `rehearsed` from this state; the state is not
    changed. The smallest change comes first, each as soon as its trial is over; none where the rollout completes anyway, or
    no known change helps."""
    if rehearsed.verdict.is_good:
        return
    helping: set[str] = set()
    tried: list[tuple[Command, ...]] = []
    for candidate in candidates(state, after, rehearsed.verdict):
        if candidate.key in helping or candidate.commands in tried:
            continue
        tried.append(candidate.commands)
        try:
            changed, beside = taken(state, after, candidate)
            there = with_made(state, after.namespace, candidate.commands)
            found = forecast(there, now, changed, beside=beside, watch=watch)
        except (edits.EditError, ForecastError, StoryError):
            continue  # what the API server would refuse, or what fails, is no help
        if found.verdict.is_good:
            helping.add(candidate.key)
            yield Remedy(candidate=candidate, rehearsed=found)


def taken(state: State, after: Deployment, candidate: Candidate) -> tuple[Deployment, list[Change]]:
    """Returns (the Deployment after the candidate's commands, the changes to other objects)."""
    beside: list[Change] = []
    for command in candidate.commands:
        if command.kind == "Deployment":
            after = edited(after, command, state.replicasets_of(after.uid).values())
        elif command.kind == "Node":
            beside.append(of_node(state, command))
        elif command.kind == "ResourceQuota":
            beside.append(of_quota(state, after.namespace, command))
    return after, beside


def with_made(state: State, namespace: str, commands: Sequence[Command]) -> State:
    """The State with the ConfigMaps, Secrets, keys, claims and service accounts that these commands create; the same State if
    they create none."""
    made = {(each.kind, each.name) for each in commands}
    config = {(word, namespace, name) for word, kind in KINDS.items() for its, name in made if its == kind}
    claims = {(namespace, name) for its, name in made if its == absent.CLAIM}
    accounts = {(namespace, name) for its, name in made if its == absent.ACCOUNT}
    if not (config or claims or accounts):
        return state
    twin, there = state.copy(), state.surroundings
    twin.config = None if state.config is None else state.config | config
    twin.config_keys = with_keys(state.config_keys, namespace, commands)
    twin.surroundings = replace(
        there,
        claims=None if there.claims is None else there.claims | claims,
        accounts=None if there.accounts is None else there.accounts | accounts,
    )
    return twin


def with_keys(keys: ConfigKeys, namespace: str, commands: Iterable[Command]) -> ConfigKeys:
    """The keys of ConfigMaps and Secrets after the patches among these commands."""
    words = {kind: word for word, kind in KINDS.items()}
    added = {(words[each.kind], namespace, each.name): each.value for each in commands if each.kind in words}
    return {place: known | added.get(place, {}).get("data", {}).keys() for place, known in keys.items()}


def edited(after: Deployment, command: Command, owned: Iterable[ReplicaSet]) -> Deployment:
    if command.verb == "undo":
        return edits.undo(after, owned)
    return edits.patch(after, command.value)


def of_node(state: State, command: Command) -> Change:
    if command.verb == "create":
        return Create(object=made_node(command.value))
    spec = command.value["spec"]
    return Update(object=replace(state.nodes[command.name], unschedulable=bool(spec["unschedulable"])))


def made_node(manifest: Manifest) -> Node:
    allocatable = dict(manifest["status"]["allocatable"])
    slots = int(allocatable.pop(PODS))
    metadata = manifest["metadata"]
    return Node(name=metadata["name"], labels=metadata["labels"], slots=slots, allocatable=allocatable)


def of_quota(state: State, namespace: str, command: Command) -> Change:
    old = next(
        each
        for each in state.kept.values()
        if (each.resource, each.namespace, each.name) == (quotas.RESOURCE, namespace, command.name)
    )
    return Update(object=reading.over(old, replace(old, manifest=strategic_merge(old.manifest, command.value))))
