"""Upstream's own tables of valid and invalid objects (pkg/apis/apps/validation/validation_test.go)."""

import json
from typing import Any

import pytest

from cluster.core import validation
from cluster.core.manifests.gotypes import TODAY
from tests.core.recordings import GOLDEN

# The namespace is the request's, so an object may come without one.
ELSEWHERE = {"missing-namespace"}
# Of the internal types: the host namespaces stand in a pod's security context there, its metadata in the object itself.
METADATA = {"name", "namespace", "labels", "annotations", "creationTimestamp", "generateName", "resourceVersion"}


def table(name: str) -> Any:
    return json.loads((GOLDEN / "upstream" / f"validation.{name}.json").read_text())["cases"]


def cases(name: str) -> list[Any]:
    found = table(name)
    named = (
        found.items()
        if isinstance(found, dict)
        else ((each.get("name") or str(n), each) for n, each in enumerate(found))
    )
    return [pytest.param(each, id=key) for key, each in named if key not in ELSEWHERE]


def messages(name: str) -> list[Any]:
    return [pytest.param(key, each, id=key) for key, each in table(name).items() if key not in ELSEWHERE]


@pytest.mark.parametrize(("text", "case"), messages("TestValidateDeployment.errorCases"))
def test_a_deployment_is_refused_with_the_text(text: str, case: dict[str, Any]) -> None:
    errors = validation.validate_deployment(manifest(case, "Deployment"))
    assert any(text in str(each) for each in errors)


@pytest.mark.parametrize("case", cases("TestValidateDeployment.successCases"))
def test_a_deployment_is_accepted(case: dict[str, Any]) -> None:
    assert validation.validate_deployment(manifest(case, "Deployment")) == []


FIELDS = ("spec.template.", "spec.selector", "spec.replicas", "metadata.")


@pytest.mark.parametrize("case", cases("TestValidateReplicaSet.errorCases"))
def test_a_replicaset_is_refused(case: dict[str, Any]) -> None:
    errors = validation.validate_replicaset(manifest(case, "ReplicaSet"))
    assert errors
    assert all(each.field.startswith(FIELDS) for each in errors)


@pytest.mark.parametrize("case", cases("TestValidateReplicaSet.successCases"))
def test_a_replicaset_is_accepted(case: dict[str, Any]) -> None:
    assert validation.validate_replicaset(manifest(case, "ReplicaSet")) == []


@pytest.mark.parametrize("case", cases("TestValidateReplicaSetUpdate.errorCases"))
def test_an_update_of_a_replicaset_is_refused(case: dict[str, Any]) -> None:
    assert validation.validate_replicaset(manifest(case["update"], "ReplicaSet"))


@pytest.mark.parametrize("case", cases("TestValidateReplicaSetUpdate.successCases"))
def test_an_update_of_a_replicaset_is_accepted(case: dict[str, Any]) -> None:
    old, new = manifest(case["old"], "ReplicaSet"), manifest(case["update"], "ReplicaSet")
    assert validation.validate_replicaset(new) == []
    assert [each for each in validation.validate_update(old, new) if each.field != "spec.selector"] == []


@pytest.mark.parametrize("case", cases("TestValidateDeploymentStatus.tests"))
def test_a_deployments_status(case: dict[str, Any]) -> None:
    assert bool(validation.validate_deployment_status({}, case)) is case["expectedErr"]


@pytest.mark.parametrize("case", cases("TestValidateDeploymentStatusUpdate.tests"))
def test_an_update_of_a_deployments_status(case: dict[str, Any]) -> None:
    old, new = (keys_of_json(case[key]) for key in ("from", "to"))
    assert bool(validation.validate_deployment_status(old, new)) is case["expectedErr"]


@pytest.mark.parametrize("case", cases("TestValidateReplicaSetStatus.tests"))
def test_a_replicasets_status(case: dict[str, Any]) -> None:
    assert bool(validation.validate_replicaset_status(case)) is case["expectedErr"]


@pytest.mark.parametrize("case", cases("TestValidateReplicaSetStatusUpdate.errorCases"))
def test_an_update_of_a_replicasets_status_is_refused(case: dict[str, Any]) -> None:
    assert validation.validate_replicaset_status(keys_of_json(case["update"]["Status"]))


@pytest.mark.parametrize("case", cases("TestValidateReplicaSetStatusUpdate.successCases"))
def test_an_update_of_a_replicasets_status_is_accepted(case: dict[str, Any]) -> None:
    assert validation.validate_replicaset_status(keys_of_json(case["update"]["Status"])) == []


@pytest.mark.parametrize(("text", "case"), messages("TestValidateDeploymentRollback.errorCases"))
def test_a_rollback_is_refused_with_the_text(text: str, case: dict[str, Any]) -> None:
    assert any(text in str(each) for each in validation.validate_rollback(rollback(case)))


@pytest.mark.parametrize("case", cases("TestValidateDeploymentRollback.successCases"))
def test_a_rollback_is_accepted(case: dict[str, Any]) -> None:
    assert validation.validate_rollback(rollback(case)) == []


def rollback(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": case["Name"],
        "updatedAnnotations": case["UpdatedAnnotations"],
        "rollbackTo": keys_of_json(case["RollbackTo"]),
    }


def manifest(internal: dict[str, Any], kind: str) -> dict[str, Any]:
    """An object of the internal types, as Go's encoder leaves it, as a manifest."""
    spec = written(internal["Spec"], f"{kind}Spec")
    template = internal["Spec"]["Template"]
    spec["template"] = {"metadata": metadata(template), "spec": written(template["Spec"], "PodSpec")}
    return {"kind": kind, "metadata": metadata(internal), "spec": spec}


def metadata(internal: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in internal.items() if key in METADATA and value is not None}


def written(value: dict[str, Any], struct: str) -> dict[str, Any]:
    """With the keys of the JSON; nothing that is empty, as the encoder of the API leaves it out."""
    result: dict[str, Any] = {}
    for field in TODAY[struct]:
        kind = field.kind.lstrip("*")
        if not field.key:
            result |= written(value.get(field.name, value), kind)
        elif (found := value.get(field.name, value.get(field.key))) not in (None, ""):
            result[field.key] = inner(found, kind)
    return result


def inner(value: Any, kind: str) -> Any:
    if kind.startswith("[]"):
        return [inner(each, kind[2:]) for each in value]
    if kind in TODAY and isinstance(value, dict) and kind not in ("LabelSelector", "PodTemplateSpec"):
        return written(value, kind)
    return value


def keys_of_json(value: dict[str, Any]) -> dict[str, Any]:
    return {key[:1].lower() + key[1:]: each for key, each in value.items()}
