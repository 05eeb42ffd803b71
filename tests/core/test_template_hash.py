"""pod-template-hash against the bytes that Kubernetes hashed."""

import copy
import json
from typing import Any

import pytest

from cluster.core.defaults import default_template
from cluster.core.template_hash import spew, template_hash
from tests.core.recordings import GOLDEN

CASES = json.loads((GOLDEN / "hashes.json").read_text())["cases"]
BOOK = json.loads((GOLDEN / "hashes_book_era.json").read_text())["cases"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in CASES])
def test_todays_hash(case: dict[str, Any]) -> None:
    template = default_template(case["template_input"])
    assert spew(template, "v1") == case["spew"]
    assert template_hash(template) == case["pod_template_hash"]
    assert template_hash(template, collision_count=1) == case["with_collisionCount_1"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["image"]) for each in BOOK])
def test_the_book_s_hash(case: dict[str, Any]) -> None:
    template = copy.deepcopy(CASES[0]["template_defaulted"])
    template["spec"]["containers"][0]["image"] = case["image"]
    assert spew(template, "api") == case["spew"]
    assert template_hash(template, api_version="apps/v1beta1") == str(case["adler32"])
