"""Writes what the page's modules need of the table of verbs: static/js/model/verbs.js.

    python -m tools.write_verbs_js

The page tells a command while somebody types, before any request, and a replay does offline: so its modules have the table as
data. tests/core/manifests/test_verbs.py sees that the file is the table's.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cluster.core.manifests.verbs import LIMITS, VERBS

OUTPUT = Path(__file__).parent.parent / "static" / "js" / "model" / "verbs.js"
HEAD = """// Written by tools/write_verbs_js.py from cluster/core/manifests/verbs.py, which says what the fields mean.
"""


def text() -> str:
    verbs = {
        name: {"kubectl": verb.kubectl, "isForeseen": verb.is_foreseen} for name, verb in VERBS.items() if verb.read
    }
    paths = {name: limit.path for name, limit in LIMITS.items()}
    return f"{HEAD}\n{constant('VERBS', verbs)}\n// Where the spec has them.\n{constant('LIMITS', paths)}"


def constant(name: str, values: Mapping[str, Any]) -> str:
    """As prettier formats it: one line for each value."""
    lines = "".join(f"  {key(each)}: {literal(value)},\n" for each, value in values.items())
    return f"export const {name} = {{\n{lines}}}\n"


def literal(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key(name)}: {literal(each)}' for name, each in value.items())} }}"
    return json.dumps(value)


def key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


if __name__ == "__main__":
    OUTPUT.write_text(text())
