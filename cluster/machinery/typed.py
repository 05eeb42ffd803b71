"""Operations on values with their schema: their fields, comparison, merge, removal, validation.

Model: kubernetes-sigs/structured-merge-diff typed/ (tofieldset.go, compare.go, merge.go, remove.go, validate.go). Arguments are
not changed.
"""

from dataclasses import dataclass, field
from typing import Any

from cluster.machinery import schemas
from cluster.machinery.fields import FieldSet, Path, list_element, path_text
from cluster.machinery.schemas import ANYTHING, Json, Schema


class _Missing:
    """Marks a field that one side lacks; null is a value."""


MISSING = _Missing()


@dataclass(frozen=True, kw_only=True)
class Comparison:
    added: FieldSet
    modified: FieldSet
    removed: FieldSet


def field_set(value: Json, schema: Schema) -> FieldSet:
    """The fields that an applied object owns: leaves, elements of lists, empty or null values."""
    found: set[Path] = set()
    _add_fields(value, schema, (), found)
    return frozenset(found)


def _add_fields(value: Any, schema: Schema, path: Path, found: set[Path]) -> None:
    if isinstance(value, dict):
        if schemas.is_atomic_map(schema):
            found.add(path)
            return
        for name, child in value.items():
            below = (*path, "f:" + name)
            _add_fields(child, _child(schema, name), below, found)
            if child is None or child == {} or not schemas.is_struct_field(schema, name):
                found.add(below)
    elif isinstance(value, list):
        if schemas.list_type(schema) == "atomic":
            found.add(path)
            return
        for element, child in _elements(value, schema):
            found.add((*path, element))
            _add_fields(child, schemas.items(schema), (*path, element), found)
    else:
        found.add(path)


def compare(old: Json, new: Json, schema: Schema) -> Comparison:
    """The fields that `new` adds, modifies and removes."""
    walk = _Compare()
    walk.visit(old, new, schema, (), in_leaf=False)
    return Comparison(
        added=frozenset(walk.added),
        modified=frozenset(walk.modified),
        removed=frozenset(walk.removed),
    )


@dataclass(kw_only=True)
class _Compare:
    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)

    def visit(self, old: Any, new: Any, schema: Schema, path: Path, *, in_leaf: bool) -> None:
        if old is new or (type(old) is type(new) and old == new):
            return
        one, other = _kind(old), _kind(new)
        kinds = sorted((one, other)) if one and other and one != other else (one or other or "scalar",)
        leaf_here = in_leaf
        for kind in kinds:
            leaf_here = self.visit_kind(kind, old, new, schema, path, in_leaf=in_leaf) or leaf_here
        if not leaf_here:
            if old is MISSING:
                self.added.add(path)
            elif new is MISSING:
                self.removed.add(path)

    def visit_kind(self, kind: str, old: Any, new: Any, schema: Schema, path: Path, *, in_leaf: bool) -> bool:
        """Visits the value as the kind of one of the sides; returns whether it was a leaf."""
        if kind == "scalar":
            return self.leaf(old, new, path, in_leaf=in_leaf)
        if kind == "map":
            return self.visit_map(old, new, schema, path, in_leaf=in_leaf)
        return self.visit_list(old, new, schema, path, in_leaf=in_leaf)

    def visit_map(self, old: Any, new: Any, schema: Schema, path: Path, *, in_leaf: bool) -> bool:
        left, right = _if_type(old, dict), _if_type(new, dict)
        leaf = schemas.is_atomic_map(schema) or not (left or right)
        if leaf:
            return self.leaf(old, new, path, in_leaf=in_leaf)
        left, right = left or {}, right or {}
        for name in [*left, *(name for name in right if name not in left)]:
            below = (*path, "f:" + name)
            child = _child(schema, name)
            self.visit(left.get(name, MISSING), right.get(name, MISSING), child, below, in_leaf=in_leaf)
        return in_leaf

    def visit_list(self, old: Any, new: Any, schema: Schema, path: Path, *, in_leaf: bool) -> bool:
        left, right = _if_type(old, list), _if_type(new, list)
        if schemas.list_type(schema) == "atomic" or not (left or right):
            return self.leaf(old, new, path, in_leaf=in_leaf)
        left_items = dict(_elements(left or [], schema))
        right_items = dict(_elements(right or [], schema))
        for element in [*left_items, *(name for name in right_items if name not in left_items)]:
            one, two = left_items.get(element, MISSING), right_items.get(element, MISSING)
            self.visit(one, two, schemas.items(schema), (*path, element), in_leaf=in_leaf)
        return in_leaf

    def leaf(self, old: Any, new: Any, path: Path, *, in_leaf: bool) -> bool:
        if in_leaf:
            return True
        if old is MISSING:
            self.added.add(path)
        elif new is MISSING:
            self.removed.add(path)
        elif old != new:
            self.modified.add(path)
        return True


def merge(live: Any, config: Any, schema: Schema) -> Any:
    """The live value overlaid with the configuration."""
    if isinstance(live, dict) and isinstance(config, dict) and not schemas.is_atomic_map(schema):
        result = dict(live)
        for name, child in config.items():
            result[name] = merge(live[name], child, _child(schema, name)) if name in live else child
        return result
    if isinstance(live, list) and isinstance(config, list) and schemas.list_type(schema) != "atomic":
        return _merge_lists(live, config, schema)
    if config is None and isinstance(live, dict | list):
        return live
    return config


def _merge_lists(live: list[Any], config: list[Any], schema: Schema) -> list[Any]:
    """The configuration's elements in its order; the others keep their place between them."""
    left, right = _elements(live, schema), _elements(config, schema)
    old, new = dict(left), dict(right)
    shared = [element for element, _ in right if element in old]
    result: list[Any] = []
    i = j = 0
    while i < len(left) or j < len(right):
        element = left[i][0] if i < len(left) else None
        if element is not None and element not in new:
            result.append(left[i][1])
            i += 1
        elif element is not None and (not shared or shared[0] != element):
            i += 1  # comes later, or has been taken already
        else:
            element, item = right[j]
            j += 1
            if shared and shared[0] == element:
                shared.pop(0)
                i += 1 if i < len(left) and left[i][0] == element else 0
            result.append(merge(old[element], item, schemas.items(schema)) if element in old else item)
    return result


def remove(value: Any, gone: FieldSet, schema: Schema, path: Path = ()) -> Any:
    """The value without the fields and elements of the set; None where nothing remains."""
    prefixes = {member[:depth] for member in gone for depth in range(1, len(member))}
    return _remove(value, gone, prefixes, schema, path) if gone else value


def _remove(value: Any, gone: FieldSet, prefixes: set[Path], schema: Schema, path: Path) -> Any:
    if isinstance(value, dict):
        kept: Json = {}
        for name, child in value.items():
            below = (*path, "f:" + name)
            if below in gone:
                continue
            if below in prefixes:
                left = _remove(child, gone, prefixes, _child(schema, name), below)
                if left is None and child is not None:
                    continue
                kept[name] = left
            else:
                kept[name] = child
        return kept or None
    if isinstance(value, list):
        items: list[Any] = []
        for element, child in _elements(value, schema):
            below = (*path, element)
            if below not in gone:
                left = _remove(child, gone, prefixes, schemas.items(schema), below) if below in prefixes else child
                items.append(left)
        return items or None
    return value


def problems(value: Any, schema: Schema, path: Path = ()) -> list[str]:
    """Why a value can't be applied: undeclared fields, elements without their key or with a duplicate one."""
    found: list[str] = []
    if isinstance(value, dict):
        for name, child in value.items():
            below = (*path, "f:" + name)
            child_schema = schemas.field(schema, name)
            if child_schema is None:
                found.append(f"{path_text(below)}: field not declared in schema")
            else:
                found += problems(child, child_schema, below)
    elif isinstance(value, list) and schemas.list_type(schema) != "atomic":
        seen: set[str] = set()
        for index, child in enumerate(value):
            element = list_element(child, index, schema)
            if element is None or element.startswith("i:"):
                found.append(f"{path_text(path)}: element {index}: {_key_problem(child, schema)}")
                continue
            if element in seen:
                found.append(f"{path_text(path)}: duplicate entries for key {path_text((element,))}")
            seen.add(element)
            found += problems(child, schemas.items(schema), (*path, element))
    return found


def _key_problem(item: Any, schema: Schema) -> str:
    if not isinstance(item, dict):
        return f"expected map, got {item!r}"
    key = schemas.list_keys(schema)[0]
    return f'associative list with keys has an element that omits key field "{key}" (and doesn\'t have default value)'


def _elements(items: list[Any], schema: Schema) -> list[tuple[str, Any]]:
    """(name, element) pairs of a list; an element without its key is named by its index."""
    return [(list_element(item, index, schema) or f"i:{index}", item) for index, item in enumerate(items)]


def _child(schema: Schema, name: str) -> Schema:
    return schemas.field(schema, name) or ANYTHING


def _kind(value: Any) -> str | None:
    """ "map", "list" or "scalar"; None for null and for missing values, which take the other side's kind."""
    if value is None or value is MISSING:
        return None
    return "map" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"


def _if_type(value: Any, kind: type) -> Any:
    return value if isinstance(value, kind) else None
