"""Server-side apply: an applier owns the fields that it sends, and gives up those that it no longer sends.

Upstream: apimachinery pkg/util/managedfields/internal (structuredmerge.go, conflict.go, skipnonapplied.go) and
structured-merge-diff merge/update.go. Arguments are not changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cluster.machinery.fields import NOTHING, FieldSet, Path, in_order, path_text, with_struct_fields, without
from cluster.machinery.last_applied import KUBECTL, taken_over, with_annotation
from cluster.machinery.managed_fields import (
    APPLY,
    BEFORE_FIRST_APPLY,
    UPDATE,
    Manager,
    Managers,
    Owned,
    capped,
    comparable,
    excluding,
    managers_of,
    stripped,
    take,
    write,
)
from cluster.machinery.schemas import Json, Schema
from cluster.machinery.strategic import BadPatch
from cluster.machinery.typed import Comparison, compare, field_set, merge, problems, remove

FIELD_MANAGER_CONFLICT = "FieldManagerConflict"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that the applier would change and that another manager owns."""

    manager: Manager
    path: Path

    def cause(self) -> Json:
        """The conflict as an entry of a Status's details.causes."""
        return {
            "reason": FIELD_MANAGER_CONFLICT,
            "message": f"conflict with {named(self.manager)}",
            "field": path_text(self.path),
        }


class ApplyConflict(Exception):
    """Raised when an apply without force would change fields of other managers (HTTP 409, reason Conflict)."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(message_of(conflicts))
        self.message = message_of(conflicts)
        self.conflicts = conflicts
        self.causes = [conflict.cause() for conflict in conflicts]


def apply(
    live: Json | None,
    config: Json,
    *,
    schema: Schema,
    manager: str,
    now: str,
    force: bool = False,
    subresource: str = "",
    ignored: FieldSet = NOTHING,
) -> Json:
    """The object after an apply, with its managedFields; not yet defaulted or validated.

    Where nothing changes, the result equals `live`, including its managers' times. `ignored` are fields that this endpoint
    resets: they are neither set nor owned. Raises BadPatch and ApplyConflict.
    """
    check(live, config, schema)
    version = str(config.get("apiVersion", ""))
    applier = Manager(name=manager, operation=APPLY, subresource=subresource)
    before = comparable(live, config) if live is not None else {}
    wanted = remove(config, ignored, schema) or {}
    managers = known_managers(live, before, config, schema=schema, now=now)
    last = managers.get(applier)
    merged = merge(before, wanted, schema)
    applied = without(field_set(wanted, schema), ignored)
    managers[applier] = Owned(fields=applied, api_version=version, time=last.time if last else now)
    merged = prune(merged, managers, last.fields if last else NOTHING, schema)
    changes = excluding(compare(before, merged, schema), ignored)
    others = {other: owned for other, owned in managers.items() if other != applier}
    if not force:
        refuse_conflicts(others, changes, allowed=taken_over(before, schema) if manager == KUBECTL else NOTHING)
    others, _ = take(others, changes)
    kept = stripped({**others, applier: managers[applier]})
    unchanged = live is not None and merged == before and kept == stripped(managers_of(live))
    if applier in kept and not unchanged:
        kept[applier] = Owned(fields=kept[applier].fields, api_version=version, time=now)
    result = live if live is not None and unchanged else finished(merged, live, kept)
    return with_annotation(result, config) if manager == KUBECTL else result


def check(live: Json | None, config: Json, schema: Schema) -> None:
    """Raises BadPatch where an applied object is invalid."""
    metadata = config.get("metadata") or {}
    if not isinstance(metadata, dict) or not isinstance(config.get("spec") or {}, dict):
        raise BadPatch("metadata and spec of an applied object must be objects")
    if metadata.get("managedFields"):
        raise BadPatch("metadata.managedFields must be nil")
    if live is not None and live.get("apiVersion") != config.get("apiVersion"):
        found, expected = config.get("apiVersion"), live.get("apiVersion")
        raise BadPatch(
            f"Incorrect version specified in apply patch. Specified patch version: {found}, expected: {expected}"
        )
    wrong = problems(config, schema)
    if wrong:
        group, _, version = str(config.get("apiVersion")).rpartition("/")
        kind = f"{group}/{version}, Kind={config.get('kind')}"
        who = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}; {kind}"
        text = wrong[0] if len(wrong) == 1 else "errors:\n" + "\n".join(f"  {line}" for line in wrong)
        raise BadPatch(f"failed to create typed patch object ({who}): {text}")


def known_managers(live: Json | None, before: Json, config: Json, *, schema: Schema, now: str) -> Managers:
    """The owners so far. Fields written before ownership was tracked belong to "before-first-apply"."""
    managers = managers_of(live)
    if live is None or managers:
        return managers
    version = str(config.get("apiVersion", ""))
    changes = compare(comparable(None, config), before, schema)
    owner = Manager(name=BEFORE_FIRST_APPLY, operation=UPDATE, api_version=version)
    return {owner: Owned(fields=changes.added | changes.modified, api_version=version, time=now)}


def prune(merged: Json, managers: Managers, last: FieldSet, schema: Schema) -> Json:
    """Removes the fields that the applier sent last time but not now, and that no other manager owns."""
    if not last:
        return merged
    full = with_struct_fields(last, schema)
    pruned = remove(merged, full, schema) or {}
    owned = with_struct_fields(frozenset().union(*(one.fields for one in managers.values())), schema)
    everything = with_struct_fields(field_set(merged, schema), schema)
    left = with_struct_fields(field_set(pruned, schema), schema)
    pruned = remove(merged, everything - (left | owned), schema) or {}
    left = with_struct_fields(field_set(pruned, schema), schema)
    result: Json = remove(merged, (everything - left) & full, schema) or {}
    return result


def refuse_conflicts(others: Managers, changes: Comparison, *, allowed: FieldSet) -> None:
    """Raises ApplyConflict. `allowed` are fields that the applier may take without force."""
    changed = (changes.added | changes.modified) - allowed
    ordered = sorted(others, key=named)
    conflicts = [
        Conflict(manager=manager, path=path)
        for manager in ordered
        for path in in_order(others[manager].fields & changed)
    ]
    if conflicts:
        raise ApplyConflict(conflicts)


def finished(merged: Json, live: Json | None, managers: Managers) -> Json:
    """The merged object with its managers, without empty sections that the live object doesn't have."""
    given: Iterable[str] = live or {}
    kept: dict[str, Any] = {key: value for key, value in merged.items() if value not in ({}, None) or key in given}
    metadata = {**(merged.get("metadata") or {}), "managedFields": write(capped(managers))}
    return {**kept, "metadata": metadata}


def message_of(conflicts: list[Conflict]) -> str:
    if len(conflicts) == 1:
        (only,) = conflicts
        return f"Apply failed with 1 conflict: conflict with {named(only.manager)}: {path_text(only.path)}"
    lines: list[str] = []
    for manager in sorted({named(conflict.manager) for conflict in conflicts}):
        lines.append(f"conflicts with {manager}:")
        lines += [f"- {path_text(conflict.path)}" for conflict in conflicts if named(conflict.manager) == manager]
    return f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines)


def named(manager: Manager) -> str:
    """`"kubectl-set" using apps/v1`, `"web" with subresource "scale"`."""
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    return text + (f" using {manager.api_version}" if manager.operation == UPDATE else "")
