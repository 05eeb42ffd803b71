"""LimitRanges: the default requests and limits of containers, and the bounds of what they may request
(plugin/pkg/admission/limitranger/admission.go)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.objects import Kept, Manifest
from cluster.core.scheduling.resources import pod_amounts

RESOURCE = "limitranges"
ANNOTATION = "kubernetes.io/limit-ranger"
KEYS = ("containers", "initContainers")
Json = dict[str, Any]


def with_item_defaults(item: Manifest) -> Json:
    """Fills in an item for containers: a missing default is the maximum; a missing defaultRequest is the default or else the
    minimum (SetDefaults_LimitRangeItem)."""
    if item.get("type") != "Container":
        return dict(item)
    default = {**(item.get("max") or {}), **(item.get("default") or {})}
    request = {**(item.get("min") or {}), **default, **(item.get("defaultRequest") or {})}
    return {**item, **{key: found for key, found in (("default", default), ("defaultRequest", request)) if found}}


def completed(ranges: Iterable[Kept], spec: Manifest) -> tuple[Manifest, str]:
    """Returns (the spec with the defaults of all ranges, the text of the annotation about them or "")."""
    note = ""
    for each in ranges:
        spec, told = with_defaults(each, spec)
        note = told or note
    return spec, note


def with_defaults(limit_range: Kept, spec: Manifest) -> tuple[Manifest, str]:
    requests, limits = defaults_of(limit_range)
    if not requests and not limits:
        return spec, ""
    told: list[str] = []
    full = dict(spec)
    for key in KEYS:
        if full.get(key):
            full[key] = [container_with(each, requests, limits, told) for each in full[key]]
    return (full, f"LimitRanger plugin set: {'; '.join(told)}") if told else (spec, "")


def defaults_of(limit_range: Kept) -> tuple[Json, Json]:
    """Returns the (requests, limits) that a container without any gets."""
    requests: Json = {}
    limits: Json = {}
    for item in items(limit_range, "Container"):
        requests |= item.get("defaultRequest") or {}
        limits |= item.get("default") or {}
    return requests, limits


def container_with(container: Manifest, requests: Json, limits: Json, told: list[str]) -> Manifest:
    resources = container.get("resources") or {}
    held = {"requests": resources.get("requests") or {}, "limits": resources.get("limits") or {}}
    added = {
        "requests": {name: value for name, value in requests.items() if name not in held["requests"]},
        "limits": {name: value for name, value in limits.items() if name not in held["limits"]},
    }
    for key, word in (("requests", "request"), ("limits", "limit")):
        if added[key]:
            told.append(f"{', '.join(sorted(added[key]))} {word} for container {container['name']}")
    if not (added["requests"] or added["limits"]):
        return container
    both = {key: {**held[key], **added[key]} for key in ("limits", "requests") if held[key] or added[key]}
    return {**container, "resources": {**resources, **both}}


def refusal(ranges: Iterable[Kept], spec: Manifest) -> str:
    """Why a pod with this spec may not be created, in upstream's words; "" if it may. Only the first LimitRange with a reason
    counts; several reasons of it are in brackets."""
    for each in ranges:
        found = list(dict.fromkeys(problems(each, spec)))
        if found:
            return found[0] if len(found) == 1 else f"[{', '.join(found)}]"
    return ""


def problems(limit_range: Kept, spec: Manifest) -> Iterator[str]:
    for item in (limit_range.manifest.get("spec") or {}).get("limits") or ():
        if item.get("type") == "Container":
            for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
                resources = container.get("resources") or {}
                yield from broken(item, resources.get("requests") or {}, resources.get("limits") or {})
        elif item.get("type") == "Pod":
            yield from broken(item, total(spec, "requests"), total(spec, "limits"))


def total(spec: Manifest, kind: str) -> dict[str, str]:
    formats = {
        name: quantities.parse(str(value)).format
        for key in KEYS
        for each in spec.get(key) or ()
        for name, value in ((each.get("resources") or {}).get(kind) or {}).items()
    }
    found = pod_amounts(spec, kind)
    return {
        name: quantities.canonical(
            quantities.Quantity(value=value, scale=quantities.NANO, format=formats.get(name, "DecimalSI"))
        )
        for name, value in found.items()
    }


def broken(item: Manifest, requests: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[str]:
    """The bounds that are exceeded, sorted by the name of the resource: upstream's order is random."""
    kind = item["type"]
    for name, bound in sorted((item.get("min") or {}).items()):
        yield from under(kind, name, bound, requests.get(name), limits.get(name))
    for name, bound in sorted((item.get("max") or {}).items()):
        yield from over(kind, name, bound, requests.get(name), limits.get(name))
    for name, bound in sorted((item.get("maxLimitRequestRatio") or {}).items()):
        yield from too_far_apart(kind, name, bound, requests.get(name), limits.get(name))


def under(kind: str, name: str, bound: Any, request: Any, limit: Any) -> Iterator[str]:
    rule = f"minimum {name} usage per {kind} is {shown(bound)}"
    if request is None:
        yield f"{rule}.  No request is specified"
    elif value(request) < value(bound):
        yield f"{rule}, but request is {shown(request)}"
    elif limit is not None and value(limit) < value(bound):
        yield f"{rule}, but limit is {shown(limit)}"


def over(kind: str, name: str, bound: Any, request: Any, limit: Any) -> Iterator[str]:
    rule = f"maximum {name} usage per {kind} is {shown(bound)}"
    if limit is None:
        yield f"{rule}.  No limit is specified"
    elif value(limit) > value(bound):
        yield f"{rule}, but limit is {shown(limit)}"
    elif request is not None and value(request) > value(bound):
        yield f"{rule}, but request is {shown(request)}"


def too_far_apart(kind: str, name: str, bound: Any, request: Any, limit: Any) -> Iterator[str]:
    rule = f"{name} max limit to request ratio per {kind} is {shown(bound)}"
    if request is None or not value(request):
        yield f"{rule}, but no request is specified or request is 0"
    elif limit is None or not value(limit):
        yield f"{rule}, but no limit is specified or limit is 0"
    elif value(limit) / value(request) * 1000 > quantities.nanos(bound) / 10**6:
        yield f"{rule}, but provided ratio is {value(limit) / value(request):f}"


def value(quantity: Any) -> int:
    """The quantity in thousandths, rounded up (Quantity.MilliValue)."""
    return -(-quantities.nanos(quantity) // 10**6)


def shown(quantity: Any) -> str:
    return quantities.stored(str(quantity))


def items(limit_range: Kept, kind: str) -> Iterator[Manifest]:
    limits = (limit_range.manifest.get("spec") or {}).get("limits") or ()
    return (each for each in limits if each.get("type") == kind)


def claim_refusal(ranges: Iterable[Kept], storage: Mapping[str, Any]) -> str:
    """Why a PersistentVolumeClaim with these requests may not be created; "" if it may
    (PersistentVolumeClaimValidateLimitFunc)."""
    for each in ranges:
        found: list[str] = []
        for item in items(each, "PersistentVolumeClaim"):
            for name, bound in sorted((item.get("min") or {}).items()):
                found += under("PersistentVolumeClaim", name, bound, storage.get(name), None)
            for name, bound in sorted((item.get("max") or {}).items()):
                found += [
                    text.replace("limit is", "request is").replace("No limit", "No request")
                    for text in over("PersistentVolumeClaim", name, bound, None, storage.get(name))
                ]
        if found:
            return found[0] if len(found) == 1 else f"[{', '.join(found)}]"
    return ""
