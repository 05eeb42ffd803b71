"""Containers of a pod: regular, init and ephemeral ones (validateContainers and related functions in
pkg/apis/core/validation)."""

from dataclasses import dataclass
from typing import Any

from cluster.core.manifests.gotypes import TODAY, json_fields
from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.environment import sources, variables
from cluster.core.validation.errors import Errors, duplicate, each_invalid, forbidden, not_found, required, unsupported
from cluster.core.validation.mounts import Volumes, volume_devices, volume_mounts
from cluster.core.validation.probes import lifecycle, liveness_or_startup, readiness
from cluster.core.validation.resources import requirements
from cluster.core.validation.security import container_context

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
RESIZED, RESIZE_POLICIES = ("cpu", "memory"), ("NotRequired", "RestartContainer")
RUNNING_ONLY = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
RESTART_POLICIES = ("Always", "Never", "OnFailure")
NOT_IN_INIT = "may not be set for init containers without restartPolicy=Always"
NOT_IN_EPHEMERAL = "cannot be set for an Ephemeral Container"
ALLOWED_IN_EPHEMERAL = {
    "name", "image", "command", "args", "workingDir", "env", "envFrom", "volumeMounts", "volumeDevices",
    "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty",
    "targetContainerName",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the checks of a container depend on: the pod's valid volumes by name, its terminationGracePeriodSeconds and
    `os.name`, and whether it uses the host's users."""

    volumes: Volumes
    grace: int | None
    system: str
    host_users: bool


def regular(found: Any, field: str, around: Surroundings) -> Errors:
    if not found:
        yield required(field)
        return
    names: set[str] = set()
    for place, container in enumerate(found):
        path, name = f"{field}[{place}]", container.get("name") or ""
        yield from _common(container, path, around)
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
        yield from _running(container, path, around)
        if container.get("restartPolicy") is not None:
            yield forbidden(f"{path}.restartPolicy", "may not be set for non-init containers")
    yield from _host_ports(found, field)


def init(found: Any, others: Any, field: str, around: Surroundings) -> Errors:
    """An init container with restartPolicy Always runs beside the regular ones, so it may have the same fields."""
    names = {each.get("name") or "" for each in others or ()}
    for place, container in enumerate(found or ()):
        path, name = f"{field}[{place}]", container.get("name") or ""
        yield from _common(container, path, around)
        policy = container.get("restartPolicy")
        if policy not in (None, *RESTART_POLICIES):
            yield unsupported(f"{path}.restartPolicy", policy, RESTART_POLICIES)
        if name in names:
            yield duplicate(f"{path}.name", name)
        names |= {name} if name else set()
        yield from _host_ports([container], field)
        if policy == "Always":
            yield from _running(container, path, around)
        else:
            yield from (
                forbidden(f"{path}.{key}", NOT_IN_INIT) for key in RUNNING_ONLY if container.get(key) is not None
            )


def ephemeral(found: Any, others: Any, field: str, around: Surroundings) -> Errors:
    """`others` are the regular and the init containers."""
    targets = {each.get("name") or "" for each in others}
    names = set(targets)
    for place, container in enumerate(found or ()):
        path, name = f"{field}[{place}]", container.get("name") or ""
        yield from _common(container, path, around)
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
        target = container.get("targetContainerName") or ""
        if target and target not in targets:
            yield not_found(f"{path}.targetContainerName", target)
        for key in _EPHEMERAL_FIELDS:
            if key not in ALLOWED_IN_EPHEMERAL and container.get(key):
                yield forbidden(f"{path}.{key}", NOT_IN_EPHEMERAL)


_EPHEMERAL_FIELDS = tuple(each.key for each in json_fields(TODAY, "EphemeralContainer"))


def _common(container: Manifest, field: str, around: Surroundings) -> Errors:
    name, policy = container.get("name") or "", container.get("terminationMessagePolicy") or ""
    if name:
        yield from each_invalid(f"{field}.name", name, formats.dns_label(name))
    else:
        yield required(f"{field}.name")
    if not container.get("image"):
        yield required(f"{field}.image")
    yield from one_of(policy, MESSAGE_POLICIES, f"{field}.terminationMessagePolicy")
    yield from _ports(container.get("ports"), f"{field}.ports")
    yield from variables(container.get("env"), f"{field}.env")
    yield from sources(container.get("envFrom"), f"{field}.envFrom")
    yield from volume_mounts(container, around.volumes, f"{field}.volumeMounts")
    yield from volume_devices(container, around.volumes, f"{field}.volumeDevices")
    yield from one_of(container.get("imagePullPolicy") or "", PULL_POLICIES, f"{field}.imagePullPolicy")
    yield from requirements(container.get("resources") or {}, f"{field}.resources")
    yield from _resize(container.get("resizePolicy"), f"{field}.resizePolicy")
    context = container.get("securityContext")
    yield from container_context(context, f"{field}.securityContext", host_users=around.host_users)


def one_of(value: str, allowed: tuple[str, ...], field: str) -> Errors:
    """Errors of a choice that defaulting would have made: it is missing or not allowed."""
    if not value:
        yield required(field)
    elif value not in allowed:
        yield unsupported(field, value, allowed)


def _running(container: Manifest, field: str, around: Surroundings) -> Errors:
    yield from lifecycle(container.get("lifecycle"), f"{field}.lifecycle", around.grace, around.system)
    yield from liveness_or_startup(container.get("livenessProbe"), f"{field}.livenessProbe", around.grace)
    yield from readiness(container.get("readinessProbe"), f"{field}.readinessProbe", around.grace)
    yield from liveness_or_startup(container.get("startupProbe"), f"{field}.startupProbe", around.grace)


def _ports(ports: Any, field: str) -> Errors:
    names: set[str] = set()
    for place, port in enumerate(ports or ()):
        yield from _port(port, f"{field}[{place}]", names)


def _port(port: Manifest, field: str, names: set[str]) -> Errors:
    name, number, on_host = port.get("name") or "", port.get("containerPort") or 0, port.get("hostPort") or 0
    if name:
        wrong = formats.port_name(name)
        yield from each_invalid(f"{field}.name", name, wrong)
        if not wrong and name in names:
            yield duplicate(f"{field}.name", name)
        names |= set() if wrong else {name}
    if number:
        yield from each_invalid(f"{field}.containerPort", number, formats.port_number(number))
    else:
        yield required(f"{field}.containerPort")
    if on_host:
        yield from each_invalid(f"{field}.hostPort", on_host, formats.port_number(on_host))
    yield from one_of(port.get("protocol") or "", PROTOCOLS, f"{field}.protocol")


def _host_ports(found: Any, field: str) -> Errors:
    """Errors where containers that run together use the same port of the host."""
    taken: set[str] = set()
    for place, container in enumerate(found):
        for index, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            wanted = f"{port.get('protocol') or ''}/{port.get('hostIP') or ''}/{port['hostPort']}"
            if wanted in taken:
                yield duplicate(f"{field}[{place}].ports[{index}].hostPort", wanted)
            taken.add(wanted)


def _resize(policies: Any, field: str) -> Errors:
    seen: set[str] = set()
    for place, policy in enumerate(policies or ()):
        name = policy.get("resourceName") or ""
        if name in seen:
            yield duplicate(f"{field}[{place}]", name)
        seen.add(name)
        yield from one_of(name, RESIZED, field)
        yield from one_of(policy.get("restartPolicy") or "", RESIZE_POLICIES, field)
