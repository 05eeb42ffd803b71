"""Strategic merge patch: the schema says which lists are merged, and by which key.

Upstream: apimachinery pkg/util/strategicpatch/patch.go (mergeMap and below) and pkg/util/mergepatch/errors.go. Arguments are not
changed: results share the parts that the patch left alone.
"""

from collections.abc import Callable
from typing import Any

from cluster.machinery import schemas
from cluster.machinery.schemas import Json, Schema

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
SET_ORDER = "$setElementOrder"
DELETE_FROM = "$deleteFromPrimitiveList"
DELETE, REPLACE, MERGE = "delete", "replace", "merge"
DIRECTIVES = (DIRECTIVE, RETAIN_KEYS, SET_ORDER, DELETE_FROM)

BAD_RETAIN_KEYS = "invalid patch format of retainKeys"
BAD_SET_ORDER = "invalid patch format of setElementOrder list"
BAD_PRIMITIVE_LIST = "invalid patch format of primitive list"
LISTS_OF_LISTS = "lists of lists are not supported"

Order = Callable[[Any], int]


class BadPatch(ValueError):
    """Raised when a patch can't be read (HTTP 400) or can't be applied to this object (422)."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def strategic_merge(original: Json, patch: Json, schema: Schema) -> Json:
    """The object after the patch. Raises BadPatch."""
    return merge_map(original, patch, schema)


def merge_map(original: Json, patch: Json, schema: Schema) -> Json:
    if DIRECTIVE in patch:
        return follow_map_directive(patch)
    result = dict(original)
    if RETAIN_KEYS in patch:
        retain_keys(result, patch)
    ordered = merge_ordered_lists(result, patch, schema)
    for key, value in patch.items():
        if key != RETAIN_KEYS and key not in ordered and not key.startswith(SET_ORDER):
            merge_field(result, key, value, schema)
    return result


def follow_map_directive(patch: Json) -> Json:
    directive = patch[DIRECTIVE]
    if directive == REPLACE:
        return {key: value for key, value in patch.items() if key != DIRECTIVE}
    if directive == DELETE:
        return {}
    raise BadPatch(f"unknown patch type: {go(directive)} in map: {go(patch)}")


def retain_keys(result: Json, patch: Json) -> None:
    """Removes the fields that the directive doesn't list; the patch itself may only set listed ones."""
    retained = patch[RETAIN_KEYS]
    if not isinstance(retained, list):
        raise BadPatch(BAD_RETAIN_KEYS)
    for key, value in patch.items():
        directive = key == RETAIN_KEYS or key.startswith((DELETE_FROM, SET_ORDER))
        if value is not None and not directive and key not in retained:
            raise BadPatch(BAD_RETAIN_KEYS)
    for key in list(result):
        if key not in retained:
            del result[key]


def merge_field(result: Json, key: str, value: Any, schema: Schema) -> None:
    deleting = key.startswith(DELETE_FROM)
    if deleting:
        key = key_after(DELETE_FROM, key)
    if value is None:
        result.pop(key, None)
    elif key not in result or type(result[key]) is not type(value):
        if not deleting:
            result[key] = without_directives(value)
    elif isinstance(value, dict):
        child = field_schema(schema, key)
        replaces = REPLACE in schemas.patch_strategies(child)
        result[key] = value if replaces else merge_map(result[key], value, child)
    elif isinstance(value, list):
        result[key] = merge_list(result[key], value, field_schema(schema, key), deleting=deleting)
    else:
        result[key] = value


def merge_ordered_lists(result: Json, patch: Json, schema: Schema) -> set[str]:
    """Merges the lists that have a $setElementOrder directive; returns their names. The order is that of the directive, then of
    the patch, then of the live list."""
    done: set[str] = set()
    for key, order in patch.items():
        if not key.startswith(SET_ORDER):
            continue
        name = key_after(SET_ORDER, key)
        live, wanted = result.get(name), patch.get(name)
        check_lists(order, live, wanted)
        child = field_schema(schema, name)
        merge_key = schemas.patch_merge_key(child)
        check_against_order(wanted or [], order, merge_key)
        if live is None and wanted is None:
            continue
        merged = without_directives(wanted) if live is None else live
        if live is not None and wanted is not None:
            merged = merge_list(live, wanted, child)
        result[name] = in_order(merged, order, live or [], merge_key)
        done.add(name)
    return done


def check_lists(order: Any, live: Any, wanted: Any) -> None:
    for value in (order, live, wanted):
        if value is not None and not isinstance(value, list):
            raise BadPatch(f"expected a []interface {{}}, but received a {go_type(value)}")
    if order is None:
        raise BadPatch("expected a []interface {}, but received a <nil>")


def check_against_order(wanted: list[Any], order: list[Any], merge_key: str) -> None:
    """Raises BadPatch unless the elements that the patch sets are in the directive, in the same order."""
    settable = [item for item in wanted if not (isinstance(item, dict) and DIRECTIVE in item)]
    position = 0
    for item in order:
        if position < len(settable) and identity(settable[position], merge_key) == identity(item, merge_key):
            position += 1
    if position < len(settable):
        raise BadPatch(
            f"The order in patch list:\n{go(wanted)}\n doesn't match {SET_ORDER} list:\n{go(order)}\n",
        )


def merge_list(original: list[Any], patch: list[Any], schema: Schema, *, deleting: bool = False) -> list[Any]:
    if MERGE not in schemas.patch_strategies(schema):
        return patch
    if not original and not patch:
        return original
    if not of_maps(original, patch):
        if deleting:
            return [item for item in original if item not in patch]
        return in_order(without_repeats(original + patch), patch, original, "")
    merge_key = schemas.patch_merge_key(schema)
    if not merge_key:
        raise BadPatch("cannot merge lists without merge key for type struct")
    live, wanted = follow_list_directives(original, patch, merge_key)
    merged = merge_items(live, wanted, merge_key, schemas.items(schema))
    return in_order(merged, wanted, live, merge_key)


def of_maps(*lists: list[Any]) -> bool:
    """Whether the elements are objects. Raises BadPatch where their types differ, or where they are lists."""
    elements = [item for items in lists for item in items]
    if isinstance(elements[0], list):
        raise BadPatch(LISTS_OF_LISTS, 422)
    if len({json_type(item) for item in elements}) > 1:
        raise BadPatch(f"list element types are not identical: {' '.join(go(items) for items in lists)}")
    return isinstance(elements[0], dict)


def follow_list_directives(original: list[Any], patch: list[Any], merge_key: str) -> tuple[list[Any], list[Any]]:
    """(the remaining list, the patch without its directives)."""
    wanted: list[Any] = []
    replaced = False
    for item in patch:
        directive = item.get(DIRECTIVE)
        if DIRECTIVE not in item:
            wanted.append(item)
        elif directive == DELETE:
            named = identity(item, merge_key)
            original = [live for live in original if live.get(merge_key) != named]
        elif directive == REPLACE:
            replaced = True
        elif directive == MERGE:
            raise BadPatch("merging lists cannot yet be specified in the patch")
        else:
            raise BadPatch(f"unknown patch type: {go(directive)} in map: {go(item)}")
    return (wanted, []) if replaced else (original, wanted)


def merge_items(live: list[Any], wanted: list[Any], merge_key: str, schema: Schema) -> list[Any]:
    result = list(live)
    for item in wanted:
        named = identity(item, merge_key)
        position = next((index for index, old in enumerate(result) if old.get(merge_key) == named), None)
        if position is None:
            result.append(without_directives(item))
        else:
            result[position] = merge_map(result[position], item, schema)
    return result


def in_order(merged: list[Any], first: list[Any], live: list[Any], merge_key: str) -> list[Any]:
    """The elements that `first` names in its order, the others in the live list's order, merged by their places in the live list
    (mergeSortedSlice)."""
    order = positions(first, merge_key)
    live_order = positions(live, merge_key)
    named = sorted((item for item in merged if order(item) >= 0), key=order)
    others = sorted((item for item in merged if order(item) < 0), key=live_order)
    result: list[Any] = []
    while others and named:
        left, right = live_order(others[0]), live_order(named[0])
        result.append(others.pop(0) if 0 <= left < right else named.pop(0))
    return result + others + named


def positions(items: list[Any], merge_key: str) -> Order:
    """A function: element -> its index in the list, -1 if it is not in the list."""
    known = [identity(item, merge_key) for item in items]

    def position(item: Any) -> int:
        named = identity(item, merge_key)
        return known.index(named) if named in known else -1

    return position


def identity(item: Any, merge_key: str) -> Any:
    """An element's identity: its merge key's value, or the primitive itself."""
    if not merge_key:
        return item
    if not isinstance(item, dict):
        raise BadPatch(f"expected a map[string]interface {{}}, but received a {go_type(item)}")
    if merge_key not in item:
        raise BadPatch(f"map: {go(item)} does not contain declared merge key: {merge_key}")
    return item[merge_key]


def without_directives(value: Any) -> Any:
    """The patch of a value that doesn't exist yet, without directives and deletions."""
    if isinstance(value, dict):
        kept = {key: child for key, child in value.items() if child is not None and not key.startswith(DIRECTIVES)}
        return {key: without_directives(child) for key, child in kept.items()}
    if isinstance(value, list):
        kept_items = [item for item in value if not (isinstance(item, dict) and DIRECTIVE in item)]
        return [without_directives(item) for item in kept_items]
    return value


def without_repeats(items: list[Any]) -> list[Any]:
    result: list[Any] = []
    for item in items:
        if item not in result:
            result.append(item)
    return result


def field_schema(schema: Schema, key: str) -> Schema:
    child = schemas.field(schema, key)
    if child is None:
        struct = schemas.reference_of(schema).rpartition(".")[2] or "the object"
        raise BadPatch(f'unable to find api field in struct {struct} for the json field "{key}"')
    return child


def key_after(prefix: str, key: str) -> str:
    """ "$setElementOrder/containers" -> "containers"."""
    _, slash, name = key.partition("/")
    if not slash or not name or "/" in name:
        raise BadPatch(BAD_SET_ORDER if prefix == SET_ORDER else BAD_PRIMITIVE_LIST)
    return name


def json_type(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def go(value: Any) -> str:
    """A value as Go's %v prints it, for upstream's messages."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go(item) for item in value) + "]"
    return str(value)


def go_type(value: Any) -> str:
    names = {dict: "map[string]interface {}", list: "[]interface {}", str: "string", bool: "bool", int: "int64"}
    return names.get(type(value), "float64" if isinstance(value, float) else "<nil>")
