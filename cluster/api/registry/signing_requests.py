"""CertificateSigningRequests: the requesting user is stored, the spec is immutable, /approval decides and /status has the
certificate (pkg/registry/certificates/certificates/strategy.go, pkg/apis/certificates/validation). Nothing here signs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cluster.api.registry import common, kept
from cluster.api.registry.common import Json, Request
from cluster.core.manifests.deployments import timestamp
from cluster.core.validation.errors import FieldError, duplicate, forbidden, invalid, required, unsupported

RESOURCE = "certificatesigningrequests.certificates.k8s.io"
ASKER = ("username", "uid", "groups", "extra")
APPROVED, DENIED, FAILED = "Approved", "Denied", "Failed"
CONDITIONS, CERTIFICATE = "status.conditions", "status.certificate"
STATUSES = ("False", "True", "Unknown")


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
    full = kept.prepared(manifest, request, before)
    if before is not None:
        return {**full, "spec": before["spec"]}
    spec = {key: each for key, each in full["spec"].items() if key not in ASKER}
    return {**full, "spec": {**spec, **{key: each for key, each in request.asker().items() if each}}}


def with_status(before: Json, after: Json, request: Request) -> Json:
    """The request with the allowed changes of its status: by /approval the conditions, by /status everything but approval and
    denial. Raises Refused (400, 422)."""
    approving = request.target.subresource == "approval"
    given, old = after.get("status") or {}, before.get("status") or {}
    common.decoded_by_schema({"apiVersion": before["apiVersion"], "kind": before["kind"], "status": given})
    conditions, held = given.get("conditions") or [], old.get("conditions") or []
    if not approving:
        conditions = unmoved(conditions, held)
    now = timestamp(datetime.now(UTC).timestamp())
    dated = [with_times(each, held, now) for each in conditions]
    status = {**(old if approving else given), "conditions": dated}
    common.refuse(list(problems(old, status, approving=approving)), before, request.target)
    return {**after, "status": status}


def unmoved(conditions: Sequence[Json], held: Sequence[Json]) -> list[Json]:
    """Restores the former Approved and Denied conditions, for each type whose number has not changed."""
    found = list(conditions)
    for word in (APPROVED, DENIED):
        places = [place for place, each in enumerate(found) if each.get("type") == word]
        old = of_type(held, word)
        if len(places) == len(old):
            for place, each in zip(places, old, strict=True):
                found[place] = each
    return found


def with_times(condition: Json, held: Sequence[Json], now: str) -> Json:
    """A condition keeps the time of its last transition while its status is the same."""
    alike = (each for each in held if all(each.get(key) == condition.get(key) for key in ("type", "status")))
    since = next((each["lastTransitionTime"] for each in alike if each.get("lastTransitionTime")), now)
    updated, changed = condition.get("lastUpdateTime") or now, condition.get("lastTransitionTime") or since
    return {**condition, "lastUpdateTime": updated, "lastTransitionTime": changed}


def of_type(conditions: Sequence[Json], word: str) -> list[Json]:
    return [each for each in conditions if each.get("type") == word]


def problems(old: Mapping[str, Any], new: Mapping[str, Any], *, approving: bool) -> Iterator[FieldError]:
    """The errors of a change of status."""
    held, conditions = old.get("conditions") or [], new["conditions"]
    yield from condition_problems(conditions)
    for word in (APPROVED, DENIED, FAILED):
        if len(of_type(conditions, word)) < len(of_type(held, word)):
            yield forbidden(CONDITIONS, f'updates may not remove a condition of type "{word}"')
    for word in (APPROVED, DENIED):
        if not approving and len(of_type(conditions, word)) > len(of_type(held, word)):
            yield forbidden(CONDITIONS, f'updates may not add a condition of type "{word}"')
    if old.get("certificate") and new.get("certificate") != old["certificate"]:
        yield forbidden(CERTIFICATE, "updates may not modify existing certificate content")


def condition_problems(conditions: Sequence[Json]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, each in enumerate(conditions):
        field, word, status = f"{CONDITIONS}[{place}]", each.get("type") or "", each.get("status") or ""
        allowed = ("True",) if word in (APPROVED, DENIED, FAILED) else STATUSES
        if not word:
            yield required(f"{field}.type")
        if not status:
            yield required(f"{field}.status")
        elif status not in allowed:
            yield unsupported(f"{field}.status", status, allowed)
        if {APPROVED: DENIED, DENIED: APPROVED}.get(word) in seen:
            yield invalid(f"{field}.type", word, "Approved and Denied conditions are mutually exclusive")
        if word in seen:
            yield duplicate(f"{field}.type", word)
        seen.add(word)


STRATEGY = replace(kept.STRATEGY, prepared=prepared)
