"""A container's volume mounts and volume devices (ValidateVolumeMounts and ValidateVolumeDevices in pkg/apis/core/validation)."""

from collections.abc import Mapping
from typing import Any

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, forbidden, invalid, not_found, required, unsupported

PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
RECURSIONS = ("Disabled", "Enabled", "IfPossible")
Volumes = Mapping[str, Manifest]


def volume_mounts(container: Manifest, volumes: Volumes, field: str) -> Errors:
    """`volumes` are the pod's valid volumes by name."""
    devices = _paths(container.get("volumeDevices"), "devicePath")
    paths: set[str] = set()
    for place, mount in enumerate(container.get("volumeMounts") or ()):
        name, path, at = mount.get("name") or "", mount.get("mountPath") or "", f"{field}[{place}]"
        if not name:
            yield required(f"{at}.name")
        if name not in volumes:
            yield not_found(f"{at}.name", name)
        if not path:
            yield required(f"{at}.mountPath")
        if path in paths:
            yield invalid(f"{at}.mountPath", path, "must be unique")
        paths.add(path)
        if name in devices:
            yield invalid(f"{at}.name", name, "must not already exist in volumeDevices")
        if path in devices.values():
            yield invalid(f"{at}.mountPath", path, "must not already exist as a path in volumeDevices")
        yield from _sub_paths(mount, volumes.get(name, {}), at, field)
        yield from _propagation(mount, container, field)
        yield from _recursion(mount, field)


def _sub_paths(mount: Manifest, volume: Manifest, at: str, field: str) -> Errors:
    """Like upstream, names the field of a malformed sub path without the index of its mount."""
    path, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    if volume.get("image") is not None:
        for key in ("subPath", "subPathExpr"):
            if mount.get(key):
                yield invalid(f"{at}.{key}", mount[key], "not allowed in image volume sources")
    if path:
        yield from each_invalid(f"{field}.subPath", path, formats.descending_path(path))
    if expression:
        if path:
            yield invalid(f"{at}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive")
        yield from each_invalid(f"{field}.subPathExpr", expression, formats.descending_path(expression))


def _propagation(mount: Manifest, container: Manifest, field: str) -> Errors:
    mode = mount.get("mountPropagation")
    if mode is None:
        return
    if mode not in PROPAGATIONS:
        yield unsupported(f"{field}.mountPropagation", mode, PROPAGATIONS)
    if mode == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
        detail = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden(f"{field}.mountPropagation", detail)


def _recursion(mount: Manifest, field: str) -> Errors:
    mode = mount.get("recursiveReadOnly")
    if mode is None:
        return
    path = f"{field}.recursiveReadOnly"
    if mode not in RECURSIONS:
        yield unsupported(path, mode, RECURSIONS)
    elif mode != "Disabled":
        if not mount.get("readOnly"):
            yield forbidden(path, "may only be specified when readOnly is true")
        if mount.get("mountPropagation") not in (None, "None"):
            yield forbidden(path, "may only be specified when mountPropagation is None or not specified")


def volume_devices(container: Manifest, volumes: Volumes, field: str) -> Errors:
    mounts = _paths(container.get("volumeMounts"), "mountPath")
    names: set[str] = set()
    paths: set[str] = set()
    for place, device in enumerate(container.get("volumeDevices") or ()):
        name, path, at = device.get("name") or "", device.get("devicePath") or "", f"{field}[{place}]"
        if not name:
            yield required(f"{at}.name")
        if name in names:
            yield invalid(f"{at}.name", name, "must be unique")
        yield from _is_block(name, volumes, at)
        if not path:
            yield required(f"{at}.devicePath")
        if path in paths:
            yield invalid(f"{at}.devicePath", path, "must be unique")
        if formats.no_backsteps(path):
            yield invalid(f"{at}.devicePath", path, "can not contain backsteps ('..')")
        else:
            paths.add(path)
        if name in mounts:
            yield invalid(f"{at}.name", name, "must not already exist in volumeMounts")
        if path in mounts.values():
            yield invalid(f"{at}.devicePath", path, "must not already exist as a path in volumeMounts")
        names |= {name} if name else set()


def _is_block(name: str, volumes: Volumes, at: str) -> Errors:
    if name not in volumes:
        yield not_found(f"{at}.name", name)
    elif volumes[name].get("persistentVolumeClaim") is None and volumes[name].get("ephemeral") is None:
        detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        yield invalid(f"{at}.name", name, detail)


def _paths(mounts: Any, key: str) -> dict[str, str]:
    return {each.get("name") or "": each.get(key) or "" for each in mounts or ()}
