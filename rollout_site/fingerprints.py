"""What a folder of files is, told in a few letters. Of use to the settings, so Django's are not needed here."""

import hashlib
from pathlib import Path

import django


def fingerprint(folder: Path) -> str:
    """Of the files in it, by name, size and time, and of what adds to them."""
    found = sorted((str(each.relative_to(folder)), each.stat()) for each in folder.rglob("*") if each.is_file())
    told = [django.__version__, *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in found)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
