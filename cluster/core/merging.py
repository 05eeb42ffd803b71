"""Strategic merge of a Deployment patch (apimachinery pkg/util/strategicpatch): lists of things with a merge key merge by it."""

from collections.abc import Mapping
from typing import Any

MERGE_KEYS = {
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "volumes": "name", "env": "name",
    "ports": "containerPort", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name",
    "hostAliases": "ip", "topologySpreadConstraints": "topologyKey",
}  # fmt: skip
DIRECTIVE = "$patch"


def strategic_merge(target: Any, patch: Any) -> Any:
    """`target` with `patch` merged in; null deletes, `$patch` replaces or deletes."""
    if not isinstance(patch, Mapping) or not isinstance(target, Mapping):
        return patch
    if patch.get(DIRECTIVE) == "replace":
        return {key: value for key, value in patch.items() if key != DIRECTIVE}
    merged = {**target}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif key in MERGE_KEYS and isinstance(value, list):
            merged[key] = _merge_list(target.get(key) or [], value, MERGE_KEYS[key])
        else:
            merged[key] = strategic_merge(target.get(key, {}), value)
    return merged


def _merge_list(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    merged = {each.get(key): each for each in target}
    for each in patch:
        name = each.get(key)
        if each.get(DIRECTIVE) == "delete":
            merged.pop(name, None)
        else:
            merged[name] = strategic_merge(merged.get(name, {}), each)
    return [*merged.values()]
