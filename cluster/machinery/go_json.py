"""Errors of invalid JSON, in the words of Go's scanner (encoding/json scanner.go)."""

import json

END = "unexpected end of JSON input"
LITERALS = ("true", "false", "null")
EXPECTED = {
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting value": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


def problem(error: json.JSONDecodeError) -> str:
    """Go's message for an error of Python's decoder."""
    text, place = error.doc, error.pos
    message = error.msg.removesuffix(": ")
    if message.startswith("Unterminated string") or place >= len(text.rstrip()):
        return END
    if message.startswith("Invalid \\"):
        place += 1 if message.startswith("Invalid \\escape") and text[place] == "\\" else 0
        message = "Invalid \\uXXXX escape" if "uXXXX" in message else "Invalid \\escape"
    if message == "Expecting ',' delimiter":
        where = "after array element" if innermost(text[:place]) == "[" else "after object key:value pair"
        return f"invalid character {quoted(text[place])} {where}"
    literal = next((each for each in LITERALS if message == "Expecting value" and each[0] == text[place]), "")
    if literal:
        return in_literal(literal, text[place:])
    return f"invalid character {quoted(text[place])} {EXPECTED.get(message, 'looking for beginning of value')}"


def in_literal(literal: str, text: str) -> str:
    """The message for the first character that does not continue true, false or null."""
    for wanted, found in zip(literal, text, strict=False):
        if wanted != found:
            return f"invalid character {quoted(found)} in literal {literal} (expecting {quoted(wanted)})"
    return END


def innermost(text: str) -> str:
    """The innermost bracket that is still open at the end of valid text."""
    open_brackets, in_string, escaped = [""], False, False
    for character in text:
        if in_string:
            in_string, escaped = escaped or character != '"', character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            open_brackets.append(character)
        elif character in "]}":
            open_brackets.pop()
    return open_brackets[-1]


def quoted(character: str) -> str:
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    return f"'{json.dumps(character, ensure_ascii=False)[1:-1]}'"


def type_name(value: object) -> str:
    """The name that json.Unmarshal gives to a type it can't put into a struct."""
    if isinstance(value, bool):
        return "bool"
    kinds: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "number")


def summary(body: bytes, longest: int = 30) -> str:
    """The beginning of a body, in hexadecimal where it is not an object (apiserver pkg/endpoints/handlers summarizeData)."""
    if not body:
        return "<empty>"
    shown = body[:longest].decode(errors="replace") if body.startswith(b"{") else body[:longest].hex()
    return f"{shown} ..." if len(body) > longest else shown
