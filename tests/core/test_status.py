"""The order in which a Deployment's conditions stand."""

from cluster.core.objects import ImageBehaviour
from tests.core import builders


def test_where_both_conditions_change_at_once_progressing_stands_last() -> None:
    behaviour = ImageBehaviour(pattern="*", start_seconds=1.0)
    start = builders.family(builders.deployment(3), behaviour=behaviour)
    settled, _, _ = builders.settle(start, builders.NOW)
    assert settled.deployment is not None
    found = [(each.type, each.reason) for each in settled.deployment.status.conditions]
    assert found == [("Available", "MinimumReplicasAvailable"), ("Progressing", "NewReplicaSetAvailable")]
