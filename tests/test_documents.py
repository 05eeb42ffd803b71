"""YAML from strangers: as Kubernetes reads it, within limits, and never a crash."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster import documents
from cluster.documents import DocumentError, load_documents


def read(text: str) -> Any:
    (document,) = load_documents(text)
    return document.manifest


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("2001-01-01", "2001-01-01", id="a date is text"),
        pytest.param("1:30", "1:30", id="no number of minutes"),
        pytest.param("1e3", 1000.0, id="an exponent makes a number"),
        pytest.param("1_000", 1000, id="underscores"),
        pytest.param("0x10", 16, id="hexadecimal"),
        pytest.param("010", 8, id="octal"),
        pytest.param("0o10", 8, id="octal of today"),
        pytest.param("-1", -1, id="negative"),
        pytest.param(".5", 0.5, id="no leading zero"),
        pytest.param("1.", 1.0, id="no digit behind the point"),
        pytest.param("25%", "25%", id="a percentage is text"),
        pytest.param("1.7.9", "1.7.9", id="a version is text"),
        pytest.param("=", "=", id="an equals sign is text"),
        pytest.param("yes", True, id="yes"),
        pytest.param("y", True, id="y"),
        pytest.param("N", False, id="N"),
        pytest.param('"y"', "y", id="y in quotes"),
        pytest.param("yy", "yy", id="a word"),
        pytest.param("Off", False, id="off"),
        pytest.param("~", None, id="null"),
        pytest.param("", None, id="nothing"),
        pytest.param("nginx:1.7.9", "nginx:1.7.9", id="an image"),
        pytest.param('"\\U0001F600"', "\U0001f600", id="beyond the first plane"),
    ],
)
def test_values_are_what_kubernetes_reads(text: str, value: Any) -> None:
    found = read(f"a: {text}\n")["a"]
    assert (found, type(found)) == (value, type(value))


def test_documents_know_their_place() -> None:
    found = load_documents("# first\n---\na: 1\n---\n---\nb: 2\n")
    assert [(each.index, each.line, each.manifest) for each in found] == [(0, 3, {"a": 1}), (2, 6, {"b": 2})]


def test_keys_are_text_and_merged_in() -> None:
    assert read("base: &b {x: 1, z: 2}\n1: {<<: *b, z: 3}\n") == {"base": {"x": 1, "z": 2}, "1": {"x": 1, "z": 3}}
    assert read("y: 1\n") == {"true": 1}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("- a\n", "expected a mapping, found a list", id="a list"),
        pytest.param("hello", "expected a mapping, found a str", id="a word"),
        pytest.param("a: 1\n---\n- b\n", "document 2, line 3", id="the second"),
        pytest.param("a: 1\na: 2\n", 'line 2: key "a" already set in map', id="a key twice"),
        pytest.param("? [a]\n: b\n", "a key must be text", id="a list as key"),
        pytest.param("a:\n\t- b\n", "line 2", id="a tab"),
        pytest.param("a: [1, 2\n", "line 1: did not find expected ',' or ']'", id="not closed"),
        pytest.param("a: *b\n", "undefined alias", id="an alias of nothing"),
        pytest.param("a: &a [*a]\n", "nested deeper than 64", id="an alias of itself"),
        pytest.param("[" * 100_000, "nested deeper than 64", id="a hundred thousand brackets"),
        pytest.param("- " * 100_000, "nested deeper than 64", id="a hundred thousand dashes"),
        pytest.param("{a: " * 100_000, "nested deeper than 64", id="a hundred thousand braces"),
        pytest.param("a:\n" + "- x\n" * 100_001, "more than 100,000 values", id="too much"),
        pytest.param("a: '" + "x" * 1024 * 1024 + "'", "larger than 1,048,576 bytes", id="too long"),
        pytest.param("a: !!python/object/apply:os.system [ls]\n", "python/object", id="a Python object"),
        pytest.param("a: !!int x\n", "cannot decode a value", id="a tag that does not fit"),
        pytest.param("a: !!bool x\n", "cannot decode a value", id="no truth value"),
        pytest.param("a: !!int ''\n", "cannot decode a value", id="an empty number"),
        pytest.param("a: !!timestamp 2001-01-01\n", "constructor for the tag", id="a date that insists"),
        pytest.param("a: !!set {b}\n", "constructor for the tag", id="a set"),
        pytest.param(f"a: {'9' * 5000}\n", "cannot decode a value", id="a number of 5,000 digits"),
        pytest.param("a: \x07\n", "yaml:", id="a bell"),
        pytest.param("\x00", "yaml:", id="a NUL"),
        pytest.param("a: \ud800\n", "invalid Unicode", id="half a pair"),
        pytest.param('a: "\\uD800"\n', "yaml", id="half a pair, escaped"),
        pytest.param('a: "x\\0"\n', "invalid Unicode character", id="a NUL, escaped"),
    ],
)
def test_what_is_no_manifest_is_refused(text: str, part: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load_documents(text)
    assert part in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_bomb_is_counted_with_its_aliases_and_not_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(DocumentError, match="more than 100,000 values"):
        load_documents("\n".join(lines))


PIECES = st.sampled_from(
    [*"[]{}:,&*!?|>-%@`#'\"\\\n\t ~=<.0a", "- ", ": ", "? ", "---\n", "...\n", "<<: ", "&a ", "*a ", "!!int ", "!!set ", "!!binary ",
     "!!omap ", "!!float ", "!!timestamp ", "\\u0000", "\\x", "0x", "0b_", "1e9999", ".nan", "2001-01-01", "\ud800", "\x00", "\x85",
     "%YAML 1.1\n", "%TAG ! x\n", "null", "yes"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_ends_in_mappings_or_in_a_refusal(text: str) -> None:
    try:
        found = load_documents(text)
    except DocumentError as error:
        assert str(error)
        return
    for each in found:
        assert isinstance(each.manifest, dict)
        assert all(isinstance(key, str) for key in each.manifest)
        assert documents.unstorable(each.manifest) is None


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.text("019.e-:_=xo~", max_size=5)
KEYS = st.text("a1.~ye:=-", min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_again(value: dict[str, Any]) -> None:
    assert read(documents.dump(value)) == value
