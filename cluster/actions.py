"""What people do to the cluster: each action is one write, answered in kubectl's words or refused with a Status."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Sum

from cluster import clock, documents, journal, models
from cluster.apply import apply
from cluster.core import defaults, edits, manifests, replicaset, validation
from cluster.core.objects import Change, Create, Delete, Deployment, Explanation, Family, Update
from cluster.snapshot import Loaded, load

EXAMPLE = Path("stories") / "nginx-deployment.yaml"
Status = dict[str, Any]
Edit = Callable[[Family, Deployment], Deployment]


class Refused(Exception):
    """Raised when an action can't be done; `status` is the Kubernetes Status body that says why."""

    def __init__(self, status: Status) -> None:
        super().__init__(status["message"])
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Result:
    rv: int
    message: str


def create(namespace: str, text: str, *, actor: str) -> Result:
    """Creates every Deployment of a YAML text, or none of them."""
    space = find_namespace(namespace)
    wanted = [prepare(document, space) for document in read_documents(text)]
    return create_objects(space, wanted, actor=actor)


def create_objects(space: models.Namespace, wanted: list[dict[str, Any]], *, actor: str) -> Result:
    """Creates Deployments of defaulted, valid manifests; all or none."""
    with journal.write(space, actor=actor) as writer:
        for manifest in wanted:
            check_new(space, manifest)
            deployment = manifests.deployment_from_manifest(manifest, uid=str(uuid.uuid4()), now=writer.now)
            check_quota(space, deployment)
            row = models.Family.objects.create(namespace=space, due=0.0)
            loaded = Loaded(row=row, namespace=space, family=Family(deployment=None), created={})
            apply(loaded, [Create(object=replace(deployment, namespace=space.name))], writer)
    return Result(rv=writer.head, message="\n".join(f"{label(each['metadata']['name'])} created" for each in wanted))


def example(namespace: str, *, actor: str) -> Result:
    """Creates the book's Deployment."""
    return create(namespace, (settings.BASE_DIR / EXAMPLE).read_text(), actor=actor)


def set_images(
    namespace: str, name: str, images: Mapping[str, str], *, actor: str, resource_version: int | None = None
) -> Result:
    def edit(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001 the shape of an Edit
        return edits.set_images(deployment, images)

    return change(namespace, name, edit, "image updated", actor=actor, resource_version=resource_version)


def scale(namespace: str, name: str, replicas: int, *, actor: str, resource_version: int | None = None) -> Result:
    def edit(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001
        return edits.scale(deployment, replicas)

    return change(namespace, name, edit, "scaled", actor=actor, resource_version=resource_version)


def tune(
    namespace: str, name: str, changes: Mapping[str, Any], *, actor: str, resource_version: int | None = None
) -> Result:
    """Changes any of max_surge, max_unavailable, min_ready_seconds, progress_deadline_seconds and strategy."""

    def edit(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001
        return edits.tune(deployment, **changes)

    return change(namespace, name, edit, "patched", actor=actor, resource_version=resource_version)


def pause(namespace: str, name: str, *, actor: str, resource_version: int | None = None) -> Result:
    return change(
        namespace, name, lambda _, d: edits.pause(d), "paused", actor=actor, resource_version=resource_version
    )


def resume(namespace: str, name: str, *, actor: str, resource_version: int | None = None) -> Result:
    return change(
        namespace, name, lambda _, d: edits.resume(d), "resumed", actor=actor, resource_version=resource_version
    )


def restart(namespace: str, name: str, *, actor: str, resource_version: int | None = None) -> Result:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return change(
        namespace, name, lambda _, d: edits.restart(d, at), "restarted", actor=actor, resource_version=resource_version
    )


def undo(namespace: str, name: str, to_revision: int = 0, *, actor: str, resource_version: int | None = None) -> Result:
    """Back to a revision; 0 is the one before the current."""
    return change(
        namespace,
        name,
        lambda f, _: edits.undo(f, to_revision),
        "rolled back",
        actor=actor,
        resource_version=resource_version,
    )


def edit(namespace: str, name: str, text: str, *, actor: str, resource_version: int | None = None) -> Result:
    """Replaces labels, annotations and spec by those of one YAML document. A conflict's details hold `current_yaml`
    and `diff`."""
    space = find_namespace(namespace)
    read = read_documents(text)
    if len(read) != 1:
        raise Refused(bad_request(f"one document is edited at a time, the text holds {len(read)}"))
    manifest = prepare(read[0], space)
    if manifest["metadata"]["name"] != name:
        raise Refused(
            bad_request(
                f"the name of the object ({manifest['metadata']['name']}) does not match the name on the URL ({name})"
            )
        )

    def take(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001
        wanted = manifests.deployment_from_manifest(manifest, uid=deployment.uid, now=deployment.created_at)
        return edits.replace_spec(deployment, wanted)

    return change(namespace, name, take, "edited", actor=actor, resource_version=resource_version, text=text)


def delete(namespace: str, name: str, *, actor: str) -> Result:
    """Deletes in the background: the Deployment is gone at once, the garbage collector takes what it owned."""
    with opened(namespace, name) as loaded:
        deployment = deployment_of(loaded, name)
        return write(
            loaded,
            [Delete(object=deployment)],
            f'deployment.apps "{name}" deleted from {namespace} namespace',
            actor=actor,
        )


def delete_pod(namespace: str, name: str, *, actor: str) -> Result:
    find_namespace(namespace)
    row = models.Pod.objects.filter(namespace__name=namespace, name=name).first()
    if row is None:
        raise Refused(not_found("pods", name))
    with journal.exclusive():
        loaded = load(locked_family(row.family_id))
        pod = loaded.family.pods.get(row.uid)
        if pod is None:
            raise Refused(not_found("pods", name))
        message = f'pod "{name}" deleted from {namespace} namespace'
        return write(loaded, replicaset.terminate(pod, time_of(loaded)), message, actor=actor)


def change(
    namespace: str,
    name: str,
    make: Edit,
    done: str,
    *,
    actor: str,
    resource_version: int | None = None,
    text: str | None = None,
) -> Result:
    """Read, edit, validate and write one Deployment under its family's lock."""
    with opened(namespace, name) as loaded:
        before = deployment_of(loaded, name)
        check_version(before, resource_version, text)
        try:
            after = make(loaded.family, before)
        except edits.EditError as error:
            raise Refused(bad_request(str(error))) from error
        check_update(before, after)
        check_quota(loaded.namespace, after)
        changes: list[Change] = []
        if after != before:
            changes.append(Update(object=after, why=explain_edit(before, after)))
        return write(loaded, changes, f"{label(name)} {done}", actor=actor)


def write(loaded: Loaded, changes: list[Change], message: str, *, actor: str) -> Result:
    if not changes:
        return Result(rv=journal.head(), message=message)
    with journal.write(loaded.namespace, actor=actor) as writer:
        apply(loaded, changes, writer)
        journal.touch(loaded.row.pk)
    return Result(rv=writer.head, message=message)


def explain_edit(before: Deployment, after: Deployment) -> Explanation | None:
    if before.template == after.template:
        return None
    text = "The pod template changed, so a new ReplicaSet is due"
    return Explanation(rule="template-changed", inputs={"generation": after.generation}, text=text)


@contextmanager
def opened(namespace: str, name: str) -> Iterator[Loaded]:
    """A Deployment's family, locked for the time of a write."""
    find_namespace(namespace)
    row = models.Deployment.objects.filter(namespace__name=namespace, name=name).only("family_id").first()
    if row is None:
        raise Refused(not_found("deployments.apps", name))
    with journal.exclusive():
        yield load(locked_family(row.family_id))


def locked_family(pk: int) -> models.Family:
    return models.Family.objects.select_for_update(of=("self",)).select_related("namespace").get(pk=pk)


def deployment_of(loaded: Loaded, name: str) -> Deployment:
    if loaded.family.deployment is None:
        raise Refused(not_found("deployments.apps", name))
    return loaded.family.deployment


def time_of(loaded: Loaded) -> float:
    return clock.simulated(loaded.namespace, time.time())


def find_namespace(name: str) -> models.Namespace:
    found = models.Namespace.objects.filter(name=name).first()
    if found is None:
        raise Refused(not_found("namespaces", name))
    return found


def read_documents(text: str) -> list[documents.Document]:
    try:
        found = documents.load_documents(text)
    except documents.DocumentError as error:
        raise Refused(bad_request(str(error))) from error
    if not found:
        raise Refused(bad_request("no objects passed to create"))
    return found


def prepare(document: documents.Document, space: models.Namespace) -> dict[str, Any]:
    """One document as a defaulted, valid Deployment manifest of this namespace."""
    manifest = document.manifest
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    place = f"document {document.index + 1}, line {document.line}"
    if kind != "Deployment" or version not in defaults.API_VERSIONS:
        raise Refused(bad_request(f'{place}: no matches for kind "{kind}" in version "{version}"'))
    metadata = manifest.get("metadata")
    given = metadata.get("namespace") if isinstance(metadata, dict) else None
    if given not in (None, "", space.name):
        names = f"({given}, {space.name})"
        message = f"the namespace of the provided object does not match the namespace sent on the request {names}"
        raise Refused(bad_request(f"{place}: {message}"))
    return validated(manifest)


def validated(manifest: Mapping[str, Any]) -> dict[str, Any]:
    problem = validation.decoding_status(manifest)
    if problem:
        raise Refused(problem)
    full = defaults.default_deployment(manifest)
    errors = validation.validate_deployment(full)
    if errors:
        raise Refused(validation.status(errors, kind="Deployment", name=name_of(manifest), group="apps"))
    return full


def check_update(before: Deployment, after: Deployment) -> None:
    new = manifests.deployment_manifest(after)
    errors = [
        *validation.validate_deployment(new),
        *validation.validate_update(manifests.deployment_manifest(before), new),
    ]
    if errors:
        raise Refused(validation.status(errors, kind="Deployment", name=after.name, group="apps"))


def check_new(space: models.Namespace, manifest: Mapping[str, Any]) -> None:
    name = name_of(manifest)
    if models.Deployment.objects.filter(namespace=space, name=name).exists():
        message = f'deployments.apps "{name}" already exists'
        raise Refused(failure(409, "AlreadyExists", message, name=name, group="apps", kind="deployments"))


def check_quota(space: models.Namespace, deployment: Deployment) -> None:
    """A namespace's Deployments may ask for as many pods as its quota allows (plugin/pkg/admission/resourcequota)."""
    others = models.Deployment.objects.filter(namespace=space).exclude(pk=deployment.uid)
    used = others.aggregate(total=Sum("replicas"))["total"] or 0
    if used + deployment.replicas > space.pod_quota:
        numbers = f"requested: pods={deployment.replicas}, used: pods={used}, limited: pods={space.pod_quota}"
        message = f'deployments.apps "{deployment.name}" is forbidden: exceeded quota: pods, {numbers}'
        raise Refused(failure(403, "Forbidden", message, name=deployment.name, group="apps", kind="deployments"))


def check_version(deployment: Deployment, resource_version: int | None, text: str | None) -> None:
    """A conflict is a spec, label or annotation that changed since; a status that moved on is none."""
    if resource_version is None or not changed_since(deployment, resource_version):
        return
    message = (
        f'Operation cannot be fulfilled on deployments.apps "{deployment.name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    status = failure(409, "Conflict", message, name=deployment.name, group="apps", kind="deployments")
    if text is not None:
        current = documents.dump(manifests.editable(deployment))
        difference = documents.unified_diff(current, text, "theirs", "yours")
        status["details"] |= {"current_yaml": current, "diff": difference}
    raise Refused(status)


def changed_since(deployment: Deployment, resource_version: int) -> bool:
    row = models.Change.objects.filter(pk__lte=resource_version, uid=deployment.uid).order_by("-pk").first()
    if row is None:
        return True
    then = (row.state["generation"], row.state["labels"], without_revision(row.state["annotations"]))
    return then != (deployment.generation, deployment.labels, without_revision(deployment.annotations))


def without_revision(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key != "deployment.kubernetes.io/revision"}


def name_of(manifest: Mapping[str, Any]) -> str:
    return str((manifest.get("metadata") or {}).get("name") or "")


def label(name: str) -> str:
    return f"deployment.apps/{name}"


def not_found(resource: str, name: str) -> Status:
    kind, _, group = resource.partition(".")
    return failure(404, "NotFound", f'{resource} "{name}" not found', name=name, group=group, kind=kind)


def bad_request(message: str) -> Status:
    return failure(400, "BadRequest", message)


def failure(code: int, reason: str, message: str, **details: Any) -> Status:
    """A Status body (apimachinery pkg/apis/meta/v1/types.go)."""
    known = {key: value for key, value in details.items() if value}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": known,
        "code": code,
    }
