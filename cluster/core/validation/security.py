"""Security contexts of pods and containers (ValidateSecurityContext and validatePodSpecSecurityContext)."""

import re
from typing import Any

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import (
    Errors,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    raw,
    required,
    unsupported,
)

PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
PROC_MOUNTS = ("Default", "Unmasked")
# Choices of a pod: upstream lists them sorted.
CHOICES = {
    "fsGroupChangePolicy": ("Always", "OnRootMismatch"),
    "supplementalGroupsPolicy": ("Merge", "Strict"),
    "seLinuxChangePolicy": ("MountOption", "Recursive"),
}
NO_ESCALATION = "cannot set `allowPrivilegeEscalation` to false and "
LARGEST_CREDENTIAL_KIB = 64
LONGEST_DOMAIN, LONGEST_USER = 256, 104
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NETBIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}')
DNS_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
DOMAIN = re.compile(rf"{DNS_NAME}(?:\.{DNS_NAME})*")
FORBIDDEN_IN_USER = '"/\\:;|=,+*?<>@[]'


def container_context(context: Manifest | None, field: str, *, host_users: bool) -> Errors:
    if context is None:
        return
    yield from _ids(context, ("runAsUser", "runAsGroup"), field)
    yield from _proc_mount(context.get("procMount"), f"{field}.procMount", host_users)
    yield from _seccomp(context.get("seccompProfile"), f"{field}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        yield from _escalation(context, field)
    yield from _windows(context.get("windowsOptions"), f"{field}.windowsOptions")
    yield from _app_armor(context.get("appArmorProfile"), f"{field}.appArmorProfile")


def _escalation(context: Manifest, field: str) -> Errors:
    """Upstream prints the whole struct with its addresses; here only its type is named."""
    if context.get("privileged"):
        yield raw(
            field, "FieldValueInvalid", f"Invalid value: core.SecurityContext: {NO_ESCALATION}`privileged` to true"
        )
    for capability in (context.get("capabilities") or {}).get("add") or ():
        if capability == "CAP_SYS_ADMIN":
            detail = f"{NO_ESCALATION}`capabilities.Add` CAP_SYS_ADMIN"
            yield raw(field, "FieldValueInvalid", f"Invalid value: core.SecurityContext: {detail}")


def _proc_mount(kind: str | None, field: str, host_users: bool) -> Errors:
    if kind is None:
        return
    if kind not in PROC_MOUNTS:
        yield unsupported(field, kind, PROC_MOUNTS)
    if kind == "Unmasked" and host_users:
        yield invalid(field, kind, "`hostUsers` must be false to use `Unmasked`")


def pod_context(spec: Manifest, field: str) -> Errors:
    context = spec.get("securityContext")
    if context is None:
        return
    yield from _ids(context, ("fsGroup", "runAsUser", "runAsGroup"), field)
    for place, group in enumerate(context.get("supplementalGroups") or ()):
        yield from each_invalid(f"{field}.supplementalGroups[{place}]", group, formats.user_id(group))
    if spec.get("hostPID") and spec.get("shareProcessNamespace"):
        yield invalid(
            f"{field}.shareProcessNamespace", True, "ShareProcessNamespace and HostPID cannot both be enabled"
        )
    yield from _sysctls(context.get("sysctls"), spec, f"{field}.sysctls")
    yield from _choice(context, "fsGroupChangePolicy", field)
    yield from _seccomp(context.get("seccompProfile"), f"{field}.seccompProfile")
    yield from _windows(context.get("windowsOptions"), f"{field}.windowsOptions")
    yield from _app_armor(context.get("appArmorProfile"), f"{field}.appArmorProfile")
    yield from _choice(context, "supplementalGroupsPolicy", field)
    yield from _choice(context, "seLinuxChangePolicy", field)


def _ids(context: Manifest, keys: tuple[str, ...], field: str) -> Errors:
    for key in keys:
        if context.get(key) is not None:
            yield from each_invalid(f"{field}.{key}", context[key], formats.user_id(context[key]))


def _choice(context: Manifest, key: str, field: str) -> Errors:
    if context.get(key) is not None and context[key] not in CHOICES[key]:
        yield unsupported(f"{field}.{key}", context[key], CHOICES[key])


def _sysctls(found: Any, spec: Manifest, field: str) -> Errors:
    names: set[str] = set()
    for place, sysctl in enumerate(found or ()):
        name, path = sysctl.get("name") or "", f"{field}[{place}].name"
        wrong = formats.sysctl_name(name)
        if not name:
            yield required(path)
        elif wrong:
            yield from each_invalid(path, name, wrong)
        elif name in names:
            yield duplicate(path, name)
        yield from _host_sysctl(name, spec, path)
        names.add(name)


def _host_sysctl(name: str, spec: Manifest, field: str) -> Errors:
    """Errors of a sysctl of a namespace that the pod shares with its host (component-helpers/node/util/sysctl)."""
    dotted = name.replace("/", ".")
    if spec.get("hostNetwork") and dotted.startswith("net."):
        yield invalid(field, name, "may not be specified when 'hostNetwork' is true")
    of_ipc = dotted.startswith(("kernel.shm", "kernel.msg", "fs.mqueue.")) or dotted == "kernel.sem"
    if spec.get("hostIPC") and of_ipc:
        yield invalid(field, name, "may not be specified when 'hostIPC' is true")


def _seccomp(profile: Manifest | None, field: str) -> Errors:
    if profile is None:
        return
    kind, path = profile.get("type") or "", profile.get("localhostProfile")
    yield from _profile_type(kind, f"{field}.type", "type is required when seccompProfile is set")
    if kind == "Localhost":
        if path is None:
            yield required(f"{field}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            yield from each_invalid(f"{field}.localhostProfile", path, formats.descending_path(path))
    elif path is not None:
        yield invalid(f"{field}.localhostProfile", path, "can only be set when seccomp type is Localhost")


def _profile_type(kind: str, field: str, missing: str) -> Errors:
    if not kind:
        yield required(field, missing)
    elif kind not in PROFILES:
        yield unsupported(field, kind, PROFILES)


def _app_armor(profile: Manifest | None, field: str) -> Errors:
    if profile is None:
        return
    kind, path = profile.get("type") or "", profile.get("localhostProfile")
    if kind == "Localhost":
        path = path or ""
        if not path.strip():
            yield required(f"{field}.localhostProfile", "must be set when AppArmor type is Localhost")
        elif path.strip() != path:
            yield invalid(f"{field}.localhostProfile", path, "must not be padded with whitespace")
        return
    if kind in PROFILES and path is not None:
        yield invalid(f"{field}.localhostProfile", path, "can only be set when AppArmor type is Localhost")
    yield from _profile_type(kind, f"{field}.type", "type is required when appArmorProfile is set")


def _windows(options: Manifest | None, field: str) -> Errors:
    if options is None:
        return
    name, text, user = (options.get(key) for key in ("gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"))
    if name is not None:
        yield from each_invalid(f"{field}.gmsaCredentialSpecName", name, formats.dns_subdomain(name))
    if text == "":
        yield invalid(f"{field}.gmsaCredentialSpec", text, "gmsaCredentialSpec cannot be an empty string")
    elif text is not None and len(text.encode()) > LARGEST_CREDENTIAL_KIB * 1024:
        detail = f"gmsaCredentialSpec size must be under {LARGEST_CREDENTIAL_KIB} KiB"
        yield invalid(f"{field}.gmsaCredentialSpec", text, detail)
    if user is not None:
        yield from (invalid(f"{field}.runAsUserName", user, f"runAsUserName{each}") for each in _windows_user(user))


def _windows_user(text: str) -> list[str]:
    """What is wrong with DOMAIN\\USER, each after the field's name."""
    parts = text.split("\\")
    if not text:
        return [" cannot be an empty string"]
    if CONTROL.search(text):
        return [" cannot contain control characters"]
    if len(parts) > 2:
        return [" cannot contain more than one backslash"]
    domain, user = parts[0] if len(parts) == 2 else None, parts[-1]
    well_named = domain is None or NETBIOS.fullmatch(domain) or DOMAIN.fullmatch(domain)
    checks = (
        (len(domain or "") >= LONGEST_DOMAIN, f"'s Domain length must be under {LONGEST_DOMAIN} characters"),
        (not well_named, "'s Domain doesn't match the NetBios nor the DNS format"),
        (not user, "'s User cannot be empty"),
        (len(user) > LONGEST_USER, f"'s User length must not be longer than {LONGEST_USER} characters"),
        (bool(user) and not user.strip(". "), "'s User cannot contain only periods or spaces"),
        (
            any(each in FORBIDDEN_IN_USER for each in user),
            "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]",
        ),
    )
    return [detail for wrong, detail in checks if wrong]


def host_users(spec: Manifest, field: str) -> Errors:
    """A pod that does not use the host's users may not use the host's namespaces."""
    if spec.get("hostUsers") is not False:
        return
    for key, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(key):
            yield forbidden(f"{field}.{shown}", "when `pod.Spec.HostUsers` is false")
