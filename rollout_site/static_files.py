"""Static files with a hash in their names, compressed, so that browsers cache them permanently.

A server gathers them when it starts, once per version, into the folder named after their fingerprint in the settings. Where
nothing was gathered (other commands, tests) files have their plain names.
"""

import contextlib
import fcntl
import logging
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

log = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS, PAUSE_SECONDS = 60.0, 0.05
MANIFEST = "staticfiles.json"
IGNORED = ["CVS", ".*", "*~"]  # as collectstatic


# Django's own patterns for modules require a semicolon after each import, which the page's modules do not have.
IMPORTS = (
    (r"""(?P<matched>\bfrom\s*"(?P<url>\.\.?/[^"\s]+\.js)")""", 'from "%(url)s"'),
    (r"""(?P<matched>\bimport\s*"(?P<url>\.\.?/[^"\s]+\.js)")""", 'import "%(url)s"'),
)
IMPORTED = re.compile(r"""\b(?:from|import)\s*"(\.\.?/[^"\s]+\.js)\"""")


class GatheredStorage(CompressedManifestStaticFilesStorage):
    """Hashed names where files were gathered, otherwise plain ones. `collectstatic` fills it too."""

    manifest_name = MANIFEST
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", IMPORTS))
    max_post_process_passes = 30  # a module's hash depends on those of its imports

    def url(self, name: str | None, force: bool = False) -> str:
        if not self.hashed_files:
            return str(StaticFilesStorage.url(self, name))
        return str(super().url(name, force))


def gather() -> None:
    """Creates the folder STATIC_ROOT, atomically, and removes those of other versions. Of servers that start together one does
    so, and the others wait for the result. Where that fails, files keep their plain names."""
    folder = Path(settings.STATIC_ROOT)
    if is_gathered(folder):
        return
    staging = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder.parent) as is_alone:
            if is_gathered(folder):
                return
            fill(staging)
            keep_private(staging)
            for each in folder.parent.iterdir() if is_alone else ():
                if each != staging:
                    shutil.rmtree(each, ignore_errors=True)
            staging.rename(folder)
    except OSError as error:
        if not is_gathered(folder):  # otherwise another process was faster
            log.warning("Static files are served under plain names: %s could not be made (%s)", folder, error)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def is_gathered(folder: Path) -> bool:
    """Whether the folder is whole: its list of hashed names is written last."""
    return (folder / MANIFEST).exists()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Locks the folder among processes; the kernel frees the lock of one that ends. Yields False where another process has had
    the lock for LONGEST_WAIT_SECONDS: it may be stopped."""
    lock = os.open(folder, os.O_RDONLY)
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    try:
        while not (is_alone := locked(lock)) and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        yield is_alone
    finally:
        os.close(lock)


def locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def keep_private(folder: Path) -> None:
    """Restricts the files to their owner, like everything in the data folder."""
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o700 if each.is_dir() else 0o600)


def fill(folder: Path) -> None:
    storage: Any = GatheredStorage(location=folder)
    found: dict[str, Any] = {}
    for finder in get_finders():
        for path, source in finder.list(IGNORED):
            if path not in found:
                found[path] = (source, path)
                with source.open(path) as file:
                    storage.save(path, file)
    for _, _, done in storage.post_process({path: found[path] for path in imported_first(folder, found)}):
        if isinstance(done, Exception):
            raise done


def imported_first(folder: Path, paths: Iterable[str]) -> Iterable[str]:
    """The paths with imported modules first. A module's hash depends on those of its imports: in this order one pass suffices,
    instead of one per step of the longest chain of imports."""
    imports: dict[str, list[str]] = {path: [] for path in paths}
    for path in imports:
        if path.endswith(".js"):
            found = IMPORTED.findall((folder / path).read_text())
            imports[path] = [os.path.normpath(f"{Path(path).parent}/{each}") for each in found]
    return [path for path in TopologicalSorter(imports).static_order() if path in imports]
