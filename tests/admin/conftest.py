from collections.abc import Callable

import pytest

from cluster import models
from cluster.writing import actions
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest


@pytest.fixture
def deployment(cluster: None, work: Callable[[], int]) -> models.Deployment:  # noqa: ARG001
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    return models.Deployment.objects.get()
