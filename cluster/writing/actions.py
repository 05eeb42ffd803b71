"""User actions on the cluster: each is one write, which returns a message in kubectl's words or raises Refused with a Status."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from cluster import models
from cluster.core.controllers import garbage, replicaset
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import deployment_from_manifest, deployment_manifest
from cluster.core.manifests.verbs import VERBS, Moment
from cluster.core.objects import Change, Create, Deployment, Explanation, Update
from cluster.core.policies.asking import pods_of
from cluster.records import journal, states
from cluster.records.apply import apply
from cluster.records.loading import Loaded, load_part, nothing_of
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, not_found
from cluster.writing import admission, capacity, namespaces, ownership, quotas, writes
from cluster.writing.writes import Owners, Result

EXAMPLE = Path("stories") / "nginx-deployment.yaml"
Policy = garbage.Policy


def create(space: Space, text: str, *, actor: str) -> Result:
    """Creates every Deployment of a YAML text, all or none."""
    found = admission.read_documents(text)
    wanted = []
    for each in found:
        with admission.located(each, len(found)):
            wanted.append(admission.prepare(each, space.namespace))
    return create_objects(space, wanted, actor=actor)


def create_objects(space: Space, wanted: list[dict[str, Any]], *, actor: str, owners: Owners | None = None) -> Result:
    """Creates Deployments from defaulted, valid manifests; all or none. `owners`: their managedFields, if not the web page's."""
    with journal.write(space.cluster, space.namespace, actor=actor) as writer:
        server = capacity.totals()
        for manifest in wanted:
            row = writes.find_namespace(space)
            namespaces.check_alive(row, "deployments.apps", manifest["metadata"]["name"])
            admission.check_new(row, manifest)
            quotas.admit_object(writer, row, "deployments.apps", manifest)
            deployment = deployment_from_manifest(manifest, uid=str(uuid.uuid4()), now=writer.now)
            capacity.check_object(
                row.cluster, "deployments.apps", deployment.name, pending=writer.counts, server=server
            )
            capacity.check_pods(row, "deployments.apps", deployment, pending=writer.counts, server=server)
            created = replace(deployment, namespace=row.name)
            loaded = nothing_of(writer.cluster, row.name, row.pk)
            writes.own(loaded, created.uid, owners or owners_of(None, created))
            apply(loaded, [Create(object=created)], writer)
    names = [each["metadata"]["name"] for each in wanted]
    return Result(rv=writer.head, message="\n".join(f"deployment.apps/{name} created" for name in names))


def example(space: Space, *, actor: str) -> Result:
    """Creates the book's Deployment."""
    return create(space, example_text(), actor=actor)


def example_text() -> str:
    text: str = (settings.BASE_DIR / EXAMPLE).read_text()
    return text


def act(
    space: Space,
    name: str,
    verb: str,
    value: Any = None,
    *,
    actor: str,
    resource_version: int | None = None,
    text: str | None = None,
) -> Result:
    """Applies a verb of `core.manifests.verbs` that edits a Deployment, with its parsed value: the Deployment is loaded, edited,
    validated and written under its cluster's lock. `text`: the YAML that a conflict is diffed against. Raises Refused."""
    told = VERBS[verb]
    edit = told.edit
    assert edit is not None
    return change(
        space,
        name,
        lambda before, moment: edit(before, value, moment),
        told.done.format(name=name),
        looks_back=told.looks_back,
        actor=actor,
        resource_version=resource_version,
        text=text,
    )


def change(
    space: Space,
    name: str,
    edit: Callable[[Deployment, Moment], Deployment],
    message: str,
    *,
    looks_back: bool,
    actor: str,
    resource_version: int | None = None,
    text: str | None = None,
) -> Result:
    """Applies any edit to a Deployment, as one write."""
    with writes.opened(space, name, with_replicasets=looks_back) as (loaded, before):
        admission.check_version(loaded.cluster, before, resource_version, text)
        moment = Moment(now=time.time(), owned=loaded.state.replicasets_of(before.uid).values())
        try:
            after = edit(before, moment)
        except edits.EditError as error:
            raise Refused(bad_request(str(error))) from error
        admission.check_update(before, after)
        return store(loaded, before, after, message, actor=actor)


def edit(space: Space, name: str, text: str, *, actor: str, resource_version: int | None = None) -> Result:
    """Replaces labels, annotations and spec by those of one YAML document. The details of a conflict contain `current_yaml` and
    `diff`."""
    manifest = admission.read_edited(text, space.namespace, name)
    return act(space, name, "edit", manifest, actor=actor, resource_version=resource_version, text=text)


def delete(space: Space, name: str, policy: Policy = "Background", *, actor: str) -> Result:
    """Deletes a Deployment. Background: it is deleted at once and the garbage collector deletes what it owned; Foreground: it is
    deleted last; Orphan: what it owned stays."""
    with writes.opened(space, name) as (loaded, deployment):
        gone = garbage.delete(deployment, policy, loaded.now)
        message = VERBS["delete"].done.format(name=name, namespace=space.namespace)
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


def store(
    loaded: Loaded, before: Deployment, after: Deployment, message: str, *, actor: str, owners: Owners | None = None
) -> Result:
    """Writes a valid edit of an opened Deployment, within the limits. `owners`: its managedFields, if not the web page's."""
    if pods_of(after) > pods_of(before):
        space = writes.find_namespace(Space(loaded.cluster.name, after.namespace))
        capacity.check_pods(space, "deployments.apps", after, before)
    kept = owners_of(before, after, loaded.owners.get(before.uid)) if owners is None else owners
    changes: list[Change] = []
    if writes.own(loaded, before.uid, kept) or after != before:
        changes.append(Update(object=after, why=explain_edit(before, after)))
    return writes.write(loaded, changes, message, actor=actor)


def owners_of(before: Deployment | None, after: Deployment, known: Owners | None = None) -> Owners:
    """The managedFields after a write without a client's field manager: by the web page, the admin site or a story."""
    old = None
    if before is not None:
        old = deployment_manifest(before)
        old["metadata"]["managedFields"] = known or []
    return ownership.written(old, deployment_manifest(after), manager=ownership.DASHBOARD)


def explain_edit(before: Deployment, after: Deployment) -> Explanation | None:
    if before.template == after.template:
        return None
    text = "The pod template changed, so a new ReplicaSet is due"
    return Explanation(rule=states.TEMPLATE_CHANGED, inputs={"generation": after.generation}, text=text)
