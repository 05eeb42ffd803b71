"""Strategic merge of a Deployment's patches, and the patch that `kubectl apply` makes (apimachinery pkg/util/strategicpatch):
lists with a merge key are merged by it."""

from collections.abc import Mapping, Sequence
from typing import Any

MERGE_KEYS = {
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "volumes": "name", "env": "name",
    "ports": "containerPort", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name",
    "hostAliases": "ip", "topologySpreadConstraints": "topologyKey",
}  # fmt: skip
RETAINED = frozenset({"strategy"})  # their fields are removed when the patch of an apply does not name them
DIRECTIVE, RETAIN_KEYS, SET_ORDER = "$patch", "$retainKeys", "$setElementOrder/"
DELETE, REPLACE = "delete", "replace"
Things = Sequence[Mapping[str, Any]]
Json = dict[str, Any]


def strategic_merge(target: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    """`target` with `patch` merged in; null deletes, `$patch` replaces or deletes."""
    if patch.get(DIRECTIVE) in (DELETE, REPLACE):
        return {} if patch[DIRECTIVE] == DELETE else _plain(patch)
    retained = patch.get(RETAIN_KEYS)
    merged = {key: value for key, value in target.items() if retained is None or key in retained}
    for key, value in patch.items():
        known = merged.get(key)
        if key.startswith("$"):
            continue
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(known, Mapping):
            merged[key] = strategic_merge(known, value)
        elif key in MERGE_KEYS and isinstance(value, list) and isinstance(known, list):
            merged[key] = _merge_list(known, value, MERGE_KEYS[key], patch.get(f"{SET_ORDER}{key}"))
        else:
            merged[key] = _plain(value)
    return merged


def apply_patch(last: Mapping[str, Any], wanted: Mapping[str, Any]) -> Json:
    """The strategic merge patch by which `kubectl apply` changes a live object, from the manifest that was applied last and the
    wanted one: fields that neither of them names are left alone (CreateThreeWayMergePatch)."""
    patch: Json = {}
    for key, value in wanted.items():
        before = last.get(key)
        if isinstance(value, Mapping):
            patch[key] = apply_patch(before if isinstance(before, Mapping) else {}, value)
            if key in RETAINED:
                patch[key][RETAIN_KEYS] = list(value)
        elif key in MERGE_KEYS and isinstance(value, list):
            patch |= _apply_list(before if isinstance(before, list) else [], value, key)
        else:
            patch[key] = value
    return patch | {key: None for key in last if key not in wanted}


def _apply_list(before: Things, wanted: Things, key: str) -> Json:
    name = MERGE_KEYS[key]
    known = {each.get(name): each for each in before}
    names = [each.get(name) for each in wanted]
    changed = [apply_patch(known.get(each.get(name), {}), each) for each in wanted]
    gone = [{name: each, DIRECTIVE: DELETE} for each in known if each not in names]
    return {key: changed + gone, f"{SET_ORDER}{key}": [{name: each} for each in names]}


def _merge_list(live: Things, patch: Things, key: str, order: Things | None) -> list[Any]:
    if any(each.get(DIRECTIVE) == REPLACE for each in patch):
        return [_plain(each) for each in patch if DIRECTIVE not in each]
    merged = {each.get(key): each for each in live}
    for each in patch:
        name = each.get(key)
        if each.get(DIRECTIVE) == DELETE:
            merged.pop(name, None)
        else:
            merged[name] = strategic_merge(merged[name], each) if name in merged else _plain(each)
    wanted = [each for each in patch if DIRECTIVE not in each]
    first = [each.get(key) for each in (wanted if order is None else order)]
    return _in_order(merged, first, [each.get(key) for each in live])


def _in_order(merged: Mapping[Any, Any], first: list[Any], live: list[Any]) -> list[Any]:
    """The objects that `first` names in its order, the others in the live order. Of the next ones of both, that which is first
    in the live order comes first; one that does not exist yet comes before all others (mergeSortedSlice)."""
    named = [name for name in first if name in merged]
    others = [name for name in live if name in merged and name not in named]
    result = []
    while named and others:
        takes_other = named[0] in live and live.index(others[0]) < live.index(named[0])
        result.append((others if takes_other else named).pop(0))
    return [merged[name] for name in (*result, *named, *others)]


def _plain(value: Any) -> Any:
    """The value of a patch for something that does not exist yet, without directives and deletions."""
    if isinstance(value, Mapping):
        kept = {key: each for key, each in value.items() if each is not None and not key.startswith("$")}
        return {key: _plain(each) for key, each in kept.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value if not (isinstance(each, Mapping) and DIRECTIVE in each)]
    return value
