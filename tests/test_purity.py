"""The core has no clock and no chance: `now` and the uid are arguments, so a run can be replayed. The import contract
in pyproject.toml forbids Django and asyncio there, but can't see calls."""

import re
from pathlib import Path

import pytest

CORE = Path(__file__).parent.parent / "cluster" / "core"
IMPURE = re.compile(
    r"^\s*(import|from) (random|secrets|time|os|socket|threading|subprocess|pathlib|logging)\b"
    r"|\.(now|utcnow|today)\(|uuid[14]\(|\bopen\(|\bprint\(",
    re.MULTILINE,
)


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: path.relative_to(CORE).as_posix())
def test_the_core_has_no_clock_no_chance_and_no_files(path: Path) -> None:
    assert [found.group().strip() for found in IMPURE.finditer(path.read_text())] == []


@pytest.mark.parametrize(
    "line",
    ["import random", "from time import monotonic", "at = datetime.now(UTC)", "uid = str(uuid4())", "with open(path):"],
)
def test_the_search_would_find_it(line: str) -> None:
    assert IMPURE.search(line)
