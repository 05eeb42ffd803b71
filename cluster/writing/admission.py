"""What may be written: documents that can be read, objects that are valid, versions that still hold, and pods within the quota."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from django.db.models import BigIntegerField, Case, F, Q, Sum, Value, When
from django.db.models.functions import Cast, Replace

from cluster import documents, models
from cluster.core import validation
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.manifests import defaults
from cluster.core.manifests.deployments import deployment_manifest, editable
from cluster.core.objects import Deployment, Pod, ReplicaSet
from cluster.statuses import MODIFIED, Refused, already_exists, bad_request, conflict, failure

LARGEST_OBJECT_BYTES = 1536 * 1024


def read_documents(text: str) -> list[documents.Document]:
    try:
        found = documents.load_documents(text)
    except documents.DocumentError as error:
        raise Refused(bad_request(str(error))) from error
    if not found:
        raise Refused(bad_request("no objects passed to create"))
    return found


def prepare(document: documents.Document, namespace: str) -> dict[str, Any]:
    """One document as a defaulted, valid Deployment manifest of this namespace."""
    return validated(deployment_of(document, namespace))


def read(document: documents.Document, namespace: str) -> dict[str, Any]:
    """The same for an edit, which is validated as a whole."""
    return defaulted(deployment_of(document, namespace))


def deployment_of(document: documents.Document, namespace: str) -> Mapping[str, Any]:
    manifest = document.manifest
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    place = f"document {document.index + 1}, line {document.line}"
    if kind != "Deployment" or version not in defaults.API_VERSIONS:
        raise Refused(bad_request(f'{place}: no matches for kind "{kind}" in version "{version}"'))
    metadata = manifest.get("metadata")
    given = metadata.get("namespace") if isinstance(metadata, dict) else None
    if given not in (None, "", namespace):
        names = f"({given}, {namespace})"
        message = f"the namespace of the provided object does not match the namespace sent on the request {names}"
        raise Refused(bad_request(f"{place}: {message}"))
    return manifest


def defaulted(manifest: Mapping[str, Any]) -> dict[str, Any]:
    problem = validation.decoding_status(manifest)
    if problem:
        raise Refused(problem)
    return defaults.default_deployment(manifest)


def validated(manifest: Mapping[str, Any]) -> dict[str, Any]:
    full = defaulted(manifest)
    errors = validation.validate_deployment(full)
    if errors:
        raise Refused(validation.status(errors, kind="Deployment", name=name_of(manifest), group="apps"))
    check_stored_size(full)
    return full


def check_update(before: Deployment, after: Deployment) -> None:
    new = deployment_manifest(after)
    check_stored_size(new)
    errors = [
        *validation.validate_deployment(new),
        *validation.validate_update(deployment_manifest(before), new),
    ]
    if errors:
        raise Refused(validation.status(errors, kind="Deployment", name=after.name, group="apps"))


def check_new(space: models.Namespace, manifest: Mapping[str, Any]) -> None:
    name = name_of(manifest)
    if models.Deployment.objects.filter(namespace=space, name=name).exists():
        raise Refused(already_exists("deployments.apps", name))


def check_version(
    cluster: models.Cluster, deployment: Deployment, resource_version: int | None, text: str | None
) -> None:
    """A conflict is a spec, label or annotation that changed since; a status that moved on is none."""
    if resource_version is None or not changed_since(cluster, deployment, resource_version):
        return
    status = conflict("deployments.apps", deployment.name, MODIFIED)
    if text is not None:
        current = documents.dump(editable(deployment))
        difference = documents.unified_diff(current, text, "theirs", "yours")
        status["details"] |= {"current_yaml": current, "diff": difference}
    raise Refused(status)


def changed_since(cluster: models.Cluster, deployment: Deployment, resource_version: int) -> bool:
    if models.Deployment.objects.filter(pk=deployment.uid, resource_version__lte=resource_version).exists():
        return False  # also when the journal has forgotten how it came to be
    own = models.Change.objects.filter(cluster=cluster, rv__lte=resource_version, uid=deployment.uid)
    row = own.order_by("-rv").first()
    if row is None:
        return True
    then = (row.state["generation"], row.state["labels"], without_revision(row.state["annotations"]))
    return then != (deployment.generation, deployment.labels, without_revision(deployment.annotations))


def without_revision(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key != "deployment.kubernetes.io/revision"}


Asking = Deployment | ReplicaSet | Pod


def check_quota(space: models.Namespace, resource: str, wanted: Asking, before: Asking | None = None) -> None:
    """What is in a namespace may ask for as many pods as its quota allows; an edit that asks for no more than `before` did
    is never refused (plugin/pkg/admission/resourcequota)."""
    asked = pods_of(wanted)
    if before is not None and asked <= pods_of(before):
        return
    used = pods_asked_for(space, {wanted.uid, wanted.owner_uid if isinstance(wanted, ReplicaSet) else None})
    if used + asked > space.pod_quota:
        kind, _, group = resource.partition(".")
        numbers = f"requested: pods={asked}, used: pods={used}, limited: pods={space.pod_quota}"
        message = f'{resource} "{wanted.name}" is forbidden: exceeded quota: pods, {numbers}'
        raise Refused(failure(403, "Forbidden", message, name=wanted.name, group=group, kind=kind))


def pods_of(asking: Asking) -> int:
    """The most pods that an object asks for: of a Deployment its replicas and its surge."""
    if isinstance(asking, Pod):
        return 1
    return asking.replicas + (max_surge(asking) if isinstance(asking, Deployment) else 0)


def pods_asked_for(space: models.Namespace, but_uids: Collection[str | None]) -> int:
    """By Deployments, by ReplicaSets of nobody, and pods of nobody; added up by the database."""
    uids = [each for each in but_uids if each]
    deployments = models.Deployment.objects.filter(namespace=space).exclude(pk__in=uids)
    asked = deployments.aggregate(total=Sum(F("replicas") + SURGE))
    bare = {"namespace": space, "owner_uid": None}
    replicasets = models.ReplicaSet.objects.filter(**bare).exclude(pk__in=uids).aggregate(total=Sum("replicas"))
    pods: int = models.Pod.objects.filter(**bare).exclude(pk__in=uids).count()
    return (asked["total"] or 0) + (replicasets["total"] or 0) + pods


def surge_column() -> Case:
    """`rolling_limits.max_surge` of a row; a share is rounded up."""
    number = Cast(Replace("max_surge", Value("%"), Value("")), BigIntegerField())
    share = (Cast("replicas", BigIntegerField()) * number + 99) / 100
    return Case(
        When(~Q(strategy="RollingUpdate"), then=0),
        When(max_surge__endswith="%", then=share),
        default=number,
        output_field=BigIntegerField(),
    )


SURGE = surge_column()


def check_stored_size(manifest: Mapping[str, Any]) -> None:
    """What etcd would not take (MaxRequestBytes); the API server hands its answer on as a 500 without a reason."""
    if len(orjson.dumps(manifest)) > LARGEST_OBJECT_BYTES:
        raise Refused(failure(500, "", "etcdserver: request is too large"))


def name_of(manifest: Mapping[str, Any]) -> str:
    return str((manifest.get("metadata") or {}).get("name") or "")
