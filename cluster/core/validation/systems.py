"""What a pod with an operating system may not set (validateOS, validateLinux, validateWindows)."""

from collections.abc import Iterator

from cluster.core.objects import Manifest
from cluster.core.validation.errors import Errors, forbidden, required, unsupported

SYSTEMS = ("linux", "windows")
ON_LINUX, ON_WINDOWS = "windows options cannot be set for a linux pod", "cannot be set for a windows pod"
POD_CONTEXT = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser",
    "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
)  # fmt: skip
CONTAINER_CONTEXT = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip


def operating_system(spec: Manifest, field: str) -> Errors:
    if spec.get("os") is None:
        return
    name = spec["os"].get("name") or ""
    if not name:
        yield required(f"{field}.os.name", "cannot be empty")
    elif name not in SYSTEMS:
        yield unsupported(f"{field}.os", name, SYSTEMS)
    elif name == "linux":
        for context, path in _contexts(spec, field):
            if context.get("windowsOptions") is not None:
                yield forbidden(f"{path}.windowsOptions", ON_LINUX)
    else:
        yield from _windows(spec, field)


def _windows(spec: Manifest, field: str) -> Errors:
    for key in ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"):
        if spec.get(key) or (key in ("hostUsers", "shareProcessNamespace") and spec.get(key) is not None):
            yield forbidden(f"{field}.{key}", ON_WINDOWS)
    for context, path in _contexts(spec, field):
        keys = POD_CONTEXT if path == f"{field}.securityContext" else CONTAINER_CONTEXT
        yield from (forbidden(f"{path}.{key}", ON_WINDOWS) for key in keys if context.get(key) is not None)


def _contexts(spec: Manifest, field: str) -> Iterator[tuple[Manifest, str]]:
    yield spec.get("securityContext") or {}, f"{field}.securityContext"
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for place, container in enumerate(spec.get(key) or ()):
            yield container.get("securityContext") or {}, f"{field}.{key}[{place}].securityContext"
