"""The committed definitions answer what patches, validation and `kubectl explain` ask."""

from typing import Any

import pytest

from cluster.machinery import schemas
from cluster.machinery.schemas import UnknownKind, unknown_fields

SERVED = [
    ("", "v1", "Namespace"),
    ("", "v1", "Node"),
    ("", "v1", "Pod"),
    ("", "v1", "PodList"),
    ("", "v1", "Event"),
    ("", "v1", "Status"),
    ("", "v1", "DeleteOptions"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "DeploymentList"),
    ("apps", "v1", "ReplicaSet"),
    ("apps", "v1beta1", "Deployment"),
    ("apps", "v1beta1", "DeploymentRollback"),
    ("apps", "v1beta2", "Deployment"),
    ("apps", "v1beta2", "ReplicaSet"),
    ("extensions", "v1beta1", "Deployment"),
    ("extensions", "v1beta1", "DeploymentRollback"),
    ("extensions", "v1beta1", "ReplicaSet"),
    ("autoscaling", "v1", "Scale"),
    ("policy", "v1", "Eviction"),
    ("events.k8s.io", "v1", "Event"),
    ("authorization.k8s.io", "v1", "SelfSubjectAccessReview"),
    ("authentication.k8s.io", "v1", "SelfSubjectReview"),
]
DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")


def at(schema: dict[str, Any], path: str) -> dict[str, Any]:
    for name in path.split("."):
        child = schemas.items(schema) if name == "[]" else schemas.field(schema, name)
        assert child is not None, name
        schema = child
    return schema


@pytest.mark.parametrize("kind", SERVED, ids="/".join)
def test_every_kind_served_is_defined_and_described(kind: tuple[str, str, str]) -> None:
    definition = schemas.definition(*kind)
    group, version, name = kind
    assert {"group": group, "version": version, "kind": name} in definition["x-kubernetes-group-version-kind"]
    assert definition["description"]


def test_every_reference_leads_somewhere() -> None:
    names = set(schemas.closure(*schemas.definitions()))
    assert names == set(schemas.definitions())


def test_the_closure_of_a_kind_is_what_a_document_needs() -> None:
    names = schemas.closure("io.k8s.api.autoscaling.v1.Scale")
    assert {"io.k8s.api.autoscaling.v1.ScaleSpec", schemas.META + "ObjectMeta", schemas.META + "Time"} <= set(names)
    assert "io.k8s.api.core.v1.Pod" not in names


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UnknownKind, match='no kind "Jib" is registered for version "batch/v1"'):
        schemas.definition("batch", "v1", "Jib")


def test_a_group_of_somebody_else_is_not_the_built_in_one_of_the_same_first_label() -> None:
    with pytest.raises(UnknownKind):
        schemas.definition("apps.example.com", "v1", "Deployment")


@pytest.mark.parametrize(
    ("path", "strategies", "merge_key", "list_type", "keys"),
    [
        pytest.param("spec.template.spec.containers", ["merge"], "name", "map", ["name"], id="containers"),
        pytest.param(
            "spec.template.spec.containers.[].ports",
            ["merge"],
            "containerPort",
            "map",
            ["containerPort", "protocol"],
            id="ports",
        ),
        pytest.param("spec.template.spec.volumes", ["merge", "retainKeys"], "name", "map", ["name"], id="volumes"),
        pytest.param("spec.template.spec.tolerations", [], "", "atomic", [], id="tolerations"),
        pytest.param("metadata.finalizers", ["merge"], "", "set", [], id="finalizers"),
        pytest.param("metadata.ownerReferences", ["merge"], "uid", "map", ["uid"], id="owners"),
        pytest.param("status.conditions", ["merge"], "type", "map", ["type"], id="conditions"),
    ],
)
def test_lists_say_how_they_are_merged(
    path: str, strategies: list[str], merge_key: str, list_type: str, keys: list[str]
) -> None:
    schema = at(DEPLOYMENT, path)
    assert sorted(schemas.patch_strategies(schema)) == strategies
    assert (schemas.patch_merge_key(schema), schemas.list_type(schema), schemas.list_keys(schema)) == (
        merge_key,
        list_type,
        keys,
    )


def test_a_selector_has_one_owner_and_labels_have_many() -> None:
    assert schemas.is_atomic_map(at(DEPLOYMENT, "spec.selector"))
    assert not schemas.is_atomic_map(at(DEPLOYMENT, "metadata.labels"))


@pytest.mark.parametrize(
    ("group", "version", "rollback", "selector_required"),
    [
        ("apps", "v1", False, True),
        ("apps", "v1beta2", False, True),
        ("apps", "v1beta1", True, False),
        ("extensions", "v1beta1", True, False),
    ],
)
def test_old_versions_differ_where_they_did(group: str, version: str, rollback: bool, selector_required: bool) -> None:
    spec = schemas.resolve(at(schemas.definition(group, version, "Deployment"), "spec"))
    assert ("rollbackTo" in spec["properties"]) is rollback
    assert ("selector" in spec.get("required", [])) is selector_required


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param(
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"labels": {"any": "x"}}}, [], id="none"
        ),
        pytest.param({"spec": {"replica": 3}}, ["spec.replica"], id="in the spec"),
        pytest.param(
            {
                "foo": 1,
                "spec": {"template": {"spec": {"containers": [{"name": "a"}, {"imagee": "b", "env": [{"nam": "x"}]}]}}},
            },
            ["foo", "spec.template.spec.containers[1].imagee", "spec.template.spec.containers[1].env[0].nam"],
            id="in lists, in their order",
        ),
        pytest.param(
            {"metadata": {"managedFields": [{"fieldsV1": {"f:spec": {"f:x": {}}}}]}}, [], id="fields that are free form"
        ),
        pytest.param(
            {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": {"gpu.example/x": 1}}}]}}}},
            [],
            id="keys of a map",
        ),
        pytest.param({"spec": [1], "metadata": "x"}, [], id="wrong types are others' business"),
    ],
)
def test_unknown_fields_are_found_by_path(manifest: dict[str, Any], expected: list[str]) -> None:
    assert unknown_fields(manifest, DEPLOYMENT) == expected


def test_unknown_and_repeated_fields_are_told_in_upstreams_words() -> None:
    problems = schemas.strict_problems(["spec.foo"], ["spec.replicas"])
    assert problems == ['unknown field "spec.foo"', 'duplicate field "spec.replicas"']
    expected = 'strict decoding error: unknown field "spec.foo", duplicate field "spec.replicas"'
    assert schemas.strict_refusal(problems) == expected
