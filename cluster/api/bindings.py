"""pods/binding and bindings: how somebody else's scheduler gives a pod its node (pkg/registry/core/pod/storage/storage.go,
BindingREST.Create)."""

from dataclasses import replace
from typing import Any

from cluster import models
from cluster.api.kinds import BY_PLURAL
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request
from cluster.core import validation
from cluster.core.nodes.binding import bound
from cluster.core.objects import Pod, Update
from cluster.core.validation.errors import FieldError
from cluster.records.loading import Loaded
from cluster.statuses import Refused, bad_request, conflict
from cluster.writing import writes


def bind(manifest: Json, request: Request) -> Json:
    """The pod is on the target's node from then on. Raises Refused: 409 if it has one, stops, or is held back by its gates."""
    name = (manifest.get("metadata") or {}).get("name") or request.target.name or ""
    if request.target.name not in (None, name):
        raise Refused(bad_request("name in URL does not match name in Binding object"))
    common.decoded_by_schema(manifest)
    found = {**manifest, "metadata": {**(manifest.get("metadata") or {}), "name": name}}
    common.refuse(errors_of(found), found, request.target)
    target = replace(request.target, kind=BY_PLURAL["pods"], name=name, subresource="")
    with common.opened(models.Pod, target) as (loaded, uid):
        pod = loaded.state.pods[uid]
        problem = refusal_of(pod, loaded)
        if problem:
            raise Refused(conflict("pods/binding", name, problem))
        changes = [Update(object=bound(pod, found["target"]["name"], loaded.now))]
        writes.write(loaded, list(changes), "bound", actor=request.actor)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def errors_of(binding: Json) -> list[FieldError]:
    """ValidatePodBinding."""
    target: dict[str, Any] = binding.get("target") or {}
    errors = []
    if target.get("kind") not in (None, "", "Node"):
        errors.append(validation.unsupported("target.kind", target["kind"], ("Node", "<empty>")))
    if not target.get("name"):
        errors.append(validation.required("target.name"))
    return errors


def refusal_of(pod: Pod, loaded: Loaded) -> str:
    """assignPod's and setPodNodeAndMetadata's."""
    if pod.deleted_at is not None:
        return f"pod {pod.name} is being deleted, cannot be assigned to a host"
    if pod.node:
        return f'pod {pod.name} is already assigned to node "{pod.node}"'
    owner = loaded.state.replicasets.get(pod.owner_uid or "")
    spec = pod.spec if pod.spec is not None else (owner.template.get("spec") if owner else None) or {}
    return f"pod {pod.name} has non-empty .spec.schedulingGates" if spec.get("schedulingGates") else ""
