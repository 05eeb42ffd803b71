"""The Chinese catalogue: every text of templates, modules and models has an entry, placeholders agree, and what is compiled is current.
Lessons and stories have their own texts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from cluster.classroom import lesson_files
from cluster.stories import story_files

ROOT = Path(__file__).parent.parent
CATALOGUE = Path("locale") / "zh_Hans" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
LANGUAGE = "zh-hans"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HAS_GETTEXT = shutil.which("xgettext") is not None
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which the texts have been gathered anew."""
    copy = tmp_path_factory.mktemp("texts")
    for name in ("cluster", "rollout_site", "templates", "static", "locale"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "fonts"))
    shutil.copy(ROOT / "manage.py", copy)
    for domain in DOMAINS:
        command = [sys.executable, "manage.py", "makemessages", "--locale", "zh_Hans", "--domain", domain]
        subprocess.run(command, cwd=copy, check=True, capture_output=True)
    return copy


@pytest.mark.skipif(not HAS_GETTEXT, reason="needs GNU gettext (xgettext)")
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_has_a_chinese_one(gathered: Path, domain: str) -> None:
    catalogue = polib.pofile(str(gathered / CATALOGUE / f"{domain}.po"))
    assert [each.msgid for each in catalogue.untranslated_entries()] == []
    assert [each.msgid for each in catalogue.fuzzy_entries()] == []
    assert [each.msgid for each in catalogue.obsolete_entries()] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_placeholders_agree(domain: str) -> None:
    for each in polib.pofile(str(ROOT / CATALOGUE / f"{domain}.po")):
        texts = [*each.msgstr_plural.values()] if each.msgid_plural else [each.msgstr]
        wanted = set(PLACEHOLDER.findall(each.msgid_plural or each.msgid))
        assert [set(PLACEHOLDER.findall(text)) for text in texts] == [wanted] * len(texts), each.msgid


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_is_compiled_is_what_is_written(domain: str) -> None:
    written = polib.pofile(str(ROOT / CATALOGUE / f"{domain}.po"))
    compiled = polib.mofile(str(ROOT / CATALOGUE / f"{domain}.mo"))
    assert {each.msgid: (each.msgstr, each.msgstr_plural) for each in compiled} == {
        each.msgid: (each.msgstr, each.msgstr_plural) for each in written
    }


@pytest.mark.parametrize("name", lesson_files.shipped())
def test_every_lesson_is_chinese_too(name: str) -> None:
    found = lesson_files.load(lesson_files.shipped()[name]).translations[LANGUAGE]
    texts = [found.purpose, *(each.text for each in found.tasks), *(each.page for each in found.tasks if each.page)]
    texts += [hint for each in found.tasks for hint in each.hints]
    assert [each for each in texts if not CHINESE.search(each)] == []


@pytest.mark.parametrize("name", story_files.library())
def test_every_story_is_chinese_too(name: str) -> None:
    story = story_files.library()[name]
    found = story.translations[LANGUAGE]
    said = [step.value for step in story.steps if step.verb == "say"]
    texts = [found.name, found.purpose, *(story.spoken(each)[LANGUAGE] for each in said)]
    assert [each for each in texts if not CHINESE.search(each)] == []
