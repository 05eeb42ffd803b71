"""The table of verbs: what is read, what is refused by its field's name, and who has the table too."""

from typing import Any

import pytest
from django.conf import settings

from cluster.core.fields import BadField
from cluster.core.manifests import edits
from cluster.core.manifests.verbs import LIMITS, VERBS, Moment
from cluster.core.rehearsals.stories.steps import READERS
from tests.core.builders import deployment
from tests.core.manifests.test_edits import applied
from tools import write_verbs_js

NEW = {"nginx": "nginx:2"}


@pytest.mark.parametrize(
    ("verb", "body", "value"),
    [
        pytest.param("set-image", {"images": NEW}, NEW, id="images"),
        pytest.param("scale", {"replicas": -1}, -1, id="the API server refuses numbers that can't be"),
        pytest.param("tune", {"max_surge": "50%"}, {"max_surge": "50%"}, id="a limit"),
        pytest.param(
            "tune", {"progress_deadline_seconds": None}, {"progress_deadline_seconds": None}, id="no deadline"
        ),
        pytest.param("undo", {"to_revision": 2**40}, 2**40, id="a revision is an int64"),
        pytest.param("undo", {}, 0, id="the revision before"),
        pytest.param("pause", {"why": "lunch"}, None, id="what a verb does not read"),
        pytest.param("edit", {"yaml": "a: 1"}, "a: 1", id="text"),
    ],
)
def test_a_body_of_the_page(verb: str, body: dict[str, Any], value: Any) -> None:
    read = VERBS[verb].read
    assert read is not None
    assert read(body) == value


@pytest.mark.parametrize(
    ("verb", "body", "message"),
    [
        ("set-image", {}, "images: Required value"),
        ("set-image", {"images": []}, "images: Invalid value: []: expected dict"),
        ("set-image", {"images": {"nginx": 1}}, "images: expected a mapping of container names to images"),
        ("scale", {"replicas": 2**31}, "replicas: Invalid value: must be between -2147483648 and 2147483647"),
        ("tune", {"colour": 1}, f"colour: unknown field; allowed are {', '.join(LIMITS)}"),
        ("tune", {"max_surge": 1.5}, "max_surge: Invalid value: 1.5: expected int or str"),
        ("tune", {"max_surge": "1" * 17}, "max_surge: Too long: may not be more than 16 bytes"),
        ("undo", {"to_revision": 2**63}, f"to_revision: Invalid value: must be between {-(2**63)} and {2**63 - 1}"),
        ("edit", {"yaml": 1}, "yaml: Invalid value: 1: expected str"),
    ],
    ids=str,
)
def test_a_body_is_refused_by_the_name_of_its_field(verb: str, body: dict[str, Any], message: str) -> None:
    read = VERBS[verb].read
    assert read is not None
    with pytest.raises(BadField) as refused:
        read(body)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("verb", "given", "value"),
    [
        ("set-image", {"nginx": "nginx:2"}, NEW),
        ("set-image", "nginx=nginx:2", NEW),
        ("set-image", "nginx:2", {"*": "nginx:2"}),
        ("scale", "5", 5),
        ("undo", {}, 0),
        ("undo", {"to-revision": 2}, 2),
        ("undo", 2, 2),
        ("pause", True, None),
    ],
    ids=str,
)
def test_a_step_of_a_story(verb: str, given: Any, value: Any) -> None:
    read = VERBS[verb].read_step
    assert read is not None
    assert read(given) == value


@pytest.mark.parametrize("key", [each for each in LIMITS if each != "strategy"])
def test_a_limit_is_the_field_of_the_spec_that_its_path_leads_to(key: str) -> None:
    """So the patch that the page shows as kubectl's does what the button does."""
    patch: Any = 33
    for part in reversed(LIMITS[key].path):
        patch = {part: patch}
    before = applied()
    after = edits.tune(before, **{key: 33})
    assert after == edits.patch(before, {"spec": patch})
    assert after != before


def test_a_restart_has_the_moment_s_time() -> None:
    edit = VERBS["restart"].edit
    assert edit is not None
    annotations = edit(deployment(3), None, Moment(now=1_000_000.0)).template["metadata"]["annotations"]
    assert annotations == {edits.RESTARTED_AT: "1970-01-12T13:46:40Z"}


def test_the_page_s_modules_have_this_table() -> None:
    assert write_verbs_js.OUTPUT.read_text() == write_verbs_js.text()


def test_the_manuals_know_every_verb() -> None:
    protocol, stories = ((settings.BASE_DIR / "docs" / name).read_text() for name in ("protocol.md", "stories.md"))
    assert [name for name, verb in VERBS.items() if verb.read and f"{name}/`" not in protocol] == []
    assert [name for name in READERS if f"`{name}`" not in stories] == []
