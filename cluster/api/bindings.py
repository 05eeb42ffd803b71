"""pods/binding and bindings: how an external scheduler assigns a pod to a node (pkg/registry/core/pod/storage/storage.go,
BindingREST.Create)."""

from dataclasses import replace
from typing import Any

from cluster import models
from cluster.api import writing
from cluster.api.kinds import BY_PLURAL
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request
from cluster.api.targets import Target
from cluster.core import validation
from cluster.core.copying import changed
from cluster.core.nodes.binding import bound
from cluster.core.objects import Pod, Update
from cluster.core.validation.errors import FieldError
from cluster.records.loading import Loaded
from cluster.statuses import Refused, bad_request, conflict
from cluster.writing import writes


def bind(manifest: Json, request: Request) -> Json:
    """Assigns the pod to the target's node, with the binding's labels and annotations. Raises Refused: 409 if the pod has a node,
    is being deleted, has scheduling gates, or does not match the binding's uid or resourceVersion."""
    name = (manifest.get("metadata") or {}).get("name") or request.target.name or ""
    if request.target.name not in (None, name):
        raise Refused(bad_request("name in URL does not match name in Binding object"))
    common.decoded_by_schema(manifest)
    found = {**manifest, "metadata": {**(manifest.get("metadata") or {}), "name": name}}
    common.refuse(errors_of(found), found, request.target)
    target = replace(request.target, kind=BY_PLURAL["pods"], name=name, subresource="")
    with common.opened(models.Pod, target, nodes=[found["target"]["name"]]) as (loaded, uid):
        check_preconditions(found, target)
        pod = loaded.state.pods[uid]
        problem = refusal_of(pod, loaded)
        if problem:
            raise Refused(conflict("pods/binding", name, problem))
        writes.write(loaded, [Update(object=after(pod, found, loaded))], "bound", actor=request.actor)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def check_preconditions(binding: Json, target: Target) -> None:
    """Raises Refused (409) unless the binding's uid and resourceVersion, where given, are the pod's."""
    given = {key: binding["metadata"][key] for key in ("uid", "resourceVersion") if binding["metadata"].get(key)}
    if not given:
        return
    before = writing.current(target)
    common.check_identity(target, before, {"metadata": given})
    if given.get("resourceVersion") not in (None, before["metadata"]["resourceVersion"]):
        problem = common.precondition_failed(target, "ResourceVersion", given["resourceVersion"], before)
        raise Refused(conflict(target.kind.resource, target.name or "", problem))


def after(pod: Pod, binding: Json, loaded: Loaded) -> Pod:
    about = binding["metadata"]
    return changed(
        bound(pod, binding["target"]["name"], loaded.now, loaded.state.nodes),
        labels={**pod.labels, **common.texts(about.get("labels"))} if about.get("labels") else pod.labels,
        annotations={**pod.annotations, **common.texts(about.get("annotations"))}
        if about.get("annotations")
        else pod.annotations,
    )


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
    """The refusal by assignPod and setPodNodeAndMetadata; "" if there is none."""
    if pod.deleted_at is not None:
        return f"pod {pod.name} is being deleted, cannot be assigned to a host"
    if pod.node:
        return f'pod {pod.name} is already assigned to node "{pod.node}"'
    owner = loaded.state.replicasets.get(pod.owner_uid or "")
    spec = pod.spec if pod.spec is not None else (owner.template.get("spec") if owner else None) or {}
    return f"pod {pod.name} has non-empty .spec.schedulingGates" if spec.get("schedulingGates") else ""
