"""Gathered static files: one process gathers them, and none removes what another is gathering."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rollout_site import static_files


@pytest.fixture
def root(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this version; gathering writes one file. Beside it is what another version and a killed process left."""
    for left in ("other", "this.1"):
        (tmp_path / "static" / left).mkdir(parents=True)
    settings.STATIC_ROOT = tmp_path / "static" / "this"
    monkeypatch.setattr(static_files, "fill", fill)
    return tmp_path / "static"


def fill(folder: Path) -> None:
    folder.mkdir()
    (folder / static_files.MANIFEST).write_text("")


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_others_left_is_removed(root: Path) -> None:
    static_files.gather()
    assert names(root) == ["this"]
    assert names(root / "this") == [static_files.MANIFEST]


def test_an_empty_folder_is_gathered_anew(root: Path) -> None:
    (root / "this").mkdir()
    static_files.gather()
    assert names(root / "this") == [static_files.MANIFEST]


def test_of_two_that_start_together_one_gathers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filling, go_on, filled = threading.Event(), threading.Event(), []

    def slow(folder: Path) -> None:
        filled.append(folder)
        filling.set()
        assert go_on.wait(20)
        fill(folder)

    monkeypatch.setattr(static_files, "fill", slow)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(static_files.gather)
        assert filling.wait(20)
        second = threads.submit(static_files.gather)
        go_on.set()
        first.result()
        second.result()
    assert (len(filled), names(root), names(root / "this")) == (1, ["this"], [static_files.MANIFEST])


def test_beside_a_stopped_process_files_are_gathered_and_nothing_of_its_is_removed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_files, "LONGEST_WAIT_SECONDS", 0)
    with static_files.alone(root) as is_alone:
        assert is_alone
        static_files.gather()
    assert names(root) == ["other", "this", "this.1"]


def test_a_folder_that_can_t_be_written_leaves_plain_names(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(folder: Path) -> None:
        fill(folder)
        raise OSError("disk full")

    monkeypatch.setattr(static_files, "fill", full)
    static_files.gather()
    assert names(root) == ["other", "this.1"]
    assert "plain names" in caplog.text
