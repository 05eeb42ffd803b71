"""Checks before a write: that documents parse, objects are valid, and resource versions are current."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from cluster import documents, models
from cluster.core import validation
from cluster.core.manifests import defaults
from cluster.core.manifests.deployments import deployment_manifest, editable
from cluster.core.objects import Deployment
from cluster.records.prepared import lookup
from cluster.statuses import MODIFIED, Refused, already_exists, bad_request, conflict, failure

NOTHING = "no objects passed to create"
LARGEST_OBJECT_BYTES = 1536 * 1024


def read_documents(text: str) -> list[documents.Document]:
    try:
        found = documents.load_documents(text)
    except documents.DocumentError as error:
        raise Refused(bad_request(str(error))) from error
    if not found:
        raise Refused(bad_request(NOTHING))
    return found


@contextmanager
def located(document: documents.Document, count: int) -> Iterator[None]:
    """A refusal raised inside this context names the document if there are several (`count`); its details have the `document`'s
    number, from 1, and its first `line`."""
    try:
        yield
    except Refused as refused:
        status, number = refused.status, document.index + 1
        where = f"document {number}, line {document.line}: " if count > 1 else ""
        details = {**status.get("details", {}), "line": document.line} | ({"document": number} if count > 1 else {})
        raise Refused({**status, "message": f"{where}{status['message']}", "details": details}) from refused


def prepare(document: documents.Document, namespace: str) -> dict[str, Any]:
    """One document as a defaulted, valid Deployment manifest of this namespace."""
    return validated(deployment_of(document, namespace))


def read(document: documents.Document, namespace: str) -> dict[str, Any]:
    """One document as a defaulted manifest for an edit. It is not validated yet: the edited Deployment is validated as a
    whole."""
    return defaulted(deployment_of(document, namespace))


def read_edited(text: str, namespace: str, name: str) -> dict[str, Any]:
    """The manifest in the single YAML document that replaces a Deployment. Raises Refused unless there is exactly one, with this
    name."""
    found = read_documents(text)
    if len(found) != 1:
        raise Refused(bad_request(f"expected one YAML document, found {len(found)}"))
    manifest = read(found[0], namespace)
    if name_of(manifest) != name:
        message = f"the name of the object ({name_of(manifest)}) does not match the name on the URL ({name})"
        raise Refused(bad_request(message))
    return manifest


def deployment_of(document: documents.Document, namespace: str) -> Mapping[str, Any]:
    manifest = document.manifest
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    if kind != "Deployment" or version not in defaults.API_VERSIONS:
        raise Refused(bad_request(f'no matches for kind "{kind}" in version "{version}"'))
    metadata = manifest.get("metadata")
    given = metadata.get("namespace") if isinstance(metadata, dict) else None
    if given not in (None, "", namespace):
        names = f"({given}, {namespace})"
        message = f"the namespace of the provided object does not match the namespace sent on the request {names}"
        raise Refused(bad_request(message))
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
    if lookup(models.Deployment, namespace_id=space.pk, name=name):
        raise Refused(already_exists("deployments.apps", name))


def check_version(
    cluster: models.Cluster, deployment: Deployment, resource_version: int | None, text: str | None
) -> None:
    """Raises Refused (409) if the spec, labels or annotations have changed since `resource_version`. Changes of the status do not
    conflict."""
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
        return False  # also when the journal no longer has the object's changes
    own = models.Change.objects.filter(cluster=cluster, rv__lte=resource_version, uid=deployment.uid)
    row = own.order_by("-rv").first()
    if row is None:
        return True
    then = (row.state["generation"], row.state["labels"], without_revision(row.state["annotations"]))
    return then != (deployment.generation, deployment.labels, without_revision(deployment.annotations))


def without_revision(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key != "deployment.kubernetes.io/revision"}


def check_stored_size(manifest: Mapping[str, Any]) -> None:
    """Raises Refused for an object too large for etcd (MaxRequestBytes), with the 500 without a reason that the API server
    returns."""
    if len(orjson.dumps(manifest)) > LARGEST_OBJECT_BYTES:
        raise Refused(failure(500, "", "etcdserver: request is too large"))


def name_of(manifest: Mapping[str, Any]) -> str:
    return str((manifest.get("metadata") or {}).get("name") or "")
