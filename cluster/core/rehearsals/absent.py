"""ConfigMaps, Secrets, volume claims and a service account that a Deployment's pods refer to and that don't exist: manifests that
create them, empty, and patches that make the references optional."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cluster.core.admission import account_problem
from cluster.core.nodes import references
from cluster.core.nodes.references import KINDS, Reference
from cluster.core.objects import Deployment, Manifest
from cluster.core.scheduling.pods import every_container
from cluster.core.state import State

ACCOUNT = "ServiceAccount"
CLAIM, CLAIM_SIZE = "PersistentVolumeClaim", "1Gi"
Json = dict[str, Any]
Absent = tuple[str, str]  # kind as in a Reference, name


def config(state: State, deployment: Deployment) -> list[Absent]:
    """The ConfigMaps and Secrets that the Deployment's pods need and that don't exist, in the kubelet's order."""
    if state.config is None:
        return []
    needed = ((each.kind, each.name) for each in references_of(spec_of(deployment)))
    return [each for each in dict.fromkeys(needed) if (each[0], deployment.namespace, each[1]) not in state.config]


def keys(state: State, deployment: Deployment) -> dict[Absent, list[str]]:
    """The keys that its pods need and that existing ConfigMaps and Secrets lack."""
    found: dict[Absent, list[str]] = {}
    for each in dict.fromkeys(references_of(spec_of(deployment))):
        place = (each.kind, deployment.namespace, each.name)
        if references.lacks_key(each, place, state.config_keys):
            known = found.setdefault((each.kind, each.name), [])
            known += [] if each.key in known else [each.key]
    return found


def claims(state: State, deployment: Deployment) -> list[str]:
    there = state.surroundings.claims
    if there is None:
        return []
    volumes = spec_of(deployment).get("volumes") or ()
    named = (str((each.get("persistentVolumeClaim") or {}).get("claimName") or "") for each in volumes)
    return [each for each in dict.fromkeys(named) if each and (deployment.namespace, each) not in there]


def account(state: State, deployment: Deployment) -> str:
    """The name of its pods' service account if that does not exist; ""."""
    spec, accounts = spec_of(deployment), state.surroundings.accounts
    return str(spec["serviceAccountName"]) if account_problem(deployment.namespace, spec, accounts) else ""


def references_of(spec: Manifest) -> Iterator[Reference]:
    yield from references.of_volumes(spec)
    for each in every_container(spec):
        yield from references.of_variables(each)


def spec_of(deployment: Deployment) -> Manifest:
    found: Manifest = deployment.template.get("spec") or {}
    return found


def made_config(deployment: Deployment, absent: Absent) -> Json:
    """The manifest of a missing ConfigMap or Secret, with empty values for the keys that are referred to."""
    kind, name = absent
    keys = sorted(set(keys_of(spec_of(deployment), absent)))
    data = {"data": dict.fromkeys(keys, "")} if keys else {}
    metadata = {"name": name, "namespace": deployment.namespace}
    return {"apiVersion": "v1", "kind": KINDS[kind], "metadata": metadata, **data}


def added_keys(deployment: Deployment, absent: Absent, added: list[str]) -> Json:
    """The patch of an existing object that adds these keys, as a manifest of its kind and name."""
    kind, name = absent
    metadata = {"name": name, "namespace": deployment.namespace}
    return {"apiVersion": "v1", "kind": KINDS[kind], "metadata": metadata, "data": dict.fromkeys(added, "")}


def keys_of(spec: Manifest, absent: Absent) -> Iterator[str]:
    for container in every_container(spec):
        for variable in container.get("env") or ():
            for field, found in (variable.get("valueFrom") or {}).items():
                if (references.KEYS.get(field), (found or {}).get("name")) == absent:
                    yield str(found.get("key"))
    for _, source in references.sources_of(spec):
        for field, kind in references.VOLUMES.items():
            found = source.get(field) or {}
            if (kind, references.name_of(found)) == absent:
                yield from (str(each["key"]) for each in found.get("items") or ())


def made_claim(deployment: Deployment, name: str) -> Json:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": CLAIM_SIZE}}}
    metadata = {"name": name, "namespace": deployment.namespace}
    return {"apiVersion": "v1", "kind": CLAIM, "metadata": metadata, "spec": spec}


def made_account(deployment: Deployment, name: str) -> Json:
    return {"apiVersion": "v1", "kind": ACCOUNT, "metadata": {"name": name, "namespace": deployment.namespace}}


def as_optional(spec: Manifest, absent: Iterable[Absent]) -> Json:
    """A strategic merge patch of a pod's spec that makes its references to these objects optional."""
    wanted = set(absent)
    patch: Json = {}
    for field in ("initContainers", "containers"):
        changed = [found for each in spec.get(field) or () if (found := container_patch(each, wanted))]
        patch |= {field: changed} if changed else {}
    volumes = [found for each in spec.get("volumes") or () if (found := volume_patch(each, wanted))]
    return patch | ({"volumes": volumes} if volumes else {})


def container_patch(container: Manifest, wanted: set[Absent]) -> Json:
    """The patch of one container; {} if nothing changes. envFrom has no merge key, so its whole list is given."""
    variables = [
        {"name": each["name"], "valueFrom": {field: {"optional": True}}}
        for each in container.get("env") or ()
        for field, found in (each.get("valueFrom") or {}).items()
        if (references.KEYS.get(field, ""), (found or {}).get("name", "")) in wanted
    ]
    sources = container.get("envFrom") or ()
    softer = [softened(each, references.SOURCES, wanted) for each in sources]
    patch = {"env": variables} if variables else {}
    patch |= {"envFrom": softer} if softer != list(sources) else {}
    return {"name": container["name"], **patch} if patch else {}


def volume_patch(volume: Manifest, wanted: set[Absent]) -> Json:
    sources = (volume.get("projected") or {}).get("sources") or ()
    softer = [softened(each, references.VOLUMES, wanted) for each in sources]
    patch: Json = {
        field: {"optional": True}
        for field, each in softened(volume, references.VOLUMES, wanted).items()
        if each != volume[field]
    }
    patch |= {"projected": {"sources": softer}} if softer != list(sources) else {}
    return {"name": volume["name"], **patch} if patch else {}


def softened(holder: Manifest, kinds: Mapping[str, str], wanted: set[Absent]) -> Json:
    """The holder with its references to the wanted objects made optional."""
    return {
        field: {**found, "optional": True}
        if isinstance(found, Mapping) and (kinds.get(field, ""), references.name_of(found)) in wanted
        else found
        for field, found in holder.items()
    }
