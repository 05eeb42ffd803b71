"""Lessons as files: those that come with Rollstage pass, and errors say where."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cluster.classroom.lesson_files import FOLDER, BadLesson, load, shipped
from cluster.core.lessons.trial import try_out

SHIPPED = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda each: each.stem)
def test_a_shipped_lessons_solution_meets_its_checks_and_not_too_early(file: Path) -> None:
    assert try_out(load(file.read_text())) == []


def test_twelve_lessons_are_shipped_with_hints_and_something_to_try() -> None:
    lessons = [load(text) for text in shipped().values()]
    assert len(lessons) == 12
    assert len({each.title for each in lessons}) == 12
    for lesson in lessons:
        for task in lesson.tasks:
            assert task.hints or task.kubectl or task.page, (lesson.title, task.text)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("title: ", "titel: ", 1, "titel: unknown key", id="the first line"),
        pytest.param(
            "- clock: paused",
            "- clock: stopped",
            0,
            "tasks[0].check[0].clock: expected paused or running",
            id="a value",
        ),
        pytest.param("    predict: 3", "    predict: three", 0, "tasks[2].predict: expected a number", id="a number"),
        pytest.param("      replicas: 3", "      replicas: -3", 0, "setup.manifest: spec.replicas", id="the manifest"),
        pytest.param("tasks:", "tasks: [", 0, "error converting YAML", id="no YAML"),
    ],
)
def test_an_error_has_its_line_and_field(old: str, new: str, line: int, words: str) -> None:
    text = shipped()["02-rolling-update"]
    assert old in text
    with pytest.raises(BadLesson, match=words.replace("[", r"\[").replace("]", r"\]")) as error:
        load(text.replace(old, new, 1))
    expected = line or text[: text.index(old)].count("\n") + 1
    if "YAML" not in words and "manifest" not in words:
        assert error.value.line == expected


def test_the_command_names_file_line_and_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, gone = SHIPPED[0], tmp_path / "bad.yaml", tmp_path / "gone.yaml"
    bad.write_text(good.read_text().replace("deployed: false", "deployed: true"))
    with pytest.raises(CommandError, match="2 of 3 lessons failed"):
        call_command("lesson", "test", str(good), str(bad), str(gone))
    told = capsys.readouterr()
    assert told.out == f"{good}: passed\n"
    assert f"{bad}, line 23: tasks[0]: the check is met before anything was done" in told.err
    assert f"{gone}: No such file or directory" in told.err
