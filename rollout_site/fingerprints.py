"""A short fingerprint of a folder's files. Used by the settings, so it needs none of Django's."""

import hashlib
from pathlib import Path

import django


def fingerprint(folder: Path) -> str:
    """A hash of the files' names, sizes and times, and of Django's version, which adds files."""
    found = sorted((str(each.relative_to(folder)), each.stat()) for each in folder.rglob("*") if each.is_file())
    told = [django.__version__, *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in found)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
