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

from cluster import clock, documents, families, journal, models, ownership
from cluster.apply import apply
from cluster.core import defaults, edits, garbage, manifests, replicaset, validation
from cluster.core.objects import Change, Create, Deployment, Explanation, Family, Pod, ReplicaSet, Update
from cluster.snapshot import Loaded, load
from cluster.statuses import MODIFIED, already_exists, conflict
from cluster.statuses import Refused as Refused
from cluster.statuses import Status as Status
from cluster.statuses import bad_request as bad_request
from cluster.statuses import failure as failure
from cluster.statuses import not_found as not_found

EXAMPLE = Path("stories") / "nginx-deployment.yaml"
Edit = Callable[[Family, Deployment], Deployment]
Owners = list[dict[str, Any]]
Policy = garbage.Policy


@dataclass(frozen=True, kw_only=True)
class Result:
    rv: int
    message: str


def create(namespace: str, text: str, *, actor: str) -> Result:
    """Creates every Deployment of a YAML text, or none of them."""
    space = find_namespace(namespace)
    wanted = [prepare(document, space) for document in read_documents(text)]
    return create_objects(space, wanted, actor=actor)


def create_objects(
    space: models.Namespace, wanted: list[dict[str, Any]], *, actor: str, owners: Owners | None = None
) -> Result:
    """Creates Deployments of defaulted, valid manifests; all or none. `owners`: their managedFields, if not the page's."""
    with journal.write(space, actor=actor) as writer:
        for manifest in wanted:
            check_new(space, manifest)
            deployment = manifests.deployment_from_manifest(manifest, uid=str(uuid.uuid4()), now=writer.now)
            check_quota(space, "deployments.apps", deployment)
            row = models.Family.objects.create(namespace=space, due=0.0)
            adopted = families.gather_replicasets(row, deployment.selector)
            created = replace(deployment, namespace=space.name, replicasets_created=adopted)
            loaded = load(row)
            own(loaded, created.uid, owners or owners_of(None, created))
            apply(loaded, [Create(object=created)], writer)
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


def delete(namespace: str, name: str, policy: Policy = "Background", *, actor: str) -> Result:
    """In the background the Deployment is gone at once and the garbage collector takes what it owned; in the foreground it
    goes last; what is orphaned stays."""
    with opened(namespace, name) as loaded:
        gone = garbage.delete(deployment_of(loaded, name), policy, time_of(loaded))
        message = f'deployment.apps "{name}" deleted from {namespace} namespace'
        return write(loaded, [gone], message, actor=actor)


def delete_pod(namespace: str, name: str, *, actor: str) -> Result:
    find_namespace(namespace)
    row = models.Pod.objects.filter(namespace__name=namespace, name=name).first()
    if row is None:
        raise Refused(not_found("pods", name))
    with journal.exclusive():
        loaded = load(families.locked(row.family_id))
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
    owners: Owners | None = None,
) -> Result:
    """Read, edit, validate and write one Deployment under its family's lock. `owners`: its managedFields, if not the page's."""
    with opened(namespace, name) as loaded:
        before = deployment_of(loaded, name)
        check_version(before, resource_version, text)
        try:
            after = make(loaded.family, before)
        except edits.EditError as error:
            raise Refused(bad_request(str(error))) from error
        check_update(before, after)
        check_quota(loaded.namespace, "deployments.apps", after)
        kept = owners_of(before, after, loaded.owners.get(before.uid)) if owners is None else owners
        changes: list[Change] = []
        if own(loaded, before.uid, kept) or after != before:
            changes.append(Update(object=after, why=explain_edit(before, after)))
        return write(loaded, changes, f"{label(name)} {done}", actor=actor)


def owners_of(before: Deployment | None, after: Deployment, known: Owners | None = None) -> Owners:
    """The managedFields after a write that no client put its name to: the page's, the admin's, a story's."""
    old = None
    if before is not None:
        old = manifests.deployment_manifest(before)
        old["metadata"]["managedFields"] = known or []
    return ownership.written(old, manifests.deployment_manifest(after), manager=ownership.DASHBOARD)


def own(loaded: Loaded, uid: str, owners: Owners) -> bool:
    """The managedFields that an object is written with; True if they are not what they were."""
    changed = (loaded.owners.get(uid) or []) != owners
    loaded.owners[uid] = owners
    return changed


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
        yield load(families.locked(row.family_id))


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
        raise Refused(already_exists("deployments.apps", name))


def check_quota(space: models.Namespace, resource: str, wanted: Deployment | ReplicaSet | Pod) -> None:
    """What is in a namespace may ask for as many pods as its quota allows (plugin/pkg/admission/resourcequota)."""
    used, asked = pods_asked_for(space, wanted.uid), 1 if isinstance(wanted, Pod) else wanted.replicas
    if used + asked > space.pod_quota:
        kind, _, group = resource.partition(".")
        numbers = f"requested: pods={asked}, used: pods={used}, limited: pods={space.pod_quota}"
        message = f'{resource} "{wanted.name}" is forbidden: exceeded quota: pods, {numbers}'
        raise Refused(failure(403, "Forbidden", message, name=wanted.name, group=group, kind=kind))


def pods_asked_for(space: models.Namespace, but_uid: str) -> int:
    """By Deployments, by ReplicaSets of nobody, and pods of nobody."""
    here = {"namespace": space}
    deployments = models.Deployment.objects.filter(**here).exclude(pk=but_uid).aggregate(total=Sum("replicas"))
    bare = models.ReplicaSet.objects.filter(**here, owner_uid=None).exclude(pk=but_uid).aggregate(total=Sum("replicas"))
    pods: int = models.Pod.objects.filter(**here, owner_uid=None).exclude(pk=but_uid).count()
    return (deployments["total"] or 0) + (bare["total"] or 0) + pods


def check_version(deployment: Deployment, resource_version: int | None, text: str | None) -> None:
    """A conflict is a spec, label or annotation that changed since; a status that moved on is none."""
    if resource_version is None or not changed_since(deployment, resource_version):
        return
    status = conflict("deployments.apps", deployment.name, MODIFIED)
    if text is not None:
        current = documents.dump(manifests.editable(deployment))
        difference = documents.unified_diff(current, text, "theirs", "yours")
        status["details"] |= {"current_yaml": current, "diff": difference}
    raise Refused(status)


def changed_since(deployment: Deployment, resource_version: int) -> bool:
    if models.Deployment.objects.filter(pk=deployment.uid, resource_version__lte=resource_version).exists():
        return False  # also when the journal has forgotten how it came to be
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
