"""What a data folder holds is its owner's only, whoever made it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from rollout_site.settings import keep_private
from rollout_site.sqlite.base import DatabaseWrapper

FILES = ("rollstage.sqlite3", "rollstage.sqlite3-wal", "secret_key", "kubeconfig", "lock", "tls/ca.crt")


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """As most shells have it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {str(each.relative_to(folder)): each.stat().st_mode & 0o777 for each in (folder, *folder.rglob("*"))}


@pytest.fixture
def earlier(tmp_path: Path, open_to_all: None) -> Path:  # noqa: ARG001
    """A folder as the first release made it."""
    folder = tmp_path / "var"
    (folder / "tls").mkdir(parents=True)
    for each in FILES:
        (folder / each).touch()
    return folder


def test_the_folder_of_an_earlier_version_becomes_private(earlier: Path) -> None:
    assert modes(earlier)["rollstage.sqlite3"] == 0o644
    keep_private(earlier)
    assert modes(earlier) == {".": 0o700, "tls": 0o700, **dict.fromkeys(FILES, 0o600)}


def test_what_is_not_ours_keeps_its_mode(earlier: Path) -> None:
    (earlier / "letters").touch()
    keep_private(earlier)
    found = modes(earlier)
    assert (found["."], found["letters"], found["secret_key"]) == (0o755, 0o644, 0o600)


@pytest.mark.django_db
@pytest.mark.usefixtures("open_to_all")
def test_a_new_folder_and_its_database_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    keep_private(folder)
    file = folder / "rollstage.sqlite3"
    options = site.SQLITE_OPTIONS
    made = DatabaseWrapper({**connection.settings_dict, "NAME": str(file), "OPTIONS": options}, "other")
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE some (thing int)")
    found = modes(folder)
    assert {"rollstage.sqlite3", "rollstage.sqlite3-wal"} <= found.keys()
    assert {name: mode for name, mode in found.items() if mode not in (0o600, 0o700)} == {}
    made.close()
