"""What discovery says of the kinds."""

import pytest

from tests.api.conftest import Api

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.mark.parametrize(
    ("path", "plural", "expected"),
    [
        pytest.param("/apis/apps/v1", "deployments", "8aSe+NMegvE=", id="deployments, as recorded"),
        pytest.param("/apis/apps/v1", "statefulsets", "H+vl74LkKdo=", id="statefulsets, as recorded"),
        pytest.param("/apis/apps/v1", "deployments/scale", None, id="a subresource has none"),
        pytest.param("/api/v1", "pods", "xPOwRZ+Yhw8=", id="pods"),
        pytest.param("/api/v1", "bindings", None, id="what is not stored has none"),
    ],
)
def test_a_stored_kind_has_the_hash_of_its_storage_version(
    api: Api, path: str, plural: str, expected: str | None
) -> None:
    found = {each["name"]: each for each in api.get(path)["resources"]}
    assert found[plural].get("storageVersionHash") == expected


def test_a_kind_of_two_versions_is_stored_in_one(api: Api) -> None:
    hashes = {
        each["storageVersionHash"]
        for version in ("v1", "v2")
        for each in api.get(f"/apis/autoscaling/{version}")["resources"]
        if "storageVersionHash" in each
    }
    assert len(hashes) == 1
