"""The recorded journals of tests/js/data/films: the core's tally has the points that film.test.js compares the chart with."""

import json
from pathlib import Path

import pytest

from cluster.page import rollouts

DATA = sorted((Path(__file__).parents[1] / "js" / "data" / "films").glob("*.json"))


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_the_core_counts_the_recorded_points(path: Path) -> None:
    film = json.loads(path.read_text())
    counted = rollouts.as_rehearsed({**film, "rollout": {"deployment": path.stem}})
    assert [each._asdict() for each in counted.points] == film["points"]
