"""Broken JSON in Go's words."""

import pytest

from cluster.machinery import go_json, strict_json


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "unexpected end of JSON input", id="nothing"),
        pytest.param('{"a": ', "unexpected end of JSON input", id="half"),
        pytest.param('{"a": "b', "unexpected end of JSON input", id="half a string"),
        pytest.param("{nope", "invalid character 'n' looking for beginning of object key string", id="no key"),
        pytest.param("nope", "invalid character 'o' in literal null (expecting 'u')", id="no literal"),
        pytest.param('{"a" 1}', "invalid character '1' after object key", id="no colon"),
        pytest.param('{"a": 1 "b": 2}', "invalid character '\"' after object key:value pair", id="no comma"),
        pytest.param('{"a": [1 {}]}', "invalid character '{' after array element", id="no comma in a list"),
        pytest.param('{"a": "[" 1}', "invalid character '1' after object key:value pair", id="a bracket in a string"),
        pytest.param("{} {}", "invalid character '{' after top-level value", id="more"),
        pytest.param("{\"a\": 'b'}", r"invalid character '\'' looking for beginning of value", id="other quotes"),
        pytest.param('{"a": NaN}', "invalid character 'N' looking for beginning of value", id="NaN"),
        pytest.param('{"a": "\n"}', r"invalid character '\n' in string literal", id="a line's end in a string"),
        pytest.param(r'{"a": "\x"}', "invalid character 'x' in string escape code", id="an escape"),
    ],
)
def test_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as found:
        strict_json.loads(text)
    assert str(found.value) == problem


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"", "<empty>"), (b"{nope", "{nope"), (b"[1]", "5b315d"), (b"{" + b"x" * 40, "{" + "x" * 29 + " ...")],
)
def test_a_body_is_shown_by_its_beginning(body: bytes, shown: str) -> None:
    assert go_json.summary(body) == shown
