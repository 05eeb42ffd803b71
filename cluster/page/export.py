"""A recorded rollout as one HTML file that plays offline, with its styles, scripts, film, and texts in the reader's language."""

import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.i18n import JavaScriptCatalog

STATIC: Path = (settings.BASE_DIR / "static").resolve()
STYLES = ("base", "figure", "nodes", "deployment", "rollout")
ENTRY = STATIC / "js" / "page" / "replay.js"
IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "([^"]+)"\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
NOT_BUNDLED = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)


class NotBundled(Exception):
    """A module has an import or export of a form that `as_function` does not rewrite."""


def as_html(film: dict[str, Any]) -> str:
    style = "\n".join((STATIC / "css" / f"{name}.css").read_text() for name in STYLES)
    return render_to_string("export.html", {"rollout": film["rollout"], "style": style, **scripts(ENTRY, film)})


def scripts(entry: Path, data: Any) -> dict[str, str]:
    """The contents of a self-contained page: the modules as one script, the name of `entry` in it, the texts, and `data` as
    JSON."""
    return {
        "script": bundle(entry),
        "entry": name_of(entry),
        "catalogue": catalogue(),
        "data": orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS).decode().replace("<", "\\u003c"),
    }


def catalogue() -> str:
    """A script with the texts in the request's language; "" for the language of the modules themselves."""
    if get_language() == settings.LANGUAGE_CODE:
        return ""
    return JavaScriptCatalog(domain="djangojs").get(HttpRequest()).content.decode()


def bundle(entry: Path) -> str:
    """The modules that `entry` imports, directly or indirectly, as one script: each a function that returns its exports."""
    return "\n".join(as_function(module) for module in TopologicalSorter(import_graph(entry)).static_order())


def import_graph(entry: Path) -> dict[Path, list[Path]]:
    """Each module with the modules that it imports directly."""
    graph: dict[Path, list[Path]] = {}
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        if module not in graph:
            graph[module] = [resolve(module, address) for _, address in IMPORT.findall(module.read_text())]
            waiting += graph[module]
    return graph


def resolve(module: Path, address: str) -> Path:
    return (module.parent / address).resolve()


def as_function(module: Path) -> str:
    text = module.read_text()
    exported = ", ".join(name for _, name in EXPORT.findall(text))
    body = IMPORT.sub(lambda found: as_constant(found[1], resolve(module, found[2])), text)
    body = EXPORT.sub(r"\1 \2", body)
    if left := NOT_BUNDLED.search(body):
        raise NotBundled(f"{module}: {left[0]}")
    return f"const {name_of(module)} = (() => {{\n{body}\nreturn {{ {exported} }}\n}})()"


def as_constant(imported: str, module: Path) -> str:
    """The constant for an import of "{ a, b as c }" or "* as d"."""
    return f"const {imported.removeprefix('* as ').replace(' as ', ': ')} = {name_of(module)}\n"


def name_of(module: Path) -> str:
    """A module's name in the script: module_figure_chart for static/js/figure/chart.js."""
    return "_".join(["module", *module.relative_to(STATIC / "js").with_suffix("").parts])
