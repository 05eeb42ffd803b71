"""What a real cluster (1.20.2) answered to kubectl 1.37: tests/golden/kubectl, one file a command, in the order of the session."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "golden" / "kubectl"
LAYOUT = re.compile(
    r"\$ (?P<command>.*?)\n(?P<stdout>.*?)(?:--- stderr\n(?P<stderr>.*?))?--- (?P<end>rc=\d+|\(killed.*)\n+", re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Recording:
    """`code` None: the command was a watch that the recorder ended."""

    name: str
    command: str
    stdin: str = ""
    stdout: str
    stderr: str
    code: int | None


def session() -> list[Recording]:
    """In recorded order. `get -w` beside an update is not part of it: see `watches`."""
    return [read(path) for path in sorted(FOLDER.glob("[0-9][0-9][0-9]_*.txt"))]


def watches() -> list[Recording]:
    """What `get -w` printed during the update of command 061."""
    return [read(path) for path in sorted(FOLDER.glob("9_*.txt"))]


def mistakes() -> list[Recording]:
    """Commands that are refused, mostly, by kubectl or by the server: golden/invalid.json."""
    listed = json.loads((FOLDER.parent / "invalid.json").read_text())["kubectl_errors"]
    return [
        Recording(
            name=" ".join([each["cmd"].removeprefix("kubectl "), *([f"({each['case']})"] if "case" in each else [])]),
            command=each["cmd"],
            stdin=each.get("stdin", ""),
            stdout=each["stdout"],
            stderr=each["stderr"],
            code=each["rc"],
        )
        for each in listed
    ]


def read(path: Path) -> Recording:
    found = LAYOUT.fullmatch(path.read_text())
    assert found, path
    is_watch = " -w" in found["command"]
    code = None if is_watch else int(found["end"].removeprefix("rc="))
    return Recording(
        name=path.stem, command=found["command"], stdout=found["stdout"], stderr=found["stderr"] or "", code=code
    )


def manifests() -> Mapping[str, Any]:
    """File name -> the object that kubectl sent of it."""
    found: Mapping[str, Any] = json.loads((FOLDER / "manifests.json").read_text())
    return found
