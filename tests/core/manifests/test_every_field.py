"""Each field of a pod template, found by walking the tables: it is decoded, it enters the hash, and no null breaks anything."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from cluster.core import validation
from cluster.core.manifests import decoding, defaults
from cluster.core.manifests.gotypes import SPEWED, TODAY, Structs, json_fields
from cluster.core.manifests.template_hash import spew

SAMPLES: dict[str, Any] = {
    "bool": True, "int32": 7, "int64": 7, "map[string]string": {"k": "v"}, "ResourceList": {"cpu": "2"}, "Quantity": "3Gi",
    "IntOrString": "web", "FieldsV1": {"f:a": {}},
}  # fmt: skip
CHANGED: dict[str, Any] = {
    "bool": False, "int32": 8, "int64": 8, "map[string]string": {"k": "w"}, "ResourceList": {"cpu": "4"}, "Quantity": "5Gi",
    "IntOrString": 80, "FieldsV1": {"f:b": {}},
}  # fmt: skip
# A time is printed as unset: Kubernetes' would depend on the machine's time zone.
NOT_HASHED = ("creationTimestamp", "deletionTimestamp", "time")
Path = tuple[str | int, ...]


def sample(structs: Structs, kind: str) -> Any:
    kind = kind.lstrip("*")
    if kind.startswith("[]"):
        return [sample(structs, kind[2:])]
    if kind in structs:
        return {field.key: sample(structs, field.kind) for field in json_fields(structs, kind)}
    return SAMPLES.get(kind, "text")


def leaves(structs: Structs, kind: str, path: Path = ()) -> Iterator[tuple[Path, str]]:
    kind = kind.lstrip("*")
    if kind.startswith("[]"):
        yield from leaves(structs, kind[2:], (*path, 0))
    elif kind in structs:
        for field in json_fields(structs, kind):
            yield from leaves(structs, field.kind, (*path, field.key))
    else:
        yield path, kind


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy of a value with another at the path."""
    if not path:
        return new
    result = copy.copy(value)
    result[path[0]] = put(value[path[0]], path[1:], new)
    return result


def nodes(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from nodes(each, (*path, key))


@pytest.mark.parametrize("package", ["v1", "api"])
def test_a_change_of_any_field_changes_the_hash(package: str) -> None:
    full = sample(SPEWED[package], "PodTemplateSpec")
    before = spew(full, package)
    unchanged = []
    for path, kind in leaves(SPEWED[package], "PodTemplateSpec"):
        changed = put(full, path, CHANGED.get(kind, "other"))
        if spew(changed, package) == before:
            unchanged.append(path)
    hidden = {"hostNetwork", "hostPID", "hostIPC"} if package == "api" else set()
    assert [each for each in unchanged if each[-1] not in NOT_HASHED and not hidden & set(each)] == []


def test_every_field_of_today_is_decoded_and_examined() -> None:
    manifest = deployment(sample(TODAY, "PodTemplateSpec"))
    assert decoding.find_problems(manifest) == []
    assert validation.validate_deployment(defaults.default_deployment(manifest))


def test_every_field_of_another_type_is_told() -> None:
    full = sample(TODAY, "PodTemplateSpec")
    silent = []
    for path, kind in leaves(TODAY, "PodTemplateSpec"):
        if kind != "FieldsV1" and not decoding.find_problems(deployment(put(full, path, [{}]))):
            silent.append(path)
    assert silent == []


def test_a_null_in_any_place_is_decoded_defaulted_examined_and_hashed() -> None:
    full = sample(TODAY, "PodTemplateSpec")
    for path in nodes(full):
        manifest = deployment(put(around(full, path), path, None))
        assert decoding.find_problems(manifest) == [], path
        complete = defaults.default_deployment(manifest)
        validation.validate_deployment(complete)
        validation.validate_pod(defaults.default_pod({"kind": "Pod", **(complete["spec"]["template"])}))
        for package in ("v1", "api"):
            spew(complete["spec"]["template"], package)


def test_an_empty_struct_in_any_place_is_examined() -> None:
    full = sample(TODAY, "PodTemplateSpec")
    for path in nodes(full):
        part = value = around(full, path)
        for key in path:
            value = value[key]
        if not isinstance(value, (dict, list)):
            continue
        complete = defaults.default_deployment(deployment(put(part, path, type(value)())))
        validation.validate_deployment(complete)
        spew(complete["spec"]["template"], "v1")


def around(full: Any, path: Path) -> Any:
    """Of a template the field of the pod's spec that the path leads through, beside one container: whatever else is there costs
    the time of a hundred fields for each of them."""
    if path[:1] != ("spec",) or len(path) == 1:
        return full
    spec = {"containers": [{"name": "web", "image": "nginx"}], path[1]: full["spec"][path[1]]}
    return {**full, "spec": spec}


def deployment(template: Any) -> dict[str, Any]:
    spec = {"selector": {"matchLabels": {"k": "v"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec}
