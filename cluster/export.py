"""A recorded rollout as one HTML file that plays offline: styles, scripts and the film itself inside."""

import re
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.template.loader import render_to_string

STYLES = ("base", "figure", "deployment", "rollout")
ENTRY = "replay"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js"\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)


def as_html(film: dict[str, Any]) -> str:
    return render_to_string(
        "export.html",
        {
            "rollout": film["rollout"],
            "style": "\n".join(read("css", name) for name in STYLES),
            "script": bundle(ENTRY),
            "data": orjson.dumps(film).decode().replace("<", "\\u003c"),
        },
    )


def bundle(entry: str) -> str:
    """The page's own modules as one script: each is a function that returns what it exports, after those it imports."""
    done: dict[str, str] = {}
    add_module(entry, done)
    return "\n".join(done.values())


def add_module(name: str, done: dict[str, str]) -> None:
    text = read("js", name)
    for _, other in IMPORT.findall(text):
        if other not in done:
            add_module(other, done)
    exported = ", ".join(each for _, each in EXPORT.findall(text))
    body = IMPORT.sub(lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = module_{found[2]}\n", text)
    body = EXPORT.sub(r"\1 \2", body)
    done[name] = f"const module_{name} = (() => {{\n{body}\nreturn {{ {exported} }}\n}})()"


def read(kind: str, name: str) -> str:
    file: Path = settings.BASE_DIR / "static" / kind / f"{name}.{kind}"
    return file.read_text()
