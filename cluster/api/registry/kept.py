"""The strategy of kept kinds: decode, set defaults, validate, store (apiserver pkg/registry/generic/registry/store.go)."""

import copy
import uuid
from datetime import UTC, datetime
from typing import Any

from cluster import models
from cluster.api.kept import addresses, conversions, defaults, preparing
from cluster.api.registry import common, definitions
from cluster.api.registry.common import Json, Request, Strategy
from cluster.api.served import DEFINITIONS
from cluster.api.targets import Target
from cluster.core.manifests.deployments import timestamp
from cluster.core.validation import formats
from cluster.core.validation.errors import FieldError, invalid
from cluster.records import allocations, journal
from cluster.records import kept as records
from cluster.records.prepared import lookup
from cluster.statuses import Refused, already_exists, not_found
from cluster.writing import kept

RUNS_PODS = ("jobs.batch",)
KEPT_BY_SERVER = ("creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
    """The valid manifest with its defaults, its uid and, for a Service, its addresses."""
    target = request.target
    asked, manifest = manifest["apiVersion"], conversions.stored(manifest)
    before = conversions.stored(before) if before is not None else None
    converted = manifest["apiVersion"] != asked
    schema = target.kind.schema(*target.kind.served[0]) if converted else target.schema
    full = preparing.prepared(target.kind, manifest, schema)
    metadata = full["metadata"]
    metadata["uid"] = before["metadata"]["uid"] if before else str(uuid.uuid4())
    has_status = target.kind.sort != "custom" or "status" in target.kind.subresources
    if before is not None and "status" in before and has_status:
        full["status"] = before["status"]
    if target.kind.resource == "services":
        full = with_addresses(full, target, before)
    if target.kind.resource in RUNS_PODS:
        full = defaults.select_own_pods(full, metadata["uid"])
    preparing.check(target.kind, full, schema, before)
    if target.kind.resource == DEFINITIONS:
        return definitions.with_status(full, target, before)
    return conversions.shown(full, asked)


def with_addresses(manifest: Json, target: Target, before: Json | None) -> Json:
    """A Service keeps its addresses; missing ones are allocated."""
    if before is not None:
        manifest = copy.deepcopy(manifest)
        for key in ("clusterIP", "clusterIPs"):
            if before["spec"].get(key) and not manifest["spec"].get(key) and manifest["spec"]["type"] != "ExternalName":
                manifest["spec"][key] = before["spec"][key]
    uid, cluster = manifest["metadata"]["uid"], target.cluster
    check_free(manifest, target, before)
    given: set[str] = set()

    def is_taken(value: str) -> bool:
        return value in given or allocations.is_taken(cluster, value, uid)

    def node_port() -> int:
        def taken() -> set[int]:
            ports = (
                each.removeprefix("port/") for each in given | allocations.taken(cluster) if each.startswith("port/")
            )
            return {int(each) for each in ports}

        found = addresses.node_port(lambda port: is_taken(allocations.of_port(port)), taken)
        given.add(allocations.of_port(found))
        return found

    def cluster_ip() -> str:
        return addresses.cluster_ip(is_taken, lambda: allocations.taken(cluster))

    return defaults.give_addresses(manifest, cluster_ip=cluster_ip, node_port=node_port)


def check_free(manifest: Json, target: Target, before: Json | None) -> None:
    """Checks that new addresses and ports of a Service are in range and not another Service's. Raises Refused (422) (ipallocator
    and portallocator, ErrNotInRange and ErrAllocated). An address can't be changed, so addresses are only checked if there was
    none."""
    spec, uid = manifest["spec"], manifest["metadata"]["uid"]
    new = allocations.values_of(manifest) - (allocations.values_of(before) if before else set())
    if before and before["spec"].get("clusterIP"):
        new = {each for each in new if each.startswith("port/")}
    errors = [out_of_range(each) for each in sorted(new) if not each.startswith("port/") and not fits(each)]
    for value in sorted(each for each in new if allocations.is_taken(target.cluster, each, uid)):
        if value.startswith("port/"):
            port = int(value.removeprefix("port/"))
            place = next(place for place, each in enumerate(spec["ports"]) if each.get("nodePort") == port)
            errors.append(invalid(f"spec.ports[{place}].nodePort", port, "provided port is already allocated"))
        else:
            text = f"failed to allocate IP {value}: provided IP is already allocated"
            errors.append(invalid("spec.clusterIPs", [value], text))
    common.refuse(errors, manifest, target)


def fits(address: str) -> bool:
    """True for an address in range, and for a malformed one, which is refused by validation."""
    return bool(formats.ip(address)) or addresses.in_range(address)


def out_of_range(address: str) -> FieldError:
    detail = f"failed to allocate IP {address}: the provided IP ({address}) is not in the valid range. "
    return invalid("spec.clusterIPs", [address], f"{detail}The range of valid IPs is {addresses.SERVICES}")


def insert(manifest: Json, request: Request) -> None:
    manifest = conversions.stored(manifest)
    target, name = request.target, manifest["metadata"]["name"]
    with journal.write(*target.space, actor=request.actor) as writer:
        if lookup(models.KeptObject, **place_of(target, name)):
            raise Refused(already_exists(target.kind.resource, name))
        if target.kind.sort == "custom":
            definitions.check_alive(target)
        about: Json = {"creationTimestamp": timestamp(datetime.now(UTC).timestamp())}
        if "spec" in manifest or target.kind.sort == "custom":
            about["generation"] = 1
        row = models.KeptObject(
            uid=manifest["metadata"]["uid"],
            cluster=writer.cluster,
            namespace=target.namespace or "",
            resource=target.kind.resource,
            name=name,
            manifest={**manifest, "metadata": {**manifest["metadata"], **about}},
            recorded_kind=target.kind.recorded_as if target.kind.sort == "custom" else "",
        )
        kept.insert(writer, row)


def replace(before: Json, manifest: Json, request: Request) -> None:
    """Raises the generation if the spec has changed; deletes an object that is being deleted and has no finalizers left."""
    target = request.target
    before, manifest = conversions.stored(before), conversions.stored(manifest)
    with journal.write(*target.space, actor=request.actor) as writer:
        row = row_of(target)
        held = row.manifest["metadata"]
        about = {key: held[key] for key in KEPT_BY_SERVER if key in held}
        if "generation" in about and manifest.get("spec") != before.get("spec"):
            about["generation"] += 1
        after = {**manifest, "metadata": {**manifest["metadata"], **about}}
        if "deletionTimestamp" in about and not manifest["metadata"].get("finalizers"):
            row.manifest = after
            drop(row, target, writer)
        else:
            kept.update(writer, row, after)


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001 the shape of a Strategy
    target = request.target
    with journal.write(*target.space, actor=request.actor) as writer:
        row = row_of(target)
        if target.kind.resource == DEFINITIONS and not definitions.remove_objects(row, writer):
            definitions.terminate(row, writer)
            return
        metadata = row.manifest["metadata"]
        if metadata.get("finalizers"):
            when = {"deletionTimestamp": timestamp(datetime.now(UTC).timestamp()), "deletionGracePeriodSeconds": 0}
            records.update(writer, row, {**row.manifest, "metadata": {**metadata, **when}})
        else:
            drop(row, target, writer)


def drop(row: models.KeptObject, target: Target, writer: journal.Writer) -> None:
    kept.delete(writer, row)
    if target.kind.sort == "custom":
        definitions.finish(target, writer)


def row_of(target: Target) -> models.KeptObject:
    """The row, with the locked row of its cluster. Raises Refused (404)."""
    found: list[models.KeptObject] = lookup(models.KeptObject, **place_of(target, target.name or ""))
    if not found:
        raise Refused(not_found(target.kind.resource, target.name or ""))
    locked = journal.locked()
    assert locked is not None
    found[0].cluster = locked
    return found[0]


def place_of(target: Target, name: str) -> dict[str, Any]:
    return {
        "cluster__name": target.cluster,
        "resource": target.kind.resource,
        "namespace": target.namespace or "",
        "name": name,
    }


def store_status(status: Json, request: Request) -> None:
    target = request.target
    with journal.write(*target.space, actor=request.actor) as writer:
        row = row_of(target)
        records.update(writer, row, {**row.manifest, "status": status})


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
