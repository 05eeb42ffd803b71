"""A pod's spec and template, and a pod (ValidatePodSpec, ValidatePodTemplateSpec and ValidatePodCreate in
pkg/apis/core/validation)."""

from typing import Any

from cluster.core.objects import Manifest
from cluster.core.validation import containers, formats, scheduling, security
from cluster.core.validation.errors import (
    Errors,
    FieldError,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    required,
)
from cluster.core.validation.metadata import annotations, labels, object_meta
from cluster.core.validation.resources import NOT_NEGATIVE, requirements
from cluster.core.validation.systems import operating_system
from cluster.core.validation.volumes import volumes

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
MOST_NAMESERVERS, MOST_SEARCHES, LONGEST_SEARCHES = 3, 32, 2048
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
MIRROR = "kubernetes.io/config.mirror"


def validate_pod(manifest: Manifest) -> list[FieldError]:
    """The errors of a defaulted bare pod whose types are right (see `decoding`)."""
    metadata, spec = manifest.get("metadata") or {}, manifest.get("spec") or {}
    found = [*object_meta(metadata), *_pod_annotations(metadata, spec, "metadata.annotations")]
    return [*found, *pod_spec(spec, "spec", is_pod=True), *_only_in_pods(spec)]


def pod_template(template: Manifest, field: str) -> Errors:
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    yield from labels(metadata.get("labels") or {}, f"{field}.labels")
    yield from annotations(metadata.get("annotations") or {}, f"{field}.annotations")
    yield from _pod_annotations(metadata, spec, f"{field}.annotations")
    yield from pod_spec(spec, f"{field}.spec", is_pod=False)
    if spec.get("ephemeralContainers"):
        yield forbidden(f"{field}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")


def _pod_annotations(metadata: Manifest, spec: Manifest, field: str) -> Errors:
    found = metadata.get("annotations") or {}
    if MIRROR in found and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        yield invalid(f"{field}[{MIRROR}]", found[MIRROR], detail)
    if DELETION_COST in found and not _is_int32(found[DELETION_COST] or ""):
        yield invalid(f"{field}[{DELETION_COST}]", found[DELETION_COST], "must be a 32bit integer")


def _is_int32(text: str) -> bool:
    """Whether the text is a 32-bit integer without a plus and leading zeros, as the ReplicaSet controller reads a deletion
    cost."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or (digits[0] == "0" and text != "0"):
        return False
    return -formats.LARGEST_INT32 - 1 <= int(text) <= formats.LARGEST_INT32


def pod_spec(spec: Manifest, field: str, *, is_pod: bool) -> Errors:
    """Errors of a pod's spec. That of a negative grace period is our own: upstream stores it and treats it as one second."""
    usable, wrong = volumes(spec.get("volumes"), f"{field}.volumes")
    yield from wrong
    yield from _claims(spec.get("resourceClaims"), f"{field}.resourceClaims")
    yield from _containers(spec, field, usable)
    yield from requirements(spec.get("resources") or {}, f"{field}.resources")
    if spec.get("hostNetwork"):
        yield from _host_network(spec, f"{field}.containers", is_pod)
    yield from containers.one_of(spec.get("restartPolicy") or "", RESTART_POLICIES, f"{field}.restartPolicy")
    yield from containers.one_of(spec.get("dnsPolicy") or "", DNS_POLICIES, f"{field}.dnsPolicy")
    yield from labels(spec.get("nodeSelector") or {}, f"{field}.nodeSelector")
    yield from security.pod_context(spec, f"{field}.securityContext")
    yield from scheduling.affinity(spec.get("affinity"), f"{field}.affinity")
    yield from _dns(spec, f"{field}.dnsConfig")
    yield from _gates(spec, field)
    yield from scheduling.spread_constraints(
        spec.get("topologySpreadConstraints"), f"{field}.topologySpreadConstraints"
    )
    yield from security.host_users(spec, field)
    yield from _names(spec, field)
    yield from _durations(spec, field)
    yield from scheduling.tolerations(spec.get("tolerations"), f"{field}.tolerations")
    yield from _host_aliases(spec.get("hostAliases"), f"{field}.hostAliases")
    if spec.get("preemptionPolicy") is not None:
        yield from containers.one_of(spec["preemptionPolicy"], PREEMPTION_POLICIES, f"{field}.preemptionPolicy")
    yield from requirements({"limits": spec.get("overhead")}, f"{field}.overhead")
    yield from operating_system(spec, field)


def _containers(spec: Manifest, field: str, usable: Any) -> Errors:
    around = containers.Surroundings(
        volumes=usable,
        grace=spec.get("terminationGracePeriodSeconds"),
        system=(spec.get("os") or {}).get("name") or "",
        host_users=spec.get("hostUsers") is not False,
    )
    found, before = spec.get("containers") or [], spec.get("initContainers") or []
    yield from containers.regular(found, f"{field}.containers", around)
    yield from containers.init(before, found, f"{field}.initContainers", around)
    during = spec.get("ephemeralContainers")
    yield from containers.ephemeral(during, [*found, *before], f"{field}.ephemeralContainers", around)


def _claims(claims: Any, field: str) -> Errors:
    names: set[str] = set()
    for place, claim in enumerate(claims or ()):
        name, path = claim.get("name") or "", f"{field}[{place}]"
        if not name:
            yield required(f"{path}.name")
        elif name in names:
            yield duplicate(f"{path}.name", name)
        else:
            yield from each_invalid(f"{path}.name", name, formats.dns_label(name))
        names.add(name)
        given = [key for key in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(key) is not None]
        if len(given) != 1:
            detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            missing = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            yield invalid(path, name, detail if given else missing)
        for key in given:
            yield from each_invalid(f"{path}.{key}", claim[key], formats.dns_subdomain(claim[key]))


def _host_network(spec: Manifest, field: str, is_pod: bool) -> Errors:
    """A template may omit host ports; its pods get the containers' ports."""
    for place, container in enumerate(spec.get("containers") or ()):
        for index, port in enumerate(container.get("ports") or ()):
            on_host = port.get("hostPort") or 0
            if (is_pod or on_host) and on_host != (port.get("containerPort") or 0):
                path = f"{field}[{place}].ports[{index}].hostPort"
                yield invalid(path, on_host, "must match `containerPort` when `hostNetwork` is true")


def _dns(spec: Manifest, field: str) -> Errors:
    config, by_itself = spec.get("dnsConfig"), spec.get("dnsPolicy") == "None"
    if config is None:
        if by_itself:
            yield required(field, "must provide `dnsConfig` when `dnsPolicy` is None")
        return
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if by_itself and not servers:
        detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        yield required(f"{field}.nameservers", detail)
        return
    if len(servers) > MOST_NAMESERVERS:
        yield invalid(f"{field}.nameservers", servers, f"must not have more than {MOST_NAMESERVERS} nameservers")
    for place, server in enumerate(servers):
        yield from each_invalid(f"{field}.nameservers[{place}]", server, formats.ip(server))
    yield from _searches(searches, f"{field}.searches")
    for place, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            yield required(f"{field}.options[{place}]", "must not be empty")


def _searches(searches: list[str], field: str) -> Errors:
    if len(searches) > MOST_SEARCHES:
        yield invalid(field, searches, f"must not have more than {MOST_SEARCHES} search paths")
    if len(" ".join(searches)) > LONGEST_SEARCHES:
        detail = f"must not have more than {LONGEST_SEARCHES} characters (including spaces) in the search list"
        yield invalid(field, searches, detail)
    for place, search in enumerate(searches):
        domain = search.removesuffix(".")
        if search != ".":
            yield from each_invalid(f"{field}[{place}]", domain, formats.search_domain(domain))


def _gates(spec: Manifest, field: str) -> Errors:
    for place, gate in enumerate(spec.get("readinessGates") or ()):
        kind = gate.get("conditionType") or ""
        yield from each_invalid(f"{field}.readinessGates[{place}].conditionType", kind, formats.qualified_name(kind))
    seen: set[str] = set()
    for place, gate in enumerate(spec.get("schedulingGates") or ()):
        name, path = gate.get("name") or "", f"{field}.schedulingGates[{place}]"
        yield from each_invalid(path, name, formats.qualified_name(name))
        if name in seen:
            yield duplicate(path, name)
        seen.add(name)


def _names(spec: Manifest, field: str) -> Errors:
    checks = {
        "serviceAccountName": formats.dns_subdomain,
        "nodeName": formats.dns_subdomain,
        "hostname": formats.dns_label,
        "subdomain": formats.dns_label,
        "priorityClassName": formats.dns_subdomain,
    }
    for key, check in checks.items():
        if spec.get(key):
            yield from each_invalid(f"{field}.{key}", spec[key], check(spec[key]))
    if spec.get("runtimeClassName") is not None:
        name = spec["runtimeClassName"]
        yield from each_invalid(f"{field}.runtimeClassName", name, formats.dns_subdomain(name))


def _durations(spec: Manifest, field: str) -> Errors:
    deadline, grace = spec.get("activeDeadlineSeconds"), spec.get("terminationGracePeriodSeconds")
    if deadline is not None and not 1 <= deadline <= formats.LARGEST_INT32:
        yield invalid(f"{field}.activeDeadlineSeconds", deadline, formats.between(1, formats.LARGEST_INT32))
    if grace is not None and grace < 0:
        yield invalid(f"{field}.terminationGracePeriodSeconds", grace, NOT_NEGATIVE)


def _host_aliases(aliases: Any, field: str) -> Errors:
    for place, alias in enumerate(aliases or ()):
        address = alias.get("ip") or ""
        yield from each_invalid(f"{field}[{place}].ip", address, formats.ip(address))
        for index, name in enumerate(alias.get("hostnames") or ()):
            yield from each_invalid(f"{field}[{place}].hostnames[{index}]", name, formats.dns_subdomain(name))


def _only_in_pods(spec: Manifest) -> Errors:
    if not spec.get("serviceAccountName"):
        yield from _tokens(spec)
    for key in ("containers", "initContainers"):
        for place, container in enumerate(spec.get(key) or ()):
            image = container.get("image") or ""
            if image != image.strip():
                yield invalid(f"spec.{key}[{place}].image", image, "must not have leading or trailing whitespace")
    if spec.get("ephemeralContainers"):
        yield forbidden("spec.ephemeralContainers", "cannot be set on create")
    if spec.get("nodeName") and spec.get("schedulingGates"):
        yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")


def _tokens(spec: Manifest) -> Errors:
    for place, volume in enumerate(spec.get("volumes") or ()):
        for index, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                path = f"spec.volumes[{place}].projected.sources[{index}].serviceAccountToken"
                yield forbidden(path, "must not be specified when serviceAccountName is not set")
