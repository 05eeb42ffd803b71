"""What the form of a path says."""

import pytest

from cluster.api.targets import names_object

PATHS = {
    "/api/v1/namespaces/default/pods/web": True,
    "/clusters/other/apis/apps/v1/namespaces/default/deployments/web": True,
    "/api/v1/nodes/node-1": True,
    "/api/v1/namespaces/default": True,
    "/api/v1/pods": False,
    "/api/v1/namespaces/default/pods": False,
    "/api/v1/namespaces/default/pods/web/log": False,
    "/apis/apps/v1/namespaces/default/deployments/web/scale": False,
    "/apis/metrics.k8s.io/v1beta1/nodes/node-1": False,
    "/openapi/v3/apis/apps/v1": False,
    "/version": False,
    "/": False,
}


@pytest.mark.parametrize(("path", "is_one"), PATHS.items(), ids=PATHS)
def test_the_path_of_a_stored_object_is_known_by_its_form(path: str, is_one: bool) -> None:
    assert names_object(path) is is_one
