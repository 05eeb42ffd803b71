"""The order in which a Deployment's conditions stand."""

from cluster.core.objects import ImageBehaviour
from tests.core import builders


def test_where_both_conditions_change_at_once_progressing_stands_last() -> None:
    behaviour = ImageBehaviour(pattern="*", start_seconds=1.0)
    state = builders.running(builders.deployment(3), behaviour=behaviour)
    found = [(each.type, each.reason) for each in builders.owner_of(state).status.conditions]
    assert found == [("Available", "MinimumReplicasAvailable"), ("Progressing", "NewReplicaSetAvailable")]
