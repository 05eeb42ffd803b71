"""Parses labelSelector and fieldSelector: the grammar, checks and messages of apimachinery pkg/labels and pkg/fields."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.api.selectable import FIELDS, METADATA, field_of
from cluster.core.validation import errors, formats

Json = Mapping[str, Any]
TOKEN = re.compile(r"[ \t\r\n]*(?:(?P<sign>==|!=|[=!(),<>])|(?P<word>[^=!(),<> \t\r\n]+))")
IDENTIFIER, END = "identifier", "end"
WORDS = {"in": "in", "notin": "notin"}
SIGNS = {"=": "=", "==": "=", "!=": "!=", "<": "lt", ">": "gt", "in": "in", "notin": "notin"}
OPERATORS = "in, notin, =, ==, !=, gt, lt"
INTEGER = re.compile(r"[+-]?\d+")
FIELD_SIGNS = ("!=", "==", "=")


class BadSelector(ValueError):
    """Raised when a selector can't be parsed; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class Term:
    """`operator`: =, !=, in, notin, exists, !, gt, lt."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, value: str | None) -> bool:
        """`value` None: the label does not exist."""
        if self.operator in ("=", "in"):
            return value in self.values
        if self.operator in ("!=", "notin"):
            return value not in self.values
        if self.operator in ("gt", "lt"):
            return value is not None and bool(INTEGER.fullmatch(value)) and self.compares(int(value))
        return (value is not None) is (self.operator == "exists")

    def compares(self, number: int) -> bool:
        (limit,) = self.values
        return number > int(limit) if self.operator == "gt" else number < int(limit)


@dataclass(frozen=True, slots=True)
class Selector:
    """The terms that an object must meet. Equal selectors select the same objects."""

    labels: tuple[Term, ...] = ()
    fields: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.fields)

    @property
    def name(self) -> str | None:
        """The only name that can match, if the selector has one, so that only this object is read."""
        found = (each for each in self.fields if each.key == "metadata.name" and each.operator == "=")
        return next((value for each in found for value in each.values), None)

    def fits(self, manifest: Json, before: Json | None = None) -> bool:
        """`before`: the former labels and fields, to check an earlier state (Change.before)."""
        before = before or {}
        labels = before.get("labels") or {} if "labels" in before else manifest["metadata"].get("labels") or {}
        fields = before.get("fields", {})
        return all(each.holds(labels.get(each.key)) for each in self.labels) and all(
            each.holds(fields[each.key] if each.key in fields else field_of(manifest, each.key)) for each in self.fields
        )


def parse(labels: str, fields: str, kind: str, group: str) -> Selector:
    """Raises BadSelector."""
    terms = tuple(dict.fromkeys(LabelParser(labels).parse()))
    return Selector(terms, tuple(known(term, kind, group) for term in parse_fields(fields)))


@dataclass
class LabelParser:
    """Upstream's recursive descent parser, with its messages."""

    text: str
    tokens: list[tuple[str, str]] = field(default_factory=list)
    place: int = 0

    def parse(self) -> Iterator[Term]:
        self.tokens = list(scan(self.text))
        while True:
            token, literal = self.look(values=True)
            if token == END:
                return
            if token not in (IDENTIFIER, "!"):
                raise BadSelector(f"found '{literal}', expected: !, identifier, or 'end of string'")
            try:
                yield self.requirement()
            except BadSelector as error:
                raise BadSelector(f"unable to parse requirement: {error}") from error
            token, literal = self.take(values=True)
            if token == END:
                return
            if token != ",":
                raise BadSelector(f"found '{literal}', expected: ',' or 'end of string'")
            token, literal = self.look(values=True)
            if token not in (IDENTIFIER, "!"):
                raise BadSelector(f"found '{literal}', expected: identifier after ','")

    def requirement(self) -> Term:
        token, literal = self.take(values=True)
        absent = token == "!"
        if absent:
            token, literal = self.take(values=True)
        if token != IDENTIFIER:
            raise BadSelector(f"found '{literal}', expected: identifier")
        check(formats.qualified_name(literal), "<nil>", literal)
        if absent or self.look(values=True)[0] in (END, ","):
            return Term(literal, "!" if absent else "exists")
        return self.comparison(literal)

    def comparison(self, key: str) -> Term:
        token, literal = self.take()
        if token not in SIGNS:
            raise BadSelector(f"found '{literal}', expected: {OPERATORS}")
        operator = SIGNS[token]
        values = self.value_set() if operator in ("in", "notin") else [self.exact()]
        for place, value in enumerate(sorted(set(values))):
            check(formats.label_value(value), f"values[{place}][{key}]", value)
            if operator in ("gt", "lt") and not INTEGER.fullmatch(value):
                check(["for 'Gt', 'Lt' operators, the value must be an integer"], f"values[{place}]", value)
        return Term(key, operator, frozenset(values))

    def exact(self) -> str:
        if self.look(values=True)[0] in (END, ","):
            return ""
        token, literal = self.take(values=True)
        if token != IDENTIFIER:
            raise BadSelector(f"found '{literal}', expected: identifier")
        return literal

    def value_set(self) -> list[str]:
        token, literal = self.take(values=True)
        if token != "(":
            raise BadSelector(f"found '{literal}' expected: '('")
        token, literal = self.look(values=True)
        if token not in (IDENTIFIER, ",", ")"):
            raise BadSelector(f"found '{literal}', expected: ',', ')' or identifier")
        found = [""] if token == ")" else []
        while token != ")":
            token, literal = self.look(values=True)
            if token not in (IDENTIFIER, ",", ")"):
                raise BadSelector(f"found '{literal}', expected: ',', or identifier")
            found.append(literal if token == IDENTIFIER else "")
            if token == IDENTIFIER:
                self.take()
            token, literal = self.look(values=True)
            if token not in (",", ")"):
                raise BadSelector(f"found '{literal}', expected: ',' or ')'")
            if token == ",":
                self.take()
        self.take()
        return found

    def look(self, *, values: bool = False) -> tuple[str, str]:
        """The next token; with `values`, `in` and `notin` are ordinary words."""
        token, literal = self.tokens[min(self.place, len(self.tokens) - 1)]
        return (IDENTIFIER if values and token in WORDS else token), literal

    def take(self, *, values: bool = False) -> tuple[str, str]:
        found = self.look(values=values)
        self.place += 1
        return found


def scan(text: str) -> Iterator[tuple[str, str]]:
    """(token, literal) pairs, END last. A NUL ends the text, as in Go's byte reader."""
    position, text = 0, text.partition("\0")[0]
    while found := TOKEN.match(text, position):
        position = found.end()
        word = found["word"]
        yield (WORDS.get(word, IDENTIFIER), word) if word else (found["sign"], found["sign"])
    yield END, ""


def check(complaints: list[str], path: str, value: str) -> None:
    if complaints:
        raise BadSelector(str(errors.invalid(path, value, "; ".join(complaints))))


def parse_fields(text: str) -> Iterator[Term]:
    """The terms, without empty ones; a backslash escapes a comma, an equals sign or itself."""
    for part in sorted(split_terms(text)):
        if not part:
            continue
        starts = (at for at in range(len(part)) if part.startswith(FIELD_SIGNS, at))
        at = next(starts, None)
        if at is None:
            raise BadSelector(f"invalid selector: '{text}'; can't understand '{part}'")
        sign = next(each for each in FIELD_SIGNS if part.startswith(each, at))
        value = unescaped(part[at + len(sign) :])
        yield Term(part[:at], "!=" if sign == "!=" else "=", frozenset((value,)))


def split_terms(text: str) -> list[str]:
    return re.findall(r"(?:\\.|[^,\\]|\\$)+", text, re.DOTALL)


def unescaped(value: str) -> str:
    def literal(found: re.Match[str]) -> str:
        if found[0] in (",", "="):
            raise BadSelector(f"invalid field selector: unescaped character in value: {ord(found[0])}")
        if found[1] not in ("\\", ",", "="):
            raise BadSelector(f"invalid field selector: invalid escape sequence: {found[0]}")
        return found[1]

    return re.sub(r"\\(.?)|[,=]", literal, value, flags=re.DOTALL)


def known(term: Term, kind: str, group: str) -> Term:
    """The term with the field's path in the object. Raises BadSelector."""
    fields = FIELDS.get((kind, group))
    if fields is None:
        if term.key in METADATA:
            return term
        raise BadSelector(
            f'{errors.go(term.key)} is not a known field selector: only "metadata.name", "metadata.namespace"'
        )
    if term.key not in fields:
        raise BadSelector(f"field label not supported: {term.key}")
    return Term(fields[term.key], term.operator, term.values)
