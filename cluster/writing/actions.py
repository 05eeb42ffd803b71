"""What people do to the cluster: each action is one write, answered in kubectl's words or refused with a Status."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from cluster import models
from cluster.core.controllers import garbage, replicaset
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import deployment_from_manifest, deployment_manifest
from cluster.core.objects import Change, Create, Deployment, Explanation, Update
from cluster.core.policies.asking import pods_of
from cluster.core.state import State
from cluster.records import journal
from cluster.records.apply import apply
from cluster.records.loading import Loaded, load_part
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, not_found
from cluster.writing import admission, capacity, ownership, quotas, writes
from cluster.writing.writes import Owners, Result

EXAMPLE = Path("stories") / "nginx-deployment.yaml"
Edit = Callable[[State, Deployment], Deployment]
Policy = garbage.Policy


def create(space: Space, text: str, *, actor: str) -> Result:
    """Creates every Deployment of a YAML text, or none of them."""
    wanted = [admission.prepare(document, space.namespace) for document in admission.read_documents(text)]
    return create_objects(space, wanted, actor=actor)


def create_objects(space: Space, wanted: list[dict[str, Any]], *, actor: str, owners: Owners | None = None) -> Result:
    """Creates Deployments of defaulted, valid manifests; all or none. `owners`: their managedFields, if not the page's."""
    with journal.write(space.cluster, space.namespace, actor=actor) as writer:
        for manifest in wanted:
            row = writes.find_namespace(space)
            admission.check_new(row, manifest)
            quotas.admit_object(writer, row, "deployments.apps", manifest)
            deployment = deployment_from_manifest(manifest, uid=str(uuid.uuid4()), now=writer.now)
            capacity.check_object(row.cluster, "deployments.apps", deployment.name, pending=writer.counts)
            capacity.check_pods(row, "deployments.apps", deployment, pending=writer.counts)
            created = replace(deployment, namespace=row.name)
            loaded = load_part(writer.cluster)
            writes.own(loaded, created.uid, owners or owners_of(None, created))
            apply(loaded, [Create(object=created)], writer)
    return Result(rv=writer.head, message="\n".join(f"{label(each['metadata']['name'])} created" for each in wanted))


def example(space: Space, *, actor: str) -> Result:
    """Creates the book's Deployment."""
    return create(space, example_text(), actor=actor)


def example_text() -> str:
    text: str = (settings.BASE_DIR / EXAMPLE).read_text()
    return text


def set_images(
    space: Space, name: str, images: Mapping[str, str], *, actor: str, resource_version: int | None = None
) -> Result:
    def edit(state: State, deployment: Deployment) -> Deployment:  # noqa: ARG001 the shape of an Edit
        return edits.set_images(deployment, images)

    return change(space, name, edit, "image updated", actor=actor, resource_version=resource_version)


def scale(space: Space, name: str, replicas: int, *, actor: str, resource_version: int | None = None) -> Result:
    def edit(state: State, deployment: Deployment) -> Deployment:  # noqa: ARG001
        return edits.scale(deployment, replicas)

    return change(space, name, edit, "scaled", actor=actor, resource_version=resource_version)


def tune(
    space: Space, name: str, changes: Mapping[str, Any], *, actor: str, resource_version: int | None = None
) -> Result:
    """Changes any of max_surge, max_unavailable, min_ready_seconds, progress_deadline_seconds and strategy."""

    def edit(state: State, deployment: Deployment) -> Deployment:  # noqa: ARG001
        return edits.tune(deployment, **changes)

    return change(space, name, edit, "patched", actor=actor, resource_version=resource_version)


def pause(space: Space, name: str, *, actor: str, resource_version: int | None = None) -> Result:
    return change(space, name, lambda _, d: edits.pause(d), "paused", actor=actor, resource_version=resource_version)


def resume(space: Space, name: str, *, actor: str, resource_version: int | None = None) -> Result:
    return change(space, name, lambda _, d: edits.resume(d), "resumed", actor=actor, resource_version=resource_version)


def restart(space: Space, name: str, *, actor: str, resource_version: int | None = None) -> Result:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return change(
        space, name, lambda _, d: edits.restart(d, at), "restarted", actor=actor, resource_version=resource_version
    )


def undo(space: Space, name: str, to_revision: int = 0, *, actor: str, resource_version: int | None = None) -> Result:
    """Back to a revision; 0 is the one before the current."""
    return change(
        space,
        name,
        lambda state, d: edits.undo(d, state.replicasets_of(d.uid).values(), to_revision),
        "rolled back",
        actor=actor,
        resource_version=resource_version,
        with_replicasets=True,
    )


def edit(space: Space, name: str, text: str, *, actor: str, resource_version: int | None = None) -> Result:
    """Replaces labels, annotations and spec by those of one YAML document. A conflict's details hold `current_yaml`
    and `diff`."""
    read = admission.read_documents(text)
    if len(read) != 1:
        raise Refused(bad_request(f"one document is edited at a time, the text holds {len(read)}"))
    manifest = admission.read(read[0], space.namespace)
    if manifest["metadata"]["name"] != name:
        raise Refused(
            bad_request(
                f"the name of the object ({manifest['metadata']['name']}) does not match the name on the URL ({name})"
            )
        )

    def take(state: State, deployment: Deployment) -> Deployment:  # noqa: ARG001
        wanted = deployment_from_manifest(manifest, uid=deployment.uid, now=deployment.created_at)
        return edits.replace_spec(deployment, wanted)

    return change(space, name, take, "edited", actor=actor, resource_version=resource_version, text=text)


def delete(space: Space, name: str, policy: Policy = "Background", *, actor: str) -> Result:
    """In the background the Deployment is gone at once and the garbage collector takes what it owned; in the foreground it
    goes last; what is orphaned stays."""
    with writes.opened(space, name) as (loaded, deployment):
        gone = garbage.delete(deployment, policy, loaded.now)
        message = f'deployment.apps "{name}" deleted from {space.namespace} namespace'
        return writes.write(loaded, [gone], message, actor=actor)


def delete_pod(space: Space, name: str, *, actor: str) -> Result:
    with journal.exclusive(space.cluster) as cluster:
        namespace = writes.find_namespace(space)
        row = models.Pod.objects.filter(namespace=namespace, name=name).first()
        if row is None:
            raise Refused(not_found("pods", name))
        loaded = load_part(cluster, pods=[row.uid])
        pod = loaded.state.pods[row.uid]
        message = f'pod "{name}" deleted from {space.namespace} namespace'
        return writes.write(loaded, replicaset.terminate(pod, loaded.now), message, actor=actor)


def change(
    space: Space,
    name: str,
    make: Edit,
    done: str,
    *,
    actor: str,
    resource_version: int | None = None,
    text: str | None = None,
    with_replicasets: bool = False,
) -> Result:
    """Read, edit, validate and write one Deployment under its cluster's lock."""
    with writes.opened(space, name, with_replicasets=with_replicasets) as (loaded, before):
        admission.check_version(loaded.cluster, before, resource_version, text)
        try:
            after = make(loaded.state, before)
        except edits.EditError as error:
            raise Refused(bad_request(str(error))) from error
        admission.check_update(before, after)
        return store(loaded, before, after, done, actor=actor)


def store(
    loaded: Loaded, before: Deployment, after: Deployment, done: str, *, actor: str, owners: Owners | None = None
) -> Result:
    """Writes a valid edit of a Deployment that was opened for it, within the limits. `owners`: its managedFields, if not the
    page's."""
    if pods_of(after) > pods_of(before):
        space = writes.find_namespace(Space(loaded.cluster.name, after.namespace))
        capacity.check_pods(space, "deployments.apps", after, before)
    kept = owners_of(before, after, loaded.owners.get(before.uid)) if owners is None else owners
    changes: list[Change] = []
    if writes.own(loaded, before.uid, kept) or after != before:
        changes.append(Update(object=after, why=explain_edit(before, after)))
    return writes.write(loaded, changes, f"{label(before.name)} {done}", actor=actor)


def owners_of(before: Deployment | None, after: Deployment, known: Owners | None = None) -> Owners:
    """The managedFields after a write that no client put its name to: the page's, the admin's, a story's."""
    old = None
    if before is not None:
        old = deployment_manifest(before)
        old["metadata"]["managedFields"] = known or []
    return ownership.written(old, deployment_manifest(after), manager=ownership.DASHBOARD)


def explain_edit(before: Deployment, after: Deployment) -> Explanation | None:
    if before.template == after.template:
        return None
    text = "The pod template changed, so a new ReplicaSet is due"
    return Explanation(rule="template-changed", inputs={"generation": after.generation}, text=text)


def label(name: str) -> str:
    return f"deployment.apps/{name}"
