"""What is admitted: the quota of a namespace, counted by the database as the core counts it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.core.objects import IntOrPercent
from cluster.records.rows import deployment_value
from cluster.writing import actions, admission
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("replicas", [0, 1, 3, 7, 2_147_483_647])
@pytest.mark.parametrize(
    ("surge", "unavailable", "strategy"),
    [
        (1, 0, "RollingUpdate"),
        (0, 0, "RollingUpdate"),
        ("25%", "25%", "RollingUpdate"),
        ("1%", "0%", "RollingUpdate"),
        ("300%", 1, "RollingUpdate"),
        (2_147_483_640, 0, "RollingUpdate"),
        ("50%", 0, "Recreate"),
    ],
    ids=str,
)
def test_the_database_counts_a_surge_as_the_controller_does(
    replicas: int, surge: IntOrPercent, unavailable: IntOrPercent, strategy: str
) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    columns = {"replicas": replicas, "max_surge": str(surge), "max_unavailable": str(unavailable), "strategy": strategy}
    models.Deployment.objects.update(**columns)
    row = models.Deployment.objects.get()
    asked = admission.pods_of(deployment_value(row, "default"))
    assert admission.pods_asked_for(row.namespace, ()) == asked
    assert admission.pods_asked_for(row.namespace, (row.uid,)) == 0


@pytest.mark.usefixtures("cluster")
def test_a_write_reads_no_other_deployment_of_its_namespace(work: Callable[[], int]) -> None:
    for number in range(5):
        actions.create(DEFAULT, manifest(name=f"web-{number}", replicas=1), actor="me")
    work()
    value = deployment_value(models.Deployment.objects.get(name="web-0"), "default")
    space = models.Namespace.objects.get(name="default")
    with CaptureQueriesContext(connection) as captured:
        admission.check_quota(space, "deployments.apps", replace(value, replicas=2), value)
    read = [each["sql"] for each in captured if 'FROM "cluster_deployment"' in each["sql"]]
    assert len(read) == 1
    assert read[0].startswith("SELECT SUM(")
