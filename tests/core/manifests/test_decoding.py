"""What can't be decoded: fields that don't exist and values of the wrong type."""

from typing import Any

import pytest

from cluster.core.manifests.decoding import decoding_status, find_problems
from cluster.core.manifests.gotypes import TODAY, json_fields

CONTAINER = "spec.template.spec.containers"


def deployment(**container: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", **container}]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"template": template}}


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec}


UNKNOWN = [
    pytest.param(deployment(imagee="x"), f"{CONTAINER}[0].imagee", id="a container's"),
    pytest.param(deployment(ports=[{}, {"port": 1}]), f"{CONTAINER}[0].ports[1].port", id="a port's"),
    pytest.param(deployment(livenessProbe={"httpget": {}}), f"{CONTAINER}[0].livenessProbe.httpget", id="a probe's"),
    pytest.param(
        deployment(env=[{"valueFrom": {"fieldRef": {"path": "x"}}}]),
        f"{CONTAINER}[0].env[0].valueFrom.fieldRef.path",
        id="a variable's source",
    ),
    pytest.param(
        deployment(livenessProbe={"sleep": {"seconds": 1}}),
        f"{CONTAINER}[0].livenessProbe.sleep",
        id="a hook's handler in a probe",
    ),
    pytest.param(
        deployment(lifecycle={"preStop": {"grpc": {"port": 1}}}),
        f"{CONTAINER}[0].lifecycle.preStop.grpc",
        id="a probe's handler in a hook",
    ),
    pytest.param(pod(volumes=[{"emptydir": {}}]), "spec.volumes[0].emptydir", id="a volume's source"),
    pytest.param(
        pod(affinity={"nodeAffinity": {"required": {}}}), "spec.affinity.nodeAffinity.required", id="an affinity's"
    ),
    pytest.param(
        pod(securityContext={"windowsOptions": {"user": "x"}}),
        "spec.securityContext.windowsOptions.user",
        id="windows options'",
    ),
    pytest.param({**deployment(), "foo": 1}, "foo", id="the object's"),
    pytest.param(
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"strategy": {}}}, "spec.strategy", id="a ReplicaSet's"
    ),
    pytest.param(
        {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"rollbackTo": {}}},
        "spec.rollbackTo",
        id="rollbackTo in apps/v1",
    ),
]


@pytest.mark.parametrize(("manifest", "field"), UNKNOWN)
def test_an_unknown_field_is_named_with_its_path(manifest: dict[str, Any], field: str) -> None:
    body = decoding_status(manifest)
    assert body is not None
    kind, version = manifest["kind"], manifest["apiVersion"].rpartition("/")[2]
    assert body["message"] == (
        f'{kind} in version "{version}" cannot be handled as a {kind}: strict decoding error: unknown field "{field}"'
    )
    assert [each["field"] for each in body["details"]["causes"]] == [field]
    assert all(each.strict for each in find_problems(manifest))


def test_a_field_that_has_left_the_api_is_unknown() -> None:
    manifest = deployment() | {"metadata": {"name": "x", "clusterName": "c"}}
    assert [each.text for each in find_problems(manifest)] == ['unknown field "metadata.clusterName"']


def test_all_unknown_fields_are_listed() -> None:
    body = decoding_status(deployment(a=1, b=2))
    assert body is not None
    assert body["message"].endswith(f'unknown field "{CONTAINER}[0].a", unknown field "{CONTAINER}[0].b"')


WRONG = [
    pytest.param(
        deployment(env=[{"name": "A", "value": 1}]),
        f"json: cannot unmarshal number into Go struct field EnvVar.{CONTAINER}.env.value of type string",
        f"{CONTAINER}[0].env[0].value",
        id="a number for a text",
    ),
    pytest.param(
        deployment(ports=[{"containerPort": "80"}]),
        f"json: cannot unmarshal string into Go struct field ContainerPort.{CONTAINER}.ports.containerPort of type int32",
        f"{CONTAINER}[0].ports[0].containerPort",
        id="a text for a number",
    ),
    pytest.param(
        deployment(ports=[{"containerPort": 3000000000}]),
        "json: cannot unmarshal number 3000000000 into Go struct field "
        f"ContainerPort.{CONTAINER}.ports.containerPort of type int32",
        f"{CONTAINER}[0].ports[0].containerPort",
        id="a number too large",
    ),
    pytest.param(
        deployment(stdin="yes"),
        f"json: cannot unmarshal string into Go struct field Container.{CONTAINER}.stdin of type bool",
        f"{CONTAINER}[0].stdin",
        id="a text for a boolean",
    ),
    pytest.param(
        deployment(command="sh"),
        f"json: cannot unmarshal string into Go struct field Container.{CONTAINER}.command of type []string",
        f"{CONTAINER}[0].command",
        id="a text for a list",
    ),
    pytest.param(
        deployment(resources=[]),
        f"json: cannot unmarshal array into Go struct field Container.{CONTAINER}.resources of type v1.ResourceRequirements",
        f"{CONTAINER}[0].resources",
        id="a list for a struct",
    ),
    pytest.param(
        deployment(imagePullPolicy=True),
        f"json: cannot unmarshal bool into Go struct field Container.{CONTAINER}.imagePullPolicy of type v1.PullPolicy",
        f"{CONTAINER}[0].imagePullPolicy",
        id="a boolean for a named text",
    ),
    pytest.param(
        pod(nodeSelector={"a": 1}),
        "json: cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string",
        "spec.nodeSelector.a",
        id="a number in a map",
    ),
    pytest.param(
        deployment(resources={"limits": {"cpu": "lots"}}),
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        f"{CONTAINER}[0].resources.limits.cpu",
        id="a quantity",
    ),
    pytest.param(
        deployment(securityContext={"capabilities": {"add": [1]}}),
        "json: cannot unmarshal number into Go struct field "
        f"Capabilities.{CONTAINER}.securityContext.capabilities.add of type v1.Capability",
        f"{CONTAINER}[0].securityContext.capabilities.add[0]",
        id="a number in a list",
    ),
]


@pytest.mark.parametrize(("manifest", "text", "field"), WRONG)
def test_a_value_of_the_wrong_type_is_told_as_go_tells_it(manifest: dict[str, Any], text: str, field: str) -> None:
    body = decoding_status(manifest)
    assert body is not None
    assert body["code"] == 400
    assert body["message"].endswith(f"cannot be handled as a {manifest['kind']}: {text}")
    assert [each["field"] for each in body["details"]["causes"]] == [field]


def test_a_wrong_type_is_told_before_unknown_fields() -> None:
    body = decoding_status(deployment(foo=1, stdin=1))
    assert body is not None
    assert "strict" not in body["message"]
    assert [each["field"] for each in body["details"]["causes"]] == [f"{CONTAINER}[0].stdin", f"{CONTAINER}[0].foo"]


def test_the_old_versions_know_their_rollback() -> None:
    manifest = {"apiVersion": "extensions/v1beta1", "kind": "Deployment", "spec": {"rollbackTo": {"revision": 1}}}
    assert find_problems(manifest) == []


def test_null_is_absent_everywhere() -> None:
    nothing = {field.key: None for field in json_fields(TODAY, "Container")}
    assert find_problems(deployment(**nothing)) == []


def test_every_type_of_the_tables_is_known_to_the_tables() -> None:
    simple = {
        "string",
        "bool",
        "int32",
        "int64",
        "map[string]string",
        "ResourceList",
        "Quantity",
        "IntOrString",
        "Time",
        "FieldsV1",
        "Any",
    }
    kinds = {field.kind.lstrip("*[]") for fields in TODAY.values() for field in fields}
    assert {kind for kind in kinds if "." not in kind and not kind.startswith("map")} <= simple | set(TODAY)
