"""Writes through the API: an object is read, changed, prepared and stored in one transaction, under its cluster's lock, and
returned as stored (apiserver pkg/registry/generic/registry/store.go, pkg/endpoints/handlers). `registry` has the rules of each
kind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

from django.db import transaction

from cluster.api import patching, reading
from cluster.api.registry import common
from cluster.api.registry.common import Request
from cluster.api.registry.strategies import strategy_of
from cluster.api.targets import Target
from cluster.machinery import apply as server_side
from cluster.machinery.strategic import BadPatch
from cluster.records import journal
from cluster.statuses import MODIFIED, Refused, conflict, failure, not_found
from cluster.writing import admission, namespaces, ownership, writes

Json = dict[str, Any]
Change = Callable[[Json], Json]
Carried = TypeVar("Carried")
NAMED_BY_OWNER = ("labels", "annotations", "finalizers", "ownerReferences")
WITHOUT_OWNERS = ("Event",)
LEFT_BEHIND = ("Event",)  # allowed in a terminating namespace
MOST_TRIES = 5
NEW_HAS_NO_VERSION = "resourceVersion should not be set on objects to be created"


def create(manifest: Json, request: Request) -> Json:
    if (manifest.get("metadata") or {}).get("resourceVersion") not in (None, "", "0"):
        raise Refused({key: each for key, each in failure(500, "", NEW_HAS_NO_VERSION).items() if key != "reason"})
    name = (manifest.get("metadata") or {}).get("name") or ""
    check_namespace(request.target, name)
    given = common.desired(manifest, request.target)
    if request.target.kind.name == "Node" and manifest.get("status"):
        given["status"] = manifest["status"]  # a new node keeps its status (pkg/registry/core/node/strategy.go)
    named = common.named(given)
    wanted = strategy_of(request.target.kind).prepared(named, request, None)
    return insert(owned(None, wanted, request), request)


def insert(wanted: Json, request: Request) -> Json:
    with journal.exclusive(request.target.cluster):
        admission.check_stored_size(wanted)
        strategy_of(request.target.kind).insert(wanted, request)
        return current(replace(request.target, name=wanted["metadata"]["name"]))


def update(manifest: Json, request: Request) -> Json:
    metadata = manifest.get("metadata") or {}
    return change(lambda _: {**manifest, "metadata": {"name": request.target.name, **metadata}}, request)


class Moved(Exception):
    """Raised when an object has changed since it was read before the lock was taken."""


def tried(make: Change, read: Callable[[], Json], carry_out: Callable[[Change], Carried], target: Target) -> Carried:
    """For slow changes: calls `make` without a lock on the object from `read`, and `carry_out` stores the result if the object
    has not changed. Raises Refused (409) after MOST_TRIES (apiserver patch.go, MaxRetryWhenPatchConflicts)."""
    for _ in range(MOST_TRIES):
        before = read()
        after = make(before)
        with suppress(Moved):
            return carry_out(lambda found, before=before, after=after: unmoved(found, before, after))  # type: ignore[misc]
    raise Refused(conflict(target.kind.resource, target.name or "", MODIFIED))


def unmoved(found: Json, before: Json, after: Json) -> Json:
    if found != before:
        raise Moved
    return after


def change(make: Change, request: Request) -> Json:
    """Reads an object, applies `make`, and stores the result under the cluster's lock."""
    target = request.target
    strategy = strategy_of(target.kind)
    with journal.exclusive(target.cluster):
        before = current(target)
        after = make(before)
        common.check_identity(target, before, after)
        check_version(target, before, after)
        wanted = strategy.prepared(common.desired(after, target), request, before)
        return store(before, owned(before, wanted, request), request)


def store(before: Json, wanted: Json, request: Request) -> Json:
    if same(before, wanted):
        return before
    admission.check_stored_size(wanted)
    strategy_of(request.target.kind).replace(before, wanted, request)
    return after_write(before, request.target)


def after_write(before: Json, target: Target) -> Json:
    """The present object; the former one if it was deleted by the write, as with its last finalizer."""
    try:
        return current(target)
    except Refused:
        return before


def same(before: Json, wanted: Json) -> bool:
    one, other = before["metadata"], wanted["metadata"]
    told = all((one.get(key) or None) == (other.get(key) or None) for key in (*NAMED_BY_OWNER, "managedFields"))
    fields = (before.keys() | wanted.keys()) - {"metadata", "status", "apiVersion", "kind"}
    return told and all(before.get(key) == wanted.get(key) for key in fields)


def owned(before: Json | None, wanted: Json, request: Request) -> Json:
    """The object with managedFields that include this write."""
    if request.target.kind.name in WITHOUT_OWNERS:
        return wanted
    owners = ownership.written(before, wanted, schema=request.target.schema, manager=request.manager)
    return with_owners(wanted, owners)


def with_owners(wanted: Json, owners: list[Json]) -> Json:
    return {**wanted, "metadata": {**wanted["metadata"], "managedFields": owners}}


def apply(config: Json, request: Request, *, force: bool) -> tuple[Json, bool]:
    """(the object after a server-side apply, whether it is new). Raises Refused, with the causes of a conflict."""
    target = request.target
    strategy = strategy_of(target.kind)
    check_namespace(target, None)
    common.desired(config, target)
    common.check_name(target, config)
    with journal.exclusive(target.cluster):
        live = current_or_none(target)
        if live is not None:
            check_version(target, live, config)
        merged = applied(live, config, request, force=force)
        owners = common.owners_in(merged)
        wanted = with_owners(strategy.prepared(common.desired(merged, target), request, live), owners)
        if live is None:
            check_namespace(target, target.name)
            return insert(wanted, request), True
        return store(live, wanted, request), False


def applied(live: Json | None, config: Json, request: Request, *, force: bool) -> Json:
    try:
        return server_side.apply(
            live,
            config,
            schema=request.target.schema,
            manager=request.manager,
            now=ownership.moment(),
            force=force,
            ignored=ownership.STATUS,
        )
    except BadPatch as error:
        raise Refused(patching.refusal_of(error)) from error
    except server_side.ApplyConflict as error:
        status = failure(409, "Conflict", error.message)
        status["details"] = {"causes": error.causes}
        raise Refused(status) from error


def current_or_none(target: Target) -> Json | None:
    try:
        return current(target)
    except Refused as refused:
        if refused.status["code"] != 404:
            raise
        return None


def check_namespace(target: Target, new: str | None) -> None:
    """`new`: the name of an object to create there. Raises Refused (404, 403)."""
    if target.namespace:
        row = writes.find_namespace(target.space)
        if new is not None and target.kind.name not in LEFT_BEHIND:
            namespaces.check_alive(row, target.kind.resource, new)


def check_version(target: Target, before: Json, after: Json) -> None:
    """Raises Refused (409) for a different version. Without one, or with "0", an update is unconditional (apiserver
    pkg/registry/generic/registry/store.go)."""
    given = (after.get("metadata") or {}).get("resourceVersion")
    if given not in (None, "", "0", before["metadata"]["resourceVersion"]):
        raise Refused(conflict(target.kind.resource, target.name or "", MODIFIED))


def delete(options: Json, request: Request) -> Json:
    """The object, if it still exists (or was a pod or a namespace); else a Status of success."""
    target = request.target
    strategy = strategy_of(target.kind)
    with journal.exclusive(target.cluster):
        before = current(target)
        check_preconditions(target, before, options)
        strategy.remove(before, options, request)
        after = after_write(before, target)
    if target.kind.name in ("Pod", "Namespace") or after["metadata"].get("deletionTimestamp"):
        return after
    details = {"name": target.name, "group": target.group, "kind": target.kind.plural, "uid": before["metadata"]["uid"]}
    return success({key: each for key, each in details.items() if each})


def success(details: Json) -> Json:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def check_preconditions(target: Target, before: Json, options: Json) -> None:
    """Raises Refused (409), which names the kind instead of the resource, as apiserver pkg/registry/rest/delete.go does."""
    wanted = options.get("preconditions") or {}
    ends = {"uid": ("UID", "deleted and then recreated"), "resourceVersion": ("ResourceVersion", "modified")}
    for key, (named, done) in ends.items():
        held = before["metadata"][key]
        if wanted.get(key) not in (None, held):
            problem = (
                f"the {named} in the precondition ({wanted[key]}) does not match the {named} in record ({held}). "
                f"The object might have been {done}"
            )
            group = target.kind.served[0][0]
            qualified = f"{target.kind.name}.{group}" if group else target.kind.name
            raise Refused(conflict(qualified, target.name or "", problem))


def current(target: Target) -> Json:
    """The object in the target's version. Raises Refused (404)."""
    found = reading.read(target, name=target.name)
    if not found:
        raise Refused(not_found(target.kind.resource, target.name or ""))
    return reading.in_version(found[0], target.group, target.version)


@contextmanager
def trial(dry_run: bool, target: Target) -> Iterator[None]:
    """With dryRun=All the block is executed and then rolled back."""
    if not dry_run:
        yield
        return
    with journal.exclusive(target.cluster):
        yield
        transaction.set_rollback(True)
