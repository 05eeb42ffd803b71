"""Reads ResourceQuotas, LimitRanges, PodDisruptionBudgets and Services from manifests that have not passed an API server."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.core import names
from cluster.core.fields import unlike
from cluster.core.manifests import quantities
from cluster.core.objects import Kept, Manifest
from cluster.core.policies import budgets, quotas, ranges
from cluster.core.services import reading as services
from cluster.core.services.index import SERVICE

KINDS: Mapping[tuple[str, str], str] = {
    ("v1", "ResourceQuota"): quotas.RESOURCE, ("v1", "LimitRange"): ranges.RESOURCE,
    ("policy/v1", "PodDisruptionBudget"): budgets.RESOURCE, ("v1", "Service"): SERVICE,
}  # fmt: skip
LISTS = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")


class BadRule(ValueError):
    """Raised when a manifest can't be read as one of these; one line names the field."""


def is_rule(manifest: Any) -> bool:
    return isinstance(manifest, Mapping) and (manifest.get("apiVersion"), manifest.get("kind")) in KINDS


def read(manifest: Manifest, namespace: str) -> Kept:
    """The object with its defaults, checked as far as its effects here depend on it. Raises BadRule."""
    resource = KINDS[manifest["apiVersion"], manifest["kind"]]
    metadata = manifest.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(name, str) or not name:
        raise BadRule("metadata.name: Required value")
    spec = manifest.get("spec") or {}
    if not isinstance(spec, Mapping):
        raise BadRule(f"spec: {unlike('a mapping', spec)}")
    made = {
        **manifest,
        "metadata": {**metadata, "namespace": namespace, "generation": 1},
        "spec": checked(resource, spec),
    }
    made.pop("status", None)
    uid = names.derive_uid(f"{resource}/{namespace}/{name}", 0)
    return Kept(uid=uid, resource=resource, name=name, namespace=namespace, manifest=made)


def checked(resource: str, spec: Manifest) -> Manifest:
    if resource == quotas.RESOURCE:
        return {**spec, "hard": amounts(spec.get("hard") or {}, "spec.hard")}
    if resource == ranges.RESOURCE:
        items = spec.get("limits")
        if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
            raise BadRule(f"spec.limits: {unlike('a list of mappings', items)}")
        return {**spec, "limits": [item(each, f"spec.limits[{place}]") for place, each in enumerate(items)]}
    if resource == SERVICE:
        return checked_service(spec)
    if (spec.get("minAvailable") is None) is (spec.get("maxUnavailable") is None):
        found = "none" if spec.get("minAvailable") is None else "both"
        raise BadRule(f"spec: expected one of minAvailable and maxUnavailable, found {found}")
    for key in ("minAvailable", "maxUnavailable"):
        count_or_percent(spec.get(key), f"spec.{key}")
    if not isinstance(spec.get("selector") or {}, Mapping):
        raise BadRule(f"spec.selector: {unlike('a mapping', spec['selector'])}")
    return dict(spec)


def checked_service(spec: Manifest) -> Manifest:
    try:
        return services.checked(spec)
    except ValueError as error:
        raise BadRule(str(error)) from error


def item(given: Manifest, place: str) -> Manifest:
    lists = {key: amounts(given[key], f"{place}.{key}") for key in LISTS if given.get(key)}
    return ranges.with_item_defaults({**given, **lists})


def amounts(given: Any, place: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise BadRule(f"{place}: {unlike('a mapping of resources to quantities', given)}")
    found = {}
    for name, value in given.items():
        try:
            found[str(name)] = quantities.stored(str(value))
        except ValueError as error:
            raise BadRule(f"{place}[{name}]: {error}") from error
    return found


def count_or_percent(value: Any, place: str) -> None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    is_percent = isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal() and int(value[:-1]) <= 100
    if value is not None and not is_count and not is_percent:
        raise BadRule(f"{place}: {value!r} is neither a number nor a percentage")


def over(old: Kept, new: Kept) -> Kept:
    """The new manifest of an object that exists already: it keeps its status, and a Service its address; a changed spec
    increments the generation."""
    if new.resource == SERVICE and "clusterIP" not in new.manifest["spec"]:
        held = {key: old.manifest["spec"][key] for key in ("clusterIP", "clusterIPs") if key in old.manifest["spec"]}
        new = replace(new, manifest={**new.manifest, "spec": {**new.manifest["spec"], **held}})
    about = old.manifest["metadata"]
    generation = about.get("generation", 1) + (old.manifest.get("spec") != new.manifest.get("spec"))
    metadata = {**about, **new.manifest["metadata"], "generation": generation}
    status = {"status": old.manifest["status"]} if "status" in old.manifest else {}
    return replace(old, manifest={**new.manifest, "metadata": metadata, **status})
