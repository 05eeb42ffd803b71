"""The page that says what was compared with what tells the truth."""

import pytest

from tests import fidelity


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in fidelity.files()])
def test_the_committed_page_is_what_the_command_writes(path) -> None:
    assert path.read_text() == fidelity.files()[path], "run: python -m tests.fidelity"


def test_every_test_that_the_page_names_exists() -> None:
    named = [each for found in fidelity.compared() for each in found.test.split(", ")]
    assert all((fidelity.DOCS.parent / name).exists() for name in named)


def test_every_difference_belongs_to_a_group_and_gives_a_reason() -> None:
    for each in fidelity.differences():
        assert each.group in fidelity.GROUPS
        assert each.reason
