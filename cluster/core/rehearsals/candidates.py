"""Changes that might help a rollout that can't finish, derived from the causes in its verdict; `remedies` tests whether they
do."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any, Literal

from cluster.core.controllers.rolling_limits import max_surge, max_unavailable
from cluster.core.manifests.quantities import nanos
from cluster.core.nodes import lives
from cluster.core.objects import Deployment, Manifest, Node
from cluster.core.policies import amounts
from cluster.core.rehearsals import absent
from cluster.core.rehearsals.causes import Cause
from cluster.core.rehearsals.verdict import Verdict
from cluster.core.scheduling.pods import HOSTNAME
from cluster.core.scheduling.shortfalls import PODS, text
from cluster.core.state import State

NODES_TRIED = (1, 2, 4, 8)
MOST_CORDONED = 4  # how many cordoned nodes are tried
SPREAD, ANTI_AFFINITY = "topologySpreadConstraints", "podAntiAffinity"
REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
NANOS_OF: Mapping[str, int] = {"cpu": 10**6}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command: `patch` an object with a strategic merge patch, `create` one from a manifest, or `undo` the Deployment's
    last revision."""

    verb: Literal["patch", "create", "undo"]
    kind: Literal[
        "Deployment", "ResourceQuota", "Node", "ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount"
    ]
    name: str
    value: Manifest = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """`key` names the change, `inputs` its numbers, `text` describes it in English. Of candidates with the same `key` only the
    first that helps is used."""

    key: str
    text: str
    inputs: Mapping[str, Any]
    commands: tuple[Command, ...]


def candidates(state: State, after: Deployment, verdict: Verdict) -> Iterator[Candidate]:
    """The smallest change first: resuming, the progress deadline, missing objects, the rolling update's limits, then changes
    for each cause, and undoing the rollout last."""
    rules = {each.rule for each in verdict.causes}
    if "paused" in rules:
        yield of_spec(after, "resume", "resume the Deployment", {"paused": False})
    if verdict.deadline_passes is not None and verdict.advised_deadline:
        seconds = verdict.advised_deadline
        told = f"set progressDeadlineSeconds to {seconds}"
        yield of_spec(after, "deadline", told, {"progressDeadlineSeconds": seconds}, seconds=seconds)
    if rules & {"config", "no-node", "forbidden"}:
        yield from of_absent(state, after)
    if rules & {"no-node", "quota"} and after.strategy == "RollingUpdate":
        yield from of_limits(after)
    for each in verdict.causes:
        if each.rule == "no-node":
            yield from of_room(state, after, each)
        elif each.rule == "quota":
            yield from of_quota(after, each)
        elif each.rule == "slow-start":
            yield from of_probe(state, after, each)
    if state.deployments.get(after.uid) == after and len(state.replicasets_of(after.uid)) > 1:
        command = Command(verb="undo", kind="Deployment", name=after.name)
        yield Candidate(key="undo", text="undo the rollout", inputs={}, commands=(command,))


def of_spec(after: Deployment, key: str, told: str, patch: Manifest, **inputs: Any) -> Candidate:
    command = Command(verb="patch", kind="Deployment", name=after.name, value={"spec": patch})
    return Candidate(key=key, text=told, inputs=inputs, commands=(command,))


def of_absent(state: State, after: Deployment) -> Iterator[Candidate]:
    """Creates the missing objects and keys, empty; or makes the references optional, and creates only the volume claims and the
    service account."""
    config, claims, account = absent.config(state, after), absent.claims(state, after), absent.account(state, after)
    made = [absent.made_config(after, each) for each in config]
    others = [absent.made_claim(after, each) for each in claims]
    others += [absent.made_account(after, account)] if account else []
    lacking = absent.keys(state, after)
    added = [absent.added_keys(after, each, keys) for each, keys in lacking.items()]
    if made or others or added:
        created = [*made, *others]
        told = "; ".join([*map(created_text, created), *map(added_text, added)])
        objects = [*map(named, created), *({**named(each), "is_there": True} for each in added)]
        commands = (*map(creation, created), *map(addition, added))
        yield Candidate(key="create-absent", text=told, inputs={"objects": objects}, commands=commands)
    if made or added:
        names = ", ".join(f"{each['kind']} {each['metadata']['name']}" for each in (*made, *added))
        told = "; ".join([f"make the references optional: {names}", *map(created_text, others)])
        patch = {"template": {"spec": absent.as_optional(absent.spec_of(after), [*config, *lacking])}}
        inputs = {"optional": list(map(named, (*made, *added))), "objects": list(map(named, others))}
        softer = of_spec(after, "optional", told, patch, **inputs)
        yield replace(softer, commands=(*map(creation, others), *softer.commands))


def creation(manifest: Manifest) -> Command:
    return Command(verb="create", kind=manifest["kind"], name=manifest["metadata"]["name"], value=manifest)


def addition(manifest: Manifest) -> Command:
    """The patch that adds the keys of a manifest to the object of its kind and name."""
    name = manifest["metadata"]["name"]
    return Command(verb="patch", kind=manifest["kind"], name=name, value={"data": manifest["data"]})


def named(manifest: Manifest) -> dict[str, Any]:
    return {
        "kind": manifest["kind"], "name": manifest["metadata"]["name"], "keys": list(manifest.get("data", ())),
        "size": absent.CLAIM_SIZE if manifest["kind"] == absent.CLAIM else "",
    }  # fmt: skip


def added_text(manifest: Manifest) -> str:
    its = named(manifest)
    return f"add {', '.join(its['keys'])} with empty values to the {its['kind']} {its['name']}"


def created_text(manifest: Manifest) -> str:
    its = named(manifest)
    if its["size"]:
        return f"create the {its['kind']} {its['name']} of {its['size']}"
    if its["keys"]:
        return f"create the {its['kind']} {its['name']} with empty values for {', '.join(its['keys'])}"
    return f"create the empty {its['kind']} {its['name']}"


def of_limits(after: Deployment) -> Iterator[Candidate]:
    """Lets an old pod go first, so that its room is free."""
    if max_unavailable(after) == 0:
        lower: Manifest = {"strategy": {"rollingUpdate": {"maxUnavailable": 1}}}
        yield of_spec(after, "max-unavailable", "set maxUnavailable to 1", lower)
    if max_surge(after) > 0:
        unavailable = after.max_unavailable if max_unavailable(after) else 1
        patch: Manifest = {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": unavailable}}}
        told = f"set maxSurge to 0 and maxUnavailable to {unavailable}"
        yield of_spec(after, "no-surge", told, patch, unavailable=unavailable)


def of_room(state: State, after: Deployment, cause: Cause) -> Iterator[Candidate]:
    refused = cause.inputs["refused"]
    plugins = {each["plugin"] for each in refused}
    spec = after.template.get("spec") or {}
    if "PodTopologySpread" in plugins:
        yield from softer_spread(after, spec)
    if "InterPodAffinity" in plugins:
        yield from softer_anti_affinity(after, spec)
    if "NodeResourcesFit" in plugins:
        yield from lower_requests(after, spec, refused)
    if "NodeUnschedulable" in plugins:
        yield from uncordoned(state)
    yield from more_nodes(state)


def uncordoned(state: State) -> Iterator[Candidate]:
    cordoned = (name for name, node in state.nodes.items() if node.unschedulable)
    for name in islice(cordoned, MOST_CORDONED):
        command = Command(verb="patch", kind="Node", name=name, value={"spec": {"unschedulable": False}})
        yield Candidate(key="uncordon", text=f"uncordon {name}", inputs={"node": name}, commands=(command,))


def softer_spread(after: Deployment, spec: Manifest) -> Iterator[Candidate]:
    hard = [each for each in spec.get(SPREAD) or () if each.get("whenUnsatisfiable") != "ScheduleAnyway"]
    if hard:
        soft = [{**each, "whenUnsatisfiable": "ScheduleAnyway"} for each in spec[SPREAD]]
        patch = {"template": {"spec": {SPREAD: [{"$patch": "replace"}, *soft]}}}
        yield of_spec(after, "soft-spread", "make the topology spread constraints soft (ScheduleAnyway)", patch)


def softer_anti_affinity(after: Deployment, spec: Manifest) -> Iterator[Candidate]:
    given = (spec.get("affinity") or {}).get(ANTI_AFFINITY) or {}
    hard = given.get(REQUIRED) or ()
    if hard:
        preferred = [*(given.get(PREFERRED) or ()), *({"weight": 100, "podAffinityTerm": each} for each in hard)]
        patch = {"template": {"spec": {"affinity": {ANTI_AFFINITY: {REQUIRED: None, PREFERRED: preferred}}}}}
        yield of_spec(after, "soft-anti-affinity", "make the pod anti-affinity soft (preferred)", patch)


def lower_requests(after: Deployment, spec: Manifest, refused: Sequence[Mapping[str, Any]]) -> Iterator[Candidate]:
    """Lowers requests so that the pod fits the closest node: each resource in the container that requests most of it."""
    close = [each["shortfalls"] for each in refused if each["shortfalls"]]
    for shortfalls in close:
        lowered = [lowered_request(spec, each) for each in shortfalls]
        found = [each for each in lowered if each is not None]
        if len(found) < len(lowered):
            continue
        patches = [{"name": name, "resources": {"requests": {resource: to}}} for name, resource, to in found]
        told = ", ".join(f"{resource} of container {name} to {to}" for name, resource, to in found)
        patch = {"template": {"spec": {"containers": patches}}}
        yield of_spec(
            after, "lower-request", f"lower the request: {told}", patch, requests=[list(each) for each in found]
        )


def lowered_request(spec: Manifest, shortfall: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Returns (container, resource, new quantity), or None where lowering does not help."""
    resource = shortfall["resource"]
    if resource == PODS or nanos(shortfall["free"]) <= 0:
        return None
    asked = [(request_of(each, resource), each["name"]) for each in spec.get("containers") or ()]
    most, name = max(asked, default=(0, ""))
    left = most - (nanos(shortfall["asked"]) - nanos(shortfall["free"]))
    unit = NANOS_OF.get(resource, 10**9)
    return (name, resource, text(resource, left // unit)) if left >= unit else None


def request_of(container: Manifest, resource: str) -> int:
    requests = (container.get("resources") or {}).get("requests") or {}
    return nanos(str(requests.get(resource, "0")))


def more_nodes(state: State) -> Iterator[Candidate]:
    """Adds nodes like the one with most CPU among those that are schedulable and have no taints."""
    schedulable = [each for each in state.nodes.values() if not each.unschedulable and not each.taints]
    model = max(schedulable, key=lambda each: (nanos(str(each.allocatable.get("cpu", "0"))), each.name), default=None)
    if model is None:
        return
    free = (name for place in count(1) if (name := f"{model.name}-more-{place}") not in state.nodes)
    names = list(islice(free, NODES_TRIED[-1]))
    for number in NODES_TRIED:
        made = {name: another(model, name) for name in names[:number]}
        commands = tuple(Command(verb="create", kind="Node", name=name, value=each) for name, each in made.items())
        told = f"add {number} node{'s' if number > 1 else ''} like {model.name}"
        inputs = {"count": number, "node": model.name}
        yield Candidate(key="more-nodes", text=told, inputs=inputs, commands=commands)


def another(model: Node, name: str) -> dict[str, Any]:
    labels = {key: value for key, value in model.labels.items() if key != HOSTNAME}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**labels, HOSTNAME: name}},
        "status": {"allocatable": {**model.allocatable, PODS: str(model.slots)}},
    }


def of_quota(after: Deployment, cause: Cause) -> Iterator[Candidate]:
    """Raises the quota by one more pod, or else by the whole surge."""
    name = cause.inputs["quota"]
    requested, used = (read_amounts(cause.inputs[key]) for key in ("requested", "used"))
    for times in sorted({1, max(max_surge(after), 1)}):
        hard = amounts.add(used, requested, times)
        written = amounts.written(amounts.only(hard, requested))
        command = Command(verb="patch", kind="ResourceQuota", name=name, value={"spec": {"hard": written}})
        told = f"raise the quota {name} to {', '.join(map(' '.join, written.items()))}"
        inputs = {"quota": name, "hard": written}
        yield Candidate(key="quota", text=told, inputs=inputs, commands=(command,))


def read_amounts(shown: str) -> amounts.Amounts:
    """The amounts in the text of a refusal, such as pods=1,requests.cpu=600m."""
    return amounts.read(dict(each.split("=", 1) for each in shown.split(",")))


def of_probe(state: State, after: Deployment, cause: Cause) -> Iterator[Candidate]:
    """Makes the startup or liveness probe wait until the application responds."""
    spec = after.template.get("spec") or {}
    life = lives.read(spec, state.behaviours_of(after.namespace))
    its = next((each for each in life.containers if each.name == cause.inputs["container"]), None)
    if its is None or its.role != "main":
        return
    name, answers = its.name, cause.inputs["answers"]
    if its.startup:
        probe = its.startup
        failures = math.ceil((probe.tick(0.0, answers) - probe.delay) / probe.period) + 1
        change, field_, value = (
            {"startupProbe": {"failureThreshold": failures}},
            "startupProbe.failureThreshold",
            failures,
        )
    else:
        value = math.ceil(answers)
        change, field_ = {"livenessProbe": {"initialDelaySeconds": value}}, "livenessProbe.initialDelaySeconds"
    patch = {"template": {"spec": {"containers": [{"name": name, **change}]}}}
    told = f"set {field_} of container {name} to {value}"
    yield of_spec(after, "slow-start", told, patch, container=name, field=field_, value=value)
