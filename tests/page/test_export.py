"""The offline player's one script."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from cluster.page import export


def test_a_module_stands_after_those_it_imports() -> None:
    script = export.bundle(export.ENTRY)
    made = re.findall(r"^const (module_\w+) = \(\(\) =>", script, re.MULTILINE)
    assert len(made) == len(set(made))
    assert made[-1] == export.name_of(export.ENTRY)
    for name in made:
        assert all(script.index(f"const {name} =") < used.start() for used in re.finditer(rf"= {name}$", script, re.M))


@pytest.mark.parametrize(
    ("imported", "text"),
    [
        pytest.param("{ a, b as c }", "const { a, b: c } = module_lib_words\n", id="named"),
        pytest.param("{\n  a,\n  b,\n}", "const {\n  a,\n  b,\n} = module_lib_words\n", id="folded over lines"),
        pytest.param("* as words", "const words = module_lib_words\n", id="whole"),
    ],
)
def test_an_import_is_a_constant(imported: str, text: str) -> None:
    assert export.as_constant(imported, export.STATIC / "js/lib/words.js") == text


@pytest.mark.parametrize(
    "line", ['import "./words.js"', "export default 3", 'const late = import("./words.js")', "export { a }"]
)
def test_what_can_not_be_rewritten_is_refused(tmp_path: Path, line: str) -> None:
    module = tmp_path / "odd.js"
    module.write_text(f"{line}\n")
    with pytest.raises(export.NotBundled, match=re.escape(line.removeprefix("const late = "))):
        export.as_function(module)


def test_the_page_speaks_the_readers_language() -> None:
    film = {"rollout": {"deployment": "web", "namespace": "default", "images": ["nginx:1"]}}
    with override("zh-hans"):
        chinese = export.as_html(film)
    english = export.as_html(film)
    assert ('<html lang="zh-hans">' in chinese, ">播放<" in chinese, "globals.gettext" in chinese) == (True, True, True)
    assert ('<html lang="en">' in english, ">Play<" in english, "globals.gettext" in english) == (True, True, False)
