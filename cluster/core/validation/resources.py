"""Resource requests and limits of containers (ValidateResourceRequirements in pkg/apis/core/validation, pkg/apis/core/helper)."""

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, forbidden, invalid, required

IN_CONTAINERS = ("cpu", "memory", "ephemeral-storage")
# Names that a quota may count: well formed, but a container can't request them.
ELSEWHERE = {
    "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "storage",
    "requests.storage", "services.nodeports", "services.loadbalancers",
}  # fmt: skip
HUGE_PAGES = "hugepages-"
WHOLE = "must be an integer"
NOT_NEGATIVE = "must be greater than or equal to 0"


def requirements(resources: Manifest, field: str) -> Errors:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for name, amount in limits.items():
        yield from _amount(name, str(amount), f"{field}.limits[{name}]")
    for name, amount in requests.items():
        yield from _amount(name, str(amount), f"{field}.requests[{name}]")
        yield from _against_limit(name, str(amount), limits, field)
    names = {*limits, *requests}
    if any(name.startswith(HUGE_PAGES) for name in names) and not names & {"cpu", "memory"}:
        yield forbidden(field, "HugePages require cpu or memory")


def _amount(name: str, amount: str, field: str) -> Errors:
    yield from _name(name, field)
    nanos = quantities.nanos(amount)
    if nanos < 0:
        yield invalid(field, quantities.stored(amount), NOT_NEGATIVE)
    if not is_native(name) and nanos % 10**9:
        yield invalid(field, quantities.stored(amount), WHOLE)


def _name(name: str, field: str) -> Errors:
    wrong = formats.qualified_name(name)
    yield from each_invalid(field, name, wrong)
    plain = "/" not in name
    if plain and name not in IN_CONTAINERS and not name.startswith(HUGE_PAGES):
        if not wrong and name not in ELSEWHERE:
            yield invalid(field, name, "must be a standard resource type or fully qualified")
        yield invalid(field, name, "must be a standard resource for containers")
    elif not plain and not is_native(name) and not _is_extended(name):
        yield invalid(field, name, "doesn't follow extended resource name standard")


def is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _is_extended(name: str) -> bool:
    return not name.startswith("requests.") and not formats.qualified_name(f"requests.{name}")


def _against_limit(name: str, amount: str, limits: Manifest, field: str) -> Errors:
    """Only native resources other than huge pages may be overcommitted."""
    overcommits = is_native(name) and not name.startswith(HUGE_PAGES)
    if name not in limits:
        if not overcommits:
            yield required(f"{field}.limits", "Limit must be set for non overcommitable resources")
        return
    asked, most = quantities.nanos(amount), quantities.nanos(limits[name])
    if asked != most and not overcommits:
        yield invalid(f"{field}.requests", quantities.stored(amount), f"must be equal to {name} limit")
    elif asked > most:
        detail = f"must be less than or equal to {name} limit"
        yield invalid(f"{field}.requests", quantities.stored(amount), detail)
