"""Creates objects of any kind from a YAML text, as `kubectl create -f` does, but all or none."""

from dataclasses import replace
from typing import Any

from cluster.api import handlers, served, writing
from cluster.api.auth import access
from cluster.api.registry.common import Request
from cluster.api.targets import Target
from cluster.api.write_options import WriteOptions
from cluster.core.fields import unlike
from cluster.core.manifests import defaults
from cluster.documents import Document
from cluster.records import journal
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request
from cluster.writing import actions, admission, ownership
from cluster.writing.writes import Result

MOST_OBJECTS = 200
STRICT = WriteOptions(manager=ownership.DASHBOARD, trial=False, validation="Strict", force=False)  # kubectl's default
Json = dict[str, Any]


def create(user: Any, space: Space, text: str, *, actor: str) -> Result:
    """The caller must have checked that `user` may edit Deployments; other kinds are checked against the API's roles. Raises
    Refused, which names the document if there are several."""
    found = admission.read_documents(text)
    wanted = []
    for document in found:
        with admission.located(document, len(found)):
            wanted += [replace(document, manifest=each) for each in items(document.manifest)]
    if not wanted:
        raise Refused(bad_request(admission.NOTHING))
    if len(wanted) > MOST_OBJECTS:
        raise Refused(bad_request(f"Too many: must have at most {MOST_OBJECTS} objects"))
    made = []
    with journal.exclusive(space.cluster):
        for document in wanted:
            with admission.located(document, len(found)):
                made.append(create_one(user, space, document, actor=actor))
    return Result(rv=made[-1].rv, message="\n".join(each.message for each in made))


def items(manifest: Json) -> list[Json]:
    """The object itself, or the items of a List. Raises Refused."""
    if (manifest.get("apiVersion"), manifest.get("kind")) != ("v1", "List"):
        return [manifest]
    found = manifest.get("items")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused(bad_request(f"items: {unlike('a list of objects', found)}"))
    return found


def create_one(user: Any, space: Space, document: Document, *, actor: str) -> Result:
    """Creates a Deployment by the page's rules, which accept the old API versions too; other kinds by the API's. Raises
    Refused."""
    manifest = document.manifest
    if manifest.get("kind") == "Deployment" and manifest.get("apiVersion") in defaults.API_VERSIONS:
        return actions.create_objects(space, [admission.prepare(document, space.namespace)], actor=actor)
    target = target_of(space, manifest)
    access.authorize(user, "create", target)
    checked, _ = handlers.checked(target, manifest, [], STRICT)
    made = writing.create(checked, Request(target=target, actor=actor, manager=ownership.DASHBOARD))
    kind, group = target.kind, target.group
    named = f"{kind.singular}.{group}" if group else kind.singular
    return Result(rv=int(made["metadata"]["resourceVersion"]), message=f"{named}/{made['metadata']['name']} created")


def target_of(space: Space, manifest: Json) -> Target:
    """The target for creating an object of this kind: in the namespace, or in the cluster. Raises Refused (400)."""
    group, _, version = str(manifest.get("apiVersion")).rpartition("/")
    kinds = served.table_of(space.cluster).of(group, version)
    found = next((each for each in kinds if each.name == manifest.get("kind")), None)
    if found is None or not {"create", "get"} <= set(found.verbs):  # a Binding is not stored
        message = f'no matches for kind "{manifest.get("kind")}" in version "{manifest.get("apiVersion")}"'
        raise Refused(bad_request(message))
    namespace = space.namespace if found.namespaced else None
    return Target(cluster=space.cluster, group=group, version=version, kind=found, namespace=namespace)
