"""Blueprints: the parts of an object that its compact state leaves out. A change with its blueprint is the whole object.

Blueprints are stored by a digest of their contents: the thousands of changes of a ReplicaSet's pods share one."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from cluster import models
from cluster.core.nodes.addresses import address_of
from cluster.core.objects import Pod, ReplicaSet
from cluster.records import states
from cluster.records.rows import OF_POD

Json = dict[str, Any]
Blueprint = tuple[str, str]  # digest and text
# Columns that are in a change or its state, and so not in a blueprint.
IN_CHANGE = frozenset(
    ("uid", "namespace_id", "name", "resource_version", "created", "created_at", "deleted_at", "generation",
     "replicas", "status")
)  # fmt: skip
NOT_TOLD = ("grace_seconds", "attempts", "stage", "next_at")
POD_TOLD = ("uid", "name", *(each for each in OF_POD if each not in NOT_TOLD))
KEPT = 512
POD_SELECTABLE = (("status.phase", "phase"), ("spec.nodeName", "node"))


def of_columns(columns: Mapping[str, Any], owner: str | None) -> Blueprint:
    """The blueprint of a Deployment or ReplicaSet by the columns of its row; `owner` is the name of its owner."""
    return seal({**{name: each for name, each in columns.items() if name not in IN_CHANGE}, "owner": owner})


def of_pod(pod: Pod, owner: ReplicaSet | None, managed_fields: Any = None) -> Blueprint:
    """The blueprint of a pod. Labels, annotations and spec are in it only where they differ from the template's, a status only if
    a client has written one."""
    template = owner.template if owner else {}
    metadata = template.get("metadata", {})
    own = {
        "labels": None if pod.labels == metadata.get("labels", {}) else dict(pod.labels),
        "annotations": None if pod.annotations == metadata.get("annotations", {}) else dict(pod.annotations),
        "spec": pod.spec,
        "finalizers": pod.finalizers,
        "grace_seconds": pod.grace_seconds,
        "managed_fields": managed_fields,
        **({} if pod.reported is None else {"reported": pod.reported}),
        **({"client_conditions": pod.client_conditions} if pod.client_conditions else {}),
    }
    return seal({"template": template, "owner": owner.name if owner else None, **own})


def is_common(pod: Pod, owner: ReplicaSet) -> bool:
    """Whether a pod differs from its ReplicaSet's other pods only in its compact state."""
    metadata = owner.template.get("metadata", {})
    told = (
        pod.labels,
        pod.annotations,
        pod.spec,
        pod.finalizers,
        pod.grace_seconds,
        pod.reported,
        pod.client_conditions,
    )
    return told == (metadata.get("labels", {}), metadata.get("annotations", {}), None, (), None, None, ())


def seal(value: Json) -> Blueprint:
    text = orjson.dumps(value)
    return hashlib.blake2b(text, digest_size=16).hexdigest(), text.decode()


def row_of(model: type[Any], change: Mapping[str, Any], blueprint: Json, created: Any) -> Any:
    """The row of a Deployment or ReplicaSet at one of its changes (a mapping of `rv`, `uid`, `name`, `state`)."""
    state = change["state"]
    columns = {name: value for name, value in blueprint.items() if name != "owner"}
    told = {name: state[name] for name in ("created_at", "deleted_at", "generation", "replicas", "status")}
    own = {"uid": change["uid"], "name": change["name"], "resource_version": change["rv"], "created": created}
    return model(**columns, **told, **own)


def pod_of(change: Mapping[str, Any], blueprint: Json) -> Pod:
    """The pod at one of its changes (a mapping of `namespace` and `state`), without the fields that only the kubelet uses."""
    state, metadata = change["state"], blueprint["template"].get("metadata", {})
    own = {
        name: metadata.get(name, {}) if blueprint[name] is None else blueprint[name]
        for name in ("labels", "annotations")
    }
    own |= {name: blueprint.get(name) for name in ("spec", "grace_seconds", "reported")}
    own["finalizers"] = tuple(blueprint.get("finalizers") or ())
    own["client_conditions"] = tuple(blueprint.get("client_conditions") or ())
    own["containers"] = states.containers_value(state.get("containers", ()))
    own["disruption"] = states.disruption(state.get("disruption"))
    told = {name: state[name] for name in POD_TOLD if name in state}
    return Pod(**told, **own, namespace=change["namespace"])


_read: OrderedDict[str, Json] = OrderedDict()


def read(wanted: set[tuple[int, str]]) -> dict[str, Json]:
    """Blueprints by digest, for (cluster, digest) pairs. They never change, so they are cached."""
    found = {each: known for _, each in wanted if (known := _read.get(each)) is not None}  # other threads read too
    missing = {pair for pair in wanted if pair[1] not in found}
    rows = models.Blueprint.objects.filter(
        cluster_id__in={cluster for cluster, _ in missing}, digest__in={digest for _, digest in missing}
    )
    for digest, text in rows.values_list("digest", "value") if missing else ():
        found[digest] = _read[digest] = orjson.loads(text)
    while len(_read) > KEPT:
        with suppress(KeyError):
            _read.popitem(last=False)
    return found


def selectable_before(before: Any, after: Any) -> Json | None:
    """The former labels and selectable fields of an object that a change has changed; None if there are none."""
    found: Json = {}
    if before.labels != after.labels:
        found["labels"] = dict(before.labels)
    if isinstance(before, Pod):
        fields = {
            path: getattr(before, name)
            for path, name in POD_SELECTABLE
            if getattr(before, name) != getattr(after, name)
        }
        if address_of(before) != address_of(after):
            fields["status.podIP"] = address_of(before)
        if fields:
            found["fields"] = fields
    return found or None
