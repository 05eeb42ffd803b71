"""Options of writes: fieldManager, dryRun, fieldValidation, force, and DeleteOptions (apimachinery
pkg/apis/meta/v1/validation)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cluster.core import validation
from cluster.core.validation.errors import FieldError, forbidden, invalid, raw, required, unsupported
from cluster.statuses import Refused

LONGEST_MANAGER = 128
POLICIES = ("Foreground", "Background", "Orphan")
VALIDATIONS = ("Ignore", "Warn", "Strict")
KINDS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions", "delete": "DeleteOptions"}
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class WriteOptions:
    """`manager` is the field manager, by default the User-Agent up to its first slash; `trial`: dryRun=All."""

    manager: str
    trial: bool
    validation: str
    force: bool


def of_write(request: HttpRequest, verb: str, *, applying: bool = False) -> WriteOptions:
    """Raises Refused."""
    query = request.GET
    errors = [
        *manager_errors(query.get("fieldManager", ""), applying=applying),
        *common_errors(query.getlist("dryRun")),
    ]
    mode = query.get("fieldValidation", "")
    if mode not in ("", *VALIDATIONS):
        errors.append(unsupported("fieldValidation", mode, VALIDATIONS))
    if "force" in query and not applying:
        errors.append(forbidden("force", "may not be specified for non-apply patch"))
    refuse(errors, KINDS[verb])
    return WriteOptions(
        manager=query.get("fieldManager", "")
        or request.headers.get("User-Agent", "").partition("/")[0][:LONGEST_MANAGER],
        trial="All" in query.getlist("dryRun"),
        validation=mode or "Warn",
        force=query.get("force", "") in ("1", "t", "T", "true", "TRUE", "True"),
    )


def manager_errors(manager: str, *, applying: bool) -> list[FieldError]:
    found: list[FieldError] = []
    if applying and not manager:
        found.append(required("fieldManager", "is required for apply patch"))
    if len(manager) > LONGEST_MANAGER:
        message = f"Too long: may not be more than {LONGEST_MANAGER} bytes"
        found.append(raw("fieldManager", "FieldValueTooLong", message))
    if not manager.isprintable():
        found.append(invalid("fieldManager", manager, "should only contain printable characters"))
    return found


def common_errors(dry_run: list[str]) -> list[FieldError]:
    return [unsupported("dryRun", dry_run, ("All",))] if any(each != "All" for each in dry_run) else []


def of_delete(request: HttpRequest, body: Any) -> tuple[Json, bool]:
    """(DeleteOptions from the body or, without one, the query; whether it is a dry run). Raises Refused."""
    found = body if isinstance(body, dict) else of_query(request)
    policy, orphan = found.get("propagationPolicy"), found.get("orphanDependents")
    dry_run: list[str] = list(found.get("dryRun") or ()) or request.GET.getlist("dryRun")
    errors = common_errors(dry_run)
    if policy is not None and orphan is not None:
        errors.append(
            invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set")
        )
    if policy not in (None, *POLICIES):
        errors.append(unsupported("propagationPolicy", policy, (*POLICIES, "nil")))
    grace = found.get("gracePeriodSeconds")
    if grace is not None and (not isinstance(grace, int) or grace < 0):
        errors.append(invalid("gracePeriodSeconds", grace, "must be greater than or equal to 0"))
    refuse(errors, KINDS["delete"])
    if orphan is not None:
        found = {**found, "propagationPolicy": "Orphan" if orphan else "Background"}
    return found, "All" in dry_run


def of_query(request: HttpRequest) -> Json:
    found: Json = {}
    if "propagationPolicy" in request.GET:
        found["propagationPolicy"] = request.GET["propagationPolicy"]
    if "orphanDependents" in request.GET:
        found["orphanDependents"] = request.GET["orphanDependents"] == "true"
    if request.GET.get("gracePeriodSeconds", "").isdecimal():
        found["gracePeriodSeconds"] = int(request.GET["gracePeriodSeconds"])
    return found


def refuse(errors: list[FieldError], kind: str) -> None:
    if errors:
        raise Refused(validation.status(errors, kind=kind, name="", group="meta.k8s.io"))
