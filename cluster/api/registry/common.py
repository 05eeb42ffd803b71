"""Rules for writing shared by all kinds (apiserver pkg/registry/rest: create.go, update.go)."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cluster import models
from cluster.api.kept import decoding
from cluster.api.targets import Target
from cluster.core import validation
from cluster.core.fields import unlike
from cluster.core.manifests.null_times import told_spec, told_template
from cluster.core.names import SAFE_ALPHABET
from cluster.core.validation.errors import FieldError
from cluster.machinery import schemas
from cluster.records import journal
from cluster.records.loading import Loaded, load_part
from cluster.statuses import Refused, Undecodable, bad_request, conflict, not_found, undecodable
from cluster.writing import ownership

Json = dict[str, Any]
KEPT = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences", "managedFields")
LONGEST_BASE = 58


@dataclass(frozen=True, kw_only=True)
class Request:
    """`manager` is the field manager, `actor` the user's name; `asker` returns the user's username, uid and groups."""

    target: Target
    actor: str
    manager: str
    asker: Callable[[], Json] = dict


Prepared = Callable[[Json, Request, Json | None], Json]
Default = Callable[[Json], Json]
Validate = Callable[[Json], list[FieldError]]
ValidateUpdate = Callable[[Json, Json], list[FieldError]]


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How one kind is written. Each function raises Refused.

    `prepared` (manifest, request, before or None) returns the valid manifest with its defaults. `insert` (manifest, request)
    stores a new object, `replace` (before, manifest, request) a changed one, `remove` (before, options, request) deletes it;
    managedFields are in the manifest. All are called under the cluster's lock."""

    prepared: Prepared
    insert: Callable[[Json, Request], None]
    replace: Callable[[Json, Json, Request], None]
    remove: Callable[[Json, Json, Request], None]


def named(manifest: Json) -> Json:
    """The manifest with a name generated from generateName, if it has none."""
    metadata = manifest["metadata"]
    if metadata.get("name") or not metadata.get("generateName"):
        return manifest
    suffix = "".join(secrets.choice(SAFE_ALPHABET) for _ in range(ownership.SUFFIX_LENGTH))
    return {**manifest, "metadata": {**metadata, "name": metadata["generateName"][:LONGEST_BASE] + suffix}}


def desired(manifest: Json, target: Target) -> Json:
    """The parts of an object that a client decides; the others are the server's."""
    metadata = manifest.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise Refused(bad_request(f"metadata: {unlike('an object', metadata)}"))
    check_namespace(metadata.get("namespace"), target)
    kept = {key: metadata[key] for key in (*KEPT, "generateName") if metadata.get(key) not in (None, {}, [])}
    if target.namespace:
        kept["namespace"] = target.namespace
    plain = target.kind.sort == "custom" and "status" not in target.kind.subresources
    return {**{key: value for key, value in manifest.items() if plain or key != "status"}, "metadata": kept}


def check_namespace(given: Any, target: Target) -> None:
    if target.kind.namespaced and given not in (None, "", target.namespace):
        message = "the namespace of the provided object does not match the namespace sent on the request"
        raise Refused(bad_request(message))


def decoded(manifest: Json) -> None:
    """Raises Refused if a field has a wrong type."""
    status = validation.decoding_status(manifest)
    if status:
        raise Undecodable(status, status["details"]["causes"][0]["message"])


def decoded_by_schema(manifest: Json) -> None:
    """As `decoded`, for kinds that are only defined by their schemas."""
    problem = decoding.problem(manifest, schemas.definition_of(manifest))
    if problem:
        raise undecodable(manifest["kind"], manifest["apiVersion"], problem)


def shaped(value: Any, kind: str, api_version: str) -> Json:
    """Checks that the metadata has the right types, so that name, uid and version can be read. Raises Refused."""
    if not isinstance(value, dict):
        raise Refused(bad_request(f"the object provided is unrecognized (must be of type {kind})"))
    decoded({"kind": kind, "apiVersion": api_version, "metadata": value.get("metadata")})
    return value


def prepared_by(default: Default, validate: Validate, validate_update: ValidateUpdate) -> Prepared:
    """The usual `prepared`: decode, fill in defaults, validate."""

    def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
        decoded(manifest)
        full = default(manifest)
        errors = validate(full) + (validate_update(before, full) if before is not None else [])
        refuse(errors, full, request.target)
        return told(full)

    return prepared


def told(manifest: Json) -> Json:
    """The defaulted manifest as the API shows it."""
    spec = manifest["spec"]
    if manifest["kind"] == "Pod":
        return {**manifest, "spec": told_spec(spec)}
    return {**manifest, "spec": {**spec, "template": told_template(spec["template"])}}


def refuse(errors: list[FieldError], manifest: Json, target: Target) -> None:
    if errors:
        metadata = manifest["metadata"]
        name = str(metadata.get("name") or metadata.get("generateName") or "")
        raise Refused(validation.status(errors, kind=target.kind.name, name=name, group=target.kind.served[0][0]))


def check_identity(target: Target, before: Json, after: Json) -> None:
    """Raises Refused if the name (400) or uid (409) in the update are not those of the object."""
    check_name(target, after)
    given, held = after.get("metadata") or {}, before["metadata"]
    if given.get("uid") not in (None, "", held["uid"]):
        problem = precondition_failed(target, "UID", given["uid"], before)
        raise Refused(conflict(target.kind.resource, target.name or "", problem))


def precondition_failed(target: Target, what: str, given: str, before: Json) -> str:
    """The storage's message (Preconditions.Check); `what`: UID or ResourceVersion."""
    place = "/".join(each for each in (target.kind.plural, target.namespace, target.name) if each)
    held = before["metadata"]["uid" if what == "UID" else "resourceVersion"]
    return (
        f"StorageError: invalid object, Code: 4, Key: /registry/{place}, ResourceVersion: 0, AdditionalErrorMsg: "
        f"Precondition failed: {what} in precondition: {given}, {what} in object meta: {held}"
    )


def check_name(target: Target, config: Json) -> None:
    """Raises Refused (400) if the object's name is not the one in the path."""
    given = (config.get("metadata") or {}).get("name")
    if given not in (None, "", target.name):
        message = f"the name of the object ({given}) does not match the name on the URL ({target.name})"
        raise Refused(bad_request(message))


def owners_in(manifest: Json) -> list[Json]:
    return ownership.without_controller(manifest["metadata"].get("managedFields") or [])


def controller_of(manifest: Json, kind: str, space: models.Namespace) -> Any:
    """The row of the controller in ownerReferences, if it exists."""
    references = manifest["metadata"].get("ownerReferences") or []
    uid = next((each.get("uid") for each in references if each.get("controller") and each.get("kind") == kind), None)
    model: Any = models.Deployment if kind == "Deployment" else models.ReplicaSet
    return model.objects.filter(namespace=space, uid=uid).first() if uid else None


def owner_after(owner_uid: str | None, manifest: Json) -> str | None:
    """The owner if it is still in ownerReferences, else None; new owners adopt by their selectors."""
    references = manifest["metadata"].get("ownerReferences") or []
    return owner_uid if any(each.get("uid") == owner_uid for each in references) else None


@contextmanager
def opened(model: Any, target: Target, *, nodes: Sequence[str] = ()) -> Iterator[tuple[Loaded, str]]:
    """(the object, loaded with the objects it needs; its uid). `nodes`: the names of further nodes."""
    with journal.exclusive(target.cluster) as cluster:
        uid = row_of(model, target).uid
        yield load_part(cluster, **{f"{model.__name__.lower()}s": [uid]}, nodes=nodes), uid


def row_of(model: Any, target: Target) -> Any:
    rows = model.objects.filter(namespace__cluster__name=target.cluster, namespace__name=target.namespace)
    row = rows.filter(name=target.name).only("uid").first()
    if row is None:
        raise Refused(not_found(target.kind.resource, target.name or ""))
    return row


def texts(found: Mapping[str, Any] | None) -> dict[str, str]:
    """Labels or annotations, with null values replaced by ""."""
    return {key: "" if value is None else value for key, value in (found or {}).items()}
