"""Every reason of the controllers, with the numbers from which the page writes the same sentence in the reader's language
(static/js/model/why.js, tested with the same data in tests/js/why.test.js)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cluster.core.controllers import garbage, replicaset, rolling, rolling_limits, scaling
from cluster.core.objects import Explanation
from tests.core.builders import deployment
from tests.core.builders import replicaset as set_of

DATA = Path(__file__).parents[2] / "js" / "data" / "whys.json"


def test_the_page_is_tested_with_these_reasons() -> None:
    assert json.loads(DATA.read_text()) == [as_json(each) for each in explanations()]


def as_json(why: Explanation) -> dict[str, Any]:
    return {"rule": why.rule, "inputs": dict(why.inputs), "text": why.text}


def explanations() -> Iterator[Explanation]:
    for surge, size in (("25%", 1), (1, 2), (3, 0), ("100%", 2)):
        owner = deployment(max_surge=surge, max_unavailable="25%")
        old, new = set_of("v1", 3), set_of("v2", size, number=2)
        yield rolling_limits.new_replicas(owner, [old, new], new).why
        yield rolling.explain_floor(owner, 5, 3, 2)
    yield rolling.explain_floor(deployment(max_unavailable=9), 1, 0, 1)
    yield rolling_limits.new_replicas(deployment(strategy="Recreate"), [], set_of("v2", 0)).why
    for unhealthy, spare, count in ((1, 2, 1), (2, 1, 1), (2, 3, 2)):
        yield rolling.explain_unhealthy(set_of("v1", 3), unhealthy, spare, count)
    yield scaling.explain_only(deployment())
    yield scaling.explain_saturated(set_of("v2", 3))
    for to_add in (4, -3):
        yield scaling.explain_share(deployment(10), set_of("v1", 3), 12, to_add)
    for verb in ("create", "delete"):
        yield replicaset._explain(set_of("v1", 3), 2, verb)
    yield garbage.owner_gone(set_of("v1", 3))
