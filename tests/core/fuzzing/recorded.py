"""The recorded sequences (tests/golden/fuzzed): each state is kept as a JSON merge patch of the one before."""

import json
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from cluster.machinery.patches import merge_patch

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "fuzzed"
Json = dict[str, Any]


@cache
def run() -> Json:
    """What became of every sequence that was played: `seeds` [[from, to), ...], `sequences`, `steps`, `equal` of them as they stand, and by
    name the seeds that need an `older` rule or a `chance`; `played_again`, `alike_again`: of the latter, those that
    were played again, and that needed none then; `again`: by reason,
    those of which only the second time counts."""
    found: Json = json.loads((GOLDEN / "run.json").read_text())
    return found


@cache
def sequences() -> list[Json]:
    """`seed`, `steps`, `states`, and `chances`: by step, what upstream's chance was (see `chances`)."""
    lines = (GOLDEN / "sequences.jsonl").read_text().splitlines()
    return [each | {"states": unfold(each["states"])} for each in map(json.loads, lines)]


def unfold(patches: Iterable[Json]) -> list[Json]:
    """Without a Deployment a state has none."""
    return [{"deployment": None, **state} for state in accumulate(patches, merge_patch)]
