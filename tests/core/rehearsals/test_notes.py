"""The lines of a rehearsal, by rule: the page words the same rules from the same inputs (static/js/model/rehearsalwords.js, tested with
the same data in tests/js/rehearsalwords.test.js)."""

import json
from pathlib import Path
from typing import Any

from cluster.core.rehearsals.notes import RULES
from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.stories.reading import read_story
from tests.core.lessons.builders import MANIFEST

DATA = Path(__file__).parents[2] / "js" / "data" / "lines.json"
LIMITS = {"spec": {"progressDeadlineSeconds": 15, "revisionHistoryLimit": 0}}
STEPS: list[dict[str, Any]] = [
    {"apply": "manifest"}, {"wait": "complete"}, {"patch": LIMITS}, {"set-image": {"app": "nginx:1.9.1"}}, {"wait": "complete"},
    {"set-image": {"app": "nginx:1.91"}}, {"wait": "failed"}, {"scale": 4},
]  # fmt: skip


def test_the_page_is_tested_with_every_rule() -> None:
    lines = rehearse(read_story({"manifest": MANIFEST, "steps": STEPS}, name="all")).lines
    told = [each for each in lines if each.rule]
    assert {each.rule for each in told} == set(RULES)
    assert json.loads(DATA.read_text()) == [each.as_json() for each in told]
