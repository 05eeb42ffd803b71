"""Probes and lifecycle hooks: one handler each (validateProbe, validateHandler and validateLifecycle in pkg/apis/core/validation)."""

from collections.abc import Callable, Mapping

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, forbidden, invalid, required, unsupported
from cluster.core.validation.resources import NOT_NEGATIVE

NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
SCHEMES = ("HTTP", "HTTPS")
POSITIVE = "must be greater than 0"


def liveness_or_startup(probe: Manifest | None, field: str, grace: int | None) -> Errors:
    if probe is None:
        return
    yield from _probe(probe, field, grace)
    if probe.get("successThreshold") != 1:
        yield invalid(f"{field}.successThreshold", probe.get("successThreshold") or 0, "must be 1")


def readiness(probe: Manifest | None, field: str, grace: int | None) -> Errors:
    if probe is None:
        return
    yield from _probe(probe, field, grace)
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None:
        yield invalid(f"{field}.terminationGracePeriodSeconds", seconds, "must not be set for readinessProbes")


def _probe(probe: Manifest, field: str, grace: int | None) -> Errors:
    yield from handler(probe, field, grace)
    for key in NUMBERS:
        if (probe.get(key) or 0) < 0:
            yield invalid(f"{field}.{key}", probe[key], NOT_NEGATIVE)
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        yield invalid(f"{field}.terminationGracePeriodSeconds", seconds, POSITIVE)


def lifecycle(hooks: Manifest | None, field: str, grace: int | None, system: str) -> Errors:
    """`system` is the pod's `os.name`, empty if it has none."""
    if hooks is None:
        return
    for key in ("postStart", "preStop"):
        if hooks.get(key) is not None:
            yield from handler(hooks[key], f"{field}.{key}", grace)
    if hooks.get("stopSignal") is not None and not system:
        yield forbidden(f"{field}.stopSignal", "may not be set for containers with empty `spec.os.name`")


def handler(handlers: Manifest, field: str, grace: int | None) -> Errors:
    """`grace` is the pod's terminationGracePeriodSeconds."""
    given = [key for key in HANDLERS if handlers.get(key) is not None]
    if not given:
        yield required(field, "must specify a handler type")
        return
    yield from HANDLERS[given[0]](handlers[given[0]], f"{field}.{given[0]}", grace)
    for key in given[1:]:
        yield forbidden(f"{field}.{key}", "may not specify more than 1 handler type")


def _exec(action: Manifest, field: str, _: int | None) -> Errors:
    if not action.get("command"):
        yield required(f"{field}.command")


def _http_get(action: Manifest, field: str, _: int | None) -> Errors:
    if not action.get("path"):
        yield required(f"{field}.path")
    yield from _port(action, field)
    if action.get("scheme") not in SCHEMES:
        yield unsupported(f"{field}.scheme", action.get("scheme") or "", SCHEMES)
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        yield from each_invalid(f"{field}.httpHeaders", name, formats.header_name(name))


def _tcp_socket(action: Manifest, field: str, _: int | None) -> Errors:
    return _port(action, field)


def _grpc(action: Manifest, field: str, _: int | None) -> Errors:
    return _port(action, field)


def _port(action: Manifest, field: str) -> Errors:
    port = action.get("port") or 0 if not isinstance(action.get("port"), str) else action["port"]
    wrong = formats.port_name(port) if isinstance(port, str) else formats.port_number(port)
    return each_invalid(f"{field}.port", port, wrong)


def _sleep(action: Manifest, field: str, grace: int | None) -> Errors:
    seconds = action.get("seconds") or 0
    if grace is not None and not 0 <= seconds <= grace:
        yield invalid(field, seconds, f"must be non-negative and less than terminationGracePeriodSeconds ({grace})")


HANDLERS: Mapping[str, Callable[[Manifest, str, int | None], Errors]] = {
    "exec": _exec,
    "httpGet": _http_get,
    "tcpSocket": _tcp_socket,
    "grpc": _grpc,
    "sleep": _sleep,
}
