"""Checks new objects of clients against the LimitRanges and ResourceQuotas of their namespace (plugin/pkg/admission/limitranger,
apiserver plugin/resourcequota, pkg/quota/v1/evaluator/core). A namespace without any costs no query."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, partial
from typing import Any

from cluster import models
from cluster.core.objects import Kept, Manifest
from cluster.core.policies import amounts, ranges
from cluster.core.policies import quotas as core
from cluster.core.policies.amounts import Amounts, whole
from cluster.core.policies.rules import Gate, Place, Rules
from cluster.core.state import State
from cluster.records import journal, kept
from cluster.records.journal import Writer
from cluster.statuses import Refused, failure

VOLUME_CLASS = "VolumeAttributesClass"
ALIASES = ("configmaps", "resourcequotas", "replicationcontrollers", "secrets")
STORAGE_CLASS = ".storageclass.storage.k8s.io/"
SERVICES, CLAIMS = "services", "persistentvolumeclaims"
HOT = {"deployments.apps": models.Deployment, "replicasets.apps": models.ReplicaSet}
Json = dict[str, Any]
Selectors = tuple[core.Selector, ...]


def admit_pod(space: models.Namespace, name: str, spec: Manifest, *, actor: str) -> tuple[Manifest, str]:
    """(the spec with the defaults of the namespace's limit ranges, the text of the annotation about them or ""). Counts the pod
    in the quotas. Called under the cluster's lock. Raises Refused (403)."""
    if not space.limited:
        return spec, ""
    gate = gate_of(space)
    if gate is None:
        return spec, ""
    unknown = unknown_status(gate, spec)
    full, note, problem = gate.admit(spec)
    if unknown or problem:
        raise forbidden("pods", name, unknown or problem)
    grown = [with_used(gate.place.quotas[uid].kept, more) for uid, more in gate.granted.items()]
    if grown:
        with journal.write(space.cluster.name, space.name, actor=actor) as writer:
            kept.store(writer, grown)
    return full, note


def gate_of(space: models.Namespace) -> Gate | None:
    rules, state = Rules(), State()
    for each in kept.rules(space.cluster, namespace=space.name):
        rules.put(state, each, gone=False)
    place = rules.places.get(space.name, Place())
    for quota in place.quotas.values():
        quota.used = amounts.only(amounts.read((quota.kept.manifest.get("status") or {}).get("used")), quota.hard)
    return rules.gate(space.name)


def unknown_status(gate: Gate, spec: Manifest) -> str:
    """The refusal of a pod by a quota whose usage its controller has not counted yet; "" if there is no such quota."""
    charge = gate.rules.charge(spec)
    for quota in gate.place.quotas.values():
        used = (quota.kept.manifest.get("status") or {}).get("used") or {}
        if quota.matches(charge) and not set(quota.of_pods) <= used.keys():
            return f"status unknown for quota: {quota.kept.name}, resources: {','.join(sorted(quota.of_pods))}"
    return ""


def admit_object(
    writer: Writer, space: models.Namespace, resource: str, manifest: Manifest, before: Manifest | None = None
) -> None:
    """Admits and counts a new object of a counted kind, or a Service or claim that is changed from `before`. Raises Refused
    (403)."""
    if not space.limited:
        return
    rules = kept.rules(space.cluster, namespace=space.name)
    name = manifest["metadata"]["name"]
    if resource == CLAIMS and before is None:
        requests = ((manifest.get("spec") or {}).get("resources") or {}).get("requests") or {}
        problem = ranges.claim_refusal([each for each in rules if each.resource == ranges.RESOURCE], requests)
        if problem:
            raise forbidden(resource, name, problem)
    used_in = cache(partial(used_now, space, resource))
    grown = []
    for quota in counting(rules, resource):
        used, change = used_in(quota.selectors), usage_in(quota.selectors, resource, manifest)
        if before is not None:
            change = amounts.add(change, usage_in(quota.selectors, resource, before), -1)
        more = {key: each for key, each in change.items() if each[0] > 0}
        exceeded = core.over(quota.hard, used, more)
        if exceeded:
            raise forbidden(resource, name, core.exceeded_text(quota.kept.name, more, used, quota.hard, exceeded))
        grown.append(with_status(quota.kept, amounts.only(amounts.add(used, change), quota.hard)))
    kept.store(writer, grown)


def recount(writer: Writer, space: models.Namespace, resource: str) -> None:
    """Updates the quotas that count a kind after one of its objects was deleted. Kinds in HOT are counted by the worker."""
    if not space.limited or resource in HOT:
        return
    rules = kept.rules(space.cluster, namespace=space.name, resource=core.RESOURCE)
    used_in = cache(partial(used_now, space, resource))
    changed = []
    for quota in counting(rules, resource):
        used = used_in(quota.selectors)
        names = names_of(resource, quota.hard)
        changed.append(with_status(quota.kept, {name: used.get(name, amounts.NOTHING) for name in names}))
    kept.store(writer, changed)


def counted(space: models.Namespace, manifest: Manifest) -> Json:
    """The `used` of a new or changed quota, as far as it counts objects that no worker counts."""
    quota = core.read(Kept(uid="", resource=core.RESOURCE, name="", namespace=space.name, manifest=manifest))
    found: Amounts = {}
    for resource in {resource_of(name) for name in quota.hard} - {"", *HOT}:
        if can_count(quota, resource):
            used = used_now(space, resource, quota.selectors)
            found |= {name: used.get(name, amounts.NOTHING) for name in names_of(resource, quota.hard)}
    return amounts.written(found)


def counting(rules: Iterable[Kept], resource: str) -> list[core.Quota]:
    """The quotas that count objects of this kind."""
    read = [core.read(each) for each in rules if each.resource == core.RESOURCE]
    return [each for each in read if names_of(resource, each.hard) and can_count(each, resource)]


def can_count(quota: core.Quota, resource: str) -> bool:
    """Whether objects of this kind can be in the quota's scopes: only claims are in one, that of their class."""
    return not quota.selectors or (resource == CLAIMS and all(scope == VOLUME_CLASS for scope, _, _ in quota.selectors))


def usage_in(selectors: Selectors, resource: str, manifest: Manifest) -> Amounts:
    """What an object counts for in a quota that counts its kind; nothing if the object is not in the quota's scopes."""
    if selectors:
        classes = classes_of(manifest)
        if not all(has_class(operator, values, classes) for _, operator, values in selectors):
            return {}
    return usage_of(resource, manifest)


def classes_of(claim: Manifest) -> set[str]:
    """The VolumeAttributesClasses of a claim: wanted, in force and on the way (getReferencedVolumeAttributesClassNames)."""
    spec, status = claim.get("spec") or {}, claim.get("status") or {}
    coming = (status.get("modifyVolumeStatus") or {}).get("targetVolumeAttributesClassName")
    named = (spec.get("volumeAttributesClassName"), status.get("currentVolumeAttributesClassName"), coming)
    return {each for each in named if each}


def has_class(operator: str, values: Iterable[str], classes: set[str]) -> bool:
    """Whether one of a claim's classes matches a scope selector (pkg/quota/v1/evaluator/core/persistent_volume_claims.go)."""
    if operator == "Exists":
        return bool(classes)
    if operator == "In":
        return bool(classes & set(values))
    return not classes or (operator == "NotIn" and bool(classes - set(values)))


def names_of(resource: str, hard: Iterable[str]) -> list[str]:
    return [name for name in hard if resource and resource_of(name) == resource]


def resource_of(name: str) -> str:
    """The kind of objects that a quota's name counts; "" for pods and their resources."""
    if name.startswith("count/"):
        return "" if name == "count/pods" else name.removeprefix("count/")
    if name in ALIASES or name in (SERVICES, CLAIMS):
        return name
    if name in ("services.nodeports", "services.loadbalancers"):
        return SERVICES
    return CLAIMS if name == "requests.storage" or STORAGE_CLASS in name else ""


def used_now(space: models.Namespace, resource: str, selectors: Selectors) -> Amounts:
    """What all objects of a kind in a namespace count for in a quota that counts the kind."""
    if resource in HOT:
        model: Any = HOT[resource]
        return {f"count/{resource}": whole(model.objects.filter(namespace=space).count())}
    rows = models.KeptObject.objects.filter(cluster=space.cluster, resource=resource, namespace=space.name)
    if resource in (SERVICES, CLAIMS):
        found: Amounts = {}
        for manifest in rows.values_list("manifest", flat=True):
            found = amounts.add(found, usage_in(selectors, resource, manifest))
        return found
    number = whole(rows.count())
    return {f"count/{resource}": number, **({resource: number} if resource in ALIASES else {})}


def usage_of(resource: str, manifest: Manifest) -> Amounts:
    one = whole(1)
    found: Amounts = {f"count/{resource}": one}
    if resource in ALIASES:
        found[resource] = one
    spec = manifest.get("spec") or {}
    if resource == SERVICES:
        found |= usage_of_service(spec)
    if resource == CLAIMS:
        storage = amounts.read({"s": ((spec.get("resources") or {}).get("requests") or {}).get("storage") or 0})["s"]
        found |= {CLAIMS: one, "requests.storage": storage}
        if spec.get("storageClassName"):
            prefix = f"{spec['storageClassName']}{STORAGE_CLASS}"
            found |= {f"{prefix}{CLAIMS}": one, f"{prefix}requests.storage": storage}
    return found


def usage_of_service(spec: Manifest) -> Amounts:
    ports = spec.get("ports") or ()
    is_balanced = spec.get("type") == "LoadBalancer"
    with_ports = [each for each in ports if each.get("nodePort")]
    on_nodes = len(ports) if spec.get("type") == "NodePort" else 0
    if is_balanced:
        on_nodes = len(ports) if spec.get("allocateLoadBalancerNodePorts") is not False else len(with_ports)
    return {
        SERVICES: whole(1),
        "services.nodeports": whole(on_nodes),
        "services.loadbalancers": whole(int(is_balanced)),
    }


def with_used(quota: Kept, more: Amounts) -> Kept:
    used = amounts.read((quota.manifest.get("status") or {}).get("used"))
    return with_status(quota, amounts.only(amounts.add(used, more), more))


def with_status(quota: Kept, used: Amounts) -> Kept:
    status = quota.manifest.get("status") or {}
    new = {**status, "used": dict(sorted({**(status.get("used") or {}), **amounts.written(used)}.items()))}
    return replace(quota, manifest={**quota.manifest, "status": new})


def forbidden(resource: str, name: str, problem: str) -> Refused:
    kind, _, group = resource.partition(".")
    message = f'{resource} "{name}" is forbidden: {problem}'
    return Refused(failure(403, "Forbidden", message, name=name, group=group, kind=kind))
