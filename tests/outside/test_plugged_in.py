"""Somebody else's scheduler and kubelet drive recorded sequences of edits: as against Kubernetes 1.36.2, step by step."""

from collections.abc import Iterator

import pytest

from tests.core.test_sequences import NAMES_BY_CHANCE, recorded, unite_race, worded
from tests.outside.plugged import Plugged, Server, plug_in
from tests.outside.process import WITH_BOOK, Demo

# All 40 were driven once by the driver that had recorded them, at this server instead of Kubernetes'.
DRIVEN_ALIKE = 38
DRIVEN_OTHERWISE = {
    "201": "which ReplicaSet the message of Progressing names is upstream's chance, as above",
    "235": "one state was taken half a second after the last write, before a ReplicaSet had counted its pods; alike when driven "
    "again with a second to wait",
}
PLAYED = ("216", "221", "237")  # a quick rolling update, Recreate with a pause, pods that are deleted


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    demo = Demo(tmp_path_factory.mktemp("plugged"))
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", WITH_BOOK)
    demo.start()
    found = Server(demo)
    plug_in(found)
    yield found
    demo.stop()


@pytest.mark.parametrize("name", PLAYED)
def test_a_recorded_sequence_goes_alike_through_the_api(server: Server, name: str) -> None:
    sequence = next(each for each in recorded("fuzz-whole.json") if each["name"] == name)
    plugged = Plugged(server, f"sequence-{name}")
    for index, (step, expected) in enumerate(zip(sequence["steps"], sequence["states"], strict=True)):
        actual, wanted = plugged.perform(step), worded(expected)
        unite_race(actual, wanted, any_name=name in NAMES_BY_CHANCE)
        del wanted["scalings"], wanted["evstream"]
        assert actual == wanted, f"after step {index}: {step}"
    assert plugged.scalings() == [each for state in sequence["states"] for each in state["scalings"]]
