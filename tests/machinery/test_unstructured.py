"""Maps and lists as Go restores structs from them (apimachinery pkg/runtime/converter.go)."""

from typing import Any

import pytest

from cluster.machinery import schemas, unstructured

POD, DEPLOYMENT = schemas.definition("", "v1", "Pod"), schemas.definition("apps", "v1", "Deployment")


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        pytest.param(POD, {"metadata": {"labels": "x"}}, "cannot restore map from string", id="a map"),
        pytest.param(POD, {"metadata": {"labels": ["x"]}}, "cannot restore map from slice", id="a map, of a list"),
        pytest.param(POD, {"metadata": True}, "cannot restore struct from: bool", id="a struct"),
        pytest.param(POD, {"spec": {"containers": {}}}, "cannot restore slice from map", id="a list"),
        pytest.param(POD, {"spec": {"containers": ["a"]}}, "cannot restore struct from: string", id="an element"),
        pytest.param(POD, {"metadata": {"labels": {"a": {}}}}, "unrecognized type: string", id="a value of a map"),
        pytest.param(
            POD, {"metadata": {"labels": {"a": 1}}}, "cannot convert int64 to string", id="a number for a text"
        ),
        pytest.param(POD, {"spec": {"hostNetwork": "yes"}}, "unrecognized type: bool", id="a boolean"),
        pytest.param(DEPLOYMENT, {"spec": {"replicas": "1"}}, "unrecognized type: int32", id="a text for a number"),
        pytest.param(DEPLOYMENT, {"spec": {"replicas": 1.5}}, "cannot convert float64 to int32", id="half a replica"),
        pytest.param(
            DEPLOYMENT,
            {"spec": {"replicas": float("inf")}},
            "cannot convert float64 to int32",
            id="more than a float holds",
        ),
        pytest.param(DEPLOYMENT, {"spec": {"replicas": 2.0}}, None, id="a whole number with a point"),
        pytest.param(
            DEPLOYMENT, {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "a"}}}}, None, id="int or string"
        ),
        pytest.param(POD, {"spec": {"containers": [{"resources": {"limits": {"cpu": 1}}}]}}, None, id="a quantity"),
        pytest.param(POD, {"metadata": {"labels": {"a": None}}, "spec": None}, None, id="nulls"),
        pytest.param(POD, {"metadata": {"managedFields": [{"fieldsV1": {"f:spec": {}}}]}}, None, id="free form"),
    ],
)
def test_the_first_value_of_another_type_is_told(schema: Any, value: Any, expected: str | None) -> None:
    assert unstructured.problem(value, schema) == expected
